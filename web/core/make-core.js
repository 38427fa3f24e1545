import { withTensors } from './tensor.js';
import { wellFormed } from './text.js';

/**
 * The core as callers see it, made from what the modules say they offer: one asynchronous method per function.
 * @typedef {import('./instance.js').FunctionDescription} FunctionDescription
 * @typedef {Record<string, {functions: FunctionDescription[], variants: Record<string, {file: string, names: import('./instance.js').Names}>}>} Modules
 * @typedef {(module: string, name: string, options: object) => Promise<any>} Call
 */

const TRACE_FUNCTION = /^trace[A-Z]/;

/** A recorded computation that lives in the core until dispose(). */
class Trace {
  #call;
  #id;
  /** @param {(name: string, options: object) => Promise<any>} call @param {number} id */
  constructor(call, id) {
    this.#call = call;
    this.#id = id;
  }
  async tensors() {
    return (await this.#call('traceTensors', { trace: this.#id })).tensors;
  }
  /** @param {{name: string, at?: number[]}} options */
  async tensor(options) {
    return (await this.#call('traceTensor', { ...options, trace: this.#id })).tensor;
  }
  /** @param {{tensor: string, index: number[]}} options */
  explain(options) {
    return this.#call('traceExplain', { ...options, trace: this.#id });
  }
  /** @param {{tensor: string, index: number[]}} options */
  numpy(options) {
    return this.#call('traceNumpy', { ...options, trace: this.#id });
  }
  async dispose() {
    await this.#call('traceDispose', { trace: this.#id });
  }
}

/**
 * @param {Modules} modules
 * @param {Call} call
 * @param {() => Call} callForHandle what a handle made now calls through: it may stop working when the instance is replaced
 * @returns {any}
 */
export function makeCore(modules, call, callForHandle = () => call) {
  /** @type {Record<string, any>} */
  const core = {};
  for (const [module, { functions }] of Object.entries(modules)) {
    for (const { name, options: fields, result } of functions) {
      if (TRACE_FUNCTION.test(name) || name === 'memory') continue;
      const named = (/** @type {string} */ type) =>
        fields.filter((field) => field.type === type).map((field) => field.name);
      const tensorNames = named('tensor');
      const textNames = named('string');
      const tracedNames = result.filter((field) => field.type === 'trace').map((field) => field.name);
      core[name] = async (/** @type {Record<string, any>} */ options = {}) => {
        const callHandle = callForHandle();
        const answer = await call(module, name, wellFormed(withTensors(options, tensorNames), textNames));
        for (const traced of tracedNames) {
          answer[traced] = new Trace((method, given) => callHandle(module, method, given), answer[traced]);
        }
        return answer;
      };
    }
  }
  core.describe = async () => {
    const all = Object.values(modules).flatMap(({ functions }) => functions);
    return all.filter(({ name }, i) => all.findIndex((other) => other.name === name) === i);
  };
  // Each module has a memory of its own.
  core.memory = async (options = {}) => {
    const parts = await Promise.all(Object.keys(modules).map((module) => call(module, 'memory', options)));
    const sum = (/** @type {'bytes' | 'handles'} */ key) =>
      parts.reduce((total, part) => total + part[key], 0);
    return { bytes: sum('bytes'), handles: sum('handles') };
  };
  return core;
}

/** Throws unless the variant exists. @param {string} variant */
export function checkVariant(variant) {
  if (variant !== 'base' && variant !== 'relaxed') {
    throw new RangeError(`load: variant must be base or relaxed, got "${variant}"`);
  }
}
