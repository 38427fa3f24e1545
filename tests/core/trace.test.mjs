import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { load } from 'clearformer';
import { evaluate } from './evaluate.mjs';
import { indexAt, offsetOf, seeded } from './random.mjs';

const core = await load();
const all = process.env.CLEARFORMER_ALL === '1';
const SAMPLE = 40;

const { tokens: words } = await core.tokenize({ text: 'the cat sat on the mat' });
const tokens = words.map(({ id }) => id).slice(0, 6);

const layers = {
  'as it stands': { tokens },
  'with RoPE': { tokens, rope: true },
  'with RoPE of a small theta': { tokens, rope: true, theta: 50, heads: 2, dModel: 12 },
  'not scaled': { tokens, scaled: false },
  'with a temperature': { tokens, temperature: 0.3 },
  'looking both ways': { tokens, causal: false },
  'with padding at the end': { tokens, causal: false, valid: [1, 1, 1, 1, 0, 0] },
  'with a first token that sees nothing': { tokens, valid: [0, 1, 1, 1, 0, 1] },
  'of one token': { tokens: tokens.slice(0, 1) },
  'of heads one wide': { tokens, dModel: 4, heads: 4 },
  'with overrides': {
    tokens,
    rope: true,
    overrides: [
      { tensor: 'tokenEmbedding', index: [1, 3], value: 4 },
      { tensor: 'wK', index: [2, 5], value: -3 },
      { tensor: 'q', index: [1, 3, 2], value: 2.5 },
      { tensor: 'kRotated', index: [0, 2, 1], value: -2 },
      { tensor: 'scores', index: [2, 4, 1], value: 9 },
      { tensor: 'masked', index: [0, 5, 5], value: 1 },
      { tensor: 'exponentials', index: [3, 2, 2], value: 0.125 },
      { tensor: 'rowSum', index: [3, 1], value: 2 },
      { tensor: 'weights', index: [1, 4, 0], value: 0.75 },
      { tensor: 'headOutputs', index: [0, 3, 3], value: 0.5 },
      { tensor: 'output', index: [5, 7], value: 1.25 },
    ],
  },
  'with overrides at the edges': {
    tokens,
    valid: [0, 1, 1, 1, 1, 1],
    overrides: [
      { tensor: 'rowSum', index: [0, 4], value: 0 },
      { tensor: 'rowSum', index: [0, 0], value: 1 },
      { tensor: 'rowMax', index: [1, 0], value: -1 },
      { tensor: 'rowMax', index: [1, 4], value: -1 },
      { tensor: 'exponentials', index: [2, 3, 1], value: -0.5 },
      { tensor: 'exponentials', index: [2, 0, 1], value: 0.5 },
      { tensor: 'masked', index: [3, 0, 5], value: 2 },
      { tensor: 'weights', index: [3, 5, 2], value: -0.25 },
      { tensor: 'mask', index: [0, 0], value: 0 },
      { tensor: 'mask', index: [2, 2], value: -3 },
    ],
  },
};

/** A Python that has NumPy: the one on PATH, or the system's, for which scripts/setup installs it. */
const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import numpy']).status === 0,
);

const same = (a, b) => Object.is(a, b) || a === b;
const close = (a, b, scale = 1) => same(a, b) || Math.abs(a - b) <= 1e-12 * Math.max(scale, Math.abs(b));

/** A trace with its tensors read once and explanations kept. */
async function open(options) {
  const { trace } = await core.attentionLayer(options);
  const infos = await trace.tensors();
  const order = new Map(infos.map(({ name }, place) => [name, place]));
  const values = new Map();
  for (const { name } of infos) values.set(name, await trace.tensor({ name }));
  const kept = new Map();
  const explain = async (tensor, index) => {
    const key = `${tensor} ${index}`;
    if (!kept.has(key)) kept.set(key, await trace.explain({ tensor, index }));
    return kept.get(key);
  };
  const valueAt = (tensor, index) => {
    const { shape, data } = values.get(tensor);
    return data[offsetOf(index, shape)];
  };
  return { trace, infos, order, values, explain, valueAt };
}

/** Every entry of a tensor, or a seeded sample with the first and the last. */
function* places(infos, seed) {
  const random = seeded(seed);
  for (const { name, shape } of infos) {
    const count = shape.reduce((product, extent) => product * extent, 1);
    const offsets =
      all || count <= SAMPLE
        ? Array.from({ length: count }, (_, i) => i)
        : [0, count - 1, ...Array.from({ length: SAMPLE - 2 }, () => random.below(count))];
    for (const offset of offsets) yield { name, index: indexAt(offset, shape) };
  }
}

/** The steps of an explanation run again from its terms. */
function recompute({ operands, steps }, where) {
  const symbols = new Map(operands.map(({ symbol, terms }) => [symbol, terms.map(({ value }) => value)]));
  let values = [];
  for (const step of steps) {
    values = evaluate(step.expression, symbols);
    const scale = values.reduce(
      (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
      1,
    );
    assert.equal(values.length, step.values.length, `${where}: ${step.expression}`);
    values.forEach((value, i) =>
      assert.ok(
        close(step.values[i], value, scale),
        `${where}: ${step.expression} is ${value}, told ${step.values[i]}`,
      ),
    );
    assert.equal(step.vector, step.values.length !== 1, `${where}: ${step.expression}`);
    symbols.set(step.symbol, values);
  }
  return values;
}

for (const [title, options] of Object.entries(layers)) {
  test(`a layer ${title}: every explained value is what its terms come to`, async () => {
    const { trace, infos, order, explain, valueAt } = await open(options);
    for (const { name, index } of places(infos, 1)) {
      const where = `${name}[${index}]`;
      const page = await explain(name, index);
      assert.equal(page.tensor, name);
      assert.deepEqual(page.index, index);
      assert.ok(
        same(page.value, valueAt(name, index)),
        `${where} is ${valueAt(name, index)}, explained as ${page.value}`,
      );
      assert.ok(
        page.rule.length > 0 && page.title.length > 0 && page.symbol.length > 0,
        `${where} is told in words`,
      );
      if (page.isInput) {
        assert.deepEqual([page.operands, page.steps], [[], []], `${where} is an input`);
        continue;
      }
      assert.ok(page.formula.length > 0, `${where} has a formula`);
      const values = recompute(page, where);
      assert.equal(values.length, 1, `${where} ends in one value`);
      assert.ok(close(page.value, values[0]), `${where} is ${page.value}, its steps give ${values[0]}`);
      for (const { vector, terms, symbol } of page.operands) {
        assert.ok(vector || terms.length === 1, `${where}: ${symbol} stands for one number`);
        for (const term of terms.filter(({ tensor }) => tensor !== '')) {
          assert.ok(
            order.get(term.tensor) < order.get(name),
            `${where} uses ${term.tensor}, which comes later`,
          );
          assert.ok(
            same(term.value, valueAt(term.tensor, term.index)),
            `${where}: ${term.tensor}[${term.index}]`,
          );
        }
      }
    }
    await trace.dispose();
  });

  test(`a layer ${title}: every term can be explained in turn, with the same value, down to inputs`, async () => {
    const { trace, infos, explain } = await open(options);
    const inputs = new Set();
    const seen = new Set();
    const walk = async (name, index, value) => {
      const key = `${name} ${index}`;
      if (seen.has(key)) return;
      seen.add(key);
      const page = await explain(name, index);
      assert.ok(same(page.value, value), `${key} is ${value} as a term and ${page.value} explained`);
      if (page.isInput) inputs.add(name);
      for (const term of page.operands.flatMap(({ terms }) => terms)) {
        if (term.tensor !== '') await walk(term.tensor, term.index, term.value);
      }
    };
    for (const { name, shape } of infos) {
      const last = shape.map((extent) => extent - 1);
      await walk(name, last, (await explain(name, last)).value);
    }
    for (const name of ['tokenEmbedding', 'wQ', 'wK', 'wV', 'wO', 'mask']) assert.ok(inputs.has(name), name);
    const overridden = new Set((options.overrides ?? []).map(({ tensor }) => tensor));
    const drawn = new Set(['tokenEmbedding', 'wQ', 'wK', 'wV', 'wO', 'mask', ...overridden]);
    assert.deepEqual(
      [...inputs].filter((name) => !drawn.has(name)),
      [],
    );
    await trace.dispose();
  });

  test(`a layer ${title}: the NumPy snippets print the same values`, async () => {
    const { trace, infos, valueAt } = await open(options);
    const asked = [];
    for (const { name, shape } of infos) {
      const count = shape.reduce((product, extent) => product * extent, 1);
      const random = seeded(count);
      for (const offset of new Set([0, count - 1, random.below(count), random.below(count)])) {
        const index = indexAt(offset, shape);
        asked.push({
          where: `${name}[${index}]`,
          value: valueAt(name, index),
          ...(await trace.numpy({ tensor: name, index })),
        });
      }
    }
    await trace.dispose();
    const program = [
      'import contextlib, io, json, sys, warnings',
      'warnings.simplefilter("ignore")',
      'for code in json.load(sys.stdin):',
      '    out = io.StringIO()',
      '    with contextlib.redirect_stdout(out): exec(code, {})',
      '    print(json.dumps(out.getvalue()))',
    ].join('\n');
    assert.ok(python, 'there is no python3 with numpy; scripts/setup installs them');
    const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
      input: JSON.stringify(asked.map(({ code }) => code)),
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const printed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).trim());
    assert.equal(printed.length, asked.length);
    asked.forEach(({ where, value, code }, i) => {
      const told = Number(printed[i].replace(/inf$/, 'Infinity'));
      assert.ok(
        printed[i] !== '' && close(told, value),
        `${where} is ${value}; printed ${printed[i]} by\n${code}`,
      );
    });
  });

  test(`a layer ${title}: sums come out`, async () => {
    const { trace, values } = await open(options);
    const get = (name) => values.get(name);
    const touched = new Set((options.overrides ?? []).map(({ tensor }) => tensor));
    const [T, , C] = get('contributions').shape;
    const [H] = get('weights').shape;
    const add = (name, first, count, stride = 1) => {
      let total = 0;
      for (let i = 0; i < count; ++i) total += get(name).data[first + i * stride];
      return total;
    };
    for (let row = 0; row < H * T; ++row) {
      if (!touched.has('rowSum')) {
        assert.ok(
          close(get('rowSum').data[row], add('exponentials', row * T, T)),
          `denominator of row ${row}`,
        );
      }
      const total = add('weights', row * T, T);
      const changed = touched.has('weights') || touched.has('rowSum');
      if (!changed)
        assert.ok(close(total, get('rowSum').data[row] === 0 ? 0 : 1), `row ${row} sums to ${total}`);
    }
    for (let i = 0; i < T * C; ++i) {
      const { x, output, residual } = Object.fromEntries(
        ['x', 'output', 'residual'].map((name) => [name, get(name).data[i]]),
      );
      assert.ok(close(residual, x + output), `residual ${i}`);
      if (touched.has('output')) continue;
      const t = Math.floor(i / C);
      const sum = add('contributions', t * T * C + (i % C), T, C);
      assert.ok(
        Math.abs(sum - output) <= 1e-12 * Math.max(1, Math.abs(output)),
        `contributions to output ${i}: ${sum} for ${output}`,
      );
    }
    await trace.dispose();
  });
}

test('overridden entries are told as set by the reader, and what follows changes', async () => {
  const plain = await open({ tokens });
  for (const { tensor, index, value } of [
    { tensor: 'tokenEmbedding', index: [0, 0], value: 3 },
    { tensor: 'q', index: [0, 5, 0], value: 3 },
    { tensor: 'weights', index: [0, 5, 0], value: 0.9 },
    { tensor: 'output', index: [5, 0], value: 3 },
  ]) {
    const changed = await open({ tokens, overrides: [{ tensor, index, value }] });
    const page = await changed.explain(tensor, index);
    assert.ok(page.overridden && page.isInput);
    assert.equal(page.value, value);
    assert.notDeepEqual(changed.values.get('residual').data, plain.values.get('residual').data, tensor);
    for (const { name } of plain.infos.slice(0, plain.order.get(tensor))) {
      assert.deepEqual(changed.values.get(name), plain.values.get(name), `${name} comes before ${tensor}`);
    }
    const elsewhere = await changed.explain('x', [1, 1]);
    assert.equal(elsewhere.overridden, false);
    await changed.trace.dispose();
  }
  await plain.trace.dispose();
});

test('every tensor may be overridden, but those that are only read off', async () => {
  const plain = await open({ tokens, rope: true });
  for (const { name, shape } of plain.infos) {
    const index = shape.map(() => 0);
    const overrides = [{ tensor: name, index, value: 0.375 }];
    if (name.startsWith('contribution')) {
      await assert.rejects(
        open({ tokens, rope: true, overrides }),
        /is read off the layer and cannot be set/,
      );
      continue;
    }
    const changed = await open({ tokens, rope: true, overrides });
    assert.equal(changed.valueAt(name, index), 0.375, name);
    assert.equal((await changed.explain(name, index)).overridden, true, name);
    await changed.trace.dispose();
  }
  await plain.trace.dispose();
});

test('the tensors are the documented ones, in order of computation, with the shapes of their letters', async () => {
  const { infos, trace } = await open({ tokens, rope: true, dModel: 12, heads: 3 });
  assert.deepEqual(
    infos.map(({ name }) => name),
    [
      ...[
        'tokenEmbedding',
        'x',
        'wQ',
        'wK',
        'wV',
        'q',
        'k',
        'v',
        'qRotated',
        'kRotated',
        'scores',
        'scaled',
        'mask',
        'masked',
      ],
      ...[
        'rowMax',
        'exponentials',
        'rowSum',
        'weights',
        'entropy',
        'headOutputs',
        'concatenated',
        'wO',
        'output',
        'residual',
      ],
      'contributions',
      'contributionSum',
      'contributionLengths',
    ],
  );
  const extents = { U: new Set(tokens).size, T: tokens.length, S: tokens.length, C: 12, H: 3, D: 4 };
  for (const { name, shape, letters } of infos) {
    assert.deepEqual(
      shape,
      letters.split(' ').map((letter) => extents[letter]),
      name,
    );
  }
  await trace.dispose();
});

test('the numbers drawn have two decimals, depend on the seed and repeat', async () => {
  const [one, again, other] = await Promise.all(
    [{ seed: 1 }, { seed: 1 }, { seed: 2 }].map((seed) => open({ tokens, ...seed })),
  );
  for (const name of ['tokenEmbedding', 'wQ', 'wK', 'wV', 'wO']) {
    const { data } = one.values.get(name);
    for (const value of data) assert.ok(same(value, Number(value.toFixed(2))), `${name} holds ${value}`);
    assert.deepEqual(again.values.get(name).data, data);
    assert.notDeepEqual(other.values.get(name).data, data);
  }
  for (const { trace } of [one, again, other]) await trace.dispose();
});

test('the summary of a layer is what its trace says', async () => {
  const result = await core.attentionLayer({ tokens, heads: 2, dModel: 8 });
  const weights = await result.trace.tensor({ name: 'weights' });
  const entropy = await result.trace.tensor({ name: 'entropy' });
  assert.equal(result.heads, 2);
  assert.equal(result.dHead, 4);
  assert.equal(result.embeddingRows.length, tokens.length);
  assert.deepEqual(result.entropy, entropy);
  const T = tokens.length;
  result.maxWeight.data.forEach((most, row) =>
    assert.equal(most, Math.max(...weights.data.slice(row * T, (row + 1) * T))),
  );
  result.effectiveKeys.data.forEach((keys, row) => assert.ok(close(keys, Math.exp(entropy.data[row]))));
  await result.trace.dispose();
});
