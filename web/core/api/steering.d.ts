/** Steering the next token: its few candidates, Mirostat, penalties, guidance. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Steering the next token: its few candidates, Mirostat, penalties, guidance. */
export interface SteeringFunctions {
  /**
   * The tokens that may be drawn from a whole vocabulary, largest first: logits / temperature, the topK largest, of their softmax the
   * fewest whose probabilities reach topP (Holtzman et al. 2020, section 3.1), softmax over what is left. As samplerChain with these
   * three stages, but fast: the vocabulary is never sorted. Float32 logits stay float32.
   *
   * Edges: the token that crosses topP is kept; of equal logits the lower ids, and exactly topK, as llama.cpp has it; a token of -∞ is
   * never kept. RangeError for a temperature that is not above 0, topK below 1, topP outside (0, 1], and logits that are all -∞.
   *
   * @example
   * const { ids, probabilities } = await core.sampleTop({ logits: [0, 3, 1, 2], topK: 3, topP: 0.8 });
   * ids; // => [1, 3]
   * probabilities.data; // => [0.7311, 0.2689]
   */
  sampleTop(options: SampleTopOptions): Promise<SampleTopResult>;

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
}

export interface SampleTopOptions {
  /** [V], minus infinity allowed */
  logits: TensorLike;
  /** Above 0. Default 1. */
  temperature?: number;
  /** Default: all. */
  topK?: Integer;
  /** In (0, 1]. Default 1: all. */
  topP?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SampleTopResult {
  /** The kept tokens, largest logit first. */
  ids: number[];
  /** [K], descending; they sum to 1 */
  probabilities: Tensor;
  /** With trace. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface MirostatResult {
  /** T of them. */
  steps: MirostatStep[];
  /** With trace. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ExponentialLengthPenaltyResult {
  /** [V] */
  logitsOut: Tensor;
  /** What the end token's logit gained. */
  bonus: number;
  /** With trace. */
  trace?: Trace;
}

export interface LogitGuidanceOptions {
  /** [V]: logits with the prompt */
  conditional: TensorLike;
  /** [V]: logits without it */
  unconditional: TensorLike;
  /** Default 1.5. */
  guidance?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LogitGuidanceResult {
  /** [V] */
  scores: Tensor;
  /** With trace. */
  trace?: Trace;
}
