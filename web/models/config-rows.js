/** The keys of configurations that are read side by side: what each family calls them, and what holds where a key is absent. */

/**
 * @typedef {{name: string, title: string, keys: string[], unit?: string, absent?: string}} ConfigRow absent: what holds where no configuration key speaks
 * @typedef {{notes?: {kind: string, key: string, value: string}[], headWidth?: number}} Understood what the core assumed of it, and what it derived
 */

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
  { name: 'latent', title: 'Latent width', keys: ['kv_lora_rank'], absent: 'none' },
  {
    name: 'feedForward',
    title: 'Feed-forward width',
    keys: ['intermediate_size', 'ffn_dim', 'd_ff', 'n_inner'],
  },
  {
    name: 'experts',
    title: 'Experts',
    keys: ['n_routed_experts', 'num_local_experts', 'num_experts'],
    absent: 'none',
  },
  { name: 'chosen', title: 'Chosen', keys: ['num_experts_per_tok'], absent: 'none' },
  { name: 'expertWidth', title: 'Expert width', keys: ['moe_intermediate_size'] },
  { name: 'vocabulary', title: 'Vocabulary', keys: ['vocab_size'] },
  {
    name: 'context',
    title: 'Positions',
    keys: ['max_position_embeddings', 'n_positions', 'n_ctx', 'max_sequence_length'],
  },
  {
    name: 'window',
    title: 'Window',
    keys: ['sliding_window', 'attention_chunk_size', 'window_size'],
    absent: 'none',
  },
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

/** @param {Record<string, any>} config @param {string} name */
const rowOf = (config, name) =>
  readRow(config, /** @type {ConfigRow} */ (CONFIG_ROWS.find((row) => row.name === name)));

/**
 * What holds of a row: what the configuration says, else what follows from its other keys or what the core took, with a word on which. By this
 * value models are compared.
 * @param {Record<string, any>} config @param {ConfigRow} row @param {Understood} [understood]
 * @returns {{value: string | number, how?: 'derived' | 'by default'} | undefined}
 */
export function effectiveRow(config, row, { notes = [], headWidth } = {}) {
  const { name, keys, absent } = row;
  if (name === 'window' && (config.text_config ?? config).use_sliding_window === false && absent)
    return { value: absent };
  const said = readRow(config, row);
  if (said) return { value: said.value };
  const assumed = notes.find((note) => keys.includes(note.key.split('.').at(-1) ?? ''));
  if (assumed && assumed.value !== '') {
    const number = Number(assumed.value);
    const words = { true: 'yes', false: 'no' }[assumed.value] ?? assumed.value;
    return { value: Number.isFinite(number) ? number : words, how: 'by default' };
  }
  if (name === 'headWidth' && headWidth !== undefined) return { value: headWidth, how: 'derived' };
  const heads = rowOf(config, 'heads')?.value;
  if (name === 'kvHeads' && typeof heads === 'number' && !rowOf(config, 'latent'))
    return { value: heads, how: 'derived' };
  return absent ? { value: absent } : undefined;
}

/** Whether a row tells models apart by values that are known, as the marks of a table do: against the first. @param {({value: string | number} | undefined)[]} cells */
export function differing([first, ...others]) {
  return first !== undefined && others.some((one) => one !== undefined && one.value !== first.value);
}

/**
 * How many tokens a configuration says that the model was made for, and before its rotations were stretched; nothing where it does not say.
 * @param {Record<string, any>} config
 * @returns {{key: string, value: number, original?: number} | undefined}
 */
export function trainedContext(config) {
  const said = rowOf(config, 'context');
  if (!said || typeof said.value !== 'number') return undefined;
  const { rope_scaling: scaling, original_max_position_embeddings: own } = config.text_config ?? config;
  const original = scaling?.original_max_position_embeddings ?? own;
  return {
    key: said.key,
    value: said.value,
    ...(typeof original === 'number' && original < said.value ? { original } : {}),
  };
}
