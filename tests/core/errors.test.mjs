import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';
import { calls, release } from './calls.mjs';

const core = await load();
const functions = (await core.describe()).filter(({ name }) => name in calls);
const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

/** The error of a call that must fail. */
async function errorOf(name, options) {
  try {
    await release(await core[name](options));
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `${name} accepted ${JSON.stringify(options)}` });
}

async function rejects(Kind, name, options, says) {
  const error = await errorOf(name, options);
  const what = `${name}: ${error}`;
  assert.equal(error.constructor, Kind, what);
  const [, where] = /^(\w+): /.exec(error.message) ?? [];
  assert.ok([name, 'trace', 'tensor'].includes(camel(where ?? '')), what);
  if (says instanceof RegExp) assert.match(error.message, says);
  else assert.ok(error.message.includes(says), `"${error.message}" does not say "${says}"`);
}

for (const { name, options: fields } of functions) {
  const call = calls[name];

  test(`the sample call of ${name} works`, async () => {
    await release(await core[name](call));
  });

  test(`${name} names an unknown option and tells the ones there are`, async () => {
    await rejects(TypeError, name, { ...call, nonsense: 1 }, 'unknown option "nonsense"');
    for (const field of fields) await rejects(TypeError, name, { ...call, nonsense: 1 }, field.name);
  });

  test(`${name} names a required option that is missing`, async () => {
    for (const field of fields.filter(({ required }) => required)) {
      await rejects(TypeError, name, { ...call, [field.name]: undefined }, `${field.name} is required`);
      await rejects(TypeError, name, { ...call, [field.name]: null }, `${field.name} is required`);
    }
  });

  test(`${name} wants an object of options`, async () => {
    for (const options of [null, 3, 'x'])
      await rejects(TypeError, name, options, /: needs an object, got (null|number|string|"x")$/);
  });

  test(`${name} names an option of the wrong type`, async () => {
    const wrong = {
      tensor: ['x', 3, {}, { shape: [1], data: 'x' }, [[1, 2], [3]], ['x']],
      number: ['1', true, [1]],
      integer: ['1', true, {}],
      boolean: [1, 'true'],
      string: [1, ['x']],
      numbers: [1, 'x', ['x']],
      strings: [1, 'x', [1]],
      object: ['x', 3],
      list: [1, 'x', [1]],
      config: [1, 'x', [1]],
    };
    for (const field of fields) {
      for (const value of wrong[field.type])
        await rejects(TypeError, name, { ...call, [field.name]: value }, field.name);
    }
  });

  test(`${name} rejects numbers that are not finite, and fractions of whole numbers`, async () => {
    const wrong = { number: [NaN, Infinity, -Infinity], integer: [NaN, Infinity, -Infinity, 1.5, 1e20] };
    for (const field of fields) {
      for (const value of wrong[field.type] ?? []) {
        await rejects(RangeError, name, { ...call, [field.name]: value }, field.name);
        await rejects(
          RangeError,
          name,
          { ...call, [field.name]: value },
          /got (nan|inf|-inf|1\.5|1e20|10{20})$/i,
        );
      }
      if (field.type === 'numbers')
        await rejects(RangeError, name, { ...call, [field.name]: [NaN] }, field.name);
    }
  });

  test(`${name} rejects tensors with NaN and tensors whose data do not fill their shape`, async () => {
    for (const field of fields.filter(({ type }) => type === 'tensor')) {
      const tensor = call[field.name];
      if (!tensor) continue;
      const holed = { shape: tensor.shape, data: tensor.data.slice() };
      holed.data[holed.data.length - 1] = NaN;
      await rejects(RangeError, name, { ...call, [field.name]: holed }, `${field.name} must`);
      const short = { shape: tensor.shape, data: tensor.data.slice(1) };
      await rejects(
        RangeError,
        name,
        { ...call, [field.name]: short },
        `needs ${tensor.data.length} values, got`,
      );
      const negative = { shape: [-1], data: new Float64Array(1) };
      await rejects(RangeError, name, { ...call, [field.name]: negative }, field.name);
    }
  });
}

test('the sentences of the core arrive word for word', async () => {
  await rejects(
    RangeError,
    'attentionLayer',
    { tokens: [1], dModel: 50, heads: 8 },
    /^attention_layer: heads must divide d_model, got d_model 50 and heads 8$/,
  );
  await rejects(
    RangeError,
    'attentionLayer',
    { tokens: Array(65).fill(1) },
    /at most 64 tokens fit, got 65$/,
  );
  await rejects(
    RangeError,
    'attention',
    { q: [[[1, 2]]], k: [[[1]]], v: [[[1]]] },
    /^attention: k must have D = 2 as q has, got shape \[1, 1, 1\]$/,
  );
  await rejects(TypeError, 'matmul', { a: [[1]] }, /^matmul: b is required$/);
});

test('values outside the domain of each function are RangeErrors that give the value', async () => {
  const x = [[1, 2]];
  const square = [[[1, 2]]];
  const cases = [
    ['softmax', { x, temperature: 0 }, '0'],
    ['softmax', { x, temperature: -1 }, '-1'],
    ['softmax', { x, axis: 2 }, '2'],
    ['layerNorm', { x, eps: -1 }, '-1'],
    ['rmsNorm', { x, eps: -1 }, '-1'],
    ['groupNorm', { x: [[1, 2, 3]], groups: 2 }, '2'],
    ['groupNorm', { x: [[1, 2, 3]], groups: 0 }, '0'],
    ['activation', { x, name: 'gelo' }, 'gelo'],
    ['embedding', { tokens: [3], table: x }, '3'],
    ['embedding', { tokens: [-1], table: x }, '-1'],
    ['embedding', { tokens: [0, 0], table: x, positions: x }, '2'],
    ['attentionMask', { queries: 1, keys: 1, mask: 'sideways' }, 'sideways'],
    ['attentionMask', { queries: -1, keys: 1 }, '-1'],
    ['attention', { q: square, k: square, v: square, softcap: 0 }, '0'],
    ['attention', { q: square, k: square, v: square, maskedRow: 'zero' }, 'zero'],
    ['onlineSoftmax', { q: square, k: square, v: square, block: 0 }, '0'],
    ['attentionEntropy', { weights: [[-0.5, 1.5]] }, '-0.5'],
    ['attentionEntropy', { weights: x, unit: 'bans' }, 'bans'],
    ['sinusoidalPositions', { length: 2, dim: 3 }, '3'],
    ['sinusoidalPositions', { length: -1, dim: 4 }, '-1'],
    ['rope', { x, positions: [0, 1] }, '2'],
    ['rope', { x: [[1, 2, 3]], positions: [0] }, '3'],
    ['rope', { x, positions: [-1] }, '-1'],
    ['rope', { x, positions: [0], theta: 0 }, '0'],
    ['rope', { x, positions: [0], rotaryDim: 4 }, '4'],
    ['rope', { x, positions: [0], pairing: 'diagonal' }, 'diagonal'],
    ['detokenize', { ids: [2000000000] }, '2000000000'],
    ['attentionLayer', { tokens: [] }, 'token'],
    ['attentionLayer', { tokens: [1], dModel: 130 }, '130'],
    ['attentionLayer', { tokens: [1], temperature: 0.01 }, '0.01'],
    ['attentionLayer', { tokens: [1], seed: -1 }, '-1'],
    ['attentionLayer', { tokens: [1, 2], valid: [1] }, '1'],
    ['attentionLayer', { tokens: [1], dModel: 6, heads: 2, rope: true }, '3'],
    ['attentionLayer', { tokens: [1], overrides: [{ tensor: 'nothing', index: [0], value: 1 }] }, 'nothing'],
    ['attentionLayer', { tokens: [1], overrides: [{ tensor: 'q', index: [9, 0, 0], value: 1 }] }, '9'],
  ];
  for (const [name, options, says] of cases) await rejects(RangeError, name, options, says);
});

test('attention with both or neither of two alternatives is refused', async () => {
  const errors = await Promise.all([
    errorOf('attentionEntropy', {}),
    errorOf('attentionEntropy', { weights: [[1]], logits: [[1]] }),
    errorOf('multiHeadAttention', { query: [[1]], key: [[1]], value: [[1]], heads: 1, outWeight: [[1]] }),
  ]);
  for (const error of errors)
    assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
});

test('an unknown variant is a RangeError', async () => {
  await assert.rejects(load(/** @type {any} */ ({ variant: 'fast' })), {
    name: 'RangeError',
    message: 'load: variant must be base or relaxed, got "fast"',
  });
});

test('the instance lives on after 1000 errors, without growing', async () => {
  const before = await core.softmax({ x: [1, 2, 3] });
  const memory = await core.memory();
  for (let i = 0; i < 1000; ++i) {
    const { name } = functions[i % functions.length];
    await errorOf(name, i % 2 ? { ...calls[name], nonsense: i } : null);
  }
  for (let i = 0; i < 1000; ++i) await errorOf('softmax', { x: [1, 2, 3], temperature: -i });
  assert.deepEqual(await core.softmax({ x: [1, 2, 3] }), before);
  assert.deepEqual(await core.memory(), memory);
});

test('a tensor that would not fit in memory is refused and harms nothing', async () => {
  await rejects(RangeError, 'sinusoidalPositions', { length: 2000000000, dim: 2000000000 }, 'are allowed');
  await rejects(RangeError, 'attentionMask', { queries: 2000000000, keys: 2000000000 }, 'are allowed');
  assert.deepEqual(Array.from((await core.matmul({ a: [[2]], b: [[3]] })).y.data), [6]);
});
