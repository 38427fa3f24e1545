/** blocks.json: op -> the core function, its options from a case, and the case's results from its result. */

const onlyY = ({ y }) => ({ y });

const normalised = (call, more) => ({
  call,
  options: ({ params, inputs }) => ({ ...inputs, eps: params.eps, ...more }),
  result: onlyY,
});

const feedForward = (inputs) => ({
  w1: inputs.linear1_weight,
  b1: inputs.linear1_bias,
  w2: inputs.linear2_weight,
  b2: inputs.linear2_bias,
});

const norms = (inputs, numbers) =>
  Object.fromEntries(
    numbers.flatMap((n) => [
      [`gamma${n}`, inputs[`norm${n}_weight`]],
      [`beta${n}`, inputs[`norm${n}_bias`]],
    ]),
  );

export default {
  layernorm: normalised('layerNorm'),
  rmsnorm: normalised('rmsNorm'),
  gemma_rmsnorm: normalised('rmsNorm', { unitOffset: true }),
  l2_normalize: normalised('l2Normalize'),

  groupnorm: {
    call: 'groupNorm',
    options: ({ params, inputs }) => ({ x: inputs.x, groups: params.groups, eps: params.eps }),
    result: onlyY,
  },

  activation: {
    call: 'activation',
    options: ({ params, inputs }) => ({ x: inputs.x, name: params.fn }),
    result: ({ y, derivative }) => ({ y, dy_dx: derivative }),
  },

  softmax: {
    call: 'softmax',
    options: ({ params, inputs }) => ({ x: inputs.x, axis: params.axis }),
    result: ({ y, logSoftmax, logsumexp }) => ({ y, log_softmax: logSoftmax, logsumexp }),
  },

  sinusoidal_pe: {
    call: 'sinusoidalPositions',
    options: ({ params }) => ({
      length: params.n,
      dim: params.d,
      layout: /inter/.test(params.layout) ? 'interleaved' : 'concatenated',
    }),
    result: ({ table }) => ({ pe: table }),
  },

  learned_pe: {
    call: 'embedding',
    options: ({ params, inputs }) => ({
      tokens: params.tokens,
      table: inputs.tok_emb,
      positions: inputs.pos_emb,
    }),
    result: onlyY,
  },

  t5_bucket: {
    call: 'relativeBuckets',
    options: ({ params, inputs }) => ({
      relativePosition: inputs.relative_position,
      bidirectional: params.bidirectional,
      numBuckets: params.num_buckets,
      maxDistance: params.max_distance,
    }),
    result: ({ bucket }) => ({ bucket }),
  },

  ffn: {
    call: 'feedForward',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      w1: inputs.W1,
      b1: inputs.b1,
      w2: inputs.W2,
      b2: inputs.b2,
      activation: params.act,
    }),
    result: ({ hidden, y }) => ({ hidden, y }),
  },

  gated_ffn: {
    call: 'gatedFeedForward',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      gate: inputs.W_gate,
      up: inputs.W_up,
      down: inputs.W_down,
      variant: params.act,
    }),
    result: ({ hidden, y }) => ({ hidden, y }),
  },

  encoder_block: {
    call: 'encoderBlock',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      heads: params.n_heads,
      inWeight: inputs.self_attn_in_proj_weight,
      inBias: inputs.self_attn_in_proj_bias,
      outWeight: inputs.self_attn_out_proj_weight,
      outBias: inputs.self_attn_out_proj_bias,
      ...feedForward(inputs),
      ...norms(inputs, [1, 2]),
      placement: params.norm_first ? 'pre' : 'post',
      activation: params.act,
      eps: params.eps,
    }),
    result: ({ weights, afterAttention, y }) => ({
      attn_weights: weights,
      after_attention: afterAttention,
      y,
    }),
  },

  decoder_block: {
    call: 'decoderBlock',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      memory: inputs.memory,
      heads: params.n_heads,
      selfInWeight: inputs.self_attn_in_proj_weight,
      selfInBias: inputs.self_attn_in_proj_bias,
      selfOutWeight: inputs.self_attn_out_proj_weight,
      selfOutBias: inputs.self_attn_out_proj_bias,
      crossInWeight: inputs.multihead_attn_in_proj_weight,
      crossInBias: inputs.multihead_attn_in_proj_bias,
      crossOutWeight: inputs.multihead_attn_out_proj_weight,
      crossOutBias: inputs.multihead_attn_out_proj_bias,
      ...feedForward(inputs),
      ...norms(inputs, [1, 2, 3]),
      placement: params.norm_first ? 'pre' : 'post',
      activation: params.act,
      eps: params.eps,
      causal: params.self_mask === 'causal',
    }),
    result: ({ crossWeights, afterSelf, afterCross, y }) => ({
      cross_attn_weights: crossWeights,
      after_self: afterSelf,
      after_cross: afterCross,
      y,
    }),
  },

  llama_block: {
    call: 'llamaBlock',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      wq: inputs.Wq,
      wk: inputs.Wk,
      wv: inputs.Wv,
      wo: inputs.Wo,
      gate: inputs.Wgate,
      up: inputs.Wup,
      down: inputs.Wdown,
      attentionGamma: inputs.g_attn,
      ffnGamma: inputs.g_ffn,
      heads: params.n_heads,
      kvHeads: params.n_kv_heads,
      pairing: /interleaved/.test(params.rope) ? 'interleaved' : 'half_split',
      theta: Number(/theta[ =]*([\d.]+(?:e\+?\d+)?)/i.exec(params.rope)?.[1] ?? 10000),
      eps: params.eps,
      mask: params.mask,
    }),
    result: ({ qRotated, kRotated, weights, afterAttention, y }) => ({
      q_rot: qRotated,
      k_rot: kRotated,
      attn_weights: weights,
      after_attention: afterAttention,
      y,
    }),
  },
};
