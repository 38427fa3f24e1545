import raw from '../../build/wasm/modules.json';

/** What the built modules offer, by name; the first one is opened at once. */
export const modules = /** @type {import('./make-core.js').Modules} */ (/** @type {unknown} */ (raw));
