import { seeded } from '../random.mjs';

const { tensor } = seeded(41);
const probabilities = (...data) => ({ shape: [data.length], data: Float64Array.from(data) });
const transition = {
  shape: [3, 4],
  data: Float64Array.of(0, 0.5, 0.3, 0.2, 0.1, 0.2, 0.3, 0.4, 0.25, 0.25, 0.25, 0.25),
};

export default {
  greedySearch: { transition, maxLen: 5, bos: 0, eos: 3, trace: true },
  beamSearch: {
    transition,
    numBeams: 2,
    lengthPenalty: 1,
    maxLen: 4,
    bos: 0,
    eos: 3,
    earlyStopping: false,
    mostCandidates: 16,
    trace: true,
  },
  exhaustiveSearch: { transition, alpha: 1, maxLen: 3, bos: 0, eos: 3, best: 4, trace: true },
  contrastiveSearch: {
    probabilities: probabilities(0.6, 0.4),
    history: tensor(3, 4),
    candidates: tensor(2, 4),
    alpha: 0.5,
    trace: true,
  },
};
