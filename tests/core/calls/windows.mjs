import { seeded } from '../random.mjs';

const { tensor, between } = seeded(23);
/** Numbers from 0 to 1. */
const share = (...shape) => {
  const { data } = tensor(...shape);
  return { shape, data: data.map(() => between(0, 1)) };
};

export default {
  windowPartition: { height: 4, width: 6, window: 2, shift: 1, trace: true },
  swinShiftMask: { height: 4, width: 6, window: 2, shift: 1, trace: true },
  relativePositionIndex: { window: 3, trace: true },
  swinAttention: {
    x: tensor(4, 4, 6),
    window: 2,
    shift: 1,
    heads: 2,
    scale: 0.5,
    biasTable: tensor(9, 2),
    qkvWeight: tensor(18, 6),
    qkvBias: tensor(18),
    projWeight: tensor(6, 6),
    projBias: tensor(6),
    trace: true,
  },
  patchMerging: {
    x: tensor(4, 2, 3),
    gamma: tensor(12),
    beta: tensor(12),
    weight: tensor(6, 12),
    eps: 1e-5,
    trace: true,
  },
  factorisedAttention: { x: tensor(3, 2, 2, 4), scale: 0.5, trace: true },
  videoAttentionCost: { frames: 8, height: 14, width: 14, window: [2, 7, 7], trace: true },
  attentionRollout: { weights: share(2, 2, 3, 3), fuse: 'max', residual: 0.5, trace: true },
};
