import { seeded } from '../random.mjs';

const { tensor } = seeded(11);

export default {
  attention: {
    q: tensor(4, 3, 8),
    k: tensor(2, 5, 8),
    v: tensor(2, 5, 6),
    scale: 0.4,
    softcap: 20,
    bias: tensor(3, 5),
    alibiSlopes: [0.5, 0.25, 0.125, 0.0625],
    sinks: tensor(4),
    allow: { shape: [3, 5], data: Float64Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1]) },
    mask: 'sliding_causal&key_padding',
    window: 3,
    valid: [1, 1, 1, 1, 0],
    maskedRow: 'zeros',
    trace: true,
  },
};
