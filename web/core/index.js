/**
 * The core in a page. It runs in a worker (made from a Blob, so that file:// works too), or on the page's own thread where workers
 * are refused or {thread: 'page'} asks for it. The same asynchronous functions either way.
 */
import * as Comlink from 'comlink';
import threadText from 'virtual:core-thread';
import { modules } from './modules.js';
import { checkVariant, makeCore } from './make-core.js';

/** A call whose worker died before it could answer. The core is running again; ask once more. */
export class CoreRestarted extends Error {
  name = 'CoreRestarted';
}

/** Milliseconds without an answer after which a worker counts as dead. */
const PATIENCE = 10_000;
const defaultPatience = () => /** @type {any} */ (globalThis).clearformerPatience ?? PATIENCE;

const root = () =>
  /** @type {any} */ (globalThis).clearformerRoot ?? document.documentElement.dataset.root ?? './';

/** Runs a classic script of the built site and resolves when it has run. @param {string} path */
function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = root() + path;
    element.onload = () => resolve(undefined);
    element.onerror = () => reject(new Error(`load: ${element.src} could not be loaded`));
    document.head.append(element);
  });
}

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
  if (!supportsSimd()) {
    throw new Error(
      'This browser has no WebAssembly SIMD, which the core needs. The page shows the numbers computed when it was built; any browser released since 2023 computes them live.',
    );
  }
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
 * @typedef {{open: (module: string, wasm: WebAssembly.Module, names: object) => Promise<void>, call: (module: string, name: string, options: object) => Promise<any>}} Thread
 * @typedef {{thread: Thread, end: () => void}} Running
 */

/** The thread on the page itself. @returns {Promise<Running>} */
async function pageThread() {
  await script('assets/core/thread.js');
  return { thread: /** @type {any} */ (globalThis).clearformerThread, end() {} };
}

/** A worker that has opened the first module, or a rejection if it could not start. */
async function workerThread(
  /** @type {(running: Running) => Promise<void>} */ openFirst,
  /** @type {() => void} */ onDeath,
) {
  const url = URL.createObjectURL(new Blob([threadText], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  const running = { thread: /** @type {any} */ (Comlink.wrap(worker)), end: () => worker.terminate() };
  await new Promise((resolve, reject) => {
    worker.onerror = () => reject(new Error('load: the worker did not start'));
    openFirst(running).then(resolve, reject);
  });
  worker.onerror = onDeath;
  return running;
}

/** @param {{thread: 'worker' | 'page', patience: number, variant: string}} options */
async function start({ thread: kind, patience, variant }) {
  /** Compiled modules, kept for a restart. @type {Map<string, Promise<WebAssembly.Module>>} */
  const compiled = new Map();
  const first = Object.keys(modules)[0];
  /** @param {Running} running @param {string} module */
  const open = async ({ thread }, module) => {
    const { file, names } = modules[module].variants[variant] ?? modules[module].variants.base;
    if (!compiled.has(module)) compiled.set(module, compile(file));
    await thread.open(module, await /** @type {Promise<WebAssembly.Module>} */ (compiled.get(module)), names);
  };

  /** What to do for each unanswered call when the thread dies. @type {Set<() => void>} */
  const waiting = new Set();
  let generation = 0;
  let running = /** @type {Running} */ (/** @type {unknown} */ (undefined));
  /** The modules opened in the running thread. @type {Map<string, Promise<void>>} */
  let opened = new Map();
  const begin = async () => {
    opened = new Map([[first, Promise.resolve()]]);
    const onPage = async () => {
      running = await pageThread();
      await open(running, first);
    };
    if (kind === 'page') return onPage();
    // What keeps the module itself from compiling is no fault of the worker.
    if (!compiled.has(first)) compiled.set(first, compile(modules[first].variants.base.file));
    await compiled.get(first);
    try {
      running = await workerThread(
        (candidate) => open(candidate, first),
        () => restart(),
      );
    } catch {
      await onPage();
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
    await ready;
    if (!opened.has(module)) opened.set(module, open(running, module));
    await opened.get(module);
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
      Promise.resolve(running.thread.call(module, name, options)).then(
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
