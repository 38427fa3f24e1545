import { packConfig } from './config.js';

/**
 * Tensors on the JavaScript side: {shape, data}, row-major. Nested arrays of numbers are accepted wherever a tensor is.
 * @typedef {import('./core.d.ts').Tensor} Tensor
 */
/** @param {unknown} value @returns {value is Tensor} */
export function isTensor(value) {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}

/** Arrays nested deeper than this are no tensor; they may contain themselves. */
const DEEPEST = 16;

/** A tensor in float64 from nested arrays; null where the value is not a box of numbers. @param {unknown} value */
function fromNested(value) {
  /** @type {number[]} */
  const shape = [];
  for (let level = value; Array.isArray(level); level = level[0]) {
    if (shape.push(level.length) > DEEPEST) return null;
  }
  const data = /** @type {any[]} */ (value).flat(DEEPEST);
  const full = shape.reduce((product, extent) => product * extent, 1);
  /** @type {(level: any, axis: number) => boolean} */
  const isBox = (level, axis) =>
    axis === shape.length
      ? typeof level === 'number'
      : Array.isArray(level) && level.length === shape[axis] && level.every((part) => isBox(part, axis + 1));
  return data.length === full && isBox(value, 0) ? { shape, data: Float64Array.from(data) } : null;
}

/**
 * The options in the form that crosses into the core: nested arrays that stand for a tensor made one, configurations packed. Which options
 * are which is known from the core's own description.
 * @param {Record<string, any>} options
 * @param {import('./instance.js').Field[]} fields
 */
export function withTensors(options, fields) {
  if (typeof options !== 'object' || options === null) return options;
  const result = { ...options };
  for (const { name, type, fields: inner } of fields) {
    const value = result[name];
    if (type === 'object' && inner) result[name] = withTensors(value, inner);
    if (type === 'list' && inner && Array.isArray(value))
      result[name] = value.map((one) => withTensors(one, inner));
    if (type === 'config') result[name] = packConfig(value);
    if (type !== 'tensor') continue;
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)) {
      const tensor = Array.isArray(value)
        ? fromNested(value)
        : { shape: [/** @type {any} */ (value).length], data: value };
      if (tensor) result[name] = tensor;
    } else if (
      isTensor(value) &&
      Array.isArray(value.data) &&
      value.data.every((one) => typeof one === 'number')
    ) {
      result[name] = { shape: value.shape, data: Float64Array.from(value.data) };
    }
  }
  return result;
}

/** Every buffer in a result, so that it can be moved rather than copied. @param {any} value @returns {ArrayBuffer[]} */
export function buffersOf(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  if (Array.isArray(value))
    return value.length > 0 && typeof value[0] === 'object' ? value.flatMap(buffersOf) : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}
