/** rope.json: op -> the core function, its options from a case, and the case's results from its result. */

const rotated = (pairing, outputLayout) => ({
  call: 'rope',
  options: ({ params, inputs }) => ({
    x: inputs.x,
    positions: params.positions,
    theta: params.theta,
    rotaryDim: params.rotary_dim,
    pairing,
    outputLayout,
  }),
  result: ({ y, inverseFrequencies, cos, sin }) => ({ y, inv_freq: inverseFrequencies, cos, sin }),
});

/** A case's parameters as a scaling of the frequencies. */
const scaling = (type, params) => ({
  type,
  factor: params.factor,
  maxPositionEmbeddings: params.max_position_embeddings,
  originalMaxPositionEmbeddings: params.original_max_position_embeddings,
  sequenceLength: params.seq_len,
  attentionFactor: params.attention_factor,
  mscale: params.mscale,
  mscaleAllDim: params.mscale_all_dim,
  betaFast: params.beta_fast,
  betaSlow: params.beta_slow,
  truncate: params.truncate,
  lowFreqFactor: params.low_freq_factor,
  highFreqFactor: params.high_freq_factor,
  shortFactor: params.short_factor,
  longFactor: params.long_factor,
});

const scaled = (type) => ({
  call: 'rope',
  options: ({ params, inputs }) => ({
    x: inputs.x,
    positions: params.positions,
    theta: params.theta,
    rotaryDim: params.dim,
    scaling: scaling(type, params),
  }),
  result: ({ y, inverseFrequencies, attentionFactor, thetaScaled, correctionLow, correctionHigh }) => ({
    y,
    inv_freq: inverseFrequencies,
    attention_factor: attentionFactor,
    theta_scaled: thetaScaled,
    corr_low: correctionLow,
    corr_high: correctionHigh,
  }),
});

const frequencies = (type) => ({
  call: 'ropeFrequencies',
  options: ({ params }) => ({ dim: params.dim, theta: params.theta, scaling: scaling(type, params) }),
  result: ({ inverseFrequencies }) => ({ inv_freq: inverseFrequencies }),
});

const onGrid = (scheme) => ({
  call: 'rope2d',
  options: ({ params, inputs }) => ({
    x: inputs.x,
    gridHeight: params.grid_h,
    gridWidth: params.grid_w,
    scheme,
    theta: params.theta,
    spatialMergeSize: params.spatial_merge_size,
  }),
  result: ({ y }) => ({ y }),
});

export default {
  rope_linear: scaled('linear'),
  rope_ntk_static: scaled('ntk'),
  rope_dynamic_ntk: scaled('dynamic'),
  rope_yarn: scaled('yarn'),
  rope_llama3: scaled('llama3'),
  rope_longrope: scaled('longrope'),
  rope_dynamic_ntk_invfreq_only: frequencies('dynamic'),
  rope_yarn_invfreq_only: frequencies('yarn'),
  rope_llama3_invfreq_only: frequencies('llama3'),
  rope_2d_pixtral: onGrid('pixtral'),
  rope_2d_qwen2vl: onGrid('qwen2vl'),
  rope_2d_split_halves: onGrid('split_halves'),

  yarn_softmax_scale: {
    call: 'yarnSoftmaxScale',
    options: ({ params }) => ({
      qkHeadDim: params.qk_head_dim,
      factor: params.factor,
      mscaleAllDim: params.mscale_all_dim,
    }),
    result: ({ mscale, scale }) => ({ mscale, scale }),
  },

  rope_mrope: {
    call: 'ropeMultimodal',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      positions: inputs.positions_thw,
      sections: params.mrope_section,
      theta: params.theta,
    }),
    result: ({ y }) => ({ y }),
  },

  rope_wavelengths: {
    call: 'ropeWavelengths',
    options: ({ params }) => ({ dim: params.dim, thetas: params.thetas }),
    result: ({ wavelengths, pairs }) => ({ wavelength: wavelengths, pair_index: pairs }),
  },

  rope_half_split: rotated('half_split'),
  rope_interleaved: rotated('interleaved'),
  rope_deepseek_v3_interleave: rotated('interleaved', 'half_split'),

  rope_permutation: {
    call: 'ropePairings',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      positions: params.positions,
      permutation: params.perm,
      theta: params.theta,
    }),
    result: ({ interleaved, halfSplitOfPermuted }) => ({
      y_interleaved: interleaved,
      y_half_of_permuted_x: halfSplitOfPermuted,
    }),
  },

  rope_relative: {
    call: 'ropeRelative',
    options: ({ inputs }) => ({
      q: inputs.q,
      k: inputs.k,
      theta: inputs.theta,
      m: inputs.m,
      n: inputs.n,
    }),
    result: ({ halfSplit, interleaved }) => ({ dot_half: halfSplit, dot_interleaved: interleaved }),
  },

  gptj_sinusoid_table: {
    call: 'sinusoidalPositions',
    options: ({ params }) => ({ length: params.n_pos, dim: params.dim, layout: 'concatenated' }),
    result: ({ table }) => ({ table }),
  },
};
