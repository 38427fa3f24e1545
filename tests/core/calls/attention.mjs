import { seeded } from '../random.mjs';

const { tensor } = seeded(13);

export default {
  latentAttention: {
    x: tensor(3, 6),
    heads: 2,
    nopeHeadDim: 3,
    ropeHeadDim: 2,
    vHeadDim: 4,
    qA: tensor(4, 6),
    qANorm: tensor(4),
    qB: tensor(10, 4),
    kvA: tensor(7, 6),
    kvANorm: tensor(5),
    kvB: tensor(14, 5),
    outWeight: tensor(6, 8),
    theta: 100,
    pairing: 'interleaved',
    positionOffset: 2,
    eps: 1e-6,
    scale: 0.4,
    mask: 'causal',
    absorbed: true,
    trace: true,
  },
  qkNormAttention: {
    q: tensor(4, 3, 4),
    k: tensor(2, 5, 4),
    v: tensor(2, 5, 3),
    queryGamma: tensor(4),
    keyGamma: tensor(4),
    eps: 1e-6,
    scale: 0.5,
    mask: 'causal',
    trace: true,
  },
  linearAttention: {
    q: tensor(2, 4, 3),
    k: tensor(2, 4, 3),
    v: tensor(2, 4, 5),
    featureMap: 'elu+1',
    causal: true,
    trace: true,
  },
  kvCache: { heads: 2, headDim: 4, valueDim: 3, window: 8, sinks: 1, bytesPerValue: 2 },
};
