/** attention.json: op -> the core function, its options from a case, and the case's results from its result. */

const maskedRow = { 0: 'zeros', zeros: 'zeros', uniform: 'uniform', nan: 'nan' };

/** Names of masks that say no rule: the matrix is then the mask. */
const NO_RULE = /^(explicit|custom|arbitrary|given|random|per_head|block_sparse|allow)$/;

/** A mask goes by its name where the case has one; `allow` is then only what the mask should come to. */
const mask = ({ params, inputs }) => ({
  mask: NO_RULE.test(params.mask) ? undefined : params.mask,
  allow: params.mask === undefined || NO_RULE.test(params.mask) ? inputs.allow : undefined,
  valid: params.valid,
  window: params.window,
  halfWindow: params.half_window,
  chunk: params.chunk,
  documents: params.doc_ids,
  prefix: params.prefix,
  queryOffset: params.q_offset,
});

const attention = {
  call: 'attention',
  options: (testCase) => ({
    q: testCase.inputs.q,
    k: testCase.inputs.k,
    v: testCase.inputs.v,
    scale: testCase.params.scale,
    softcap: testCase.params.softcap,
    bias: testCase.inputs.bias,
    alibiSlopes: testCase.inputs.bias === undefined ? testCase.params.alibi_slopes : undefined,
    sinks: testCase.inputs.sinks,
    maskedRow: maskedRow[testCase.params.policy],
    ...mask(testCase),
  }),
  result: ({ logits, weights, output }) => ({ logits, weights, output }),
};

export default {
  attention,
  attention_masked_row: attention,
  // PyTorch's is_causal: the first query stands at the first key.
  attention_batched: {
    ...attention,
    options: (testCase) => ({ ...attention.options(testCase), queryOffset: 0 }),
  },

  online_softmax: {
    call: 'onlineSoftmax',
    options: ({ params, inputs }) => ({ ...inputs, block: params.block, scale: params.scale }),
    result: ({ maxima, sums, accumulators, output, logsumexp }) => ({
      steps: Array.from(maxima.data, (m, block) => ({
        block,
        m,
        l: sums.data[block],
        acc_unnormalised: Array.from(
          accumulators.data.slice(block * accumulators.shape[1], (block + 1) * accumulators.shape[1]),
        ),
      })),
      output,
      logsumexp,
    }),
  },

  row_entropy: {
    call: 'attentionEntropy',
    options: ({ params, inputs }) => ({ logits: inputs.weights_logits, unit: params.unit }),
    result: ({ entropy, effectiveKeys, max }) => ({ entropy, effective_keys: effectiveKeys, max }),
  },

  torch_multihead_attention: {
    call: 'multiHeadAttention',
    options: ({ params, inputs }) => ({
      query: inputs.query,
      key: inputs.key,
      value: inputs.value,
      heads: params.num_heads,
      inProjWeight: inputs.in_proj_weight,
      inProjBias: inputs.in_proj_bias,
      qWeight: inputs.q_proj_weight,
      kWeight: inputs.k_proj_weight,
      vWeight: inputs.v_proj_weight,
      outWeight: inputs.out_proj_weight,
      outBias: inputs.out_proj_bias,
      biasK: inputs.bias_k,
      biasV: inputs.bias_v,
      addZeroAttention: params.add_zero_attn,
      causal: params.causal,
      keyValid: params.key_valid,
    }),
    result: ({ output, weightsPerHead, weightsMean }) => ({
      output,
      weights_per_head: weightsPerHead,
      weights_mean: weightsMean,
    }),
  },

  attention_qk_norm: {
    call: 'qkNormAttention',
    options: ({ params, inputs }) => ({
      q: inputs.q,
      k: inputs.k,
      v: inputs.v,
      queryGamma: inputs.gq,
      keyGamma: inputs.gk,
      eps: params.eps,
      scale: params.scale,
    }),
    result: ({ qNormed, weights, output }) => ({ q_normed: qNormed, weights, output }),
  },

  linear_attention: {
    call: 'linearAttention',
    options: ({ params, inputs }) => ({ ...inputs, featureMap: params.feature_map.replace(/\(x\)| /g, '') }),
    result: ({ weights, output }) => ({ weights, output }),
  },

  mla: {
    call: 'latentAttention',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      heads: params.n_heads,
      nopeHeadDim: params.qk_nope_head_dim,
      ropeHeadDim: params.qk_rope_head_dim,
      vHeadDim: params.v_head_dim,
      qWeight: inputs.q_proj,
      qA: inputs.q_a_proj,
      qANorm: inputs.q_a_layernorm,
      qB: inputs.q_b_proj,
      kvA: inputs.kv_a_proj_with_mqa,
      kvANorm: inputs.kv_a_layernorm,
      kvB: inputs.kv_b_proj,
      outWeight: inputs.o_proj,
      theta: params.theta,
      pairing: params.rope,
      positionOffset: params.position_offset,
      eps: params.eps,
      scale: params.scale,
      mask: params.mask,
    }),
    result: ({ latent, rotatedGram, qAbsorbed, weights, y, cachePerToken, fullCachePerToken }) => ({
      c_kv: latent,
      k_rope_dot_gram: rotatedGram,
      q_absorbed_head0: {
        shape: qAbsorbed.shape.slice(1),
        data: qAbsorbed.data.slice(0, qAbsorbed.shape[1] * qAbsorbed.shape[2]),
      },
      weights,
      y,
      cache_floats_per_token: cachePerToken,
      mha_cache_floats_per_token: fullCachePerToken,
    }),
  },
};
