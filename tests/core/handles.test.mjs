import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';

const core = await load();
const small = { tokens: [3, 1, 2], dModel: 4, heads: 2 };

test('10,000 layers made and disposed leave no memory and no handle behind', async () => {
  const makeAndDispose = async (count) => {
    for (let i = 0; i < count; ++i) {
      const { trace } = await core.attentionLayer({ ...small, seed: i });
      await trace.dispose();
    }
  };
  await makeAndDispose(100);
  const before = await core.memory();
  await makeAndDispose(10_000);
  assert.deepEqual(await core.memory(), before);
});

test('a handle counts until it is disposed', async () => {
  const { handles } = await core.memory();
  const first = await core.attentionLayer(small);
  const second = await core.attentionLayer(small);
  assert.equal((await core.memory()).handles, handles + 2);
  await first.trace.dispose();
  assert.equal((await core.memory()).handles, handles + 1);
  await second.trace.dispose();
  assert.equal((await core.memory()).handles, handles);
});

test('a layer that fails leaves no handle behind', async () => {
  const { handles } = await core.memory();
  await assert.rejects(
    core.attentionLayer({ ...small, overrides: [{ tensor: 'nothing', index: [0], value: 1 }] }),
  );
  await assert.rejects(core.attentionLayer({ ...small, heads: 3 }));
  assert.equal((await core.memory()).handles, handles);
});

test('after dispose every method of a trace but dispose rejects with a sentence', async () => {
  const { trace } = await core.attentionLayer(small);
  await trace.dispose();
  const place = { tensor: 'weights', index: [0, 0, 0] };
  for (const call of [
    () => trace.explain(place),
    () => trace.numpy(place),
    () => trace.tensor({ name: 'weights' }),
    () => trace.tensors(),
  ]) {
    await assert.rejects(call, {
      name: 'RangeError',
      message: /^trace: this handle \(\d+\) has been disposed$/,
    });
  }
  await trace.dispose();
});

test('disposing one trace leaves the others alone', async () => {
  const [one, other] = await Promise.all([
    core.attentionLayer(small),
    core.attentionLayer({ ...small, seed: 8 }),
  ]);
  const before = await other.trace.tensor({ name: 'weights' });
  await one.trace.dispose();
  assert.deepEqual(await other.trace.tensor({ name: 'weights' }), before);
  await other.trace.dispose();
});

test('a trace refuses names and indices that are not there, naming what there is', async () => {
  const { trace } = await core.attentionLayer(small);
  await assert.rejects(trace.explain({ tensor: 'wheights', index: [0, 0, 0] }), {
    name: 'RangeError',
    message: /wheights.*weights/,
  });
  await assert.rejects(trace.explain({ tensor: 'weights', index: [2, 0, 0] }), {
    name: 'RangeError',
    message: /\[2, 3, 3\]/,
  });
  await assert.rejects(trace.explain({ tensor: 'weights', index: [0, 0] }), {
    name: 'RangeError',
    message: /needs 3 numbers/,
  });
  await assert.rejects(trace.explain({ tensor: 'weights', index: [0, 0, -1] }), {
    name: 'RangeError',
    message: /-1/,
  });
  await assert.rejects(trace.explain({ tensor: 'weights', index: [0, 0, 0.5] }), {
    name: 'RangeError',
    message: /0\.5/,
  });
  await assert.rejects(trace.tensor({ name: 'weights', at: [0, 0, 0, 0] }), { name: 'RangeError' });
  await assert.rejects(trace.tensor({ name: 'weights', at: [5] }), { name: 'RangeError' });
  await trace.dispose();
});

test('a part of a tensor is the tensor under its first indices', async () => {
  const { trace } = await core.attentionLayer(small);
  for (const name of ['weights', 'contributions']) {
    const whole = await trace.tensor({ name });
    const [, rows, width] = whole.shape;
    const part = await trace.tensor({ name, at: [1] });
    assert.deepEqual(part.shape, [rows, width]);
    assert.deepEqual(part.data, whole.data.slice(rows * width, 2 * rows * width));
    const row = await trace.tensor({ name, at: [1, 2] });
    assert.deepEqual(row.data, part.data.slice(2 * width, 3 * width));
    assert.deepEqual((await trace.tensor({ name, at: [1, 2, 0] })).data, row.data.slice(0, 1));
  }
  await trace.dispose();
});
