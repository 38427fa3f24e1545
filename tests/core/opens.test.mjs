import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';
import { calls } from './calls.mjs';
import { evaluate } from './evaluate.mjs';
import { indexAt, seeded } from './random.mjs';

const core = await load();
const functions = (await core.describe()).filter(({ name }) => !/^(?:trace|cache|plan)[A-Z]/.test(name));
const all = process.env.CLEARFORMER_ALL === '1';
const SAMPLE = 24;

/** Functions whose numbers do not open, each with the reason. A new function belongs here only where nothing is computed. */
const WITHOUT = {
  memory: 'measured',
  tokenize: 'looked up',
  detokenize: 'looked up',
  bpeTrain: 'counted',
  bpeEncode: 'looked up',
  bpeDecode: 'looked up',
  editDistance: 'its table is all there is',
  noRepeatNgrams: 'a list of tokens',
  kvCache: 'a handle',
  cachedDecode: 'a comparison of layers that open',
  gradientCheck: 'a comparison of two ways',
  estimate: 'its quantities open in plans',
  plan: 'every quantity opens by plan.explain',
  trainingPlan: 'every quantity opens by plan.explain',
  sweepPlan: 'a plan at each value opens',
  measureDevice: 'measured',
};

test('every function that computes has a trace; those without one are listed with the reason', () => {
  const without = functions.filter(({ result }) => !result.some(({ type }) => type === 'trace'));
  assert.deepEqual(without.map(({ name }) => name).sort(), Object.keys(WITHOUT).sort());
});

test('whoever gives a trace gives it when asked, and not otherwise', async () => {
  for (const { name, options, result } of functions) {
    if (!result.some(({ type }) => type === 'trace')) continue;
    const asks = options.find((option) => option.name === 'trace');
    if (!asks) continue; // attentionLayer is nothing but its trace
    assert.equal(calls[name].trace, true, `${name}: the sample call asks for a trace`);
    assert.equal((await core[name]({ ...calls[name], trace: false })).trace, undefined, name);
  }
});

const same = (a, b) => Object.is(a, b) || a === b;
const close = (a, b, scale = 1) =>
  same(a, b) || Math.abs(a - b) <= 1e-11 * Math.max(1, scale, Math.abs(a), Math.abs(b));

/** The last value of the steps, run again from the terms. */
function recomputed({ operands, steps }, where) {
  const symbols = new Map(operands.map(({ symbol, terms }) => [symbol, terms.map(({ value }) => value)]));
  let values = [];
  for (const step of steps) {
    values = evaluate(step.expression, symbols);
    assert.equal(values.length, step.values.length, `${where}: ${step.expression}`);
    symbols.set(step.symbol, values);
  }
  const finite = [...symbols.values()].flat().filter(Number.isFinite);
  return { values, scale: finite.reduce((most, value) => Math.max(most, Math.abs(value)), 1) };
}

/** Some entries of a tensor, the first and the last among them. */
function offsetsOf(count, seed) {
  if (all || count <= SAMPLE) return Array.from({ length: count }, (_, i) => i);
  const random = seeded(seed);
  return [0, count - 1, ...Array.from({ length: SAMPLE - 2 }, () => random.below(count))];
}

/** The numbers of a result that a reader may point at: tensors, numbers and lists of them. */
function* shown(fields, result) {
  for (const { name, type } of fields) {
    const value = result[name];
    if (value === undefined) continue;
    if (type === 'tensor') yield [name, Array.from(value.data)];
    else if (type === 'number') yield [name, [value]];
    else if (type === 'numbers') yield [name, Array.from(value)];
  }
}

/** Results that the trace does not repeat, each with where they are told instead. */
const ELSEWHERE = {
  attentionRollout: { clsToPatches: 'the first row of the rollout' },
  attentionLayer: {
    embeddingRows: 'which row each token has',
    effectiveKeys: 'e to the entropy, which opens',
    maxWeight: 'the largest of the weights, which open',
  },
  latentAttention: { rotatedGram: 'products of what opens' },
  linearAttention: { state: 'sums of what opens', norm: 'sums of what opens' },
  patchEmbed: { grid: 'how many patches fit' },
  patchMerging: { grid: 'how many blocks fit' },
  quantizeCodeTable: { bitsPerValue: 'a property of the format' },
  quantizeGgml: { bitsPerValue: 'a property of the format' },
  rope: {
    inverseFrequencies: 'ropeFrequencies opens them',
    cos: 'a constant of the rotation',
    sin: 'a constant of the rotation',
    attentionFactor: 'a constant of the rotation',
    correctionLow: 'a constant of ropeFrequencies',
    correctionHigh: 'a constant of ropeFrequencies',
  },
  ropeFrequencies: { attentionFactor: 'yarnSoftmaxScale opens it' },
  samplerChain: { kept: 'the tokens whose probability is above 0' },
  softMoe: { dispatch: 'the transpose of what opens' },
  svd: { energy: 'shares of what opens' },
  tubeletEmbed: { grid: 'how many tubelets fit' },
  switchRouter: { dropped: 'the tokens that are not kept' },
};

for (const { name, result: fields } of functions) {
  if (!fields.some(({ type }) => type === 'trace')) continue;
  test(`every number that ${name} gives opens, down to the inputs`, async () => {
    const { trace, ...result } = await core[name](calls[name]);
    const infos = await trace.tensors();
    const order = new Map(infos.map(({ name: tensor }, place) => [tensor, place]));
    const values = new Map();
    for (const { name: tensor } of infos) values.set(tensor, (await trace.tensor({ name: tensor })).data);
    for (const { name: tensor, shape, title, symbol } of infos) {
      assert.ok(title.length > 0 && symbol.length > 0, `${tensor} has a title and a symbol`);
      for (const offset of offsetsOf(values.get(tensor).length, 5)) {
        const index = indexAt(offset, shape);
        const where = `${name}: ${tensor}[${index}]`;
        const page = await trace.explain({ tensor, index });
        const value = values.get(tensor)[offset];
        assert.ok(same(page.value, value), `${where} is ${value}, explained as ${page.value}`);
        assert.ok(page.rule.length > 0, `${where} is told in words`);
        if (page.isInput) continue;
        assert.ok(page.formula.length > 0, `${where} has a formula`);
        const { values: steps, scale } = recomputed(page, where);
        assert.equal(steps.length, 1, `${where} ends in one value`);
        assert.ok(close(steps[0], value, scale), `${where} is ${value}, its steps give ${steps[0]}`);
        for (const term of page.operands.flatMap(({ terms }) => terms)) {
          if (term.tensor === '') continue;
          const from = values.get(term.tensor)[offsetIn(term, infos[order.get(term.tensor)].shape)];
          assert.ok(same(term.value, from), `${where}: ${term.tensor}[${term.index}] is ${from}`);
          const earlier = order.get(term.tensor) < order.get(tensor);
          assert.ok(
            earlier || (term.tensor === tensor && offsetIn(term, shape) < offset),
            `${where} uses ${term.tensor}[${term.index}], which comes later`,
          );
        }
      }
    }
    const kept = [...values.values()].filter(({ length }) => length > 0);
    const closed = [...shown(fields, result)]
      .filter(([, numbers]) => !isMadeOf(numbers, kept))
      .map(([field]) => field);
    assert.deepEqual(
      closed.sort(),
      Object.keys(ELSEWHERE[name] ?? {}).sort(),
      'results that are not tensors of the trace, or several of them one after the other',
    );
    await trace.dispose();
  });
}

const offsetIn = ({ index }, shape) => index.reduce((offset, at, axis) => offset * shape[axis] + at, 0);

/** Whether a list of numbers is one of the tensors, or a stack of several. */
function isMadeOf(numbers, kept, from = 0) {
  if (from === numbers.length) return true;
  return kept.some(
    (own) =>
      from + own.length <= numbers.length &&
      Array.prototype.every.call(own, (value, i) => close(value, numbers[from + i])) &&
      isMadeOf(numbers, kept, from + own.length),
  );
}
