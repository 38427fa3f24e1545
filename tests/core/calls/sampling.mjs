import { seeded } from '../random.mjs';

const { tensor } = seeded(41);
const probabilities = (...data) => ({ shape: [data.length], data: Float64Array.from(data) });
/** One valid call of every function of the module. */

export default {
  samplerChain: {
    logits: tensor(8),
    chain: [
      { type: 'penalties', lastN: 3, repeat: 1.2, frequency: 0.1, presence: 0.2 },
      { type: 'top_k', k: 6, minKeep: 2 },
      { type: 'top_p', p: 0.9 },
      { type: 'temperature', temperature: 0.8 },
    ],
    semantics: 'llama.cpp',
    tokens: [1, 4, 1, 2],
    seed: 3,
    stages: true,
    trace: true,
  },
  filterProbabilities: {
    probabilities: probabilities(0.1, 0.2, 0.3, 0.4),
    chain: [{ type: 'top_p', p: 0.8 }],
    semantics: 'hf',
    tokens: [],
    seed: 0,
    order: 'candidates',
    renormalise: true,
    trace: true,
  },
};
