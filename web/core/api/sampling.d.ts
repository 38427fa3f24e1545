import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

export interface SamplingFunctions {
  /**
   * Applies a chain of samplers to logits, one after the other, in any order: temperatures, truncations and penalties, with the kept
   * tokens and probabilities after every stage. Where Hugging Face Transformers and llama.cpp differ, `semantics` chooses: of tokens tied
   * with the k-th logit `hf` keeps all and `llama.cpp` exactly k; typical sampling stops where the sum reaches p in `hf` and where it
   * exceeds p in `llama.cpp`; defaults differ as SamplerStage says.
   *
   * Every stage sees the probabilities of what the stages before it left, renormalised. A sum or a probability that meets its bound to
   * within 1e-12 counts as equal to it.
   *
   * Edges: an empty chain gives the softmax; a chain that drops everything (`suppress` can) leaves no token and probabilities of 0.
   * RangeError for tokens outside the vocabulary, a logit beyond 1e150 in magnitude at any stage, an unknown type, a parameter that the
   * type does not have, lacks or does not allow, and a trace of more than 16 stages or 4096 tokens. Dispose the trace when done with it.
   *
   * @example
   * const { kept, probabilities, stages } = await core.samplerChain({
   *   logits: [2, 1, 0, -1],
   *   chain: [{ type: 'top_k', k: 2 }, { type: 'temperature', temperature: 2 }],
   * });
   * kept; // => [0, 1]
   * probabilities.data; // => [0.6225, 0.3775, 0, 0]
   * stages[0].probabilities.data; // => [0.7311, 0.2689, 0, 0]
   */
  samplerChain(options: SamplerChainOptions): Promise<SamplerChainResult>;

  /**
   * The same chain on probabilities: on their logarithms, whose softmax they are.
   *
   * Edges: as samplerChain. RangeError for negative probabilities.
   *
   * @example
   * const { probabilities, ids } = await core.filterProbabilities({
   *   probabilities: [0.1, 0.2, 0.3, 0.4],
   *   chain: [{ type: 'top_p', p: 0.7 }],
   *   order: 'candidates',
   * });
   * probabilities.data; // => [0.5714, 0.4286]
   * ids; // => [3, 2]
   */
  filterProbabilities(options: FilterProbabilitiesOptions): Promise<FilterProbabilitiesResult>;

  /**
   * The tokens that must not come next if no n-gram is to occur twice (Paulus, Xiong and Socher 2017, section 2.5).
   *
   * Edges: fewer than n tokens ban nothing; n = 1 bans every token of the text. RangeError for n below 1 and tokens outside the
   * vocabulary.
   *
   * @example
   * const { banned } = await core.noRepeatNgrams({ tokens: [0, 1, 0, 1], n: 2, vocabulary: 3 });
   * banned; // => [0]
   */
  noRepeatNgrams(options: NoRepeatNgramsOptions): Promise<NoRepeatNgramsResult>;

  /**
   * Lets the end token grow likelier with every token after the start: its logit z gains |z| (factor^n - 1), with n = length -
   * promptLength - start (as Hugging Face Transformers' ExponentialDecayLengthPenalty does).
   *
   * Edges: nothing changes while n is 0 or less, or where z is -∞. RangeError for factor ≤ 0, negative lengths, an eos outside the
   * vocabulary, and a gain too large for a double.
   *
   * @example
   * const { logitsOut } = await core.exponentialLengthPenalty({
   *   logits: [0.5, 1, -2],
   *   eos: 2,
   *   start: 3,
   *   factor: 1.1,
   *   length: 8,
   *   promptLength: 2,
   * });
   * logitsOut.data; // => [0.5, 1, -1.338]
   */
  exponentialLengthPenalty(options: ExponentialLengthPenaltyOptions): Promise<ExponentialLengthPenaltyResult>;

  /**
   * Classifier-free guidance for text: log p_u + guidance (log p_c - log p_u), with p_c and p_u the softmaxes of the logits with and
   * without the prompt (Sanchez et al. 2023, equation 7).
   *
   * Edges: guidance 1 gives log p_c, guidance 0 log p_u. RangeError where a score would not be finite.
   *
   * @example
   * const { scores } = await core.logitGuidance({ conditional: [1, 0], unconditional: [0, 0], guidance: 2 });
   * scores.data; // => [0.0666, -1.9334]
   */
  logitGuidance(options: LogitGuidanceOptions): Promise<LogitGuidanceResult>;

  /**
   * Mirostat 2.0 over T steps (Basu et al. 2021, algorithm 2, as llama.cpp runs it): tokens more surprising than μ bits are dropped, one
   * of the rest is drawn, and μ moves against the error: μ -= η (surprise - τ). The surprise is that of the renormalised probability.
   *
   * Edges: where every token is more surprising than μ the likeliest stays. RangeError for τ or η below 0, a drawn token outside the
   * vocabulary or among the dropped, a row without a logit above -∞, and logits beyond 1e150 in magnitude.
   *
   * @example
   * const { steps } = await core.mirostat({ logits: [[0, 0, 0, 0]], tau: 3, eta: 0.5, drawnTokens: [1] });
   * steps[0].muBefore; // => 6
   * steps[0].surprise; // => 2
   * steps[0].muAfter; // => 6.5
   */
  mirostat(options: MirostatOptions): Promise<MirostatResult>;

  /**
   * Draws tokens by the inverse of the distribution function: the first token whose cumulative probability exceeds u
   * (Devroye 1986, section III.2).
   *
   * Edges: where rounding leaves the last sum at or below u, the last token with a probability above 0. RangeError for negative
   * probabilities, a sum that is not 1 within 1e-3, u outside [0, 1), and draws outside 0 .. 1 000 000.
   *
   * @example
   * const { index, cumulative } = await core.inverseCdf({ probabilities: [0.25, 0.5, 0.25], u: [0.1, 0.25, 0.9] });
   * index; // => [0, 1, 2]
   * cumulative.data; // => [0.25, 0.75, 1]
   */
  inverseCdf(options: InverseCdfOptions): Promise<InverseCdfResult>;

  /**
   * Draws a token by adding Gumbel noise to the logits and taking the largest: the token comes with its softmax probability, which nothing
   * has to normalise (Gumbel 1954; Maddison, Tarlow and Minka 2014).
   *
   * Edges: a logit of -∞ never wins. RangeError for no logits, nothing but -∞, +∞, and u outside (0, 1).
   *
   * @example
   * const { gumbel, index } = await core.gumbelMax({ logits: [0, 1], u: [0.5, 0.25] });
   * gumbel.data; // => [0.3665, -0.3266]
   * index; // => 1
   */
  gumbelMax(options: GumbelMaxOptions): Promise<GumbelMaxResult>;

  /**
   * Entropy and varentropy of every row of logits and, with targets, the negative log-likelihood, the perplexity e^(mean nll) and the bits
   * per token (Shannon 1948; Jelinek et al. 1977).
   *
   * Edges: a token of -∞ adds nothing to an entropy; as a target it makes nll, meanNll, perplexity and bitsPerToken infinite. RangeError for
   * targets outside the vocabulary, targets without rows, a row without a logit above -∞, logits beyond 1e150 in magnitude, and a trace of
   * more than 65536 logits. Dispose the trace when done with it.
   *
   * @example
   * const { entropyBits, perplexity } = await core.tokenMeasures({ logits: [[0, 0, 0, 0]], targets: [2] });
   * entropyBits.data; // => [2]
   * perplexity; // => 4
   */
  tokenMeasures(options: TokenMeasuresOptions): Promise<TokenMeasuresResult>;

  /**
   * How far apart two softmaxes are, in nats: Kullback-Leibler divergences (Kullback and Leibler 1951), Jensen-Shannon divergence
   * (Lin 1991), total variation and cross-entropy.
   *
   * Edges: a token that only p can give makes klPq and crossEntropyPq infinite. RangeError for a side without a logit above -∞, logits
   * beyond 1e150 in magnitude, and a trace of more than 65536 logits. Dispose the trace when done with it.
   *
   * @example
   * const { klPq, tv } = await core.divergences({ logitsP: [0, 0], logitsQ: [Math.log(3), 0] });
   * klPq; // => 0.1438
   * tv; // => 0.25
   */
  divergences(options: DivergencesOptions): Promise<DivergencesResult>;

  /**
   * What speculative decoding does to one distribution (Leviathan, Kalman and Matias 2023): a drafted token is accepted with probability
   * min(1, target / draft), else one is drawn from the residual, and the two together give the target.
   *
   * Edges: equal distributions have a residual of zeros; a token that is never drafted has acceptance 0. RangeError for negative
   * probabilities, sums that are not 1 within 1e-3, and negative gammas.
   *
   * @example
   * const { acceptance, acceptanceRate, residual, expectedTokens } = await core.speculativeAcceptance({
   *   target: [0.5, 0.5],
   *   draft: [0.75, 0.25],
   *   gammas: [1],
   * });
   * acceptance.data; // => [0.6667, 1]
   * acceptanceRate; // => 0.75
   * residual.data; // => [0, 1]
   * expectedTokens; // => [1.75]
   */
  speculativeAcceptance(options: SpeculativeAcceptanceOptions): Promise<SpeculativeAcceptanceResult>;

  /**
   * One step of speculative decoding (Leviathan, Kalman and Matias 2023, algorithm 1): draft i is accepted where
   * u_i < min(1, target / draft), up to the first that is not. One more token comes from the residual there, or from the target's last
   * row if all were accepted, by the inverse of its distribution function and the last u.
   *
   * Edges: no drafts give one token of the target. RangeError for rows that are no distributions, tokens outside the vocabulary or with a
   * draft probability of 0, P other than G + 1, and u outside [0, 1).
   *
   * @example
   * const { tokens, accepted } = await core.speculativeStep({
   *   target: [[0.5, 0.5], [0.25, 0.75]],
   *   draft: [[0.75, 0.25]],
   *   drafted: [0],
   *   u: [0.9, 0.5],
   * });
   * accepted; // => 0
   * tokens; // => [1]
   */
  speculativeStep(options: SpeculativeStepOptions): Promise<SpeculativeStepResult>;

  /**
   * The likeliest next token, again and again, over a table in which the next token depends on the last one alone.
   *
   * Edges: of equal probabilities the lowest token; maxLen 0 gives no tokens. RangeError for negative probabilities, tokens outside the table,
   * maxLen outside 0 .. 256, and a token that has to be followed but has no row or only zeros in it.
   *
   * @example
   * const transition = [[0, 0.6, 0.4, 0], [0, 0.3, 0.3, 0.4], [0, 0, 0.1, 0.9]];
   * const { tokens, logProbability } = await core.greedySearch({ transition });
   * tokens; // => [1, 3]
   * logProbability; // => -1.4271
   */
  greedySearch(options: GreedySearchOptions): Promise<GreedySearchResult>;

  /**
   * Beam search as Hugging Face Transformers runs it, with score = log p / length^lengthPenalty, larger being better (Graves 2012, Wu et al.
   * 2016). Of every step's continuations the 2 numBeams likeliest are looked at: one that ends (in eos, or at maxLen) is finished if it is
   * among the first numBeams, else dropped; of the others the first numBeams live on. Of the finished the numBeams best are kept.
   *
   * Edges: continuations with probability 0 do not exist; of equal log-probabilities or scores the lower tokens come first. RangeError as
   * greedySearch, for numBeams outside 1 .. 1024, and where the steps would hold more than 1e7 tokens.
   *
   * @example
   * const transition = [[0, 0.6, 0.4, 0], [0, 0.3, 0.3, 0.4], [0, 0, 0.1, 0.9]];
   * const { finished, steps } = await core.beamSearch({ transition, numBeams: 2, lengthPenalty: 0 });
   * finished[0].tokens; // => [2, 3]
   * finished[0].score; // => -1.0217
   * steps[0].live.map(({ tokens }) => tokens[0]); // => [1, 2]
   */
  beamSearch(options: BeamSearchOptions): Promise<BeamSearchResult>;

  /**
   * Every sequence of at most maxLen tokens that ends in eos, with score = log p / ((5 + length) / 6)^alpha (Wu et al. 2016, equation 14).
   *
   * Edges: of equal scores the lower tokens come first. RangeError as greedySearch, for best outside 1 .. 1000, and for more than
   * 2 000 000 sequences and beginnings of sequences.
   *
   * @example
   * const transition = [[0, 0.6, 0.4, 0], [0, 0.3, 0.3, 0.4], [0, 0, 0.1, 0.9]];
   * const { finished, count } = await core.exhaustiveSearch({ transition, maxLen: 2 });
   * finished.map(({ tokens }) => tokens[0]); // => [2, 1]
   * count; // => 2
   */
  exhaustiveSearch(options: ExhaustiveSearchOptions): Promise<ExhaustiveSearchResult>;

  /**
   * One step of contrastive search: (1 - α) p - α max_t cos(candidate, history_t) (Su et al. 2022, equation 5).
   *
   * Edges: a vector of zeros has cosine 0. RangeError for α outside 0 .. 1, no candidates, no history, and vectors whose length is too large for
   * a double.
   *
   * @example
   * const { maxCosine, score, index } = await core.contrastiveSearch({
   *   probabilities: [0.6, 0.4],
   *   history: [[1, 0]],
   *   candidates: [[2, 0], [0, 1]],
   *   alpha: 0.5,
   * });
   * maxCosine.data; // => [1, 0]
   * score.data; // => [-0.2, 0.2]
   * index; // => 1
   */
  contrastiveSearch(options: ContrastiveSearchOptions): Promise<ContrastiveSearchResult>;
}

/**
 * One stage of a sampler chain. By type, with the defaults of Hugging Face / llama.cpp in brackets where there are any:
 *
 * - `temperature`: temperature (1 / 0.8). Divides the logits; 0 keeps the largest alone.
 * - `dynamic_temperature`: temperature (1 / 0.8), range (0), exponent (1). Between max(0, temperature - range) and temperature + range, at the
 *   fraction (entropy / ln of the number of candidates)^exponent (llama.cpp).
 * - `top_k`: k (50 / 40; 0 or less keeps all), minKeep (1). The k largest logits (Fan, Lewis and Dauphin 2018).
 * - `top_p`: p (1 / 0.95; 1 keeps all), minKeep (1). The shortest descending prefix that sums to p (Holtzman et al. 2020).
 * - `min_p`: p (0 / 0.05), minKeep (1). At least p times the largest probability (Nguyen et al. 2024).
 * - `typical`: p (1), minKeep (1). By |-ln p_i - entropy|, ascending, until p is gathered (Meister et al. 2023).
 * - `epsilon`, `eta`: epsilon, minKeep (1). Probability at least epsilon, or at least min(ε, √ε e^-entropy) (Hewitt, Manning and Liang 2022).
 * - `top_n_sigma`: n. Logit at least the largest minus n standard deviations (Tang et al. 2024).
 * - `top_h`: h. The descending prefix that holds at most the fraction h of the entropy, of the 100 likeliest (Hugging Face).
 * - `p_less`: normalised (false), minKeep (1). Probability at least Σ p² (Tan et al. 2025); normalised, at least (V Σ p² - 1) / (V - 1).
 * - `xtc`: threshold (0.1), probability (1), minKeep (1). Of the tokens at or above the threshold only the least likely stays (llama.cpp).
 * - `repetition`: penalty. Divides the logits of seen tokens above 0, multiplies those below (Keskar et al. 2019).
 * - `frequency`, `presence`: penalty, lastN (-1). Subtracts the penalty for every occurrence, or once.
 * - `penalties`: lastN (-1 / 64), repeat (1), frequency (0), presence (0). The three together (llama.cpp).
 * - `dry`: multiplier, base (1.75), allowed (2), lastN (-1), breakers (none). Subtracts multiplier · base^(n - allowed) from a token that would
 *   continue a repetition of n ≥ allowed tokens (llama.cpp).
 * - `no_repeat_ngram`: n. Drops what would complete an n-gram that the text has.
 * - `logit_bias`: tokens, biases. Adds to logits.
 * - `suppress`: tokens. Drops them.
 * - `exp_decay_length`: eos, start, factor, promptLength (0), length (the number of tokens). As exponentialLengthPenalty.
 * - `guidance`: unconditional, guidance (1.5). As logitGuidance.
 */
export interface SamplerStage {
  type: string;
  /** At least 0. */
  temperature?: number;
  /** At least 0. */
  range?: number;
  /** At least 0. */
  exponent?: number;
  k?: Integer;
  /** At least 0. */
  p?: number;
  /** How many candidates stay at least. */
  minKeep?: Integer;
  /** At least 0. */
  epsilon?: number;
  n?: number;
  /** At least 0. */
  h?: number;
  normalised?: boolean;
  /** At least 0. */
  threshold?: number;
  /** At least 0; with which the stage happens at all. */
  probability?: number;
  /** Above 0 for `repetition`. */
  penalty?: number;
  /** How many of the last tokens count; -1: all. */
  lastN?: Integer;
  /** Above 0. */
  repeat?: number;
  frequency?: number;
  presence?: number;
  /** At least 0. */
  multiplier?: number;
  /** At least 0; below 1 the stage does nothing. */
  base?: number;
  /** The longest repetition that costs nothing, less one: at least 0. */
  allowed?: Integer;
  /** Tokens that no repetition reaches across. */
  breakers?: ArrayLike<number>;
  tokens?: ArrayLike<number>;
  /** One for each of the tokens. */
  biases?: ArrayLike<number>;
  eos?: Integer;
  /** Generated tokens before the penalty sets in. */
  start?: Integer;
  /** Above 0. */
  factor?: number;
  promptLength?: Integer;
  /** All tokens so far. */
  length?: Integer;
  guidance?: number;
  /** V logits without the prompt. */
  unconditional?: ArrayLike<number>;
}

export interface SamplerChainOptions {
  /** [V]; minus infinity is allowed */
  logits: TensorLike;
  /** At most 256, in order. */
  chain: SamplerStage[];
  /** Default `hf`. */
  semantics?: 'hf' | 'llama.cpp';
  /** The text so far, for the penalties. Default none. */
  tokens?: ArrayLike<number>;
  /** For `xtc` with a probability below 1. Default 0. */
  seed?: Integer;
  /** Whether every stage's outcome is returned. Default true. */
  stages?: boolean;
  /** Whether a trace is recorded. Default false. */
  trace?: boolean;
}

/** What one stage leaves. */
export interface SamplerStageResult {
  type: string;
  /** The tokens with a probability above 0, ascending. */
  kept: number[];
  /** [V]; -∞ for a dropped token */
  logits: Tensor;
  /** [V] */
  probabilities: Tensor;
}

export interface SamplerChainResult {
  /** The tokens with a probability above 0, ascending. */
  kept: number[];
  /** [V]: softmax of logitsOut */
  probabilities: Tensor;
  /** [V]; -∞ for a dropped token */
  logitsOut: Tensor;
  /** One for each stage, unless `stages` is false. */
  stages: SamplerStageResult[];
  /** logits, stage1, stage2, .. [V], maximum [], exponentials [V], sum [], probabilities [V]; if asked for. */
  trace?: Trace;
}

export interface FilterProbabilitiesOptions {
  /** [V], at least 0 */
  probabilities: TensorLike;
  /** At most 256, in order. */
  chain: SamplerStage[];
  /** Default `hf`. */
  semantics?: 'hf' | 'llama.cpp';
  /** The text so far, for the penalties. Default none. */
  tokens?: ArrayLike<number>;
  /** For `xtc` with a probability below 1. Default 0. */
  seed?: Integer;
  /**
   * `token` gives all V by id, `candidates` those that are left, in the order in which llama.cpp holds them: most stages that look for the
   * likeliest sort, the others leave the order alone, and `top_n_sigma` keeps the dropped ones with probability 0. Default `token`.
   */
  order?: 'token' | 'candidates';
  /** Whether what is left is scaled to sum to 1. Default true. */
  renormalise?: boolean;
}

export interface FilterProbabilitiesResult {
  /** [N], N = V by token */
  probabilities: Tensor;
  /** [N]: the token of each */
  ids: number[];
}

export interface NoRepeatNgramsOptions {
  /** The text so far. */
  tokens: ArrayLike<number>;
  /** At least 1. */
  n: Integer;
  /** V, above every token. */
  vocabulary: Integer;
}

export interface NoRepeatNgramsResult {
  /** Ascending. */
  banned: number[];
}

export interface ExponentialLengthPenaltyOptions {
  /** [V]; minus infinity is allowed */
  logits: TensorLike;
  /** The end token. */
  eos: Integer;
  /** Generated tokens before the penalty sets in. */
  start: Integer;
  /** Above 0. */
  factor: number;
  /** All tokens so far, with the prompt's. */
  length: Integer;
  /** Default 0. */
  promptLength?: Integer;
}

export interface ExponentialLengthPenaltyResult {
  /** [V] */
  logitsOut: Tensor;
  /** What the end token's logit gained. */
  bonus: number;
}

export interface LogitGuidanceOptions {
  /** [V]: logits with the prompt */
  conditional: TensorLike;
  /** [V]: logits without it */
  unconditional: TensorLike;
  /** Default 1.5. */
  guidance?: number;
}

export interface LogitGuidanceResult {
  /** [V] */
  scores: Tensor;
}

export interface MirostatOptions {
  /** [T, V], one row for each token to come; minus infinity is allowed */
  logits: TensorLike;
  /** τ, the surprise to aim at, in bits. Default 5. */
  tau?: number;
  /** η. Default 0.1. */
  eta?: number;
  /** μ at the beginning. Default 2 τ. */
  mu0?: number;
  /** [T]: the tokens drawn; without them they are drawn with the seed. */
  drawnTokens?: ArrayLike<number>;
  /** Default 0. */
  seed?: Integer;
}

export interface MirostatStep {
  muBefore: number;
  /** Ascending. */
  kept: number[];
  /** [V], of the kept, renormalised */
  probabilities: Tensor;
  token: Integer;
  /** In bits. */
  surprise: number;
  muAfter: number;
}

export interface MirostatResult {
  /** T of them. */
  steps: MirostatStep[];
}

export interface InverseCdfOptions {
  /** [V], at least 0 */
  probabilities: TensorLike;
  /** From [0, 1); without them `draws` numbers from the seed. */
  u?: ArrayLike<number>;
  /** Default 1. */
  draws?: Integer;
  /** Default 0. */
  seed?: Integer;
  /** In which order the probabilities are added up: by id, or from the likeliest down. Default `token`. */
  order?: 'token' | 'probability';
}

export interface InverseCdfResult {
  /** [N]: the token of each draw */
  index: number[];
  /** [V], in the order in which they were added up */
  cumulative: Tensor;
  /** [V]: the token of each cumulative sum */
  order: number[];
  /** [N] */
  u: number[];
}

export interface GumbelMaxOptions {
  /** [V]; minus infinity is allowed */
  logits: TensorLike;
  /** [V], each from (0, 1); without them numbers from the seed */
  u?: TensorLike;
  /** Default 0. */
  seed?: Integer;
}

export interface GumbelMaxResult {
  /** [V]: -ln(-ln u) */
  gumbel: Tensor;
  /** [V]: logits + gumbel */
  scores: Tensor;
  /** The token with the largest score; of equal ones the lowest. */
  index: Integer;
  /** [V] */
  u: Tensor;
}

export interface TokenMeasuresOptions {
  /** [T, V]; minus infinity is allowed */
  logits: TensorLike;
  /** [T]: the tokens that came */
  targets?: ArrayLike<number>;
  /** Whether a trace is recorded. Default false. */
  trace?: boolean;
}

export interface TokenMeasuresResult {
  /** [T, V] */
  logProbabilities: Tensor;
  /** [T], in nats */
  entropy: Tensor;
  /** [T] */
  entropyBits: Tensor;
  /** [T]: Σ p (ln p + entropy)², in squared nats */
  varentropy: Tensor;
  /** [T]: -ln p of the target, with targets */
  nll?: Tensor;
  /** With targets. */
  meanNll?: number;
  /** With targets: e^meanNll */
  perplexity?: number;
  /** With targets: meanNll / ln 2 */
  bitsPerToken?: number;
  /** If asked for. */
  trace?: Trace;
}

export interface DivergencesOptions {
  /** [V]; minus infinity is allowed */
  logitsP: TensorLike;
  /** [V]; minus infinity is allowed */
  logitsQ: TensorLike;
  /** Whether a trace is recorded. Default false. */
  trace?: boolean;
}

export interface DivergencesResult {
  /** Σ p ln(p / q) */
  klPq: number;
  /** Σ q ln(q / p) */
  klQp: number;
  /** (KL(p, m) + KL(q, m)) / 2 with m = (p + q) / 2; at most ln 2 */
  js: number;
  /** Σ |p - q| / 2 */
  tv: number;
  /** -Σ p ln q */
  crossEntropyPq: number;
  /** If asked for. */
  trace?: Trace;
}

export interface SpeculativeAcceptanceOptions {
  /** [V]: the large model's distribution */
  target: TensorLike;
  /** [V]: the small model's distribution */
  draft: TensorLike;
  /** [N]: numbers of drafted tokens per step. Default 1, 2, 4, 8. */
  gammas?: ArrayLike<number>;
}

export interface SpeculativeAcceptanceResult {
  /** [V]: min(1, target / draft) */
  acceptance: Tensor;
  /** Σ min(target, draft) */
  acceptanceRate: number;
  /** [V]: max(0, target - draft), normalised */
  residual: Tensor;
  /** [N]: (1 - rate^(γ + 1)) / (1 - rate), were the rate the same at every position */
  expectedTokens: number[];
  /** [V]: what comes out of the two together */
  marginal: Tensor;
}

export interface SpeculativeStepOptions {
  /** [P, V], P = G + 1 */
  target: TensorLike;
  /** [G, V] */
  draft: TensorLike;
  /** [G] */
  drafted: ArrayLike<number>;
  /** [P], from [0, 1); without them numbers from the seed */
  u?: ArrayLike<number>;
  /** Default 0. */
  seed?: Integer;
}

export interface SpeculativeStepResult {
  /** The accepted drafts and one more. */
  tokens: number[];
  /** How many drafts were accepted. */
  accepted: Integer;
  /** [G]: min(1, target / draft) of each drafted token */
  acceptance: number[];
  /** [V]: what the last token was drawn from */
  finalDistribution: Tensor;
  /** [P] */
  u: number[];
}

export interface GreedySearchOptions {
  /** [S, V]: row s holds the probabilities of what follows token s; the end token needs no row */
  transition: TensorLike;
  /** Default 20. */
  maxLen?: Integer;
  /** The token that the first one follows. Default 0. */
  bos?: Integer;
  /** The end token. Default V - 1. */
  eos?: Integer;
}

export interface GreedySearchResult {
  /** [T], without bos */
  tokens: number[];
  logProbability: number;
  /** [T]: of each token, after the one before it */
  probabilities: number[];
}

/** A sequence and what it is worth. */
export interface Hypothesis {
  /** Without bos, with eos. */
  tokens: number[];
  logProbability: number;
  /** logProbability divided by the length penalty. */
  score: number;
}

/** A continuation of a live beam. */
export interface BeamCandidate {
  tokens: number[];
  logProbability: number;
  /** Which live beam of the step before it continues. */
  parent: Integer;
  /** Among all candidates of the step, from 0. */
  rank: Integer;
  /** `live`, `finished` or `dropped`. */
  outcome: string;
}

export interface BeamStep {
  /** By rank. */
  candidates: BeamCandidate[];
  /** What the next step continues, by log-probability. */
  live: Hypothesis[];
  /** The best so far, by score. */
  finished: Hypothesis[];
}

export interface BeamSearchOptions {
  /** [S, V]: row s holds the probabilities of what follows token s; the end token needs no row */
  transition: TensorLike;
  /** Default 4. */
  numBeams?: Integer;
  /** Default 1. */
  lengthPenalty?: number;
  /** Default 20. */
  maxLen?: Integer;
  /** The token that the first one follows. Default 0. */
  bos?: Integer;
  /** The end token. Default V - 1. */
  eos?: Integer;
  /** Whether to stop as soon as numBeams sequences have finished. Default false. */
  earlyStopping?: boolean;
  /** How many candidates of each step are returned, at least the 2 numBeams likeliest. Default 256. */
  mostCandidates?: Integer;
}

export interface BeamSearchResult {
  /** At most numBeams, by score. */
  finished: Hypothesis[];
  steps: BeamStep[];
}

export interface ExhaustiveSearchOptions {
  /** [S, V]: row s holds the probabilities of what follows token s; the end token needs no row */
  transition: TensorLike;
  /** Strength of the length penalty. Default 0. */
  alpha?: number;
  /** Default 4. */
  maxLen?: Integer;
  /** The token that the first one follows. Default 0. */
  bos?: Integer;
  /** The end token. Default V - 1. */
  eos?: Integer;
  /** How many sequences are returned. Default 5. */
  best?: Integer;
}

export interface ExhaustiveSearchResult {
  /** At most `best`, by score. */
  finished: Hypothesis[];
  /** Sequences that end in eos. */
  count: Integer;
  /** Theirs together. */
  probability: number;
}

export interface ContrastiveSearchOptions {
  /** [K]: of the K candidates */
  probabilities: TensorLike;
  /** [T, D]: hidden states of the text so far */
  history: TensorLike;
  /** [K, D]: what each candidate's hidden state would be */
  candidates: TensorLike;
  /** α. Default 0.6. */
  alpha?: number;
}

export interface ContrastiveSearchResult {
  /** [K, T] */
  cosine: Tensor;
  /** [K] */
  maxCosine: Tensor;
  /** [K] */
  score: Tensor;
  /** The candidate with the largest score; of equal ones the first. */
  index: Integer;
}
