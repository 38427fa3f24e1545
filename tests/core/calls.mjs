import { readdirSync } from 'node:fs';

const folder = new URL('calls/', import.meta.url);
const modules = await Promise.all(readdirSync(folder).map((name) => import(new URL(name, folder).href)));

/**
 * One valid call of every function. The tests that hold for all functions go through this list and describe().
 * @type {Record<string, any>}
 */
export const calls = Object.assign({ memory: {} }, ...modules.map((module) => module.default));

/** Functions that run in single precision where all their tensors are Float32Arrays. The others always run in double. */
export const inBothPrecisions = ['matmul', 'linear', 'softmax', 'attention', 'rope', 'sampleTop'];

export const isTensor = (value) =>
  typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;

/** The same options with every tensor's data copied into another type of array. */
export const withData = (options, ArrayType) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      isTensor(value) ? { shape: [...value.shape], data: ArrayType.from(value.data) } : value,
    ]),
  );

/** The names of a result's tensors. */
export const tensorNames = (result) => Object.keys(result).filter((name) => isTensor(result[name]));

/** Disposes what a result holds in the core. */
export const release = (result) =>
  Promise.all([result.trace?.dispose(), result.cache?.dispose(), result.plan?.dispose()]);
