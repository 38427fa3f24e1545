import { seeded } from '../random.mjs';

const { tensor } = seeded(11);

export default {
  multiHeadAttention: {
    query: tensor(3, 8),
    key: tensor(5, 8),
    value: tensor(5, 8),
    heads: 2,
    inProjWeight: tensor(24, 8),
    inProjBias: tensor(24),
    outWeight: tensor(8, 8),
    outBias: tensor(8),
    biasK: tensor(1, 1, 8),
    biasV: tensor(1, 1, 8),
    addZeroAttention: true,
    causal: true,
    keyValid: [1, 1, 1, 0, 1],
    trace: true,
  },
  attentionMask: { queries: 3, keys: 4, mask: 'causal', queryOffset: 1, trace: true },
  attentionEntropy: { logits: tensor(2, 5), unit: 'bits', trace: true },
  attentionBackward: {
    q: tensor(4, 3, 8),
    k: tensor(2, 5, 8),
    v: tensor(2, 5, 6),
    dy: tensor(4, 3, 6),
    scale: 0.4,
    softcap: 20,
    bias: tensor(3, 5),
    alibiSlopes: [0.5, 0.25, 0.125, 0.0625],
    sinks: tensor(4),
    mask: 'causal',
    trace: true,
  },
};
