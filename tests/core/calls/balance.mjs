import { seeded } from '../random.mjs';

const { tensor } = seeded(31);
const of = (shape, ...values) => ({ shape, data: Float64Array.from(values) });
const router = { x: tensor(5, 6), routerWeight: tensor(4, 6), routerBias: tensor(4) };

export default {
  switchRouter: { ...router, capacity: 2, capacityFactor: 1.25, rounding: 'ceil', trace: true },
  capacityRouter: { ...router, k: 2, capacity: 2, priority: 'token_major', trace: true },
  switchBalanceLoss: { logits: tensor(6, 4), trace: true },
  topKBalanceLoss: { logits: tensor(6, 4), k: 2, attentionMask: [1, 1, 0], trace: true },
  routerZLoss: { logits: tensor(6, 4), trace: true },
  importanceLoss: { probabilities: of([2, 3], 0.5, 0.25, 0.25, 0.125, 0.5, 0.375), trace: true },
  biasUpdate: { bias: tensor(4), load: of([4], 5, 1, 0, 2), gamma: 0.001, trace: true },
  expertLoad: { indices: of([3, 2], 0, 1, 2, 1, 0, 3), experts: 5, trace: true },
};
