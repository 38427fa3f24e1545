/**
 * The core as callers see it, made from the names that the modules offer: one asynchronous method per function.
 * @typedef {Record<string, {functions: string[], variants: Record<string, {file: string, names: import('./instance.js').Names}>}>} Modules
 * @typedef {(module: string, name: string, options: object) => Promise<import('./instance.js').Answer>} Call
 */

/** What lives in the core until dispose(), by the option that its functions take: {trace} belongs to traceTensors, traceExplain, ... */
const HANDLES = ['trace', 'cache', 'plan'];
const ofHandle = (/** @type {string} */ name) =>
  HANDLES.find((kind) => name.startsWith(kind) && /^[A-Z]/.test(name.slice(kind.length)));

/** Results that consist of nothing but this are given bare. */
const BARE = ['tensors', 'tensor'];

/**
 * Long-lived state in the core: an object with one method for each function of its kind.
 * @param {string} kind
 * @param {string[]} functions of the module
 * @param {(name: string, options: object) => Promise<import('./instance.js').Answer>} call
 * @param {number} id
 */
function handle(kind, functions, call, id) {
  const own = functions.filter((name) => ofHandle(name) === kind);
  return Object.fromEntries(
    own.map((name) => {
      const method = name[kind.length].toLowerCase() + name.slice(kind.length + 1);
      const run = async (/** @type {object} */ options = {}) => {
        const { value } = await call(name, { ...options, [kind]: id });
        if (method === 'dispose') return undefined;
        return BARE.includes(method) ? value[method] : value;
      };
      return [method, run];
    }),
  );
}

/**
 * @param {Modules} modules
 * @param {Call} call
 * @param {() => Call} callForHandle what a handle made now calls through: it may stop working when the instance is replaced
 * @param {() => string[]} opened the modules that are open
 * @returns {any}
 */
export function makeCore(modules, call, callForHandle = () => call, opened = () => Object.keys(modules)) {
  /** @type {Record<string, any>} */
  const core = {};
  for (const [module, { functions }] of Object.entries(modules)) {
    for (const name of functions) {
      if (ofHandle(name) || name === 'memory') continue;
      core[name] = async (/** @type {object} */ options = {}) => {
        const callHandle = callForHandle();
        const { value, handles } = await call(module, name, options);
        for (const kind of handles) {
          if (value[kind] === undefined) continue;
          value[kind] = handle(kind, functions, (own, given) => callHandle(module, own, given), value[kind]);
        }
        return value;
      };
    }
  }
  core.describe = async () => {
    const all = await Promise.all(Object.keys(modules).map((module) => call(module, 'describe', {})));
    const functions = all.flatMap(({ value }) => value);
    return functions.filter(({ name }, i) => functions.findIndex((other) => other.name === name) === i);
  };
  // Each module has a memory of its own.
  core.memory = async (options = {}) => {
    const parts = await Promise.all(opened().map((module) => call(module, 'memory', options)));
    const sum = (/** @type {'bytes' | 'handles'} */ key) =>
      parts.reduce((total, { value }) => total + value[key], 0);
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
