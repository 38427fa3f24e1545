import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';
import { calls } from './calls.mjs';
import { Fuzzer, fromJson, samples, toJson } from './fuzz.mjs';

const core = await load();
const fuzzer = new Fuzzer(core, await core.describe());
const SEED = 20;
const CALLS = 8000;

const before = await samples(core);

/** Makes every call of the seed and returns what went wrong. */
async function round() {
  const findings = [];
  for (let position = 0; position < CALLS; ++position) {
    const call = fuzzer.call(SEED, position);
    const { finding } = await fuzzer.run(call);
    if (finding)
      findings.push(`${finding}\n  node scripts/fuzz.mjs --call '${toJson(await fuzzer.shrunk(call))}'`);
  }
  return findings;
}

test('random calls of all functions give finite numbers or fail with a sentence, and leave nothing behind', async () => {
  const { handles } = await core.memory();
  assert.deepEqual(await round(), []);
  const memory = await core.memory();
  assert.equal(memory.handles, handles, 'every handle is gone');
  // The same again needs no more memory: nothing is lost on the way.
  assert.deepEqual(await round(), []);
  assert.deepEqual(await core.memory(), memory);
});

test('after all of them the sample calls still give the same bits', async () => {
  assert.deepEqual(await samples(core), before);
});

test('the same seed and position make the same call, which reads back from its JSON', () => {
  for (let position = 0; position < 500; ++position) {
    const json = toJson(fuzzer.call(SEED, position));
    assert.equal(toJson(fuzzer.call(SEED, position)), json);
    assert.equal(toJson(fromJson(json)), json);
  }
});

test('every function is called, and many calls give a result', async () => {
  const resolved = new Set();
  for (let position = 0; position < 80 * fuzzer.names.length; ++position) {
    const call = fuzzer.call(3, position);
    if (!resolved.has(call.name) && !(await fuzzer.run(call)).error) resolved.add(call.name);
  }
  const never = Object.keys(calls).filter((name) => !resolved.has(name));
  assert.deepEqual(never, []);
});

/** What the fuzzers have found before: function, options, and the sentence there is now. */
const circle = [];
circle.push(circle);
const row = { shape: [1, 1, 2], data: [1, 2] };
const huge = { shape: [1, 1, 2], data: [1e300, 1e300] };
const empty = (shape) => ({ shape, data: new Float64Array(0) });
/** @type {[string, object, Function, RegExp][]} */
const FOUND = [
  // Not numbers, though in an array.
  ['softmax', { x: new BigInt64Array(2) }, TypeError, /^softmax: x must hold numbers, got bigint$/],
  ['softmax', { x: { shape: [1], data: [1n] } }, TypeError, /^softmax: x must be a tensor/],
  ['softmax', { x: new DataView(new ArrayBuffer(8)) }, TypeError, /^softmax: x must be a tensor/],
  [
    'embedding',
    { tokens: new DataView(new ArrayBuffer(8)), table: [[1]] },
    TypeError,
    /^embedding: tokens must be a list/,
  ],
  ['softmax', { x: circle }, TypeError, /^softmax: x must be a tensor/],
  // No entries, but rows without end.
  ['softmax', { x: empty([0, 2147483647]) }, RangeError, /bytes; at most 134217728 are allowed$/],
  ['attentionEntropy', { logits: empty([0, 2147483647]) }, RangeError, /are allowed$/],
  // Products of options that do not fit 32 bits.
  ['windowPartition', { height: 65536, width: 65536, window: 1 }, RangeError, /are allowed$/],
  ['sincos2d', { dim: 4, grid: [65536, 65536] }, RangeError, /are allowed$/],
  [
    'latentAttention',
    {
      ...{
        x: [[1]],
        heads: 65536,
        nopeHeadDim: 65534,
        ropeHeadDim: 2,
        vHeadDim: 65536,
        kvANorm: [1],
        kvA: [[1], [1], [1]],
      },
      ...{ qWeight: empty([0, 1]), kvB: empty([0, 1]), outWeight: empty([1, 0]) },
    },
    RangeError,
    /^latent_attention: at most 1e8 entries/,
  ],
  // Work without end.
  ['softmax', { x: empty([1000000, 0]), trace: true }, RangeError, /^trace: at most 262144 entries of/],
  [
    'attentionMask',
    { queries: 1, keys: 1, mask: Array(17).fill('causal').join('&') },
    RangeError,
    /at most 16 masks/,
  ],
  ['ropeFrequencies', { dim: 134217728 }, RangeError, /dim must be at most 1048576/],
  ['ropeWavelengths', { dim: 134217728, thetas: [10000] }, RangeError, /dim must be at most 1048576/],
  ['sinusoidalPositions', { length: 0, dim: 2097152 }, RangeError, /dim must be at most 1048576/],
  // Scores beyond the largest double.
  [
    'onlineSoftmax',
    { q: huge, k: huge, v: row, block: 1, scale: -1 },
    RangeError,
    /^online_softmax: the scores must be finite/,
  ],
];

for (const [name, options, Kind, says] of FOUND) {
  test(`found before: ${name} says "${says.source}"`, async () => {
    await assert.rejects(core[name](options), (error) => {
      assert.equal(error.constructor, Kind, String(error));
      assert.match(/** @type {Error} */ (error).message, says);
      return true;
    });
  });
}

test('found before: a block longer than all keys needs no room for itself', async () => {
  const whole = await core.onlineSoftmax({ q: row, k: row, v: row, block: 1 });
  assert.deepEqual(await core.onlineSoftmax({ q: row, k: row, v: row, block: 2147483647 }), whole);
});
