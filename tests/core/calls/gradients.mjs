import { seeded } from '../random.mjs';

const { tensor } = seeded(29);
const positive = (...shape) => {
  const { data } = tensor(...shape);
  return { shape, data: data.map(Math.abs) };
};
const preferences = {
  policyChosen: tensor(3),
  policyRejected: tensor(3),
  referenceChosen: tensor(3),
  referenceRejected: tensor(3),
  beta: 0.2,
  trace: true,
};
const ratios = { ratio: positive(6), advantages: tensor(6), clip: 0.2, trace: true };

export default {
  softmaxBackward: {
    x: tensor(3, 6),
    dy: tensor(3, 6),
    axis: -1,
    temperature: 0.7,
    trace: true,
  },
  logSoftmaxBackward: {
    x: tensor(3, 6),
    dy: tensor(3, 6),
    axis: 0,
    temperature: 1.3,
    trace: true,
  },
  linearBackward: {
    x: tensor(2, 3),
    weight: tensor(4, 3),
    bias: tensor(4),
    dy: tensor(2, 4),
    trace: true,
  },
  matmulBackward: { a: tensor(2, 3, 4), b: tensor(4, 5), dy: tensor(2, 3, 5), trace: true },
  layerNormBackward: {
    x: tensor(3, 6),
    gamma: tensor(6),
    beta: tensor(6),
    dy: tensor(3, 6),
    eps: 1e-5,
    trace: true,
  },
  rmsNormBackward: {
    x: tensor(3, 6),
    gamma: tensor(6),
    dy: tensor(3, 6),
    eps: 1e-6,
    unitOffset: true,
    trace: true,
  },
  groupNormBackward: {
    x: tensor(2, 4, 3),
    dy: tensor(2, 4, 3),
    groups: 2,
    eps: 1e-5,
    trace: true,
  },
  l2NormalizeBackward: { x: tensor(3, 6), dy: tensor(3, 6), eps: 1e-12, trace: true },
  activationBackward: { x: tensor(12), name: 'gelu_tanh', dy: tensor(12), trace: true },
  embeddingBackward: {
    tokens: [2, 0, 2],
    table: tensor(3, 4),
    positions: tensor(5, 4),
    dy: tensor(3, 4),
    trace: true,
  },
  dpoBackward: { ...preferences, dy: tensor(3) },
  ppoBackward: { ...ratios, dy: tensor(6) },
};
