import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/**
 * Vision transformers, their positions on a grid, and the block of a diffusion transformer. Everything is
 * computed in double precision. An image is [Ch, H, W]: channels, rows, columns. Tokens of a grid come row by row from the top left.
 * Weights are [out, in].
 */
export interface VisionFunctions {
  /**
   * Fixed positions on a grid: the first half of the features encodes the column, the second half the row, each as sines and then
   * cosines of position / 10000^(4 i / dim). So laid out in the code of MAE (He et al. 2022).
   *
   * Edges: RangeError for a dim that is not a multiple of 4.
   *
   * @example
   * const { table } = await core.sincos2d({ dim: 4, grid: [1, 2] });
   * table.data; // => [0, 1, 0, 1, 0.8415, 0.5403, 0, 1]
   */
  sincos2d(options: Sincos2dOptions): Promise<Sincos2dResult>;

  /**
   * A vision transformer, whole (Dosovitskiy et al. 2021, equations 1 to 4): patches, class token, positions, encoder layers, the last
   * norm, and a linear classifier on the class token. Every number of it opens through the trace.
   *
   * In the trace, tensors of layer l end in l: q0, k0, v0, scores0, weights0, headOutputs0, middle0, hidden0, residual0. The others are
   * image, patches, tokens, embeddings, features, pooled and logits.
   *
   * Edges: no layers leave the embeddings. RangeError where heads does not divide C, for positions that are not one per token, an
   * unknown activation or norm, and above 64 layers.
   *
   * @example
   * const box = (shape, ...data) => ({ shape, data: Float64Array.from(data) });
   * const unit = box([2, 2], 1, 0, 0, 1);
   * const { embeddings, weights, logits } = await core.visionTransformer({
   *   image: [[[1, 2], [3, 0]]],
   *   patchWeight: [[[[1]]], [[[-1]]]],
   *   clsToken: [1, 0],
   *   layers: [{
   *     norm1Gamma: box([2], 1, 1), norm1Beta: box([2], 0, 0), norm2Gamma: box([2], 1, 1), norm2Beta: box([2], 0, 0),
   *     qkvWeight: box([6, 2], 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1), projWeight: unit, fc1Weight: unit, fc2Weight: unit,
   *   }],
   *   headWeight: [[1, 1]],
   * });
   * embeddings.data; // => [1, 0, 1, -1, 2, -2, 3, -3, 0, 0]
   * weights.data.slice(0, 5); // => [0.2357, 0.2357, 0.2357, 0.2357, 0.0573]
   * logits.data; // => [1.6827]
   */
  visionTransformer(options: VisionTransformerOptions): Promise<VisionTransformerResult>;

  /**
   * The block of the diffusion transformer, adaLN-Zero (Peebles and Xie 2023, section 3.2): the condition c makes shift, scale and gate
   * of both halves, W silu(c) + b. afterAttention = x + gate · attention(norm(x) (1 + scale) + shift), and so again with the feed-
   * forward layer.
   *
   * Edges: with W and b of zeros the block is the identity, as at the start of training. RangeError where heads does not divide C, and
   * for an unknown activation.
   *
   * @example
   * const unit = [[1, 0], [0, 1]];
   * const { y } = await core.ditBlock({
   *   x: [[1, 2]],
   *   c: [1],
   *   modulationWeight: Array(12).fill([0]),
   *   modulationBias: [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0],
   *   qkvWeight: [...unit, ...unit, ...unit],
   *   projWeight: unit,
   *   fc1Weight: unit,
   *   fc2Weight: unit,
   * });
   * y.data; // => [0, 3]
   */
  ditBlock(options: DitBlockOptions): Promise<DitBlockResult>;
}

export interface Sincos2dOptions {
  /** Features of a position, a multiple of 4. */
  dim: Integer;
  /** Rows and columns of patches. */
  grid: ArrayLike<number>;
  /** Whether a row of zeros comes first; default false. */
  clsToken?: boolean;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface Sincos2dResult {
  /** [T, C] */
  table: Tensor;
  /** With `trace` only: table. */
  trace?: Trace;
}

/** One encoder layer. Biases may be left out. F is the width of the feed-forward layer. */
export interface VitLayer {
  /** [C] */
  norm1Gamma: TensorLike;
  /** [C] */
  norm1Beta: TensorLike;
  /** [C3, C], C3 = 3 C: the rows of W_Q, then W_K, then W_V */
  qkvWeight: TensorLike;
  /** [C3] */
  qkvBias?: TensorLike;
  /** [C, C] */
  projWeight: TensorLike;
  /** [C] */
  projBias?: TensorLike;
  /** [C] */
  norm2Gamma: TensorLike;
  /** [C] */
  norm2Beta: TensorLike;
  /** [F, C] */
  fc1Weight: TensorLike;
  /** [F] */
  fc1Bias?: TensorLike;
  /** [C, F] */
  fc2Weight: TensorLike;
  /** [C] */
  fc2Bias?: TensorLike;
}

export interface VisionTransformerOptions {
  /** [Ch, H, W] */
  image: TensorLike;
  /** [C, Ch, P, P] */
  patchWeight: TensorLike;
  /** [C]. Default: none. */
  patchBias?: TensorLike;
  /** [C]: the class token, which comes before the patches. Without it the head reads the mean of all rows. */
  clsToken?: TensorLike;
  /** [T, C]: one row for each token, the class token's first. Default: no positions. */
  posEmbed?: TensorLike;
  /** From the first to the last, at most 64. */
  layers: VitLayer[];
  /** [C]: the last norm. Default: none. */
  normGamma?: TensorLike;
  /** [C] */
  normBeta?: TensorLike;
  /** [N, C]: the classifier. Default: none. */
  headWeight?: TensorLike;
  /** [N] */
  headBias?: TensorLike;
  /** H, which divides C; default 1. */
  heads?: Integer;
  /** Of every layer norm, at least 0; default 10⁻⁶. */
  eps?: number;
  /** Of the feed-forward layers, by the names of `activation`; default gelu_exact. */
  activation?: string;
  /** Whether the norm comes before each half of a layer (pre, the default) or after its residual sum (post). */
  norm?: 'pre' | 'post';
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface VisionTransformerResult {
  /** [T, C]: what enters the first layer */
  embeddings: Tensor;
  /** [L, heads, T, T] */
  weights: Tensor;
  /** [L, T, C]: what leaves each layer */
  hidden: Tensor;
  /** [T, C]: after the last norm */
  features: Tensor;
  /** [C]: what the head reads */
  pooled: Tensor;
  /** [N]: with a head only */
  logits?: Tensor;
  /** With `trace` only. */
  trace?: Trace;
}

export interface DitBlockOptions {
  /** [T, C] */
  x: TensorLike;
  /** [K]: the condition */
  c: TensorLike;
  /** [C6, K], C6 = 6 C: shift, scale and gate of the attention, then of the feed-forward layer */
  modulationWeight: TensorLike;
  /** [C6] */
  modulationBias?: TensorLike;
  /** [C3, C], C3 = 3 C: the rows of W_Q, then W_K, then W_V */
  qkvWeight: TensorLike;
  /** [C3] */
  qkvBias?: TensorLike;
  /** [C, C] */
  projWeight: TensorLike;
  /** [C] */
  projBias?: TensorLike;
  /** [F, C] */
  fc1Weight: TensorLike;
  /** [F] */
  fc1Bias?: TensorLike;
  /** [C, F] */
  fc2Weight: TensorLike;
  /** [C] */
  fc2Bias?: TensorLike;
  /** H, which divides C; default 1. */
  heads?: Integer;
  /** Of the layer norms, which have no weights of their own; default 10⁻⁶. */
  eps?: number;
  /** Of the feed-forward layer, by the names of `activation`; default gelu_tanh. */
  activation?: string;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface DitBlockResult {
  /** [T, C] */
  y: Tensor;
  /** [C6]: shift, scale, gate; shift, scale, gate */
  modulation: Tensor;
  /** [H, T, T] */
  weights: Tensor;
  /** [T, C] */
  afterAttention: Tensor;
  /**
   * With `trace` only: x, c, condition, modulation, both norms, attentionInput, q, k, v, scores, weights, afterAttention,
   * mlpInput, hidden, y and more.
   */
  trace?: Trace;
}
