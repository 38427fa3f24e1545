/**
 * vision.json, images and videos: op -> the core function, its options from a case, and the case's results from its
 * result.
 */

/** A list of numbers as a vector. */
const vector = (list) => ({ shape: [list.length], data: list });

/** A tensor [N, 2] as a list of pairs. */
const pairs = ({ data }) => Array.from({ length: data.length / 2 }, (_, i) => [data[2 * i], data[2 * i + 1]]);

/** Height and width, given as one number or two. */
const both = (size) => (typeof size === 'number' ? [size, size] : size);

/** The first axis of a tensor as tensors of their own. */
const parts = ({ shape: [count, ...shape], data }) => {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => ({ shape, data: data.slice(i * size, (i + 1) * size) }));
};

/** Tensors of one shape as one tensor with a new first axis. */
const stacked = (tensors) => ({
  shape: [tensors.length, ...tensors[0].shape],
  data: Float64Array.from(tensors.flatMap(({ data }) => [...data])),
});

/** The inputs attn_layer0, attn_layer1, .. in order. */
const attentionLayers = (inputs) => {
  const layers = [];
  while (inputs[`attn_layer${layers.length}`]) layers.push(inputs[`attn_layer${layers.length}`]);
  return layers;
};

const vitLayer = (inputs, layer) => {
  const of = (name) => inputs[`l${layer}_${name}`];
  return {
    norm1Gamma: of('ln1_g'),
    norm1Beta: of('ln1_b'),
    qkvWeight: of('qkv_w'),
    qkvBias: of('qkv_b'),
    projWeight: of('proj_w'),
    projBias: of('proj_b'),
    norm2Gamma: of('ln2_g'),
    norm2Beta: of('ln2_b'),
    fc1Weight: of('fc1_w'),
    fc1Bias: of('fc1_b'),
    fc2Weight: of('fc2_w'),
    fc2Bias: of('fc2_b'),
  };
};

const grid = ({ H, W, window, shift }) => ({ height: H, width: W, window, shift });

const partition = {
  call: 'windowPartition',
  options: ({ params }) => grid(params),
  result: ({ tokenIds }) => ({ token_ids: tokenIds }),
};

export default {
  patch_embed: {
    call: 'patchEmbed',
    options: ({ inputs }) => ({ image: inputs.image, weight: inputs.weight, bias: inputs.bias }),
    result: ({ tokens, patches }) => ({ tokens, patches_c_ph_pw: patches }),
  },

  conv2d: {
    call: 'conv2d',
    options: ({ params, inputs }) => ({
      image: inputs.image,
      weight: inputs.weight,
      bias: inputs.bias,
      stride: params.stride,
      padding: params.padding,
    }),
    result: ({ y }) => ({ y }),
  },

  tubelet_embed: {
    call: 'tubeletEmbed',
    options: ({ inputs }) => ({ video: inputs.video_cthw, weight: inputs.weight, bias: inputs.bias }),
    result: ({ tokens, grid: counts }) => ({ tokens, grid_thw: counts }),
  },

  sincos_2d: {
    call: 'sincos2d',
    options: ({ params }) => ({ dim: params.dim, grid: both(params.grid), clsToken: params.cls_token }),
    result: ({ table }) => ({ pe: table }),
  },

  interpolate: {
    call: 'interpolate',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      out: both(params.out),
      mode: params.mode,
      alignCorners: params.align_corners ?? undefined,
      antialias: params.antialias ?? undefined,
    }),
    result: ({ y }) => ({ y }),
  },

  pos_embed_interpolate: {
    call: 'posEmbedInterpolate',
    options: ({ params, inputs }) => ({
      posEmbed: inputs.pos_embed,
      from: both(params.from),
      to: both(params.to),
      mode: params.mode,
      clsToken: params.cls_token,
    }),
    result: ({ posEmbed }) => ({ pos_embed: posEmbed }),
  },

  vit_tiny: {
    call: 'visionTransformer',
    options: ({ params, inputs }) => ({
      image: inputs.image,
      patchWeight: inputs.patch_w,
      patchBias: inputs.patch_b,
      clsToken: inputs.cls,
      posEmbed: inputs.pos,
      layers: Array.from({ length: params.layers }, (_, layer) => vitLayer(inputs, layer)),
      normGamma: inputs.ln_g,
      normBeta: inputs.ln_b,
      headWeight: inputs.head_w,
      headBias: inputs.head_b,
      heads: params.heads,
      eps: params.eps,
      activation: params.act,
      norm: params.norm,
    }),
    result: ({ embeddings, weights, features, logits }) => ({
      embeddings,
      features,
      logits,
      ...Object.fromEntries(parts(weights).map((layer, i) => [`attn_layer${i}`, layer])),
    }),
  },

  attention_rollout: {
    call: 'attentionRollout',
    options: ({ params, inputs }) => ({
      weights: stacked(attentionLayers(inputs)),
      fuse: params.fuse,
      residual: params.residual,
    }),
    result: ({ rollout, clsToPatches }) => ({ rollout, cls_to_patches: clsToPatches }),
  },

  window_partition: partition,
  window_partition_shifted: partition,

  swin_shift_mask: {
    call: 'swinShiftMask',
    options: ({ params }) => grid(params),
    result: ({ allow, maskedValue }) => ({ allow, masked_value: maskedValue }),
  },

  relative_position_index: {
    call: 'relativePositionIndex',
    options: ({ params }) => ({ window: params.window }),
    result: ({ index }) => ({ index }),
  },

  swin_attention: {
    call: 'swinAttention',
    options: ({ params, inputs }) => ({
      x: inputs.x_hwc,
      window: params.window,
      shift: params.shift,
      heads: params.heads,
      scale: params.scale,
      biasTable: inputs.bias_table,
    }),
    result: ({ weights: { shape, data }, y }) => ({
      weights_per_window: { shape: shape[1] === 1 ? [shape[0], shape[2], shape[3]] : shape, data },
      y,
    }),
  },

  patch_merging: {
    call: 'patchMerging',
    options: ({ inputs }) => ({ x: inputs.x_hwc }),
    result: ({ y }) => ({ y }),
  },

  mae_masking: {
    call: 'maeMasking',
    options: ({ params, inputs }) => ({
      tokens: inputs.tokens,
      noise: inputs.noise,
      maskRatio: params.mask_ratio,
    }),
    result: ({ kept, idsKeep, mask, idsRestore }) => ({
      kept,
      ids_keep: vector(idsKeep),
      mask,
      ids_restore: vector(idsRestore),
    }),
  },

  mae_loss: {
    call: 'maeLoss',
    options: ({ params, inputs }) => ({
      image: inputs.image,
      pred: inputs.pred,
      mask: inputs.mask,
      patch: params.patch,
      normPixLoss: params.norm_pix_loss,
    }),
    result: ({ target, loss }) => ({ target_patches: target, loss }),
  },

  dit_block: {
    call: 'ditBlock',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      c: inputs.c,
      modulationWeight: inputs.W_mod,
      modulationBias: inputs.b_mod,
      qkvWeight: inputs.W_qkv,
      qkvBias: inputs.b_qkv,
      projWeight: inputs.W_proj,
      projBias: inputs.b_proj,
      fc1Weight: inputs.W1,
      fc1Bias: inputs.b1,
      fc2Weight: inputs.W2,
      fc2Bias: inputs.b2,
      heads: params.heads,
      eps: params.eps,
      activation: params.act,
    }),
    result: ({ y, modulation, afterAttention }) => ({ y, modulation, after_attention: afterAttention }),
  },

  factorised_attention: {
    call: 'factorisedAttention',
    options: ({ params, inputs }) => ({ x: inputs.x_thwd, scale: params.scale }),
    result: ({ spatialWeights, afterSpatial, temporalWeights, y }) => ({
      spatial_weights: spatialWeights,
      after_spatial: afterSpatial,
      temporal_weights: temporalWeights,
      y,
    }),
  },

  video_attention_cost: {
    call: 'videoAttentionCost',
    options: ({ params }) => ({ frames: params.T, height: params.H, width: params.W, window: [2, 7, 7] }),
    result: ({ tokens, jointPairs, factorisedPairs, windowPairs }) => ({
      tokens,
      joint_pairs: jointPairs,
      factorised_pairs: factorisedPairs,
      window_pairs_2x7x7: windowPairs,
    }),
  },

  smart_resize: {
    call: 'smartResize',
    options: ({ params, inputs }) => ({
      sizes: inputs.sizes_hw,
      factor: params.factor,
      minPixels: params.min_pixels,
      maxPixels: params.max_pixels,
    }),
    result: ({ resized }) => ({ resized_hw: pairs(resized) }),
  },

  anyres: {
    call: 'anyres',
    options: ({ params, inputs }) => ({ sizes: inputs.sizes_hw, pinpoints: params.pinpoints_hw }),
    result: ({ best }) => ({ best_hw: pairs(best) }),
  },
};
