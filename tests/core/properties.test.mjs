import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';
import { calls } from './calls.mjs';
import { seeded } from './random.mjs';

const core = await load();
const random = seeded(2026);
const { tensor } = random;

const near = (actual, expected, tolerance, what) => {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; ++i) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance,
      `${what}: entry ${i} is ${actual[i]}, expected ${expected[i]}`,
    );
  }
};

/** The rows of the last axis. */
const rowsOf = ({ shape, data }) => {
  const width = shape.at(-1);
  return Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width));
};
const fromRows = (shape, rows) => ({ shape, data: Float64Array.from(rows.flatMap((row) => [...row])) });
const total = (row) => row.reduce((sum, value) => sum + value, 0);

/** The keys (or values) [G, S, D] in another order. */
const reordered = ({ shape, data }, order) => {
  const rows = rowsOf({ shape, data });
  const S = shape[1];
  return fromRows(
    shape,
    rows.map((_, row) => rows[Math.floor(row / S) * S + order[row % S]]),
  );
};

const q = tensor(4, 6, 8);
const k = tensor(4, 6, 8);
const v = tensor(4, 6, 5);

test('rows of weights sum to 1 under every mask that leaves a key visible', async () => {
  const masks = [
    {},
    { mask: 'causal' },
    { mask: 'sliding_causal', window: 2 },
    { mask: 'sliding', halfWindow: 1 },
    { mask: 'local(2)' },
    { mask: 'global(0)+local(1)' },
    { mask: 'chunked', chunk: 4 },
    { mask: 'chunked_causal', chunk: 4 },
    { mask: 'causal&same_document', documents: [0, 0, 1, 1, 1, 2] },
    { mask: 'prefix', prefix: 3 },
    { mask: 'key_padding', valid: [1, 1, 1, 0, 1, 0] },
  ];
  for (const mask of masks) {
    const { weights } = await core.attention({ q, k, v, ...mask });
    for (const row of rowsOf(weights)) assert.ok(Math.abs(total(row) - 1) < 1e-12, JSON.stringify(mask));
  }
});

test('with a sink, rows sum to less than 1', async () => {
  const { weights } = await core.attention({ q, k, v, sinks: tensor(4) });
  for (const row of rowsOf(weights)) assert.ok(total(row) > 0 && total(row) < 1 - 1e-6);
});

test('a mask by name and the matrix it stands for are the same mask', async () => {
  for (const rule of [
    { mask: 'causal' },
    { mask: 'sliding_causal', window: 3 },
    { mask: 'causal&key_padding', valid: [1, 0, 1, 1, 1, 0] },
    { mask: 'prefix', prefix: 2 },
    { mask: 'causal', queryOffset: 2 },
  ]) {
    const { allow } = await core.attentionMask({ queries: 6, keys: 6, ...rule });
    assert.deepEqual(await core.attention({ q, k, v, allow }), await core.attention({ q, k, v, ...rule }));
    const halves = await core.attention({ q, k, v, allow, mask: 'causal' });
    const { allow: causal } = await core.attentionMask({ queries: 6, keys: 6, mask: 'causal' });
    halves.weights.data.forEach((weight, i) => {
      if (!(allow.data[i % 36] && causal.data[i % 36])) assert.equal(weight, 0);
    });
  }
});

test('causal attention ignores the future, to the last bit', async () => {
  const before = await core.attention({ q, k, v, mask: 'causal' });
  for (let t = 0; t < 5; ++t) {
    const change = (x) =>
      fromRows(
        x.shape,
        rowsOf(x).map((row, i) => (i % 6 > t ? row.map((value) => value * 3 + 1) : row)),
      );
    const after = await core.attention({ q, k: change(k), v: change(v), mask: 'causal' });
    for (const name of ['weights', 'output']) {
      const [old, changed] = [rowsOf(before[name]), rowsOf(after[name])];
      old.forEach(
        (row, i) =>
          i % 6 <= t && assert.deepEqual(changed[i], row, `${name}, query ${i % 6}, changed after ${t}`),
      );
    }
  }
});

test('a masked key changes nothing, whatever it holds', async () => {
  const valid = [1, 1, 1, 1, 0, 0];
  const change = (x) =>
    fromRows(
      x.shape,
      rowsOf(x).map((row, i) => (valid[i % 6] ? row : row.map(() => 1e6))),
    );
  const options = { mask: 'key_padding', valid };
  const one = await core.attention({ q, k, v, ...options });
  const other = await core.attention({ q, k: change(k), v: change(v), ...options });
  assert.deepEqual(other.weights, one.weights);
  assert.deepEqual(other.output, one.output);
});

test('reordering keys and values together reorders the weights and leaves the output', async () => {
  const order = random.permutation(6);
  const before = await core.attention({ q, k, v });
  const after = await core.attention({ q, k: reordered(k, order), v: reordered(v, order) });
  rowsOf(before.weights).forEach((row, i) => {
    near(
      rowsOf(after.weights)[i],
      order.map((s) => row[s]),
      1e-14,
      'weights',
    );
  });
  near(after.output.data, before.output.data, 1e-13, 'output');
});

test('one key gives its value, and equal keys give the mean of the values', async () => {
  const one = await core.attention({ q: tensor(1, 3, 4), k: tensor(1, 1, 4), v: [[[5, 6]]] });
  near(one.output.data, [5, 6, 5, 6, 5, 6], 1e-15, 'one key');
  const same = await core.attention({
    q: tensor(1, 1, 2),
    k: [
      [
        [1, 2],
        [1, 2],
      ],
    ],
    v: [[[4], [8]]],
  });
  near(same.output.data, [6], 1e-14, 'equal keys');
});

test('a row that sees no key does what maskedRow says', async () => {
  const allow = { shape: [6, 6], data: Float64Array.from({ length: 36 }, (_, i) => (i < 6 ? 0 : 1)) };
  const expected = { zeros: 0, uniform: 1 / 6, nan: NaN };
  for (const maskedRow of /** @type {const} */ (['zeros', 'uniform', 'nan'])) {
    const { weights, output } = await core.attention({ q, k, v, allow, maskedRow });
    for (const weight of rowsOf(weights)[0]) {
      assert.ok(
        Number.isNaN(expected[maskedRow])
          ? Number.isNaN(weight)
          : Math.abs(weight - expected[maskedRow]) < 1e-15,
      );
    }
    if (maskedRow === 'zeros') assert.deepEqual([...rowsOf(output)[0]], [0, 0, 0, 0, 0]);
    assert.ok(Math.abs(total(rowsOf(weights)[1]) - 1) < 1e-12);
  }
});

test('softmax tends to the largest entry as the temperature falls and to the mean as it rises', async () => {
  const x = [1, 3, 2.5, -4];
  near((await core.softmax({ x, temperature: 1e-3 })).y.data, [0, 1, 0, 0], 1e-12, 'cold');
  near((await core.softmax({ x, temperature: 1e9 })).y.data, [0.25, 0.25, 0.25, 0.25], 1e-8, 'hot');
  const { y } = await core.softmax({ x, temperature: 0.5 });
  near(
    (await core.softmax({ x: x.map((value) => 2 * value) })).y.data,
    y.data,
    1e-15,
    'half the temperature',
  );
});

test('softmax is unchanged by adding a constant and safe at any magnitude', async () => {
  const x = [1, 2, 4];
  const { y, logSoftmax, logsumexp } = await core.softmax({ x });
  near((await core.softmax({ x: x.map((value) => value + 100) })).y.data, y.data, 1e-13, 'shifted');
  near((await core.softmax({ x: [1e308, -1e308, -Infinity] })).y.data, [1, 0, 0], 0, 'huge');
  near(y.data.map(Math.log), logSoftmax.data, 1e-14, 'logarithm');
  near(
    x.map((value) => value - logsumexp.data[0]),
    logSoftmax.data,
    1e-14,
    'logsumexp',
  );
});

test('softmax along an axis is softmax along the last axis of the transpose', async () => {
  const x = tensor(3, 4);
  const transposed = {
    shape: [4, 3],
    data: Float64Array.from({ length: 12 }, (_, i) => x.data[(i % 3) * 4 + Math.floor(i / 3)]),
  };
  const { y } = await core.softmax({ x, axis: 0 });
  const { y: other } = await core.softmax({ x: transposed });
  near(
    y.data,
    Float64Array.from({ length: 12 }, (_, i) => other.data[(i % 4) * 3 + Math.floor(i / 4)]),
    1e-15,
    'axis 0',
  );
});

test('grouped heads are full heads with the key/value heads repeated', async () => {
  for (const G of [1, 2, 4]) {
    const shared = { k: tensor(G, 6, 8), v: tensor(G, 6, 5) };
    const repeat = ({ shape, data }) => {
      const size = shape[1] * shape[2];
      const heads = Array.from({ length: 4 }, (_, h) => Math.floor(h / (4 / G)));
      return {
        shape: [4, shape[1], shape[2]],
        data: Float64Array.from(heads.flatMap((g) => [...data.slice(g * size, (g + 1) * size)])),
      };
    };
    const grouped = await core.attention({ q, ...shared, mask: 'causal' });
    const full = await core.attention({ q, k: repeat(shared.k), v: repeat(shared.v), mask: 'causal' });
    assert.deepEqual(grouped, full, `${G} key/value heads`);
  }
});

test('a batch is its samples side by side', async () => {
  const batch = { q: tensor(2, 4, 3, 8), k: tensor(2, 2, 5, 8), v: tensor(2, 2, 5, 6) };
  const { weights, output } = await core.attention({ ...batch, mask: 'causal' });
  for (const b of [0, 1]) {
    const sample = Object.fromEntries(
      Object.entries(batch).map(([name, { shape, data }]) => [
        name,
        { shape: shape.slice(1), data: data.slice((b * data.length) / 2, ((b + 1) * data.length) / 2) },
      ]),
    );
    const one = await core.attention(/** @type {any} */ ({ ...sample, mask: 'causal' }));
    assert.deepEqual(
      weights.data.slice(b * one.weights.data.length, (b + 1) * one.weights.data.length),
      one.weights.data,
    );
    assert.deepEqual(
      output.data.slice(b * one.output.data.length, (b + 1) * one.output.data.length),
      one.output.data,
    );
  }
});

test('online softmax gives what attention gives, for every block length', async () => {
  const one = { q: tensor(1, 1, 4), k: tensor(1, 7, 4), v: tensor(1, 7, 3) };
  const { output, logits } = await core.attention(one);
  const { logsumexp } = await core.softmax({ x: logits });
  for (let block = 1; block <= 8; ++block) {
    const online = await core.onlineSoftmax({ ...one, block });
    near(online.output.data, output.data, 1e-14, `blocks of ${block}`);
    assert.equal(online.maxima.data.length, Math.ceil(7 / block));
    assert.ok(Math.abs(online.logsumexp - logsumexp.data[0]) < 1e-14);
  }
});

test('a softcap bounds the logits and a large one changes nothing', async () => {
  const capped = await core.attention({ q, k, v, softcap: 0.5 });
  for (const logit of capped.logits.data) assert.ok(Math.abs(logit) <= 0.5);
  near(
    (await core.attention({ q, k, v, softcap: 1e6 })).output.data,
    (await core.attention({ q, k, v })).output.data,
    1e-9,
    'large',
  );
});

test('ALiBi is the bias that its slopes stand for', async () => {
  const alibiSlopes = [0.5, 0.25, 0.125, 0.0625];
  const bias = {
    shape: [4, 6, 6],
    data: Float64Array.from(
      { length: 144 },
      (_, n) => -alibiSlopes[Math.floor(n / 36)] * ((Math.floor(n / 6) % 6) - (n % 6)),
    ),
  };
  const slopes = await core.attention({ q, k, v, alibiSlopes, mask: 'causal' });
  near(
    slopes.weights.data,
    (await core.attention({ q, k, v, bias, mask: 'causal' })).weights.data,
    1e-14,
    'weights',
  );
});

test('entropy lies between 0 and ln S, and bits are nats over ln 2', async () => {
  const logits = tensor(5, 7);
  const nats = await core.attentionEntropy({ logits });
  const bits = await core.attentionEntropy({ logits, unit: 'bits' });
  const { y } = await core.softmax({ x: logits });
  near(
    (await core.attentionEntropy({ weights: y })).entropy.data,
    nats.entropy.data,
    1e-14,
    'weights for logits',
  );
  nats.entropy.data.forEach((value, i) => {
    assert.ok(value > 0 && value < Math.log(7));
    assert.ok(Math.abs(bits.entropy.data[i] - value / Math.LN2) < 1e-14);
    assert.ok(Math.abs(nats.effectiveKeys.data[i] - Math.exp(value)) < 1e-13);
    assert.ok(Math.abs(bits.effectiveKeys.data[i] - Math.exp(value)) < 1e-13);
  });
  near((await core.attentionEntropy({ weights: [[0, 1, 0]] })).entropy.data, [0], 0, 'one key');
});

test('RoPE keeps lengths and makes scores depend on the distance alone', async () => {
  const x = tensor(1, 16);
  const y = tensor(1, 16);
  const dot = (a, b) => total(a.data.map((value, i) => value * b.data[i]));
  for (const pairing of /** @type {const} */ (['half_split', 'interleaved'])) {
    const at = async (vector, position) => (await core.rope({ x: vector, positions: [position], pairing })).y;
    assert.deepEqual((await at(x, 0)).data, x.data);
    const turned = await at(x, 1234);
    assert.ok(Math.abs(dot(turned, turned) - dot(x, x)) < 1e-12);
    const scores = await Promise.all(
      [0, 1, 100, 5000].map(async (shift) => dot(await at(x, 7 + shift), await at(y, 3 + shift))),
    );
    near(
      scores,
      scores.map(() => scores[0]),
      1e-10,
      pairing,
    );
    assert.ok(
      Math.abs(dot(await at(x, 8), await at(y, 3)) - scores[0]) > 1e-6,
      'another distance, another score',
    );
  }
});

test('RoPE turns the first features only, and turns add up', async () => {
  const x = tensor(2, 3, 10);
  const { y, cos, sin } = await core.rope({ x, positions: [1, 2, 3], rotaryDim: 6 });
  rowsOf(y).forEach((row, i) => assert.deepEqual(row.slice(6), rowsOf(x)[i].slice(6)));
  assert.deepEqual(
    [cos.shape, sin.shape],
    [
      [3, 3],
      [3, 3],
    ],
  );
  const { y: further } = await core.rope({ x: y, positions: [4, 0, 9], rotaryDim: 6 });
  const { y: atOnce } = await core.rope({ x, positions: [5, 2, 12], rotaryDim: 6 });
  near(further.data, atOnce.data, 1e-14, 'two turns');
});

test('sinusoidal positions hold sines and cosines of the same angles in both layouts', async () => {
  const one = (await core.sinusoidalPositions({ length: 9, dim: 6 })).table;
  const other = (await core.sinusoidalPositions({ length: 9, dim: 6, layout: 'concatenated' })).table;
  rowsOf(one).forEach((row, t) => {
    const beside = rowsOf(other)[t];
    for (let i = 0; i < 3; ++i) {
      assert.equal(row[2 * i], beside[i]);
      assert.equal(row[2 * i + 1], beside[3 + i]);
      assert.ok(Math.abs(row[2 * i] ** 2 + row[2 * i + 1] ** 2 - 1) < 1e-15);
    }
  });
});

test('normalised rows have mean 0 and variance 1, or root mean square 1, or length 1', async () => {
  const x = tensor(4, 32);
  for (const row of rowsOf((await core.layerNorm({ x, eps: 0 })).y)) {
    assert.ok(Math.abs(total(row)) < 1e-12);
    assert.ok(Math.abs(total(row.map((value) => value ** 2)) / 32 - 1) < 1e-12);
  }
  for (const row of rowsOf((await core.rmsNorm({ x, eps: 0 })).y)) {
    assert.ok(Math.abs(total(row.map((value) => value ** 2)) / 32 - 1) < 1e-12);
  }
  for (const row of rowsOf((await core.l2Normalize({ x })).y)) {
    assert.ok(Math.abs(total(row.map((value) => value ** 2)) - 1) < 1e-12);
  }
});

test('the derivative of every activation is the slope of its values', async () => {
  const names = /** @type {const} */ ([
    ...[
      'relu',
      'gelu_exact',
      'gelu_tanh',
      'sigmoid',
      'tanh',
      'silu',
      'relu2',
      'mish',
      'elu',
      'softplus',
      'leaky_relu',
      'quick_gelu',
    ],
    'identity',
  ]);
  const x = [-30, -3.1, -0.7, -0.01, 0.02, 0.9, 2.3, 40];
  const step = 1e-5;
  for (const name of names) {
    const at = async (shift) => (await core.activation({ x: x.map((value) => value + shift), name })).y.data;
    const [above, below] = [await at(step), await at(-step)];
    const { derivative } = await core.activation({ x, name });
    near(
      derivative.data,
      above.map((value, i) => (value - below[i]) / (2 * step)),
      1e-7,
      name,
    );
  }
});

test('cached decoding gives the rows of the full pass, with less work', async () => {
  const tokens = [4, 9, 4, 1, 7, 7, 2];
  for (const options of [
    {},
    { rope: true },
    { scaled: false, temperature: 2 },
    { dModel: 24, heads: 6, seed: 99 },
  ]) {
    const { output, steps, maxDifference } = await core.cachedDecode({ tokens, ...options });
    const { trace } = await core.attentionLayer({ tokens, ...options });
    const full = await trace.tensor({ name: 'output' });
    await trace.dispose();
    assert.deepEqual(output.shape, full.shape);
    near(output.data, full.data, 1e-12, JSON.stringify(options));
    assert.equal(maxDifference, Math.max(...steps.map((step) => step.maxDifference)));
    assert.ok(maxDifference < 1e-12);
    steps.forEach((step, t) => {
      assert.equal(step.token, t);
      assert.equal(step.cacheFloats, 2 * (t + 1) * (options.dModel ?? 16));
      assert.ok(t === 0 || step.multiplyAddsCached < step.multiplyAddsFull);
    });
  }
});

test('without RoPE and mask a layer treats tokens as a set; with RoPE it does not', async () => {
  const tokens = [4, 9, 2, 1];
  const order = [2, 0, 3, 1];
  const outputOf = async (ids, rope) => {
    const { trace } = await core.attentionLayer({ tokens: ids, causal: false, rope });
    const output = await trace.tensor({ name: 'output' });
    await trace.dispose();
    return rowsOf(output);
  };
  for (const rope of [false, true]) {
    const before = await outputOf(tokens, rope);
    const after = await outputOf(
      order.map((t) => tokens[t]),
      rope,
    );
    const gap = Math.max(
      ...order.flatMap((t, i) => [...after[i]].map((value, c) => Math.abs(value - before[t][c]))),
    );
    if (rope) assert.ok(gap > 1e-3);
    else assert.ok(gap < 1e-12);
  }
});

test('without scaling the rows of a wide layer are sharper', async () => {
  const options = { tokens: [1, 2, 3, 4, 5, 6, 7, 8], dModel: 64, heads: 1, causal: false };
  const [scaled, raw] = await Promise.all([
    core.attentionLayer(options),
    core.attentionLayer({ ...options, scaled: false }),
  ]);
  assert.ok(total(raw.entropy.data) < total(scaled.entropy.data));
  await Promise.all([scaled.trace.dispose(), raw.trace.dispose()]);
});

test('attention is matmul, softmax and matmul', async () => {
  const one = { q: tensor(1, 3, 4), k: tensor(1, 5, 4), v: tensor(1, 5, 2) };
  const { weights, output, logits } = await core.attention({ ...one, scale: 0.3 });
  const matrix = ({ shape, data }) => ({ shape: shape.slice(1), data });
  const { y: products } = await core.linear({ x: matrix(one.q), weight: matrix(one.k) });
  near(
    logits.data,
    products.data.map((value) => 0.3 * value),
    1e-14,
    'logits',
  );
  const { y } = await core.softmax({ x: matrix(logits) });
  near(weights.data, y.data, 1e-15, 'weights');
  near(output.data, (await core.matmul({ a: y, b: matrix(one.v) })).y.data, 1e-14, 'output');
});

test('an encoder-decoder is its blocks, one after the other, and padding changes nothing', async () => {
  const options = { ...calls.encoderDecoder, trace: false };
  const { heads, placement, activation, eps, sourceValid, embeddingScale } = options;
  const shared = { heads, placement, activation, eps };
  const parameter = (name) => options.parameters.find((one) => one.name === name)?.tensor;
  const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  /** @returns {any} */
  const layer = (prefix) =>
    Object.fromEntries(
      options.parameters
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name, tensor: weight }) => [camel(name.slice(prefix.length)), weight]),
    );
  const rows = async (tokens, table) => {
    const { y } = await core.embedding({ tokens, table: parameter(table) });
    return {
      shape: y.shape,
      data: y.data.map((value, i) => embeddingScale * value + parameter('positions').data[i]),
    };
  };
  const norm = async (x, stack) =>
    (await core.layerNorm({ x, gamma: parameter(`${stack}_gamma`), beta: parameter(`${stack}_beta`), eps }))
      .y;
  const whole = await core.encoderDecoder(options);
  /** @type {any} */
  let x = await rows(options.sourceTokens, 'source_embedding');
  for (const n of [0, 1])
    x = (await core.encoderBlock({ x, ...layer(`encoder.${n}.`), ...shared, valid: sourceValid })).y;
  const memory = await norm(x, 'encoder');
  near(whole.memory.data, memory.data, 1e-12, 'memory');
  const block = await core.decoderBlock({
    x: await rows(options.targetTokens, 'target_embedding'),
    memory,
    ...layer('decoder.0.'),
    ...shared,
    memoryValid: sourceValid,
  });
  near(whole.crossWeights.data, block.crossWeights.data, 1e-12, 'cross weights');
  near(whole.output.data, (await norm(block.y, 'decoder')).data, 1e-12, 'output');
  const shorter = await core.encoderDecoder({
    ...options,
    sourceTokens: options.sourceTokens.slice(0, 3),
    sourceValid: [],
  });
  near(shorter.output.data, whole.output.data, 1e-12, 'output without the padding');
});
