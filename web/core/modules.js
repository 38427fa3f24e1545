import raw from '../../build/wasm/modules.json';

/** What the built modules offer, by name. Each is opened when one of its functions is first called. */
export const modules = /** @type {import('./make-core.js').Modules} */ (/** @type {unknown} */ (raw));
