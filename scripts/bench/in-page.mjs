// One process of the bench in a page: bundled and opened by scripts/bench.mjs, which calls globalThis.bench.
import * as ort from 'onnxruntime-web/wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { openCore } from './core.mjs';
import { openOnnx } from './onnx.mjs';
import { openPlans } from './plans.mjs';
import { measure } from './suite.mjs';
import { openTfjs } from './tfjs.mjs';
import { variants } from './variants.mjs';

/** @type {any} */ (globalThis).bench = async (/** @type {any} */ options) => {
  /** @type {Record<string, any>} */
  const cores = {};
  for (const [variant, file] of variants()) {
    const { default: create } = await import(`${location.origin}/wasm/${file}.mjs`);
    cores[variant] = await openCore(create, await WebAssembly.compileStreaming(fetch(`/wasm/${file}.wasm`)));
  }
  const { default: createCore } = await import(`${location.origin}/wasm/glue.mjs`);
  const modules = await (await fetch('/wasm/modules.json')).json();
  const plans = await openPlans(
    createCore,
    await WebAssembly.compileStreaming(fetch('/wasm/plan.wasm')),
    modules,
    options.registry,
  );
  let onnx;
  let tfjs;
  if (!options.alone) {
    ort.env.wasm.wasmPaths = `${location.origin}/ort/`;
    onnx = await openOnnx(ort);
    setWasmPaths(`${location.origin}/tfjs/`);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    tfjs = await openTfjs(tf);
  }
  const clock = /** @type {any} */ (globalThis).threadTime;
  return measure({ ...options, cores, plans, onnx, tfjs, clock, log: (line) => console.log(line) });
};
