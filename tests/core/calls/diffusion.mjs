import { seeded } from '../random.mjs';

const { tensor } = seeded(19);

export default {
  diffusionSchedule: {
    schedule: 'linear',
    steps: 100,
    betaStart: 0.001,
    betaEnd: 0.03,
    timesteps: [0, 50, 99],
    trace: true,
  },
  qSample: {
    x0: tensor(2, 3),
    eps: tensor(2, 3),
    t: 30,
    schedule: 'cosine',
    steps: 100,
    s: 0.01,
    maxBeta: 0.99,
    trace: true,
  },
  ddimStep: {
    xT: tensor(2, 3),
    eps: tensor(2, 3),
    noise: tensor(2, 3),
    t: 500,
    tPrev: 480,
    eta: 0.5,
    trace: true,
  },
  ddpmStep: {
    xT: tensor(2, 3),
    eps: tensor(2, 3),
    noise: tensor(2, 3),
    t: 500,
    variance: 'fixed_large',
    schedule: 'scaled_linear',
    trace: true,
  },
  karrasSigmas: { n: 6, sigmaMin: 0.01, sigmaMax: 50, rho: 5, trace: true },
  flowMatching: { x0: tensor(2, 3), eps: tensor(2, 3), t: [0, 0.25, 1], shift: 3, trace: true },
  classifierFreeGuidance: {
    epsCond: tensor(2, 6),
    epsUncond: tensor(2, 6),
    scale: 4,
    rescale: 0.7,
    trace: true,
  },
  timestepEmbedding: {
    timesteps: [0, 1, 500],
    dim: 9,
    layout: 'sin_cos',
    maxPeriod: 1000,
    frequencyShift: 1,
    trace: true,
  },
};
