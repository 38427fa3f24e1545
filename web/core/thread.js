/**
 * The core on a thread: in a Blob worker it answers Comlink calls; injected into a page as a script it offers the same object
 * there. A call's failure travels as {error: {name, message}}, because a cloned error loses its class.
 */
import * as Comlink from 'comlink';
import createCore from '../../build/wasm/glue.mjs';
import { instantiate } from './instance.js';
import { buffersOf } from './tensor.js';

const inWorker = typeof document === 'undefined';

/** @type {Record<string, import('./instance.js').Instance>} */
const instances = {};

const thread = {
  /** Answers, which says that the thread runs. */
  ready() {},
  /** @param {string} module @param {WebAssembly.Module} wasm @param {import('./instance.js').Names} names */
  async open(module, wasm, names) {
    instances[module] = await instantiate(createCore, wasm, names);
  },
  /** @param {string} module @param {string} name @param {object} options */
  call(module, name, options) {
    try {
      const answer = { value: instances[module].call(name, options) };
      return inWorker ? Comlink.transfer(answer, buffersOf(answer.value.value)) : answer;
    } catch (error) {
      const { name: kind, message } = /** @type {Error} */ (error);
      return { error: { name: kind, message } };
    }
  },
};

if (inWorker) Comlink.expose(thread);
else /** @type {any} */ (globalThis).clearformerThread = thread;
