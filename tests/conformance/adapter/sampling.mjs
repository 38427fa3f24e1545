/** sampling.json: op -> the core function, its options from a case, and the case's results from its result. */

/** The cases' names of stages and their parameters, where the core has others. */
const types = {
  temp: 'temperature',
  temp_ext: 'dynamic_temperature',
  temperature_ext: 'dynamic_temperature',
  dynatemp: 'dynamic_temperature',
  dynamic_temp: 'dynamic_temperature',
  entropy_temperature: 'dynamic_temperature',
  typ_p: 'typical',
  typical_p: 'typical',
  locally_typical: 'typical',
  epsilon_cutoff: 'epsilon',
  eta_cutoff: 'eta',
  pless: 'p_less',
  p_less_norm: 'p_less',
  repetition_penalty: 'repetition',
  frequency_penalty: 'frequency',
  presence_penalty: 'presence',
  no_repeat_ngrams: 'no_repeat_ngram',
  no_repeat_ngram_size: 'no_repeat_ngram',
  bias: 'logit_bias',
  suppress_tokens: 'suppress',
  exp_decay: 'exp_decay_length',
  exponential_decay_length: 'exp_decay_length',
  exponential_decay_length_penalty: 'exp_decay_length',
  cfg: 'guidance',
  llm_cfg: 'guidance',
};

const names = {
  t: 'temperature',
  temp: 'temperature',
  delta: 'range',
  dynatemp_range: 'range',
  dynatemp_exponent: 'exponent',
  eps: 'epsilon',
  min_keep: 'minKeep',
  min_tokens_to_keep: 'minKeep',
  top_h: 'h',
  sigma: 'n',
  n_sigma: 'n',
  ngram: 'n',
  ngram_size: 'n',
  prob: 'probability',
  freq: 'frequency',
  pres: 'presence',
  present: 'presence',
  last_n: 'lastN',
  allowed_length: 'allowed',
  prompt_len: 'promptLength',
  cur_len: 'length',
  ids: 'tokens',
  uncond_logits: 'unconditional',
  normalized: 'normalised',
};

/** A frequency or presence stage may call its penalty by its own name. */
const ownName = { frequency: 'frequency', presence: 'presence' };

const stage = ({ type, ...parameters }) => {
  const named = Object.entries(parameters).map(([name, value]) => [names[name] ?? name, value]);
  const renamed = { type: types[type] ?? type, ...Object.fromEntries(named) };
  if (type === 'p_less_norm') renamed.normalised = true;
  if (renamed.unconditional?.data) renamed.unconditional = renamed.unconditional.data;
  if (Array.isArray(renamed.breakers)) renamed.breakers = renamed.breakers.flat();
  if (renamed.type === 'logit_bias' && renamed.tokens === undefined) {
    const pairs = renamed.bias ?? renamed.biases;
    const entries = Array.isArray(pairs) ? pairs : Object.entries(pairs);
    renamed.tokens = entries.map(([token]) => Number(token));
    renamed.biases = entries.map(([, bias]) => bias);
    delete renamed.bias;
  } else if (renamed.type === 'logit_bias' && renamed.bias !== undefined) {
    renamed.biases = renamed.bias;
    delete renamed.bias;
  }
  const own = ownName[renamed.type];
  if (own !== undefined && renamed[own] !== undefined) {
    renamed.penalty = renamed[own];
    delete renamed[own];
  }
  return renamed;
};

const semantics = (name) => (name === undefined || name === 'hf' ? 'hf' : 'llama.cpp');

/** The published tables show what these leave as it stands; what the others leave was renormalised. */
const asItStands = ['xtc', 'typical'];

const hypothesis = ({ tokens, logProbability, score }) => [Array.from(tokens), logProbability, score];
const live = ({ tokens, logProbability }) => [Array.from(tokens), logProbability];

export default {
  sampler_chain: {
    call: 'samplerChain',
    options: ({ params, inputs }) => ({
      logits: inputs.logits,
      chain: params.chain.map(stage),
      semantics: semantics(params.semantics),
      tokens: params.tokens,
    }),
    result: ({ kept, probabilities, logitsOut }) => ({
      kept,
      probs: probabilities,
      logits_out: logitsOut,
    }),
  },

  sampler_published: {
    call: 'filterProbabilities',
    options: ({ params, inputs }) => ({
      probabilities: inputs.probs_in,
      chain: params.chain.map(stage),
      semantics: semantics(params.semantics),
      tokens: params.tokens,
      order: params.order === 'by token id' ? 'token' : 'candidates',
      renormalise: params.semantics !== 'hf' && !params.chain.some(({ type }) => asItStands.includes(type)),
    }),
    result: ({ probabilities }) => ({ probs_out: probabilities }),
  },

  no_repeat_ngram: {
    call: 'noRepeatNgrams',
    options: ({ params }) => ({ tokens: params.tokens, n: params.n, vocabulary: params.vocab }),
    result: ({ banned }) => ({ banned }),
  },

  entropy_perplexity: {
    call: 'tokenMeasures',
    options: ({ params, inputs }) => ({ logits: inputs.logits, targets: params.targets }),
    result: (result) => ({
      logprobs: result.logProbabilities,
      entropy_nats: result.entropy,
      entropy_bits: result.entropyBits,
      nll: result.nll,
      mean_nll: result.meanNll,
      perplexity: result.perplexity,
      bits_per_token: result.bitsPerToken,
      varentropy: result.varentropy,
    }),
  },

  divergences: {
    call: 'divergences',
    options: ({ inputs }) => ({ logitsP: inputs.logits_p, logitsQ: inputs.logits_q }),
    result: ({ klPq, klQp, js, tv, crossEntropyPq }) => ({
      kl_pq: klPq,
      kl_qp: klQp,
      js,
      tv,
      cross_entropy_pq: crossEntropyPq,
    }),
  },

  inverse_cdf: {
    call: 'inverseCdf',
    options: ({ params, inputs }) => ({
      probabilities: inputs.probs,
      u: inputs.u,
      order: /descending|likeliest|sorted/.test(params.rule ?? '') ? 'probability' : 'token',
    }),
    result: ({ index }) => ({ index }),
  },

  gumbel_max: {
    call: 'gumbelMax',
    options: ({ inputs }) => ({ logits: inputs.logits, u: inputs.u }),
    result: ({ gumbel, scores, index }) => ({ gumbel, scores, index }),
  },

  llm_cfg: {
    call: 'logitGuidance',
    options: ({ params, inputs }) => ({
      conditional: inputs.cond_logits,
      unconditional: inputs.uncond_logits,
      guidance: params.guidance,
    }),
    result: ({ scores }) => ({ scores }),
  },

  contrastive_search: {
    call: 'contrastiveSearch',
    options: ({ params, inputs }) => ({
      probabilities: inputs.probs,
      history: inputs.history,
      candidates: inputs.candidates,
      alpha: params.alpha,
    }),
    result: ({ maxCosine, score, index }) => ({ max_cosine: maxCosine, score, index }),
  },

  speculative: {
    call: 'speculativeAcceptance',
    options: ({ params, inputs }) => ({
      target: inputs.target_p,
      draft: inputs.draft_q,
      gammas: params.gammas,
    }),
    result: ({ acceptance, acceptanceRate, residual, expectedTokens, marginal }) => ({
      accept_prob_if_drafted: acceptance,
      acceptance_rate: acceptanceRate,
      residual,
      expected_tokens_per_step: expectedTokens,
      marginal,
    }),
  },

  mirostat_v2: {
    call: 'mirostat',
    options: ({ params, inputs }) => ({
      logits: inputs.logits,
      drawnTokens: inputs.drawn_tokens,
      tau: params.tau,
      eta: params.eta,
      mu0: params.mu0,
    }),
    result: ({ steps }) => ({
      steps: steps.map(({ muBefore, kept, token, surprise, muAfter }) => ({
        mu_before: muBefore,
        kept,
        token,
        surprise_bits: surprise,
        mu_after: muAfter,
      })),
    }),
  },

  greedy_table: {
    call: 'greedySearch',
    options: ({ params, inputs }) => ({
      transition: inputs.transition,
      maxLen: params.max_len,
      bos: params.bos,
      eos: params.eos,
    }),
    result: ({ tokens, logProbability }) => ({ sequence: tokens, logprob: logProbability }),
  },

  beam_search_table: {
    call: 'beamSearch',
    options: ({ params, inputs }) => ({
      transition: inputs.transition,
      numBeams: params.num_beams,
      lengthPenalty: params.length_penalty,
      maxLen: params.max_len,
      bos: params.bos,
      eos: params.eos,
    }),
    result: ({ finished, steps }) => ({
      finished: finished.map(hypothesis),
      steps: steps.map((step) => ({ live: step.live.map(live), finished: step.finished.map(hypothesis) })),
    }),
  },

  exhaustive_gnmt: {
    call: 'exhaustiveSearch',
    options: ({ params, inputs }) => ({
      transition: inputs.transition,
      alpha: params.alpha,
      maxLen: params.max_len,
      bos: params.bos,
      eos: params.eos,
    }),
    result: ({ finished }) => ({ top5_finished: finished.map(hypothesis) }),
  },

  exp_decay_length: {
    call: 'exponentialLengthPenalty',
    options: ({ params, inputs }) => ({
      logits: inputs.logits,
      start: params.start,
      factor: params.factor,
      eos: params.eos,
      promptLength: params.prompt_len,
      length: params.cur_len,
    }),
    result: ({ logitsOut }) => ({ logits_out: logitsOut }),
  },
};
