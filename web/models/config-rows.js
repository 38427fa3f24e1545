/** The keys of configurations that are read side by side: what each family calls them. Nothing is computed here. */

/** @typedef {{name: string, title: string, keys: string[], unit?: string}} ConfigRow */

/** @type {ConfigRow[]} */
export const CONFIG_ROWS = [
  { name: 'type', title: 'Type', keys: ['model_type'] },
  {
    name: 'layers',
    title: 'Layers',
    keys: ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers', 'depth', 'depths'],
  },
  {
    name: 'width',
    title: 'Width',
    keys: ['hidden_size', 'n_embd', 'd_model', 'word_embed_proj_dim', 'embed_dim'],
  },
  { name: 'heads', title: 'Heads', keys: ['num_attention_heads', 'n_head', 'num_heads'] },
  { name: 'kvHeads', title: 'Key/value heads', keys: ['num_key_value_heads', 'num_kv_heads'] },
  { name: 'headWidth', title: 'Head width', keys: ['head_dim', 'd_kv', 'd_head'] },
  { name: 'latent', title: 'Latent width', keys: ['kv_lora_rank'] },
  {
    name: 'feedForward',
    title: 'Feed-forward width',
    keys: ['intermediate_size', 'ffn_dim', 'd_ff', 'n_inner'],
  },
  { name: 'experts', title: 'Experts', keys: ['n_routed_experts', 'num_local_experts', 'num_experts'] },
  { name: 'chosen', title: 'Chosen', keys: ['num_experts_per_tok'] },
  { name: 'expertWidth', title: 'Expert width', keys: ['moe_intermediate_size'] },
  { name: 'vocabulary', title: 'Vocabulary', keys: ['vocab_size'] },
  {
    name: 'context',
    title: 'Positions',
    keys: ['max_position_embeddings', 'n_positions', 'n_ctx', 'max_sequence_length'],
  },
  { name: 'window', title: 'Window', keys: ['sliding_window', 'attention_chunk_size', 'window_size'] },
  { name: 'tied', title: 'Tied', keys: ['tie_word_embeddings'] },
  {
    name: 'activation',
    title: 'Activation',
    keys: ['hidden_act', 'activation_function', 'hidden_activation', 'feed_forward_proj'],
  },
  { name: 'theta', title: 'RoPE base', keys: ['rope_theta', 'rotary_emb_base'] },
  { name: 'format', title: 'Published in', keys: ['torch_dtype', 'dtype'] },
];

/**
 * What a configuration says of a row, and under which key; nothing where it does not say. A model that sees and writes says it of its language model.
 * @param {Record<string, any>} config @param {ConfigRow} row
 * @returns {{key: string, value: string | number} | undefined}
 */
export function readRow(config, { keys }) {
  for (const [prefix, from] of /** @type {[string, Record<string, any>][]} */ ([
    ['text_config.', config.text_config ?? {}],
    ['', config],
  ])) {
    for (const key of keys) {
      const value = from[key];
      if (value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value)))
        continue;
      return {
        key: prefix + key,
        value:
          typeof value === 'number'
            ? value
            : typeof value === 'boolean'
              ? value
                ? 'yes'
                : 'no'
              : String(value),
      };
    }
  }
  return undefined;
}
