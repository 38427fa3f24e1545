/** moe.json: op -> the core function, its options from a case, and the case's results from its result. */

/** A tensor of two axes as a list of lists. */
const rows = ({ shape, data }) =>
  Array.from({ length: shape[0] }, (_, row) => Array.from(data.slice(row * shape[1], (row + 1) * shape[1])));

const router = ({ inputs }) => ({ x: inputs.x, routerWeight: inputs.Wg, routerBias: inputs.b });

const renormalised = /renorm|normali[sz]e|norm_topk|topk_norm/;

/** softmax_after_topk, softmax_before_topk, and what a case may call the latter with its weights renormalised. */
const norm = (name) =>
  name !== undefined && renormalised.test(name) ? 'softmax_before_topk_renormalised' : name;

/** What the gate of an expert goes through. */
const activations = {
  swiglu: 'silu',
  geglu: 'gelu_exact',
  geglu_exact: 'gelu_exact',
  geglu_tanh: 'gelu_tanh',
  reglu: 'relu',
  glu: 'sigmoid',
  bilinear: 'identity',
};

const layer = {
  call: 'moeLayer',
  options: ({ params, inputs }) => ({
    ...router({ inputs }),
    expertGate: inputs.W_gate,
    expertUp: inputs.W_up,
    expertDown: inputs.W_down,
    k: params.k,
    norm: norm(params.norm),
    activation: activations[params.expert],
    sharedGate: inputs.shared_gate_proj,
    sharedUp: inputs.shared_up,
    sharedDown: inputs.shared_down,
    sharedScore: inputs.shared_expert_gate,
  }),
  result: ({ y }) => ({ y }),
};

const switchLoss = {
  call: 'switchBalanceLoss',
  options: ({ inputs }) => ({ logits: inputs.router_logits }),
  result: ({ loss, fractions, probabilities, gradient }) => ({
    loss,
    f: fractions,
    P: probabilities,
    dlogits: gradient,
  }),
};

export default {
  topk_router: {
    call: 'topKRouter',
    options: ({ params, inputs }) => ({ ...router({ inputs }), k: params.k, norm: norm(params.norm) }),
    result: ({ logits, probabilities, indices, weights, sumWeights, load }) => ({
      logits,
      probs: probabilities,
      indices: rows(indices),
      weights,
      sum_weights: sumWeights,
      load,
    }),
  },

  topk_router_ties: {
    call: 'topKRouter',
    options: ({ params, inputs }) => ({ logits: inputs.logits, k: params.k }),
    result: ({ weights }) => ({ weights_sorted: weights }),
  },

  moe_layer: layer,
  moe_layer_shared: layer,

  gptoss_experts: {
    call: 'clampedExperts',
    options: ({ params, inputs }) => ({
      ...router({ inputs }),
      gateUp: inputs.gate_up,
      gateUpBias: inputs.gate_up_bias,
      down: inputs.down,
      downBias: inputs.down_bias,
      k: params.k,
      alpha: params.alpha,
      limit: params.limit,
    }),
    result: ({ y }) => ({ y }),
  },

  switch_capacity: {
    call: 'switchRouter',
    options: ({ params, inputs }) => ({
      ...router({ inputs }),
      capacity: params.capacity,
      capacityFactor: params.capacity_factor,
      rounding: params.capacity_formula?.startsWith('ceil') ? 'ceil' : 'floor',
    }),
    result: ({ expert, gate, kept, dropped, load }) => ({
      expert,
      gate,
      kept,
      dropped_tokens: dropped,
      load_before_drop: load,
    }),
  },

  topk_capacity: {
    call: 'capacityRouter',
    options: ({ params, inputs }) => ({
      ...router({ inputs }),
      k: params.k,
      capacity: params.capacity,
      priority: params.priority,
    }),
    result: ({ experts, kept, slot }) => ({ experts: rows(experts), kept: rows(kept), slot: rows(slot) }),
  },

  switch_aux_loss: switchLoss,
  switch_aux_loss_grad: switchLoss,

  mixtral_aux_loss: {
    call: 'topKBalanceLoss',
    options: ({ params, inputs }) => ({
      logits: inputs.router_logits,
      k: params.k,
      attentionMask: params.attention_mask,
    }),
    result: ({ loss }) => ({ loss }),
  },

  router_z_loss: {
    call: 'routerZLoss',
    options: ({ inputs }) => ({ logits: inputs.router_logits }),
    result: ({ loss }) => ({ loss }),
  },

  importance_loss: {
    call: 'importanceLoss',
    options: ({ inputs }) => ({ probabilities: inputs.router_probs }),
    result: ({ importance, cvSquared, cvSquaredUnbiased }) => ({
      importance,
      cv2: cvSquared,
      cv2_unbiased: cvSquaredUnbiased,
    }),
  },

  noisy_topk: {
    call: 'noisyTopK',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      routerWeight: inputs.Wg,
      noiseWeight: inputs.Wnoise,
      noise: inputs.noise,
      k: params.k,
    }),
    result: ({ noisy, gates }) => ({ H: noisy, gates }),
  },

  expert_choice: {
    call: 'expertChoice',
    options: ({ params, inputs }) => ({ ...router({ inputs }), capacity: params.capacity }),
    result: ({ probabilities, tokens, gates, expertsPerToken }) => ({
      probs: probabilities,
      tokens_per_expert: rows(tokens),
      gates,
      experts_per_token: expertsPerToken,
    }),
  },

  soft_moe: {
    call: 'softMoe',
    options: ({ inputs }) => ({ x: inputs.x, phi: inputs.Phi }),
    result: ({ dispatch, combine, slotInputs, y }) => ({
      dispatch,
      combine,
      slot_inputs: slotInputs,
      y_identity_experts: y,
    }),
  },

  deepseek_v3_gate: {
    call: 'deepseekV3Gate',
    options: ({ params, inputs }) => ({
      logits: inputs.router_logits,
      bias: inputs.bias,
      groups: params.n_group,
      openGroups: params.topk_group,
      k: params.k,
      renormalise: params.norm_topk_prob,
      routedScale: params.routed_scaling_factor,
    }),
    result: ({ indices, weights, groups, groupScores, rowsWhereZeroMaskDiffers }) => ({
      indices: rows(indices),
      weights,
      groups: rows(groups),
      group_scores: groupScores,
      rows_where_hf_zero_mask_differs: rowsWhereZeroMaskDiffers,
    }),
  },

  bias_update: {
    call: 'biasUpdate',
    options: ({ params, inputs }) => ({ bias: inputs.bias, load: inputs.load, gamma: params.gamma }),
    result: ({ bias }) => ({ bias }),
  },

  deepseek_v2_gate: {
    call: 'deepseekV2Gate',
    options: ({ params, inputs }) => ({
      logits: inputs.router_logits,
      groups: params.n_group,
      openGroups: params.topk_group,
      k: params.k,
      routedScale: params.routed_scaling_factor,
    }),
    result: ({ indices, weights }) => ({ indices: rows(indices), weights }),
  },
};
