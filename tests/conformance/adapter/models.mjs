/** models.json: a published configuration as it stands, counted. */

/** Where the cases count the cache. */
const CONTEXTS = [2048, 8192, 32768, 131072];

export default {
  estimate: {
    call: 'estimate',
    options: ({ inputs }) => ({ config: inputs.config, contexts: CONTEXTS }),
    result: ({
      totalParams,
      activeParams,
      activeParamsWithoutEmbedding,
      activeParamsWithoutTables,
      kvBytesPerToken,
      kvBytes,
    }) => ({
      total_params: totalParams,
      active_params: {
        incl_embed_and_head: activeParams,
        excl_input_embed: activeParamsWithoutEmbedding,
        excl_both_tables: activeParamsWithoutTables,
      },
      ...(kvBytesPerToken !== undefined && {
        kv_bytes_per_token_bf16: kvBytesPerToken,
        kv_bytes_bf16_at: Object.fromEntries(CONTEXTS.map((context, i) => [context, kvBytes[i]])),
      }),
    }),
  },
};
