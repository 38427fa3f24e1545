import { seeded } from '../random.mjs';

const { tensor } = seeded(41);

export default {
  sampleTop: { logits: tensor(8), temperature: 0.7, topK: 5, topP: 0.9, trace: true },
  mirostat: {
    logits: { shape: [2, 4], data: new Float64Array(8) },
    tau: 3,
    eta: 0.1,
    mu0: 6,
    drawnTokens: [1, 3],
    seed: 5,
    trace: true,
  },
  noRepeatNgrams: { tokens: [0, 1, 0, 1], n: 2, vocabulary: 3 },
  exponentialLengthPenalty: {
    logits: tensor(5),
    eos: 2,
    start: 3,
    factor: 1.1,
    length: 8,
    promptLength: 2,
    trace: true,
  },
  logitGuidance: { conditional: tensor(5), unconditional: tensor(5), guidance: 1.5, trace: true },
};
