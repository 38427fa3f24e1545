import { config, hardware } from './estimate.mjs';

/** One valid call of every function of the training module. */
export default {
  trainingPlan: {
    config,
    sequence: 64,
    microBatch: 2,
    globalBatch: 16,
    tokens: 1e6,
    optimizer: 'muon',
    recomputation: 'selective',
    zero: 2,
    dataParallel: 4,
    hardware,
    price: 2,
  },
};
