import { seeded } from '../random.mjs';

const { tensor } = seeded(11);

export default {
  onlineSoftmax: {
    q: tensor(1, 1, 4),
    k: tensor(1, 7, 4),
    v: tensor(1, 7, 3),
    block: 2,
    scale: 0.5,
    trace: true,
  },
  streamingAttention: {
    q: tensor(4, 5, 3),
    k: tensor(2, 7, 3),
    v: tensor(2, 7, 2),
    queryBlock: 2,
    keyBlock: 3,
    scale: 0.6,
    causal: true,
    steps: true,
    trace: true,
  },
};
