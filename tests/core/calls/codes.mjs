import { seeded } from '../random.mjs';

const { tensor } = seeded(19);

export default {
  vectorQuantize: { z: tensor(2, 3, 4), codebook: tensor(5, 4), beta: 0.5, trace: true },
  finiteScalarQuantize: {
    z: tensor(4, 3),
    levels: [8, 5, 5],
    eps: 0.001,
    variant: 'vector_quantize_pytorch',
    trace: true,
  },
  rt1ActionTokens: { action: tensor(7), bins: 32, low: -2, high: 2, trace: true },
  openvlaActionTokens: { action: tensor(7), bins: 32, vocabSize: 1000, low: -2, high: 2, trace: true },
  temporalEnsemble: { chunks: tensor(3, 4, 2), t: 2, m: 0.1, trace: true },
  discreteCosineTransform: { x: tensor(8, 2), type: 2, norm: 'ortho', axis: 0, scale: 5, trace: true },
};
