/** vision.json, the part around the networks: op -> the core function, its options from a case, and the case's results from its result. */

const onlyLoss = ({ loss }) => ({ loss });

/** Schedules go by several names. */
const schedules = {
  quad: 'scaled_linear',
  quadratic: 'scaled_linear',
  const: 'constant',
  squaredcos_cap_v2: 'cosine',
};

const schedule = (params) => ({
  schedule: schedules[params.schedule] ?? params.schedule,
  steps: params.T,
  betaStart: params.beta_start,
  betaEnd: params.beta_end,
  s: params.s,
  maxBeta: params.max_beta,
});

/** Numbered tensors of one shape, stacked along a new first axis. */
const stacked = (inputs, prefix) => {
  const parts = Object.keys(inputs)
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => inputs[name]);
  return {
    shape: [parts.length, ...parts[0].shape],
    data: Float64Array.from(parts.flatMap(({ data }) => Array.from(data))),
  };
};

const flat = ({ data }) => ({ shape: [data.length], data });

const guidance = {
  call: 'classifierFreeGuidance',
  options: ({ params, inputs }) => ({
    epsCond: inputs.eps_cond,
    epsUncond: inputs.eps_uncond,
    scale: params.scale,
    rescale: params.phi,
  }),
  result: ({ eps }) => ({ eps }),
};

export default {
  clip_loss: {
    call: 'clipLoss',
    options: ({ params, inputs }) => ({
      imageEmbeds: inputs.image_embeds,
      textEmbeds: inputs.text_embeds,
      temperature: params.temperature,
      logitScale: params.temperature === undefined ? params.logit_scale : undefined,
    }),
    result: ({ logitsPerText, loss, dImage, dText }) => ({
      logits_per_text: logitsPerText,
      loss,
      d_image: dImage,
      d_text: dText,
    }),
  },

  siglip_loss: {
    call: 'siglipLoss',
    options: ({ params, inputs }) => ({
      imageEmbeds: inputs.image_embeds,
      textEmbeds: inputs.text_embeds,
      logitScale: params.logit_scale,
      logitBias: params.logit_bias,
    }),
    result: ({ logitsPerText, loss }) => ({ logits_per_text: logitsPerText, loss }),
  },

  nt_xent: {
    call: 'ntXent',
    options: ({ params, inputs }) => ({ z1: inputs.z1, z2: inputs.z2, temperature: params.temperature }),
    result: onlyLoss,
  },

  zero_shot: {
    call: 'zeroShot',
    options: ({ params, inputs }) => ({
      imageEmbeds: inputs.image_embeds,
      textEmbeds: inputs.text_embeds,
      logitScale: params.logit_scale,
    }),
    result: ({ probabilities }) => ({ probs: probabilities }),
  },

  diffusion_schedule: {
    call: 'diffusionSchedule',
    options: ({ params }) => ({ ...schedule(params), timesteps: params.timesteps }),
    result: (result) => ({
      betas: result.betas,
      alphas_cumprod: result.alphasCumprod,
      sqrt_ab: result.sqrtAlphasCumprod,
      sqrt_one_minus_ab: result.sqrtOneMinusAlphasCumprod,
      snr: result.snr,
      posterior_variance: result.posteriorVariance,
      coef_x0: result.posteriorCoefficientX0,
      coef_xt: result.posteriorCoefficientXt,
    }),
  },

  q_sample: {
    call: 'qSample',
    options: ({ params, inputs }) => ({ ...schedule(params), x0: inputs.x0, eps: inputs.eps, t: params.t }),
    result: ({ xT, v, x0FromV, x0FromEps }) => ({ x_t: xT, v, x0_from_v: x0FromV, x0_from_eps: x0FromEps }),
  },

  ddim_step: {
    call: 'ddimStep',
    options: ({ params, inputs }) => ({
      ...schedule(params),
      xT: inputs.x_t,
      eps: inputs.eps,
      noise: inputs.noise,
      t: params.t,
      tPrev: params.t_prev,
      eta: params.eta,
    }),
    result: ({ predX0, sigma, xPrev }) => ({ pred_x0: predX0, sigma, x_prev: xPrev }),
  },

  ddpm_step: {
    call: 'ddpmStep',
    options: ({ params, inputs }) => ({
      ...schedule(params),
      xT: inputs.x_t,
      eps: inputs.eps,
      noise: inputs.noise,
      t: params.t,
      variance: /small|posterior/.test(params.variance ?? 'small') ? 'fixed_small' : 'fixed_large',
    }),
    result: ({ mean, variance, xPrev }) => ({ mean, variance, x_prev: xPrev }),
  },

  karras_sigmas: {
    call: 'karrasSigmas',
    options: ({ params }) => ({
      n: params.n,
      sigmaMin: params.sigma_min,
      sigmaMax: params.sigma_max,
      rho: params.rho,
    }),
    result: ({ sigmas }) => ({ sigmas }),
  },

  flow_matching: {
    call: 'flowMatching',
    options: ({ params, inputs }) => ({
      x0: inputs.x0_data,
      eps: inputs.eps,
      t: params.t,
      shift: params.shift,
    }),
    result: ({ xT, velocity, shiftedT }) => ({ x_t: xT, velocity, shifted_t: shiftedT }),
  },

  cfg: guidance,
  cfg_rescale: guidance,

  timestep_embedding: {
    call: 'timestepEmbedding',
    options: ({ params }) => ({
      timesteps: params.timesteps,
      dim: params.dim,
      layout: params.layout,
      maxPeriod: params.max_period,
    }),
    result: ({ embedding }) => ({ emb: embedding }),
  },

  vq: {
    call: 'vectorQuantize',
    options: ({ params, inputs }) => ({ z: inputs.z, codebook: inputs.codebook, beta: params.beta }),
    result: (result) => ({
      dist2: result.squaredDistances,
      indices: result.indices,
      quantized: result.quantized,
      codebook_loss: result.codebookLoss,
      commitment_loss: result.commitmentLoss,
      total: result.total,
      d_z: result.dZ,
      d_codebook: result.dCodebook,
      perplexity: result.perplexity,
    }),
  },

  fsq: {
    call: 'finiteScalarQuantize',
    options: ({ params, inputs }) => ({
      z: inputs.z,
      levels: params.levels,
      eps: params.eps,
      variant: /lucidrains|pytorch/.test(params.variant) ? 'vector_quantize_pytorch' : 'paper',
    }),
    result: ({ bounded, codes, digits, index }) => ({ bounded, codes, digits, index }),
  },

  ema: {
    call: 'exponentialMovingAverage',
    options: ({ params, inputs }) => {
      const students = stacked(inputs, 'student');
      return {
        target: flat(inputs.target0),
        students: { shape: [students.shape[0], inputs.target0.data.length], data: students.data },
        momentum: params.momentum,
      };
    },
    result: ({ targets: { shape, data } }) =>
      Object.fromEntries(
        Array.from({ length: shape[0] }, (_, n) => [
          `target${n + 1}`,
          { shape: [shape[1]], data: data.slice(n * shape[1], (n + 1) * shape[1]) },
        ]),
      ),
  },

  ema_schedule: {
    call: 'momentumSchedule',
    options: ({ params }) => ({
      steps: params.steps,
      total: params.total,
      start: params.start,
      end: params.end,
    }),
    result: ({ linear, cosine }) => ({ linear_ijepa: linear, cosine_byol_dino: cosine }),
  },

  jepa_loss: {
    call: 'jepaLoss',
    options: ({ params, inputs }) => ({
      pred: inputs.pred,
      target: inputs.target,
      beta: params.beta,
      targetNorm: params.target_norm?.startsWith('layer_norm') ? 'layer_norm' : 'none',
    }),
    result: ({ targetNormed, smoothL1, mse }) => ({ target_normed: targetNormed, smooth_l1: smoothL1, mse }),
  },

  dino_loss: {
    call: 'dinoLoss',
    options: ({ params, inputs }) => ({
      ...inputs,
      studentTemp: params.student_temp,
      teacherTemp: params.teacher_temp,
      centerMomentum: params.center_momentum,
    }),
    result: ({ teacherProbabilities, loss, newCenter }) => ({
      teacher_probs: teacherProbabilities,
      loss,
      new_center: newCenter,
    }),
  },

  byol_loss: {
    call: 'byolLoss',
    options: ({ inputs }) => ({ p: inputs.p, z: inputs.z }),
    result: onlyLoss,
  },

  action_bins_rt1: {
    call: 'rt1ActionTokens',
    options: ({ params, inputs }) => ({
      action: inputs.action,
      bins: params.bins,
      low: params.low,
      high: params.high,
    }),
    result: ({ tokens, decoded }) => ({ token: tokens, decoded }),
  },

  action_bins_openvla: {
    call: 'openvlaActionTokens',
    options: ({ params, inputs }) => ({
      action: inputs.action,
      bins: params.bins,
      vocabSize: params.vocab_size,
    }),
    result: ({ digitized, tokenIds, decoded }) => ({ digitized, token_id: tokenIds, decoded }),
  },

  temporal_ensemble: {
    call: 'temporalEnsemble',
    options: ({ params, inputs }) => ({ chunks: stacked(inputs, 'chunk_from_t'), t: params.t, m: params.m }),
    result: ({ weights, action }) => ({ weights, action }),
  },

  dct: {
    call: 'discreteCosineTransform',
    options: ({ params, inputs }) => ({
      x: inputs.actions,
      type: params.type,
      norm: params.norm ?? 'backward',
      axis: params.axis === undefined || params.axis === 'time' ? 0 : -1,
      scale: params.scale,
    }),
    result: ({ y, quantised }) => ({ dct: y, quantised }),
  },
};
