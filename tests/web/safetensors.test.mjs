import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MOST_HEADER,
  countTensors,
  patternOf,
  readHeader,
  readShardIndex,
} from '../../web/models/safetensors.js';

const BYTES = { F32: 4, BF16: 2, I8: 1, F8_E4M3: 1 };

/** A file as the format says it: the header's length in eight bytes, the header, then the numbers. @param {object} header @param {{length?: bigint, data?: number}} [more] */
function file(header, { length, data } = {}) {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const ends = Object.values(header).map((one) => one?.data_offsets?.[1] ?? 0);
  const bytes = new Uint8Array(8 + text.length + (data ?? Math.max(0, ...ends)));
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** Reads like a file, and notes how far. @param {Uint8Array} bytes */
function reader(bytes) {
  const read = { most: 0 };
  const slice = async (from, to) => {
    read.most = Math.max(read.most, to);
    return bytes.slice(from, to).buffer;
  };
  return { read, tensors: () => readHeader(bytes.length, slice) };
}

/** Tensors one behind the other. @param {[name: string, dtype: keyof typeof BYTES, shape: number[]][]} list */
function headerOf(list) {
  let at = 0;
  return Object.fromEntries(
    list.map(([name, dtype, shape]) => {
      const from = at;
      at += shape.reduce((product, extent) => product * extent, 1) * BYTES[dtype];
      return [name, { dtype, shape, data_offsets: [from, at] }];
    }),
  );
}

const two = headerOf([
  ['model.layers.0.mlp.up_proj.weight', 'BF16', [6, 4]],
  ['model.layers.1.mlp.up_proj.weight', 'BF16', [6, 4]],
  ['model.norm.weight', 'F32', [4]],
  ['scalar', 'I8', []],
]);

test('parameters and bytes are the sums over the tensors of the header', async () => {
  const counted = countTensors(await reader(file({ __metadata__: { format: 'pt' }, ...two })).tensors());
  assert.equal(counted.tensors, 4);
  assert.equal(counted.params, 24 + 24 + 4 + 1);
  assert.equal(counted.bytes, 48 + 48 + 16 + 1);
  for (const key of ['params', 'bytes']) {
    for (const list of [counted.groups, counted.formats])
      assert.equal(
        list.reduce((sum, one) => sum + one[key], 0),
        counted[key],
      );
  }
});

test('tensors whose names differ in counters only are one group', async () => {
  const { groups } = countTensors(await reader(file(two)).tensors());
  assert.deepEqual(groups[0], {
    pattern: 'model.layers.{i}.mlp.up_proj.weight',
    dtype: 'BF16',
    shapes: '[6, 4]',
    repeat: 2,
    params: 48,
    bytes: 96,
  });
  assert.equal(patternOf('a.3.experts.12.w1.weight'), 'a.{i}.experts.{e}.w1.weight');
  assert.equal(patternOf('block2.conv.weight'), 'block2.conv.weight');
});

test('nothing behind the header is read', async () => {
  const bytes = file(two);
  const { read, tensors } = reader(bytes);
  await tensors();
  assert.equal(read.most, bytes.length - (48 + 48 + 16 + 1));
});

test('lengths that cannot be are refused with the length', async () => {
  const refuses = (bytes, sentence) => assert.rejects(reader(bytes).tensors(), sentence);
  await refuses(new Uint8Array(5), /at least 8 bytes, got 5/);
  await refuses(new Uint8Array(8), /the header has 0 bytes/);
  await refuses(file(two, { length: 2n ** 62n }), /at most 100000000 are read/);
  await refuses(file(two, { length: BigInt(MOST_HEADER) }), /the file ends after \d+ of them/);
  await refuses(file(two).slice(0, 40), /the file ends after 32 of them/);
});

test('a header that is no JSON, or no object, is refused', async () => {
  await assert.rejects(reader(file('{"a": ')).tensors(), /the header is no JSON/);
  await assert.rejects(reader(file('[1, 2]')).tensors(), /no object of tensors/);
});

test('tensors that do not fit their shape or the file are refused by name', async () => {
  const one = (more) =>
    reader(
      file({ w: { dtype: 'BF16', shape: [2, 2], data_offsets: [0, 8], ...more } }, { data: 8 }),
    ).tensors();
  await one({});
  await assert.rejects(one({ data_offsets: [0, 6] }), /w of \[2, 2\] in BF16 needs 8 bytes, it has 6/);
  await assert.rejects(one({ data_offsets: [8, 16] }), /w lies at 8 to 16 of 8 bytes/);
  await assert.rejects(one({ data_offsets: [8, 0] }), /w lies at 8 to 0/);
  await assert.rejects(one({ shape: [2, -2] }), /w lacks/);
  await assert.rejects(one({ shape: undefined }), /w lacks/);
});

test('an unknown format is counted by its shape and its bytes', async () => {
  const tensors = await reader(file({ w: { dtype: 'NEW9', shape: [3], data_offsets: [0, 7] } })).tensors();
  assert.deepEqual(tensors, [{ name: 'w', dtype: 'NEW9', shape: [3], params: 3, bytes: 7 }]);
});

test('an index names tensors and files, and their bytes where it says them', () => {
  const index = readShardIndex({
    metadata: { total_size: 90 },
    weight_map: { a: '2.safetensors', b: '1.safetensors', c: '1.safetensors' },
  });
  assert.deepEqual(index, { tensors: ['a', 'b', 'c'], files: ['1.safetensors', '2.safetensors'], bytes: 90 });
  for (const other of [{}, null, { weight_map: [] }, { hidden_size: 1 }])
    assert.equal(readShardIndex(other), undefined);
});
