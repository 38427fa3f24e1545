/** A small mixture of experts with windows: every part of a plan has something in it. */
export const config = {
  model_type: 'gpt_oss',
  hidden_size: 64,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  head_dim: 16,
  intermediate_size: 96,
  num_local_experts: 8,
  num_experts_per_tok: 2,
  sliding_window: 32,
  layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
  vocab_size: 500,
  tie_word_embeddings: false,
  rope_scaling: { factor: 8, rope_type: 'yarn' },
};

/** A made-up device, so that times are asked for. */
export const hardware = {
  name: 'test device',
  memory: 1e9,
  bandwidth: 1e11,
  flops: 1e13,
  link: 1e10,
  watts: 100,
};

/** One valid call of every function of the estimate module. */
export default {
  estimate: { config, contexts: [16, 64], cache: 'q8_0' },
  measureDevice: { milliseconds: 2 },
};
