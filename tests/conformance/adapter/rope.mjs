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

  gptj_sinusoid_table: {
    call: 'sinusoidalPositions',
    options: ({ params }) => ({ length: params.n_pos, dim: params.dim, layout: 'concatenated' }),
    result: ({ table }) => ({ table }),
  },
};
