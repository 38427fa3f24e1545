import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buffersOf, isTensor, withTensors } from '../../web/core/tensor.js';
import { wellFormed } from '../../web/core/text.js';

const fields = [{ name: 'x', type: 'tensor', required: true }];

/** @param {unknown} x */
const one = (x) => withTensors({ x }, fields).x;

test('nested arrays become tensors, row by row', () => {
  assert.deepEqual(
    one([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    { shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) },
  );
  assert.deepEqual(one([1, 2]), { shape: [2], data: Float64Array.of(1, 2) });
  assert.deepEqual(one([[[1]], [[-Infinity]]]), { shape: [2, 1, 1], data: Float64Array.of(1, -Infinity) });
  assert.ok(isTensor(one([[1]])));
});

test('empty arrays keep their shape', () => {
  assert.deepEqual(one([]), { shape: [0], data: new Float64Array() });
  assert.deepEqual(one([[], []]), { shape: [2, 0], data: new Float64Array() });
});

test('what is no box of numbers is left for the core to refuse', () => {
  const values = [
    [[1, 2], [3]],
    [1, [2]],
    [[1], 2],
    [1, '2'],
    [null],
    [[1, 2], 'ab'],
    'text',
    3,
    null,
    [[[]], [1]],
  ];
  for (const value of values) assert.deepEqual(one(value), value);
});

test('a typed array is a vector of its own type, not copied', () => {
  const data = Float32Array.of(1, 2, 3);
  const tensor = one(data);
  assert.deepEqual(tensor.shape, [3]);
  assert.equal(tensor.data, data);
});

test('a tensor with a plain array of data gets a float64 one, others pass as they are', () => {
  assert.deepEqual(one({ shape: [2], data: [1, 2] }), { shape: [2], data: Float64Array.of(1, 2) });
  const tensor = { shape: [1], data: Float32Array.of(1) };
  assert.equal(one(tensor), tensor);
});

test('only the options that are tensors are touched, and the given object never', () => {
  const options = { x: [1, 2], tokens: [3, 4], name: 'gelu' };
  const result = withTensors(options, fields);
  assert.deepEqual(options, { x: [1, 2], tokens: [3, 4], name: 'gelu' });
  assert.deepEqual(result.tokens, [3, 4]);
  assert.equal(result.name, 'gelu');
});

test('options that are no object are left for the core to refuse', () => {
  for (const options of [null, undefined, 3, 'x'])
    assert.equal(withTensors(/** @type {any} */ (options), fields), options);
});

test('tensors inside objects and lists of objects are found by the fields of these', () => {
  const inner = { type: 'list', required: true, fields };
  const result = withTensors({ layers: [{ x: [1] }, 3], scaling: { x: [2] } }, [
    { name: 'layers', ...inner },
    { name: 'scaling', ...inner, type: 'object' },
  ]);
  assert.deepEqual(result.layers, [{ x: { shape: [1], data: Float64Array.of(1) } }, 3]);
  assert.deepEqual(result.scaling, { x: { shape: [1], data: Float64Array.of(2) } });
});

test('every buffer of a result is found, at any depth', () => {
  const a = new Float64Array(2);
  const b = new Float32Array(3);
  const c = new Uint8Array(1);
  const result = {
    y: { shape: [2], data: a },
    list: [{ data: b }, { data: c }],
    tokens: [1, 2],
    name: 'x',
    none: null,
  };
  assert.deepEqual(new Set(buffersOf(result)), new Set([a.buffer, b.buffer, c.buffer]));
  assert.deepEqual(buffersOf({ x: 1, y: [], z: undefined }), []);
});

/** @param {any} text */
const mended = (text) => wellFormed({ text }, ['text']).text;

test('half characters become U+FFFD wherever they stand', () => {
  assert.equal(mended('\ud83d'), '\ufffd');
  assert.equal(mended('\ude00'), '\ufffd');
  assert.equal(mended('a\ud83d b'), 'a\ufffd b');
  assert.equal(mended('\ude00\ud83d'), '\ufffd\ufffd');
  assert.equal(mended('\ud83d\ud83d\ude00'), '\ufffd\ud83d\ude00');
  assert.equal(mended('\ud83d\ude00\ude00'), '\ud83d\ude00\ufffd');
});

test('half characters become what a UTF-8 encoder makes of them, in every string of four code units', () => {
  const units = ['a', '\ud83d', '\ude00', '\ufffd'];
  for (let i = 0; i < 4 ** 4; i += 1) {
    const text = [0, 1, 2, 3].map((place) => units[Math.floor(i / 4 ** place) % 4]).join('');
    assert.equal(mended(text), new TextDecoder().decode(new TextEncoder().encode(text)));
  }
});

test('whole characters and values that are no text stay as they are', () => {
  assert.equal(
    mended('The cat \u{1f600} \u0645\u0631\u062d\u0628\u0627'),
    'The cat \u{1f600} \u0645\u0631\u062d\u0628\u0627',
  );
  for (const value of [3, null, undefined]) assert.equal(mended(value), value);
  assert.deepEqual(mended(['a', '\ud83d', 3]), ['a', '\ufffd', 3]);
  assert.equal(wellFormed(/** @type {any} */ (undefined), ['text']), undefined);
});
