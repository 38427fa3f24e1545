// One process of the bench in Node: prints the figures as one line of JSON. Run by scripts/bench.mjs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openCore } from './core.mjs';
import { openOnnx } from './onnx.mjs';
import { openPlans } from './plans.mjs';
import { measure } from './suite.mjs';
import { openTfjs } from './tfjs.mjs';
import { variants } from './variants.mjs';

const options = JSON.parse(process.argv[2] ?? '{}');
const built = new URL('../../build/wasm/', import.meta.url);

/** @type {Record<string, any>} */
const cores = {};
for (const [variant, file] of variants()) {
  const { default: create } = await import(new URL(`${file}.mjs`, built).href);
  cores[variant] = await openCore(
    create,
    new WebAssembly.Module(readFileSync(new URL(`${file}.wasm`, built))),
  );
}
const plans = await openPlans(
  (await import(new URL('glue.mjs', built).href)).default,
  new WebAssembly.Module(readFileSync(new URL('plan.wasm', built))),
  JSON.parse(readFileSync(new URL('modules.json', built), 'utf8')),
  options.registry,
);
let onnx;
let tfjs;
if (!options.alone) {
  onnx = await openOnnx(await import('onnxruntime-web'));
  const tf = await import('@tensorflow/tfjs-core');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const home = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  wasm.setWasmPaths(join(home, '/'));
  // Published as modules that only a bundler reads, so scripts/bench.mjs has bundled them.
  await import(new URL('../../build/bench/gradients.mjs', import.meta.url).href);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  tfjs = await openTfjs(tf);
}
/** Of this process, which computes on one thread; in milliseconds. */
const clock = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const figures = await measure({
  ...options,
  cores,
  plans,
  onnx,
  tfjs,
  clock,
  log: (line) => console.error(`  ${line}`),
});
console.log(JSON.stringify(figures));
