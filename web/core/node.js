import { readFile } from 'node:fs/promises';
import createCore from '../../build/wasm/glue.mjs';
import { modules } from './modules.js';
import { instantiate } from './instance.js';
import { checkVariant, makeCore } from './make-core.js';

/** @type {Map<string, Promise<any>>} */
const loaded = new Map();

/** @param {string} variant */
async function start(variant) {
  /** The modules opened so far. @type {Map<string, Promise<import('./instance.js').Instance>>} */
  const opened = new Map();
  const open = async (/** @type {string} */ module) => {
    const { file, names } = modules[module].variants[variant] ?? modules[module].variants.base;
    const bytes = await readFile(new URL(`./${file}.wasm`, import.meta.url));
    return instantiate(createCore, await WebAssembly.compile(new Uint8Array(bytes)), names);
  };
  const instance = (/** @type {string} */ module) => {
    const known = opened.get(module) ?? open(module);
    opened.set(module, known);
    return known;
  };
  // A variant that this Node cannot run is refused now, not at the first call.
  const first = Object.keys(modules).find((module) => modules[module].variants[variant]);
  await instance(/** @type {string} */ (first));
  /** @type {import('./make-core.js').Call} */
  const call = async (module, name, options) => (await instance(module)).call(name, options);
  return makeCore(modules, call, undefined, () => [...opened.keys()]);
}

/**
 * The core, loaded once per variant.
 * @param {{variant?: 'base' | 'relaxed'}} [options]
 */
export async function load({ variant = 'base' } = {}) {
  checkVariant(variant);
  const known = loaded.get(variant) ?? start(variant);
  loaded.set(variant, known);
  return known;
}
