/** Attention block by block and in tiles, with the running maximum and sum. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Attention block by block and in tiles, with the running maximum and sum. */
export interface StreamingFunctions {
  /**
   * Attention of one query, `block` keys at a time, never holding more than one block of scores
   * (Milakov and Gimelshein 2018; Dao et al. 2022, algorithm 1).
   *
   * RangeError for block < 1 and for no keys.
   *
   * @example
   * const k = [[[0], [1], [2]]];
   * const { maxima, sums, output } = await core.onlineSoftmax({ q: [[[1]]], k, v: k, block: 2 });
   * maxima.data; // => [1, 2]
   * sums.data; // => [1.3679, 1.5032]
   * output.data; // => [1.5752]
   */
  onlineSoftmax(options: OnlineSoftmaxOptions): Promise<OnlineSoftmaxResult>;

  /**
   * Attention in tiles, with the running maximum and sum of each row, never holding more than one tile of scores (Dao et al. 2022,
   * FlashAttention, algorithm 1). Equals `attention` to rounding. The list of tiles shows which a causal mask lets one skip.
   *
   * Edges: a row that sees no key gives zeros and a logsumexp of minus infinity. RangeError for blocks below 1 and more than a million tiles.
   *
   * @example
   * const { output, tiles } = await core.streamingAttention({
   *   q: [[[1], [1]]], k: [[[0], [1]]], v: [[[1], [2]]], queryBlock: 1, keyBlock: 1, causal: true,
   * });
   * output.data; // => [1, 1.7311]
   * tiles.map(({ kind }) => kind); // => ['full', 'skipped', 'full', 'full']
   */
  streamingAttention(options: StreamingAttentionOptions): Promise<StreamingAttentionResult>;
}

export interface OnlineSoftmaxOptions {
  /** [1, 1, D] */
  q: TensorLike;
  /** [1, S, D] */
  k: TensorLike;
  /** [1, S, Dv] */
  v: TensorLike;
  /** Keys in one block, at least 1; the last block may be shorter. */
  block: Integer;
  /** Default 1 / √D. */
  scale?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

/** N blocks, after each of which: */
export interface OnlineSoftmaxResult {
  /** [N]: the running maximum m of the scores */
  maxima: Tensor;
  /** [N]: the running sum of exp(score - m) */
  sums: Tensor;
  /** [N, Dv]: the weighted sum of values, not yet divided by the running sum */
  accumulators: Tensor;
  /** [1, 1, Dv]: the last accumulator over the last sum */
  output: Tensor;
  /** ln Σ exp(score) */
  logsumexp: number;
  /** With trace: q, k, v, scores, scaled, maxima [1, 1, N], sums, accumulators [1, 1, N, Dv], output, logsumexp. */
  trace?: Trace;
}

export interface StreamingAttentionOptions {
  /** [H, T, D] */
  q: TensorLike;
  /** [G, S, D] */
  k: TensorLike;
  /** [G, S, Dv] */
  v: TensorLike;
  /** Queries in one tile; default 64. */
  queryBlock?: Integer;
  /** Keys in one tile; default 64. */
  keyBlock?: Integer;
  /** Default 1 / √D. */
  scale?: number;
  /** Whether queries see only keys up to their own place, the last query at the last key. Default false. */
  causal?: boolean;
  /** Whether to give the running values after each block of keys. Default false. */
  steps?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

/** One tile, the same for every head. */
export interface Tile {
  firstQuery: Integer;
  queries: Integer;
  firstKey: Integer;
  keys: Integer;
  /** `full`, `partial` where the mask cuts through it, or `skipped` where it hides all of it. */
  kind: string;
}

export interface StreamingAttentionResult {
  /** [H, T, Dv] */
  output: Tensor;
  /** [H, T] */
  logsumexp: Tensor;
  /** In the order they are taken. */
  tiles: Tile[];
  /** Numbers that one tile of scores needs, instead of T S. */
  scoresAtOnce: Integer;
  /** With steps: [H, T, N], the running maximum after each of N blocks of keys. */
  maxima?: Tensor;
  /** With steps: [H, T, N], the running sum of exp(score - maximum). */
  sums?: Tensor;
  /** With steps: [H, T, N, Dv], the running sum of exp(score - maximum) v. */
  accumulators?: Tensor;
  /** With trace: q, k, v, scores, scaled, maxima, sums, accumulators, output, logsumexp. */
  trace?: Trace;
}
