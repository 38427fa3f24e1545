import { seeded } from '../random.mjs';

const { tensor } = seeded(23);
const named = (prefix, tensors) =>
  Object.entries(tensors).map(([name, weight]) => ({ name: `${prefix}${name}`, tensor: weight }));
const norms = (count) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => i + 1).flatMap((n) => [
      [`gamma${n}`, tensor(4)],
      [`beta${n}`, tensor(4)],
    ]),
  );
const attention = (part) => ({
  [`${part}in_weight`]: tensor(12, 4),
  [`${part}in_bias`]: tensor(12),
  [`${part}out_weight`]: tensor(4, 4),
  [`${part}out_bias`]: tensor(4),
});
const feedForward = () => ({ w1: tensor(6, 4), b1: tensor(6), w2: tensor(4, 6), b2: tensor(4) });

export default {
  encoderDecoder: {
    sourceTokens: [3, 1, 4, 0],
    targetTokens: [2, 0, 5],
    parameters: [
      { name: 'source_embedding', tensor: tensor(5, 4) },
      { name: 'target_embedding', tensor: tensor(6, 4) },
      { name: 'positions', tensor: tensor(7, 4) },
      ...named('encoder.0.', { ...attention(''), ...feedForward(), ...norms(2) }),
      ...named('encoder.1.', { ...attention(''), ...feedForward(), ...norms(2) }),
      ...named('decoder.0.', {
        ...attention('self_'),
        ...attention('cross_'),
        ...feedForward(),
        ...norms(3),
      }),
      { name: 'encoder_gamma', tensor: tensor(4) },
      { name: 'encoder_beta', tensor: tensor(4) },
      { name: 'decoder_gamma', tensor: tensor(4) },
      { name: 'decoder_beta', tensor: tensor(4) },
      { name: 'head', tensor: tensor(6, 4) },
    ],
    heads: 2,
    sourceValid: [1, 1, 1, 0],
    placement: 'pre',
    activation: 'gelu_tanh',
    eps: 1e-5,
    embeddingScale: 2,
    trace: true,
  },
};
