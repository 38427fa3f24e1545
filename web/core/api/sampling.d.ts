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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface FilterProbabilitiesResult {
  /** [N], N = V by token */
  probabilities: Tensor;
  /** [N]: the token of each */
  ids: number[];
  /** With trace. */
  trace?: Trace;
}
