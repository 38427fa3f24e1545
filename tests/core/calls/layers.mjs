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
  ropeBackward: {
    x: tensor(2, 4, 8),
    positions: [0, 3, 9, 50],
    theta: 1000,
    pairing: 'interleaved',
    rotaryDim: 4,
    outputLayout: 'half_split',
    dy: tensor(2, 4, 8),
  },
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
  },
  gatedFeedForwardBackward: {
    x: tensor(3, 4),
    gate: tensor(6, 4),
    up: tensor(6, 4),
    down: tensor(4, 6),
    dy: tensor(3, 4),
    variant: 'swiglu',
  },
  dpoBackward: { ...preferences, dy: tensor(3) },
  ppoBackward: { ...ratios, dy: tensor(6) },
};
