import { seeded } from '../random.mjs';

const { tensor } = seeded(31);
const gpt = {
  parameters: [
    { name: 'wte', tensor: tensor(5, 4) },
    { name: 'wpe', tensor: tensor(3, 4) },
    { name: 'h0_ln1_g', tensor: tensor(4) },
    { name: 'h0_ln1_b', tensor: tensor(4) },
    { name: 'h0_attn_w', tensor: tensor(12, 4) },
    { name: 'h0_attn_b', tensor: tensor(12) },
    { name: 'h0_proj_w', tensor: tensor(4, 4) },
    { name: 'h0_proj_b', tensor: tensor(4) },
    { name: 'h0_ln2_g', tensor: tensor(4) },
    { name: 'h0_ln2_b', tensor: tensor(4) },
    { name: 'h0_fc_w', tensor: tensor(6, 4) },
    { name: 'h0_fc_b', tensor: tensor(6) },
    { name: 'h0_fc2_w', tensor: tensor(4, 6) },
    { name: 'h0_fc2_b', tensor: tensor(4) },
    { name: 'lnf_g', tensor: tensor(4) },
    { name: 'lnf_b', tensor: tensor(4) },
  ],
  tokens: [3, 1, 4],
  targets: [1, 4, -100],
  heads: 2,
  sequences: 1,
  activation: 'gelu_tanh',
  normalisation: 'layer_norm',
  normFirst: true,
  eps: 1e-5,
};

export default {
  tinyGpt: { ...gpt, trace: true },
  gradientCheck: {
    ...gpt,
    entries: [
      { parameter: 'wte', index: [3, 1] },
      { parameter: 'h0_ln2_b', index: [2] },
    ],
    step: 1e-5,
  },
};
