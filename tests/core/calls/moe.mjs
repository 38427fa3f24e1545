import { seeded } from '../random.mjs';

const { tensor } = seeded(31);
const router = { x: tensor(5, 6), routerWeight: tensor(4, 6), routerBias: tensor(4) };
/** One valid call of every function of the moe module. */

export default {
  topKRouter: { ...router, k: 2, norm: 'softmax_before_topk', temperature: 0.8, trace: true },
  noisyTopK: {
    x: tensor(5, 6),
    routerWeight: tensor(4, 6),
    noiseWeight: tensor(4, 6),
    noise: tensor(5, 4),
    k: 2,
    trace: true,
  },
  moeLayer: {
    ...router,
    expertGate: tensor(4, 3, 6),
    expertUp: tensor(4, 3, 6),
    expertDown: tensor(4, 6, 3),
    k: 2,
    norm: 'softmax_after_topk',
    activation: 'silu',
    routedScale: 1.5,
    sharedGate: tensor(2, 6),
    sharedUp: tensor(2, 6),
    sharedDown: tensor(6, 2),
    sharedScore: tensor(1, 6),
    trace: true,
  },
  clampedExperts: {
    ...router,
    gateUp: tensor(4, 6, 8),
    gateUpBias: tensor(4, 8),
    down: tensor(4, 4, 6),
    downBias: tensor(4, 6),
    k: 2,
    alpha: 1.702,
    limit: 7,
    trace: true,
  },
  expertChoice: { ...router, capacity: 2, trace: true },
  softMoe: {
    x: tensor(5, 6),
    phi: tensor(6, 4),
    expertGate: tensor(2, 3, 6),
    expertUp: tensor(2, 3, 6),
    expertDown: tensor(2, 6, 3),
    activation: 'gelu_exact',
    trace: true,
  },
  deepseekV3Gate: {
    logits: tensor(5, 8),
    bias: tensor(8),
    groups: 4,
    openGroups: 2,
    k: 3,
    renormalise: true,
    routedScale: 2.5,
    trace: true,
  },
  deepseekV2Gate: {
    logits: tensor(5, 8),
    groups: 4,
    openGroups: 2,
    k: 3,
    renormalise: false,
    routedScale: 16,
    trace: true,
  },
};
