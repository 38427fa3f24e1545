import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from 'clearformer';
import { calls, inBothPrecisions, isTensor, release, tensorNames, withData } from './calls.mjs';

const core = await load();
const dataOf = (result) => tensorNames(result).map((name) => result[name].data);
const copyOf = (result) => dataOf(result).map((data) => data.slice());

for (const [name, options] of Object.entries(calls)) {
  test(`${name} leaves its options as they are`, async () => {
    const before = structuredClone(options);
    await release(await core[name](options));
    assert.deepEqual(options, before);
  });

  test(`changing a result of ${name} changes no other result`, async () => {
    const first = await core[name](options);
    const kept = copyOf(first);
    const second = await core[name](options);
    for (const data of dataOf(first)) data.fill(7777);
    assert.deepEqual(dataOf(second), kept);
    const third = await core[name](options);
    assert.deepEqual(dataOf(third), kept);
    await Promise.all([first, second, third].map(release));
  });
}

test('results have buffers of their own, which hold nothing else', async () => {
  const result = await core.attention(calls.attention);
  const buffers = dataOf(result).map(({ buffer }) => buffer);
  assert.equal(new Set(buffers).size, buffers.length);
  for (const data of dataOf(result)) assert.equal(data.buffer.byteLength, data.byteLength);
});

test('results survive the growth of the WebAssembly memory', async () => {
  const result = await core.attention(calls.attention);
  const { trace } = await core.attentionLayer(calls.attentionLayer);
  const weights = await trace.tensor({ name: 'weights' });
  const kept = [...copyOf(result), weights.data.slice()];
  const { bytes } = await core.memory();
  const entries = Math.ceil(bytes / 32); // a quarter of what all modules have: more than any one of them
  await core.softmax({ x: { shape: [entries], data: new Float64Array(entries) } });
  assert.ok((await core.memory()).bytes > bytes, 'the memory did not grow');
  assert.deepEqual([...dataOf(result), weights.data], kept);
  assert.deepEqual((await trace.tensor({ name: 'weights' })).data, weights.data);
  await trace.dispose();
});

test('what a trace tells is a copy', async () => {
  const { trace } = await core.attentionLayer(calls.attentionLayer);
  const place = { tensor: 'weights', index: [0, 2, 1] };
  const before = await trace.explain(place);
  const kept = structuredClone(before);
  before.value = 7;
  before.operands[0].terms[0].value = 7;
  (await trace.tensor({ name: 'weights' })).data.fill(7);
  assert.deepEqual(await trace.explain(place), kept);
  await trace.dispose();
});

test('nested arrays, plain arrays of data and typed arrays mean the same tensor', async () => {
  const expected = await core.softmax({ x: { shape: [2, 2], data: Float64Array.of(1, 2, 3, 5) } });
  assert.deepEqual(
    await core.softmax({
      x: [
        [1, 2],
        [3, 5],
      ],
    }),
    expected,
  );
  assert.deepEqual(
    await core.softmax({ x: /** @type {any} */ ({ shape: [2, 2], data: [1, 2, 3, 5] }) }),
    expected,
  );
  const vector = await core.softmax({ x: Float64Array.of(1, 2) });
  assert.deepEqual(vector, await core.softmax({ x: [1, 2] }));
  assert.deepEqual(vector.y.shape, [2]);
});

test('lists of numbers may be typed arrays', async () => {
  const options = { ...calls.rope, trace: false };
  assert.deepEqual(
    await core.rope({ ...options, positions: Float64Array.from(options.positions) }),
    await core.rope(options),
  );
});

test('options given as undefined mean their defaults', async () => {
  const x = [[1, 2, 4]];
  assert.deepEqual(
    await core.softmax({ x, axis: undefined, temperature: undefined }),
    await core.softmax({ x }),
  );
  assert.deepEqual(await core.softmax({ x, axis: -1, temperature: 1 }), await core.softmax({ x }));
  assert.deepEqual(await core.softmax({ x, axis: 1 }), await core.softmax({ x }));
});

for (const name of inBothPrecisions) {
  test(`${name} gives Float32Arrays for Float32Arrays, which agree with double precision`, async () => {
    const single = await core[name](withData(calls[name], Float32Array));
    const double = await core[name](withData(withData(calls[name], Float32Array), Float64Array));
    for (const tensor of tensorNames(double)) {
      const exact = double[tensor];
      const fast = single[tensor];
      assert.ok(exact.data instanceof Float64Array, `${tensor} is a Float64Array`);
      const alwaysDouble = name === 'rope' && tensor !== 'y';
      assert.ok(
        fast.data instanceof (alwaysDouble ? Float64Array : Float32Array),
        `${tensor} is a Float32Array`,
      );
      assert.deepEqual(fast.shape, exact.shape);
      const finite = Array.from(exact.data).filter(Number.isFinite);
      const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      exact.data.forEach((value, i) => {
        const near =
          value === fast.data[i] || Math.abs(fast.data[i] - value) <= 1e-5 * Math.max(largest, 1e-3);
        assert.ok(near, `${tensor}[${i}] is ${fast.data[i]} in single and ${value} in double precision`);
      });
    }
  });
}

for (const name of Object.keys(calls).filter((one) => !inBothPrecisions.includes(one))) {
  const inSingle = withData(calls[name], Float32Array);
  if (tensorNames(inSingle).length === 0) continue;
  test(`${name} takes Float32Arrays and computes in double precision`, async () => {
    const result = await core[name](inSingle);
    const inDouble = await core[name](withData(inSingle, Float64Array));
    assert.deepEqual(dataOf(result), dataOf(inDouble));
    for (const data of dataOf(result)) assert.ok(data instanceof Float64Array);
    await Promise.all([result, inDouble].map(release));
  });
}

test('one Float64Array among Float32Arrays makes the call run in double precision', async () => {
  const { a, b } = calls.matmul;
  const { y } = await core.matmul({ a: { shape: a.shape, data: Float32Array.from(a.data) }, b });
  assert.ok(y.data instanceof Float64Array);
});

test('the relaxed variant agrees with the base variant, where this Node has relaxed SIMD', async () => {
  const built = new URL('../../dist/package/operations-relaxed.wasm', import.meta.url);
  if (existsSync(built) && !WebAssembly.validate(new Uint8Array(await readFile(built)))) {
    await assert.rejects(load({ variant: 'relaxed' }), Error);
    return;
  }
  const relaxed = await load({ variant: 'relaxed' });
  for (const name of inBothPrecisions) {
    const options = withData(calls[name], Float32Array);
    const [one, other] = await Promise.all([core[name](options), relaxed[name](options)]);
    for (const tensor of tensorNames(one)) {
      one[tensor].data.forEach((value, i) => {
        const got = other[tensor].data[i];
        const near = value === got || Math.abs(got - value) <= 1e-4 * Math.max(1, Math.abs(value));
        assert.ok(near, `${name}.${tensor}[${i}] is ${value} in base and ${got} in relaxed`);
      });
    }
  }
});

test('the core is loaded once per variant', async () => {
  assert.equal(await load(), core);
  assert.equal(await load({ variant: 'base' }), core);
});

test('every tensor of every result is {shape, data} whose data fill the shape', async () => {
  for (const [name, options] of Object.entries(calls)) {
    const result = await core[name](options);
    for (const value of Object.values(result).filter(isTensor)) {
      assert.ok(Array.isArray(value.shape), name);
      assert.equal(
        value.shape.reduce((product, extent) => product * extent, 1),
        value.data.length,
        name,
      );
    }
    await release(result);
  }
});
