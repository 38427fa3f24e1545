import { seeded } from '../random.mjs';

const { tensor } = seeded(41);
const probabilities = (...data) => ({ shape: [data.length], data: Float64Array.from(data) });
/** One valid call of every function of the module. */

export default {
  inverseCdf: {
    probabilities: probabilities(0.1, 0.2, 0.3, 0.4),
    u: [0, 0.05, 0.95],
    draws: 3,
    seed: 4,
    order: 'token',
    trace: true,
  },
  gumbelMax: { logits: tensor(4), u: probabilities(0.1, 0.5, 0.7, 0.3), seed: 4, trace: true },
  tokenMeasures: { logits: tensor(3, 5), targets: [0, 4, 2], trace: true },
  divergences: { logitsP: tensor(5), logitsQ: tensor(5), trace: true },
  speculativeAcceptance: {
    target: probabilities(0.5, 0.3, 0.2),
    draft: probabilities(0.25, 0.25, 0.5),
    gammas: [1, 4],
    trace: true,
  },
  speculativeStep: {
    target: { shape: [2, 2], data: Float64Array.of(0.5, 0.5, 0.25, 0.75) },
    draft: { shape: [1, 2], data: Float64Array.of(0.75, 0.25) },
    drafted: [0],
    u: [0.9, 0.5],
    seed: 1,
    trace: true,
  },
};
