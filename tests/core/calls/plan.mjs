import { config, hardware } from './estimate.mjs';

/** One valid call of every function of the plan module. */
export default {
  plan: {
    config,
    batch: 3,
    prompt: 48,
    generated: 16,
    prefixCached: 8,
    weights: 'nf4-dq',
    weightsByClass: [{ kind: 'expert', format: 'mxfp4' }],
    cache: 'fp8',
    page: 16,
    hardware,
    devices: 2,
    tensorParallel: 2,
    speculation: { proposed: 3, acceptance: 0.6, cost: 0.1 },
    price: 2,
  },
  sweepPlan: {
    plan: { config, hardware, generated: 8 },
    vary: 'prompt',
    values: [16, 32, 64],
    quantities: ['kv_bytes', 'seconds_per_token'],
  },
};
