/** The training part of blocks.json: op -> the core function, its options from a case, and the case's results. */

const named = (inputs) => Object.entries(inputs).map(([name, tensor]) => ({ name, tensor }));

const byName = (list, prefix = '') =>
  Object.fromEntries(list.map(({ name, tensor }) => [`${prefix}${name}`, tensor]));

const numbered = (inputs, prefix) =>
  Object.keys(inputs)
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)));

/** One head where there is no axis of heads. */
const withHead = (x) => (x.shape.length === 2 ? { shape: [1, ...x.shape], data: x.data } : x);
const asGiven = (x, given) => ({ shape: given.shape, data: x.data });

const positionsOf = ({ shape }) => Array.from({ length: shape.at(-2) }, (_, position) => position);

const activations = { gelu: 'gelu_exact', swish: 'silu' };

/** What `fn` of a gradient case may begin with -> the core function, its options, and the names of its results. */
const gradients = [
  {
    of: /layer_?norm/,
    call: 'layerNormBackward',
    options: ({ inputs }) => inputs,
    result: ({ y, dx, dGamma, dBeta }) => ({
      y,
      dx,
      dgamma: dGamma,
      dbeta: dBeta,
    }),
  },
  {
    of: /rms_?norm/,
    call: 'rmsNormBackward',
    options: ({ params, inputs }) => ({
      ...inputs,
      unitOffset: params.fn.includes('gemma'),
    }),
    result: ({ y, dx, dGamma }) => ({ y, dx, dgamma: dGamma }),
  },
  { of: /l2/, call: 'l2NormalizeBackward', options: ({ inputs }) => inputs },
  {
    of: /log_?softmax/,
    call: 'logSoftmaxBackward',
    options: ({ inputs }) => inputs,
  },
  { of: /softmax/, call: 'softmaxBackward', options: ({ inputs }) => inputs },
  {
    of: /attention/,
    call: 'attentionBackward',
    options: ({ params, inputs: { q, k, v, dy } }) => ({
      q: withHead(q),
      k: withHead(k),
      v: withHead(v),
      dy: withHead(dy),
      mask: params.fn.includes('causal') ? 'causal' : 'none',
    }),
    result: ({ output, dq, dk, dv }, { inputs: { q, k, v, dy } }) => ({
      y: asGiven(output, dy),
      dq: asGiven(dq, q),
      dk: asGiven(dk, k),
      dv: asGiven(dv, v),
    }),
  },
  {
    of: /rope/,
    call: 'ropeBackward',
    options: ({ params, inputs }) => ({
      ...inputs,
      positions: positionsOf(inputs.x),
      pairing: params.fn.includes('interleaved') ? 'interleaved' : 'half_split',
    }),
  },
  {
    of: /glu|bilinear/,
    call: 'gatedFeedForwardBackward',
    options: ({ params, inputs: { x, dy, Wg, Wu, Wd } }) => ({
      x,
      dy,
      gate: Wg,
      up: Wu,
      down: Wd,
      variant: /\w*glu(_tanh)?|bilinear/.exec(params.fn)[0],
    }),
    result: ({ y, dx, dGate, dUp, dDown }) => ({
      y,
      dx,
      dWg: dGate,
      dWu: dUp,
      dWd: dDown,
    }),
  },
  {
    of: /./,
    call: 'activationBackward',
    options: ({ params, inputs }) => ({
      ...inputs,
      name: activations[params.fn] ?? params.fn,
    }),
  },
];

const gradientOf = ({ params }) => gradients.find(({ of }) => of.test(params.fn));
const yAndDx = ({ y, dx }) => ({ y, dx });

const deviation = (std) =>
  /none|without/.test(std)
    ? 'none'
    : /unbiased|n ?- ?1|sample|ddof ?= ?1/.test(std)
      ? 'sample'
      : 'population';

const decays = {
  linear: 'linear',
  cosine: 'cosine',
  '1-sqrt': 'sqrt',
  sqrt: 'sqrt',
  exp: 'exponential',
};

/** 'linear to 0' -> {decay: 'linear', lowest: 0} */
const decay = (words) => ({
  decay: decays[/1-sqrt|sqrt|cosine|exp|linear/.exec(words.replace(/\s*[-−]\s*/, '-'))[0]],
  lowest: /to ([\d.]+)/.test(words) ? Number(/to ([\d.]+)/.exec(words)[1]) : undefined,
});

const schedule = (call, more) => ({
  call,
  options: ({ params }) => ({
    steps: params.steps,
    warmup: params.warmup,
    ...more(params),
  }),
  result: ({ factor, learningRate }) => ({ factor, lr: learningRate }),
});

export default {
  cross_entropy: {
    call: 'crossEntropy',
    options: ({ params, inputs }) => ({
      logits: inputs.logits,
      targets: params.targets,
      labelSmoothing: params.label_smoothing,
      ignoreIndex: params.ignore_index,
    }),
    result: ({ loss, dLogits, probabilities }) => ({
      loss,
      dlogits: dLogits,
      probs: probabilities,
    }),
  },

  distillation: {
    call: 'distillation',
    options: ({ params, inputs }) => ({ ...inputs, temperature: params.T }),
    result: ({ loss }) => ({ loss }),
  },

  dpo: {
    call: 'dpo',
    options: ({ params, inputs }) => ({
      policyChosen: inputs.policy_chosen,
      policyRejected: inputs.policy_rejected,
      referenceChosen: inputs.ref_chosen,
      referenceRejected: inputs.ref_rejected,
      beta: params.beta,
    }),
    result: ({ margin, losses }) => ({ margin, losses }),
  },

  grpo: {
    call: 'grpoAdvantages',
    options: ({ params, inputs }) => ({
      rewards: inputs.rewards,
      eps: params.eps,
      deviation: deviation(params.std),
    }),
    result: ({ advantages }) => ({ adv: advantages }),
  },

  ppo: {
    call: 'ppoObjective',
    options: ({ params, inputs }) => ({
      ratio: inputs.ratio,
      advantages: inputs.adv,
      clip: params.clip,
    }),
    result: ({ objective }) => ({ obj: objective }),
  },

  grad: {
    call: (testCase) => gradientOf(testCase).call,
    options: (testCase) => gradientOf(testCase).options(testCase),
    result: (result, testCase) => (gradientOf(testCase).result ?? yAndDx)(result, testCase),
  },

  tiny_gpt: {
    call: 'tinyGpt',
    options: ({ params, inputs }) => ({
      parameters: named(inputs),
      tokens: params.tokens,
      targets: params.targets,
      heads: params.n_head,
      activation: activations[params.act] ?? params.act,
      eps: params.eps,
      normalisation: /rms/i.test(params.norm) ? 'rms_norm' : 'layer_norm',
      normFirst: !/post/i.test(params.norm),
    }),
    result: ({ logits, loss, weights, gradients: list }) => {
      const [layers, ...shape] = weights.shape;
      const size = shape.reduce((product, extent) => product * extent, 1);
      const layer = (l) => ({
        shape,
        data: weights.data.slice(l * size, (l + 1) * size),
      });
      return {
        logits,
        loss,
        ...Object.fromEntries(Array.from({ length: layers }, (_, l) => [`attn_layer${l}`, layer(l)])),
        ...byName(list, 'grad_'),
      };
    },
  },

  optimizer: {
    call: 'optimizerPath',
    options: ({ params, inputs }) => ({
      name: params.name.split('_')[0],
      learningRate: params.lr,
      betas: params.betas,
      eps: params.eps,
      weightDecay: params.weight_decay,
      momentum: params.momentum,
      nesterov: params.nesterov,
      alpha: params.alpha,
      weights: inputs.w0,
      gradients: numbered(inputs, 'grad').map((name) => ({
        name,
        tensor: inputs[name],
      })),
    }),
    result: ({ path }) => Object.fromEntries(path.map(({ tensor }, i) => [`w${i + 1}`, tensor])),
  },

  clip_grad_norm: {
    call: 'clipGradientNorm',
    options: ({ params, inputs }) => ({
      gradients: named(inputs),
      maxNorm: params.max_norm,
      eps: params.eps,
    }),
    result: ({ totalNorm, gradients: list }) => ({
      total_norm: totalNorm,
      ...byName(list),
    }),
  },

  schedule_cosine: schedule('cosineSchedule', ({ total, cycles }) => ({
    total,
    cycles,
  })),
  schedule_linear: schedule('linearSchedule', ({ total }) => ({ total })),
  schedule_inverse_sqrt: schedule('inverseSqrtSchedule', ({ timescale }) => ({
    timescale,
  })),
  schedule_noam: schedule('noamSchedule', ({ d_model }) => ({
    dModel: d_model,
  })),
  schedule_cosine_min: schedule('cosineMinimumSchedule', ({ total, max_lr, min_lr }) => ({
    total,
    highest: max_lr,
    lowest: min_lr,
  })),
  schedule_wsd: schedule('wsdSchedule', ({ stable_until, total, decay: words }) => ({
    stableUntil: stable_until,
    total,
    ...decay(words),
  })),
};
