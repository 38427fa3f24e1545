/**
 * The core in a page. It runs in a worker (made from a Blob, so that file:// works too), or on the page's own thread where workers
 * are refused or {thread: 'page'} asks for it. The same asynchronous functions either way.
 */
import * as Comlink from 'comlink';
import threadText from 'virtual:core-thread';
import { root, script } from './assets.js';
import { modules } from './modules.js';
import { checkVariant, makeCore } from './make-core.js';

/** A call whose worker died before it could answer. The core is running again; ask once more. */
export class CoreRestarted extends Error {
  name = 'CoreRestarted';
}

/** Milliseconds without an answer after which a worker counts as dead. */
const PATIENCE = 10_000;
const defaultPatience = () => /** @type {any} */ (globalThis).clearformerPatience ?? PATIENCE;

/** Whether this browser runs WebAssembly SIMD: a function that makes one v128. */
export function supportsSimd() {
  const probe = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
    11,
  ];
  return typeof WebAssembly === 'object' && WebAssembly.validate(Uint8Array.from(probe));
}

/** @param {string} file */
async function compile(file) {
  if (location.protocol !== 'file:') {
    const response = await fetch(`${root()}assets/core/${file}.wasm`);
    if (!response.ok) throw new Error(`load: ${response.url} answered ${response.status}`);
    return WebAssembly.compile(await response.arrayBuffer());
  }
  await script(`assets/core/${file}.wasm.js`);
  const text = /** @type {any} */ (globalThis).clearformerCore[file];
  return WebAssembly.compile(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
}

/**
 * @typedef {{ready: () => Promise<void>, open: (module: string, wasm: WebAssembly.Module, names: object) => Promise<void>, call: (module: string, name: string, options: object) => Promise<any>}} Thread
 * @typedef {{thread: Thread, end: () => void}} Running
 */

/** The thread on the page itself. @returns {Promise<Running>} */
async function pageThread() {
  await script('assets/core/thread.js');
  return { thread: /** @type {any} */ (globalThis).clearformerThread, end() {} };
}

/** A worker that answers, or a rejection if it could not start. @returns {Promise<Running>} */
async function workerThread(/** @type {() => void} */ onDeath) {
  const url = URL.createObjectURL(new Blob([threadText], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  const running = { thread: /** @type {any} */ (Comlink.wrap(worker)), end: () => worker.terminate() };
  await new Promise((resolve, reject) => {
    worker.onerror = () => reject(new Error('load: the worker did not start'));
    running.thread.ready().then(resolve, reject);
  });
  worker.onerror = onDeath;
  return running;
}

/** @param {{thread: 'worker' | 'page', patience: number, variant: string}} options */
async function start({ thread: kind, patience, variant }) {
  if (!supportsSimd()) {
    throw new Error(
      'This browser has no WebAssembly SIMD, which the core needs. The page shows the numbers computed when it was built; any browser released since 2023 computes them live.',
    );
  }
  /** Compiled modules, kept for a restart. @type {Map<string, Promise<WebAssembly.Module>>} */
  const compiled = new Map();
  const variantOf = (/** @type {string} */ module) =>
    modules[module].variants[variant] ?? modules[module].variants.base;
  const compiledModule = (/** @type {string} */ module) => {
    const known = compiled.get(module) ?? compile(variantOf(module).file);
    compiled.set(module, known);
    // What kept it from loading may pass; the next call tries again.
    known.catch(() => compiled.delete(module));
    return known;
  };

  /** What to do for each unanswered call when the thread dies. @type {Set<() => void>} */
  const waiting = new Set();
  let generation = 0;
  let running = /** @type {Running} */ (/** @type {unknown} */ (undefined));
  /** The modules opened in the running thread. @type {Map<string, Promise<void>>} */
  let opened = new Map();
  const begin = async () => {
    opened = new Map();
    if (kind === 'page') {
      running = await pageThread();
      return;
    }
    try {
      running = await workerThread(() => restart());
    } catch {
      running = await pageThread();
    }
  };
  const restart = () => {
    running.end();
    generation += 1;
    ready = begin();
    for (const giveUp of waiting) giveUp();
    waiting.clear();
    return ready;
  };
  let ready = begin();
  await ready;

  /** @param {string} module @param {string} name @param {object} options @param {number} [born] */
  const call = async (module, name, options, born) => {
    const [wasm] = await Promise.all([compiledModule(module), ready]);
    if (born !== undefined && born !== generation)
      throw new CoreRestarted('The core was restarted; this result is gone.');
    const answer = await new Promise((resolve, reject) => {
      const timer = setTimeout(restart, patience);
      const giveUp = () => {
        clearTimeout(timer);
        reject(new CoreRestarted('The core was restarted.'));
      };
      waiting.add(giveUp);
      const settle = (/** @type {() => void} */ then) => {
        clearTimeout(timer);
        waiting.delete(giveUp);
        then();
      };
      const { thread } = running;
      if (!opened.has(module)) opened.set(module, thread.open(module, wasm, variantOf(module).names));
      Promise.resolve(opened.get(module))
        .then(() => thread.call(module, name, options))
        .then(
          (value) => settle(() => resolve(value)),
          (error) => settle(() => reject(error)),
        );
    });
    if (!answer.error) return answer.value;
    const { name: kindOfError, message } = answer.error;
    if (kindOfError === 'RuntimeError') {
      // A trap leaves the instance in an unknown state.
      await restart();
      throw new CoreRestarted(message);
    }
    const Kind = { RangeError, TypeError }[/** @type {string} */ (kindOfError)] ?? Error;
    throw new Kind(message);
  };
  const callForHandle = () => {
    const born = generation;
    /** @type {import('./make-core.js').Call} */
    const bound = (module, name, options) => call(module, name, options, born);
    return bound;
  };
  return Object.assign(
    makeCore(
      modules,
      (module, name, options) => call(module, name, options),
      callForHandle,
      () => [...opened.keys()],
    ),
    {
      /** Ends the worker without a word, as a phone short of memory does. */
      endWorker: () => running.end(),
    },
  );
}

/** Whether this browser runs relaxed SIMD: a function with one relaxed_madd. */
function supportsRelaxed() {
  const probe = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0,
    32, 1, 32, 2, 253, 133, 2, 11,
  ];
  return WebAssembly.validate(Uint8Array.from(probe));
}

/** @type {Map<string, Promise<any>>} */
const loaded = new Map();

/**
 * The core, loaded once per kind. While the site is built, the build supplies its own.
 * The relaxed variant falls back to the base one where the browser does not know it.
 * @param {{thread?: 'worker' | 'page', variant?: 'base' | 'relaxed', patience?: number}} [options]
 */
export async function load({ thread = 'worker', variant = 'base', patience = defaultPatience() } = {}) {
  const supplied = /** @type {any} */ (globalThis).clearformerLoad;
  if (supplied) return supplied();
  checkVariant(variant);
  const chosen = variant === 'relaxed' && supportsRelaxed() ? 'relaxed' : 'base';
  const key = `${thread} ${chosen} ${patience}`;
  const known = loaded.get(key) ?? start({ thread, patience, variant: chosen });
  loaded.set(key, known);
  known.catch(() => loaded.delete(key));
  return known;
}

// What scripts of the same page may use.
/** @type {any} */ (globalThis).clearformer = { load };
