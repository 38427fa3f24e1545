/** Numbers as codes: vector and scalar quantisation, action tokens, the cosine transform. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Numbers as codes: vector and scalar quantisation, action tokens, the cosine transform. */
export interface CodesFunctions {
  /**
   * Replaces each vector by the nearest entry of a codebook, with the two losses of VQ-VAE and their derivatives: the codebook loss
   * moves the entries to the vectors, the commitment loss the vectors to the entries; means over all numbers of z (van den Oord et
   * al. 2017, equations 1 to 3).
   *
   * The trace's tensors, in order, leading axes in one: z [N, D], codebook [K, D], squaredDistances [N, K], indices [N], quantized
   * [N, D], squaredErrors [N, D], codebookLoss, commitmentLoss, total [1].
   *
   * Edges: of equally near entries the first is taken. RangeError for no vector, an empty codebook and beta < 0.
   *
   * @example
   * const { indices, total, perplexity } = await core.vectorQuantize({ z: [[0.9, 0], [0, 0.2]], codebook: [[1, 0], [0, 0]] });
   * indices.data; // => [0, 1]
   * total; // => 0.0156
   * perplexity; // => 2
   */
  vectorQuantize(options: VectorQuantizeOptions): Promise<VectorQuantizeResult>;

  /**
   * Finite scalar quantisation: each coordinate is squeezed by tanh to the width of its L levels, h tanh(z + shift) - o, and
   * rounded, half to even; o is 0 for odd L and 1/2 for even. `paper`: h = (L - 1)(1 - ε) / 2, shift = tan(o / h) (Mentzer et al.
   * 2023, appendix A.1); `vector_quantize_pytorch`, the library: h = (L - 1)(1 + ε) / 2, shift = artanh(o / h), with which 0 stays
   * 0.
   *
   * RangeError for fewer than 2 levels, more than 2^53 codes, ε < 0 or at least 1 / (L - 1), and an unknown variant.
   *
   * @example
   * const { codes, digits, index } = await core.finiteScalarQuantize({ z: [[0, 9]], levels: [5, 5] });
   * codes.data; // => [0, 1]
   * digits.data; // => [2, 4]
   * index.data; // => [22]
   */
  finiteScalarQuantize(options: FiniteScalarQuantizeOptions): Promise<FiniteScalarQuantizeResult>;

  /**
   * RT-1's action tokens: (a - low) / (high - low) · (bins - 1), rounded down; and back (Brohan et al. 2022, section 5.1, and its
   * code). What is decoded lies at or below the action, and only a = high reaches the last token.
   *
   * Edges: actions outside low to high are clipped. RangeError for bins < 2 and unless low < high.
   *
   * @example
   * const { tokens, decoded } = await core.rt1ActionTokens({ action: [-1, 0.3, 1], bins: 5 });
   * tokens.data; // => [0, 2, 4]
   * decoded.data; // => [-1, 0, 1]
   */
  rt1ActionTokens(options: Rt1ActionTokensOptions): Promise<Rt1ActionTokensResult>;

  /**
   * OpenVLA's action tokens, the last of the vocabulary: `bins` edges in equal steps from low to high; the token is vocabSize less
   * the number of edges at or below the action, and decodes to the middle of its interval (Kim et al. 2024, section 3.2, and its
   * code).
   *
   * Edges: actions outside low to high are clipped; a = high has a token of its own, which decodes as the one before. RangeError
   * for bins < 2, a vocabSize below bins, and unless low < high.
   *
   * @example
   * const { tokenIds, decoded } = await core.openvlaActionTokens({ action: [-1, 0, 1], bins: 5, vocabSize: 100 });
   * tokenIds.data; // => [99, 97, 95]
   * decoded.data; // => [-0.75, 0.25, 0.75]
   */
  openvlaActionTokens(options: OpenvlaActionTokensOptions): Promise<OpenvlaActionTokensResult>;

  /**
   * ACT's temporal ensemble: the action at time t as the mean of all predictions made for it so far, weighted with exp(-m i), i = 0
   * for the oldest (Zhao et al. 2023, section IV and algorithm 2).
   *
   * Edges: chunks predicted after t, and those that end before it, do not count. RangeError for a t for which no chunk holds an
   * action.
   *
   * @example
   * const { weights, action } = await core.temporalEnsemble({ chunks: [[[1], [2]], [[4], [0]]], t: 1, m: 0 });
   * weights.data; // => [0.5, 0.5]
   * action.data; // => [3]
   */
  temporalEnsemble(options: TemporalEnsembleOptions): Promise<TemporalEnsembleResult>;

  /**
   * The discrete cosine transform of types 1 to 4 (Ahmed, Natarajan and Rao 1974; scipy.fft's conventions), and its values scaled
   * and rounded to whole numbers, half to even. Type 2, `ortho`, along time is the first stage of the FAST action tokenizer
   * (Pertsch et al. 2025).
   *
   * Edges: nothing transforms into nothing. RangeError for another type or norm, an axis that is not there, more than 2^28 / N
   * entries, and a single entry with type 1.
   *
   * @example
   * const { y, quantised } = await core.discreteCosineTransform({ x: [1, 1, 1, 1] });
   * y.data; // => [2, 0, 0, 0]
   * quantised.data; // => [20, 0, 0, 0]
   */
  discreteCosineTransform(options: DiscreteCosineTransformOptions): Promise<DiscreteCosineTransformResult>;
}

export interface VectorQuantizeOptions {
  /** [.., D] */
  z: TensorLike;
  /** [K, D] */
  codebook: TensorLike;
  /** Weight of the commitment loss, at least 0. Default 0.25. */
  beta?: number;
  /** Whether to record how each number came about. Default false. */
  trace?: boolean;
}

export interface VectorQuantizeResult {
  /** [.., K] of each vector from each entry */
  squaredDistances: Tensor;
  /** [..] the nearest entry, counted from 0 */
  indices: Tensor;
  /** [.., D] that entry; the output of the straight-through estimator has the same values */
  quantized: Tensor;
  /** Mean of (quantized - z)², z held fixed. */
  codebookLoss: number;
  /** The same number, the codebook held fixed. */
  commitmentLoss: number;
  /** codebookLoss + beta · commitmentLoss. */
  total: number;
  /** [.., D] derivative of total with respect to z, which the commitment loss alone moves */
  dZ: Tensor;
  /** [K, D] derivative of total with respect to the codebook, which the codebook loss alone moves */
  dCodebook: Tensor;
  /** [K] how often each entry was nearest */
  counts: Tensor;
  /** exp of the entropy of the counts: how many entries are in use, from 1 to K. */
  perplexity: number;
  /** With `trace`. */
  trace?: Trace;
}

export interface FiniteScalarQuantizeOptions {
  /** [.., D] */
  z: TensorLike;
  /** [D] numbers of levels, each at least 2 */
  levels: ArrayLike<number>;
  /** ε, at least 0, below 1 / (L - 1). Default 0.001. */
  eps?: number;
  /** Default `paper`. */
  variant?: 'paper' | 'vector_quantize_pytorch';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface FiniteScalarQuantizeResult {
  /** [.., D] before rounding */
  bounded: Tensor;
  /** [.., D] rounded and divided by ⌊L / 2⌋: from -1 to 1 */
  codes: Tensor;
  /** [.., D] whole numbers from 0 to L - 1 */
  digits: Tensor;
  /** [..] the digits as one number: d_0 + L_0 (d_1 + L_1 (d_2 + ...)) */
  index: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface Rt1ActionTokensOptions {
  /** [..] in the unit of the actuator */
  action: TensorLike;
  /** Number of tokens, 2 to 1 000 000. Default 256. */
  bins?: Integer;
  /** Default -1. */
  low?: number;
  /** Default 1. */
  high?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface Rt1ActionTokensResult {
  /** [..] whole numbers from 0 to bins - 1 */
  tokens: Tensor;
  /** [..] low + (high - low) token / (bins - 1) */
  decoded: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface OpenvlaActionTokensOptions {
  /** [..] in the unit of the actuator */
  action: TensorLike;
  /** Number of edges, 2 to 1 000 000; the intervals are one fewer. Default 256. */
  bins?: Integer;
  /** At least bins. Default 32000. */
  vocabSize?: Integer;
  /** Default -1. */
  low?: number;
  /** Default 1. */
  high?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface OpenvlaActionTokensResult {
  /** [..] how many edges lie at or below the action, 1 to bins */
  digitized: Tensor;
  /** [..] vocabSize - digitized */
  tokenIds: Tensor;
  /** [..] the middle of the interval */
  decoded: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface TemporalEnsembleOptions {
  /** [N, L, D] chunk n, predicted at time n, holds the actions for the times n to n + L - 1 */
  chunks: TensorLike;
  /** At least 0. */
  t: Integer;
  /** Above 0 trusts the oldest prediction most. Default 0.01. */
  m?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface TemporalEnsembleResult {
  /** [K] of the chunks that hold an action for time t, the oldest first; they sum to 1 */
  weights: Tensor;
  /** [D] */
  action: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface DiscreteCosineTransformOptions {
  /** [..] at least one axis */
  x: TensorLike;
  /** 1 to 4. Default 2. */
  type?: Integer;
  /** `ortho` (the default): the transform keeps lengths; `backward`: no factor; `forward`: divided by 2 N, 2 (N - 1) for type 1. */
  norm?: 'ortho' | 'backward' | 'forward';
  /** From -rank to rank - 1. Default 0. */
  axis?: Integer;
  /** Factor before rounding. Default 10. */
  scale?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DiscreteCosineTransformResult {
  /** [..] as x */
  y: Tensor;
  /** [..] scale · y, rounded */
  quantised: Tensor;
  /** With trace. */
  trace?: Trace;
}
