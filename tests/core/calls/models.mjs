import { seeded } from '../random.mjs';

const { tensor } = seeded(23);
const llamaLayer = (number) =>
  Object.entries({
    attention_gamma: tensor(4),
    wq: tensor(8, 4),
    wk: tensor(4, 4),
    wv: tensor(4, 4),
    wo: tensor(4, 8),
    ffn_gamma: tensor(4),
    gate: tensor(6, 4),
    up: tensor(6, 4),
    down: tensor(4, 6),
  }).map(([name, weight]) => ({ name: `${number}.${name}`, tensor: weight }));

export default {
  decoderModel: {
    tokens: [3, 1, 4, 1],
    parameters: [
      { name: 'embedding', tensor: tensor(5, 4) },
      ...llamaLayer(0),
      ...llamaLayer(1),
      { name: 'final_gamma', tensor: tensor(4) },
      { name: 'head', tensor: tensor(5, 4) },
    ],
    heads: 4,
    kvHeads: 2,
    theta: 100,
    pairing: 'half_split',
    eps: 1e-6,
    window: 3,
    logitLens: true,
    trace: true,
  },
};
