import { seeded } from '../random.mjs';

const { tensor } = seeded(23);
/** One encoder layer of width 4 with 6 hidden features. */
const layer = () => ({
  norm1Gamma: tensor(4),
  norm1Beta: tensor(4),
  qkvWeight: tensor(12, 4),
  qkvBias: tensor(12),
  projWeight: tensor(4, 4),
  projBias: tensor(4),
  norm2Gamma: tensor(4),
  norm2Beta: tensor(4),
  fc1Weight: tensor(6, 4),
  fc1Bias: tensor(6),
  fc2Weight: tensor(4, 6),
  fc2Bias: tensor(4),
});

export default {
  sincos2d: { dim: 8, grid: [2, 3], clsToken: true, trace: true },
  visionTransformer: {
    image: tensor(2, 4, 4),
    patchWeight: tensor(4, 2, 2, 2),
    patchBias: tensor(4),
    clsToken: tensor(4),
    posEmbed: tensor(5, 4),
    layers: [layer(), layer()],
    normGamma: tensor(4),
    normBeta: tensor(4),
    headWeight: tensor(3, 4),
    headBias: tensor(3),
    heads: 2,
    eps: 1e-6,
    activation: 'gelu_exact',
    norm: 'pre',
    trace: true,
  },
  ditBlock: {
    x: tensor(3, 4),
    c: tensor(5),
    modulationWeight: tensor(24, 5),
    modulationBias: tensor(24),
    qkvWeight: tensor(12, 4),
    qkvBias: tensor(12),
    projWeight: tensor(4, 4),
    projBias: tensor(4),
    fc1Weight: tensor(6, 4),
    fc1Bias: tensor(6),
    fc2Weight: tensor(4, 6),
    fc2Bias: tensor(4),
    heads: 2,
    eps: 1e-6,
    activation: 'gelu_tanh',
    trace: true,
  },
};
