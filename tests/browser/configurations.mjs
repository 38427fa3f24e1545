/** A model small enough to be counted by hand. */
export const SMALL = {
  model_type: 'llama',
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 96,
  vocab_size: 100,
  tie_word_embeddings: false,
};
