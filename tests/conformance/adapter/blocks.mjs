/** blocks.json: op -> the core function, its options from a case, and the case's results from its result. */

const onlyY = ({ y }) => ({ y });

const normalised = (call, more) => ({
  call,
  options: ({ params, inputs }) => ({ ...inputs, eps: params.eps, ...more }),
  result: onlyY,
});

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
    options: ({ params }) => ({ length: params.n, dim: params.d, layout: params.layout }),
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
};
