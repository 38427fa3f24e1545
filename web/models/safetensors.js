/**
 * What a .safetensors file holds, read from its header alone: eight bytes that say how long the header is, then JSON that names each tensor
 * with format and shape. Nothing but the header is read, and nothing leaves the device.
 * Source: https://github.com/huggingface/safetensors#format
 */

/** As the format's own readers refuse it. */
export const MOST_HEADER = 100_000_000; // bytes

/** Bits of a number in each format. @type {Record<string, number>} */
const BITS = {
  ...{ F64: 64, I64: 64, U64: 64, C64: 64 },
  ...{ F32: 32, I32: 32, U32: 32 },
  ...{ F16: 16, BF16: 16, I16: 16, U16: 16 },
  ...{ F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, I8: 8, U8: 8, BOOL: 8 },
  ...{ F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
};

/**
 * @typedef {{name: string, dtype: string, shape: number[], params: number, bytes: number}} HeldTensor
 * @typedef {{pattern: string, dtype: string, shapes: string, repeat: number, params: number, bytes: number}} Group
 * @typedef {{params: number, bytes: number, tensors: number, groups: Group[], formats: {dtype: string, params: number, bytes: number}[]}} Counted
 * @typedef {{tensors: string[], bytes?: number, params?: number, files: string[]}} ShardIndex
 */

/** @param {string} message */
const refuse = (message) => {
  throw new RangeError(`safetensors: ${message}`);
};

/**
 * The tensors of a file. `read(from, to)` gives its bytes; only the header is asked for.
 * Throws a RangeError for a length that cannot be, text that is no JSON, and tensors whose bytes do not fit their shape or the file.
 * @param {number} size of the file, in bytes @param {(from: number, to: number) => Promise<ArrayBuffer>} read
 * @returns {Promise<HeldTensor[]>}
 */
export async function readHeader(size, read) {
  if (size < 8) refuse(`a file has at least 8 bytes, got ${size}`);
  const length = Number(new DataView(await read(0, 8)).getBigUint64(0, true));
  if (length > MOST_HEADER)
    refuse(
      `the header would have ${length} bytes, at most ${MOST_HEADER} are read; is this a .safetensors file?`,
    );
  if (length < 2) refuse(`the header has ${length} bytes, too few for any JSON`);
  if (8 + length > size)
    refuse(`the header has ${length} bytes, but the file ends after ${size - 8} of them`);
  const text = new TextDecoder('utf-8').decode(await read(8, 8 + length));
  /** @type {any} */
  let header;
  try {
    header = JSON.parse(text);
  } catch (error) {
    refuse(`the header is no JSON: ${/** @type {Error} */ (error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    refuse('the header is no object of tensors');
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, one]) => tensorOf(name, one, size - 8 - length));
}

/** @param {string} name @param {any} entry @param {number} held bytes behind the header @returns {HeldTensor} */
function tensorOf(name, entry, held) {
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    refuse(`${name} lacks a format, a shape or its place`);
  const params = shape.reduce(
    (/** @type {number} */ product, /** @type {number} */ extent) => product * extent,
    1,
  );
  const bytes = offsets[1] - offsets[0];
  if (bytes < 0 || offsets[1] > held)
    refuse(`${name} lies at ${offsets[0]} to ${offsets[1]} of ${held} bytes`);
  const bits = BITS[dtype];
  if (!Number.isSafeInteger(params)) refuse(`${name} has more than 2^53 numbers`);
  if (bits !== undefined && Math.ceil((params * bits) / 8) !== bytes)
    refuse(
      `${name} of [${shape.join(', ')}] in ${dtype} needs ${Math.ceil((params * bits) / 8)} bytes, it has ${bytes}`,
    );
  return { name, dtype, shape, params, bytes };
}

/** @param {unknown} list @returns {list is number[]} */
const isCounts = (list) => Array.isArray(list) && list.every((one) => Number.isSafeInteger(one) && one >= 0);

/** A name with its counters left open: model.layers.{i}.mlp.experts.{e}.up_proj.weight. @param {string} name */
export function patternOf(name) {
  const letters = ['i', 'e', 'j', 'k'];
  return name.replace(/(?<=^|\.)\d+(?=\.|$)/g, () => `{${letters.shift() ?? 'n'}}`);
}

/** Everything counted: in all, by format, and by name where only counters differ. @param {HeldTensor[]} tensors @returns {Counted} */
export function countTensors(tensors) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  /** @type {Map<string, {dtype: string, params: number, bytes: number}>} */
  const formats = new Map();
  let params = 0;
  let bytes = 0;
  for (const tensor of tensors) {
    params += tensor.params;
    bytes += tensor.bytes;
    const shape = `[${tensor.shape.join(', ')}]`;
    const key = `${patternOf(tensor.name)} ${tensor.dtype}`;
    const group = groups.get(key) ?? {
      pattern: patternOf(tensor.name),
      dtype: tensor.dtype,
      shapes: shape,
      repeat: 0,
      params: 0,
      bytes: 0,
    };
    if (group.shapes !== shape) group.shapes = 'several';
    group.repeat += 1;
    group.params += tensor.params;
    group.bytes += tensor.bytes;
    groups.set(key, group);
    const format = formats.get(tensor.dtype) ?? { dtype: tensor.dtype, params: 0, bytes: 0 };
    format.params += tensor.params;
    format.bytes += tensor.bytes;
    formats.set(tensor.dtype, format);
  }
  const largest = (/** @type {{params: number}} */ a, /** @type {{params: number}} */ b) =>
    b.params - a.params;
  return {
    params,
    bytes,
    tensors: tensors.length,
    groups: [...groups.values()].sort(largest),
    formats: [...formats.values()].sort(largest),
  };
}

/**
 * The index of a model in several files, model.safetensors.index.json. It names tensors and files; shapes stand in the files, so parameters
 * are known only where the index says them.
 * @param {any} index @returns {ShardIndex | undefined} nothing where it is no such index
 */
export function readShardIndex(index) {
  const map = index?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined;
  const { total_size: bytes, total_parameters: params } = index.metadata ?? {};
  return {
    tensors: Object.keys(map),
    files: [...new Set(Object.values(map).map(String))].sort(),
    ...(Number.isSafeInteger(bytes) && { bytes }),
    ...(Number.isSafeInteger(params) && { params }),
  };
}
