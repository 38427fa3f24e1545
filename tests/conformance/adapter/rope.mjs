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

export default {
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
