/** Windows of attention, videos, rollout. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Windows of attention, videos, rollout. */
export interface WindowsFunctions {
  /**
   * Which tokens lie in which window of a grid, after it has been rolled up and left by `shift` tokens (Liu et al. 2021, section 3.2).
   * Token r W + c stands in row r and column c.
   *
   * Edges: RangeError for windows that do not divide the grid, and for a shift that is not from 0 to window - 1.
   *
   * @example
   * const { tokenIds } = await core.windowPartition({ height: 2, width: 4, window: 2 });
   * tokenIds.data; // => [0, 1, 4, 5, 2, 3, 6, 7]
   * const { tokenIds: shifted } = await core.windowPartition({ height: 2, width: 4, window: 2, shift: 1 });
   * shifted.data; // => [5, 6, 1, 2, 7, 4, 3, 0]
   */
  windowPartition(options: WindowPartitionOptions): Promise<WindowPartitionResult>;

  /**
   * The mask of shifted windows: a token may attend to those of its window that are its neighbours in the image, not to those that only
   * the roll put beside it (Liu et al. 2021, figure 4). Swin adds -100 to the other logits, not minus infinity.
   *
   * Edges: a shift of 0 allows everything. RangeError as windowPartition.
   *
   * @example
   * const { allow, maskedValue } = await core.swinShiftMask({ height: 2, width: 4, window: 2, shift: 1 });
   * allow.data.slice(0, 4); // => [1, 1, 0, 0]
   * maskedValue; // => -100
   */
  swinShiftMask(options: SwinShiftMaskOptions): Promise<SwinShiftMaskResult>;

  /**
   * Which row of Swin's bias table each pair of tokens of a window reads: (r_i - r_j + window - 1)(2 window - 1) + c_i - c_j + window - 1
   * (Liu et al. 2021, section 3.2).
   *
   * Edges: RangeError for a window that is not from 1 to 64.
   *
   * @example
   * const { index, tableSize } = await core.relativePositionIndex({ window: 2 });
   * index.data; // => [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4]
   * tableSize; // => 9
   */
  relativePositionIndex(options: RelativePositionIndexOptions): Promise<RelativePositionIndexResult>;

  /**
   * Attention inside the windows of a grid, shifted or not, with Swin's relative biases and mask (Liu et al. 2021, equation 4). The
   * result is rolled back into place.
   *
   * Edges: masked weights are about e⁻¹⁰⁰, not 0. RangeError for windows that do not divide the grid, and for heads that do not divide C.
   *
   * @example
   * const { y, weights } = await core.swinAttention({ x: [[[1], [0]], [[0], [1]]], window: 2 });
   * weights.data.slice(0, 4); // => [0.3655, 0.1345, 0.1345, 0.3655]
   * y.data; // => [0.7311, 0.5, 0.5, 0.7311]
   */
  swinAttention(options: SwinAttentionOptions): Promise<SwinAttentionResult>;

  /**
   * Joins each 2 by 2 block of tokens into one of four times the width: top left, bottom left, top right, bottom right; then normalises
   * and reduces it, where weights are given (Liu et al. 2021, section 3.1; the order is that of the published weights).
   *
   * Edges: odd grids are padded with zeros. RangeError for grids without tokens.
   *
   * @example
   * const { y } = await core.patchMerging({ x: [[[1], [2]], [[3], [4]]] });
   * y.data; // => [1, 3, 2, 4]
   */
  patchMerging(options: PatchMergingOptions): Promise<PatchMergingResult>;

  /**
   * Attention among the tokens of each frame, then among the frames of each place, with the tokens themselves as queries, keys and
   * values: softmax(scale x xᵀ) x twice (Arnab et al. 2021, model 3). No projections and no residuals: the bare mixing.
   *
   * Edges: one frame has temporal weights of 1. RangeError for videos without tokens.
   *
   * @example
   * const { spatialWeights, y } = await core.factorisedAttention({ x: [[[[1], [0]]]] });
   * spatialWeights.data; // => [0.7311, 0.2689, 0.5, 0.5]
   * y.data; // => [0.7311, 0.5]
   */
  factorisedAttention(options: FactorisedAttentionOptions): Promise<FactorisedAttentionResult>;

  /**
   * How many pairs of query and key a video needs: (F H W)² jointly, F (H W)² + H W F² factorised (Arnab et al. 2021), and windows ·
   * (tokens of a window)² inside 3D windows (Liu et al. 2022, Video Swin).
   *
   * Edges: grids are padded to whole windows. Counts are exact below 2⁵³. RangeError for extents that are not from 1 to 65 536.
   *
   * @example
   * const { tokens, jointPairs, factorisedPairs, windowPairs } = await core.videoAttentionCost({ frames: 8, height: 14, width: 14 });
   * tokens; // => 1568
   * jointPairs; // => 2458624
   * factorisedPairs; // => 319872
   * windowPairs; // => 153664
   */
  videoAttentionCost(options: VideoAttentionCostOptions): Promise<VideoAttentionCostResult>;

  /**
   * How much each input token is mixed into each output token after all layers: A_L … A_1, with A_l = (1 - residual) · weights of layer
   * l over its heads + residual · I, each row divided by its sum (Abnar and Zuidema 2020).
   *
   * Edges: no layers give the identity. RangeError for negative weights, and for rows that sum to 0.
   *
   * @example
   * const { rollout, clsToPatches } = await core.attentionRollout({ weights: [[[[0.25, 0.75], [0.5, 0.5]]]] });
   * rollout.data; // => [0.625, 0.375, 0.25, 0.75]
   * clsToPatches.data; // => [0.375]
   */
  attentionRollout(options: AttentionRolloutOptions): Promise<AttentionRolloutResult>;
}

export interface WindowPartitionOptions {
  /** Rows of the grid. */
  height: Integer;
  /** Columns of the grid. */
  width: Integer;
  /** Tokens on a side of a window; divides both. */
  window: Integer;
  /** From 0 to window - 1; default 0. */
  shift?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface WindowPartitionResult {
  /** [N, P]: P = window² tokens of each of the N windows, both row by row */
  tokenIds: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface SwinShiftMaskOptions {
  /** Rows of the grid. */
  height: Integer;
  /** Columns of the grid. */
  width: Integer;
  /** Tokens on a side of a window; divides both. */
  window: Integer;
  /** From 0 to window - 1. */
  shift: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SwinShiftMaskResult {
  /** [N, P, P]: window, query, key; 1 = allowed */
  allow: Tensor;
  /** What Swin adds to a logit that is not allowed: -100. */
  maskedValue: number;
  /** With trace. */
  trace?: Trace;
}

export interface RelativePositionIndexOptions {
  /** Tokens on a side, from 1 to 64. */
  window: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RelativePositionIndexResult {
  /** [P, P], P = window² */
  index: Tensor;
  /** Rows of the table, (2 window - 1)². */
  tableSize: Integer;
  /** With trace. */
  trace?: Trace;
}

export interface SwinAttentionOptions {
  /** [H, W, C] */
  x: TensorLike;
  /** Tokens on a side of a window; divides H and W, at most 64. */
  window: Integer;
  /** From 0 to window - 1; default 0. */
  shift?: Integer;
  /** Default 1. */
  heads?: Integer;
  /** Default 1 / √(C / heads). */
  scale?: number;
  /** [R, heads], R = (2 window - 1)²: a bias for each relative position. Default: none. */
  biasTable?: TensorLike;
  /** [C3, C], C3 = 3 C: the rows of W_Q, then W_K, then W_V. Without it q = k = v = x. */
  qkvWeight?: TensorLike;
  /** [C3] */
  qkvBias?: TensorLike;
  /** [C, C]: the output projection. Default: none. */
  projWeight?: TensorLike;
  /** [C] */
  projBias?: TensorLike;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface SwinAttentionResult {
  /** [H, W, C] */
  y: Tensor;
  /** [N, heads, P, P]: window, head, query, key; P = window² */
  weights: Tensor;
  /** With `trace` only: x, biasTable, qkv, scores, rowMax, exponentials, rowSum, weights, mixed, y. */
  trace?: Trace;
}

export interface PatchMergingOptions {
  /** [H, W, C] */
  x: TensorLike;
  /** [C4], C4 = 4 C: scale of a layer norm of the joined rows. Without gamma and beta there is no norm. */
  gamma?: TensorLike;
  /** [C4] */
  beta?: TensorLike;
  /** [N, C4]: the reduction; N = 2 C in Swin. Default: none. */
  weight?: TensorLike;
  /** At least 0; default 10⁻⁵. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface PatchMergingResult {
  /** [T, N]: T = ⌈H / 2⌉ ⌈W / 2⌉ rows of 4 C entries, or of N with a weight */
  y: Tensor;
  /** Rows and columns of the new grid. */
  grid: number[];
  /** With trace. */
  trace?: Trace;
}

export interface FactorisedAttentionOptions {
  /** [F, H, W, C]: F frames of H by W tokens */
  x: TensorLike;
  /** Default 1 / √C. */
  scale?: number;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface FactorisedAttentionResult {
  /** [F, P, P], P = H W: frame, query, key */
  spatialWeights: Tensor;
  /** [F, H, W, C] */
  afterSpatial: Tensor;
  /** [P, F, F]: place, query, key */
  temporalWeights: Tensor;
  /** [F, H, W, C] */
  y: Tensor;
  /**
   * With `trace` only: x, afterSpatial and y; rows, scores, rowMax, exponentials, rowSum, weights and mixed end in 0 for
   * space, in 1 for time.
   */
  trace?: Trace;
}

export interface VideoAttentionCostOptions {
  /** Tokens in time. */
  frames: Integer;
  /** Tokens down. */
  height: Integer;
  /** Tokens across. */
  width: Integer;
  /** Tokens of a window in time, down and across; default [2, 7, 7]. */
  window?: ArrayLike<number>;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface VideoAttentionCostResult {
  /** F H W */
  tokens: number;
  /** Every token with every token. */
  jointPairs: number;
  /** In space, then in time. */
  factorisedPairs: number;
  /** Inside windows. */
  windowPairs: number;
  /** With trace. */
  trace?: Trace;
}

export interface AttentionRolloutOptions {
  /** [L, H, T, T], at least 0, from the first layer to the last */
  weights: TensorLike;
  /** What becomes of the heads of a layer; default mean. */
  fuse?: 'mean' | 'max' | 'min';
  /** The share of the identity, from 0 to 1; default 0.5. */
  residual?: number;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface AttentionRolloutResult {
  /** [T, T]: row t is what went into token t; rows sum to 1 */
  rollout: Tensor;
  /** [P], P = T - 1: the first row without its first entry */
  clsToPatches: Tensor;
  /** With `trace` only: weights, and for layer l blend, rowSum, mixing and rollout, each ending in l. */
  trace?: Trace;
}
