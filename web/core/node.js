import { readFile } from 'node:fs/promises';
import createCore from '../../build/wasm/glue.mjs';
import { modules } from './modules.js';
import { instantiate } from './instance.js';
import { checkVariant, makeCore } from './make-core.js';

/** @type {Map<string, Promise<any>>} */
const loaded = new Map();

/** @param {string} variant */
async function start(variant) {
  /** @type {Record<string, import('./instance.js').Instance>} */
  const instances = {};
  await Promise.all(
    Object.entries(modules).map(async ([name, { variants }]) => {
      const { file, names } = variants[variant] ?? variants.base;
      const bytes = await readFile(new URL(`./${file}.wasm`, import.meta.url));
      instances[name] = await instantiate(
        createCore,
        await WebAssembly.compile(new Uint8Array(bytes)),
        names,
      );
    }),
  );
  return makeCore(modules, async (module, name, options) => instances[module].call(name, options));
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
