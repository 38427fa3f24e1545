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
  sampleTop: { logits: tensor(8), temperature: 0.7, topK: 5, topP: 0.9 },
  filterProbabilities: {
    probabilities: probabilities(0.1, 0.2, 0.3, 0.4),
    chain: [{ type: 'top_p', p: 0.8 }],
    semantics: 'hf',
    tokens: [],
    seed: 0,
    order: 'candidates',
    renormalise: true,
  },
  noRepeatNgrams: { tokens: [0, 1, 0, 1], n: 2, vocabulary: 3 },
  exponentialLengthPenalty: {
    logits: tensor(5),
    eos: 2,
    start: 3,
    factor: 1.1,
    length: 8,
    promptLength: 2,
  },
  logitGuidance: { conditional: tensor(5), unconditional: tensor(5), guidance: 1.5 },
  mirostat: {
    logits: { shape: [2, 4], data: new Float64Array(8) },
    tau: 3,
    eta: 0.1,
    mu0: 6,
    drawnTokens: [1, 3],
    seed: 5,
  },
};
