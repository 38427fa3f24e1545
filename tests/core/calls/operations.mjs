import { seeded } from '../random.mjs';

const { tensor } = seeded(11);

export default {
  matmul: { a: tensor(2, 3, 4), b: tensor(4, 5), trace: true },
  linear: { x: tensor(2, 3), weight: tensor(4, 3), bias: tensor(4), trace: true },
  softmax: { x: tensor(3, 6), axis: -1, temperature: 0.7, trace: true },
  layerNorm: { x: tensor(3, 6), gamma: tensor(6), beta: tensor(6), eps: 1e-5, trace: true },
  rmsNorm: { x: tensor(3, 6), gamma: tensor(6), eps: 1e-6, unitOffset: true, trace: true },
  groupNorm: { x: tensor(2, 4, 3), groups: 2, eps: 1e-5, trace: true },
  l2Normalize: { x: tensor(3, 6), eps: 1e-12, trace: true },
  activation: { x: tensor(12), name: 'gelu_tanh', trace: true },
  embedding: { tokens: [2, 0, 2], table: tensor(3, 4), positions: tensor(5, 4), trace: true },
};
