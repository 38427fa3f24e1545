/** From probabilities to tokens: draws, measures, speculative decoding. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** From probabilities to tokens: draws, measures, speculative decoding. */
export interface DecodingFunctions {
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
   * Edges: a token of -∞ adds nothing to an entropy; as a target it makes nll, meanNll, perplexity and bitsPerToken infinite; the
   * perplexity also is where the meanNll is above 709.78. RangeError for
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
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
  /** With trace. */
  trace?: Trace;
}

export interface GumbelMaxOptions {
  /** [V]; minus infinity is allowed */
  logits: TensorLike;
  /** [V], each from (0, 1); without them numbers from the seed */
  u?: TensorLike;
  /** Default 0. */
  seed?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
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
  /** With trace. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
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
  /** With trace: target, draft, acceptance, acceptanceRate, excess, residual, expectedTokens, marginal. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
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
  /** With trace. */
  trace?: Trace;
}
