/** Attention over any number of heads. */
import type { Tensor, TensorLike, Trace } from '../core.d.ts';
import type { MaskRule } from './multihead.d.ts';

/** Attention over any number of heads. */
export interface HeadsFunctions {
  /**
   * Scaled dot-product attention (Vaswani et al. 2017, equation 1) for any number of query heads and of key/value heads: query head h
   * reads key/value head ⌊h / (H / G)⌋ (Ainslie et al. 2023; G = 1 is multi-query).
   *
   * In this order: logits = scale · q k; softcap · tanh(logits / softcap); + bias; - alibiSlopes[h] (i - j); mask; softmax over the keys;
   * weighted sum of v.
   *
   * Edges: a row that sees no key does what `maskedRow` says; with a sink it gives zeros. RangeError for shapes that do not fit, H not
   * a multiple of G, a softcap that is not above 0 and logits of plus infinity.
   *
   * @example
   * const { weights, output } = await core.attention({ q: [[[1, 0]]], k: [[[1, 0], [0, 1]]], v: [[[10], [20]]], scale: 1 });
   * weights.data; // => [0.7311, 0.2689]
   * output.data; // => [12.6894]
   */
  attention(options: AttentionOptions): Promise<AttentionResult>;
}

export interface AttentionOptions extends MaskRule {
  /** [B?, H, T, D] */
  q: TensorLike;
  /** [B?, G, S, D] */
  k: TensorLike;
  /** [B?, G, S, Dv] */
  v: TensorLike;
  /** Default 1 / √D. */
  scale?: number;
  /** Above 0: logits become softcap · tanh(logits / softcap) (Gemma 2). Default: none. */
  softcap?: number;
  /** [.., T, S]: [T, S] or [H, T, S], added to the logits; minus infinity is allowed */
  bias?: TensorLike;
  /** One slope for each query head (Press et al. 2022). */
  alibiSlopes?: ArrayLike<number>;
  /** [H]: one more logit in each row's denominator, so that rows sum to less than 1 (Xiao et al. 2024) */
  sinks?: TensorLike;
  /** [.., T, S]: [T, S] or [H, T, S], 1 = visible. With `mask` as well, a key must be visible in both. */
  allow?: TensorLike;
  /** What a row that sees no key gives: zeros (the default), weights of 1 / S, or NaN. */
  maskedRow?: 'zeros' | 'uniform' | 'nan';
  /** Whether to give the logits. Without them, float32 computes only what the mask leaves. Default true. */
  keepLogits?: boolean;
  /** Whether to give the weights. Without them and the logits, float32 never holds a T × S matrix. Default true. */
  keepWeights?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface AttentionResult {
  /** [B?, H, T, S]: before the mask; [0] where keepLogits is false */
  logits: Tensor;
  /** [B?, H, T, S]; [0] where keepWeights is false */
  weights: Tensor;
  /** [B?, H, T, Dv] */
  output: Tensor;
  /**
   * With trace: q, k, v, scores, scaled, then as given capped, bias, biased and alibi; mask, masked, sinks, rowMax, exponentials,
   * rowSum, weights, headOutputs. A batch counts as more heads: [B H, T, S]. Always of the computation in double precision.
   */
  trace?: Trace;
}
