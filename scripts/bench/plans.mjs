// The estimator as pages have it: its module, and web/core around it. Runs in Node and in a page.
import { instantiate } from '../../web/core/instance.js';

/**
 * Opens the module; `plan(config)` makes a whole plan on an accelerator, results in JavaScript, and disposes of it.
 * @param {(options: object) => Promise<any>} createCore the glue that all modules share
 * @param {WebAssembly.Module} wasm
 * @param {any} modules build/wasm/modules.json
 * @param {{configs: object[], hardware: object}} registry
 */
export async function openPlans(createCore, wasm, modules, { configs, hardware }) {
  const instance = await instantiate(createCore, wasm, modules.plan.variants.base.names);
  return {
    configs,
    /** @param {object} config */
    plan(config) {
      const { value } = instance.call('plan', { config, hardware });
      instance.call('planDispose', { plan: value.plan });
      return value;
    },
  };
}
