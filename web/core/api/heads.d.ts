/** Attention over any number of heads, and with its projections. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';
import type { MaskRule } from './operations.d.ts';

/** Attention over any number of heads, and with its projections. */
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

  /**
   * Multi-head attention with its projections (Vaswani et al. 2017, section 3.2.2), laid out as torch.nn.MultiheadAttention lays them
   * out: weights are [out, in], y = x Wᵀ + b, and head h has the columns h D to (h + 1) D - 1.
   *
   * Edges: a query that sees no key gives zeros before the output projection. RangeError where `heads` does not divide C or shapes do not
   * fit; TypeError unless the projections come in exactly one of their two forms.
   *
   * @example
   * const identity = [[1, 0], [0, 1]];
   * const { output, weightsPerHead } = await core.multiHeadAttention({
   *   query: [[1, 0]], key: [[1, 0], [0, 1]], value: [[4, 0], [0, 4]], heads: 1,
   *   qWeight: identity, kWeight: identity, vWeight: identity, outWeight: identity,
   * });
   * weightsPerHead.data; // => [0.6698, 0.3302]
   * output.data; // => [2.6790, 1.3210]
   */
  multiHeadAttention(options: MultiHeadAttentionOptions): Promise<MultiHeadAttentionResult>;
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

export interface MultiHeadAttentionOptions {
  /** [T, C] */
  query: TensorLike;
  /** [S, Ck] */
  key: TensorLike;
  /** [S, Cv] */
  value: TensorLike;
  /** H; must divide C. */
  heads: Integer;
  /** [C3, C], C3 = 3 C: the rows of W_Q, W_K and W_V stacked. Or the three next. */
  inProjWeight?: TensorLike;
  /** [C3]: the biases of Q, K and V stacked; goes with either form */
  inProjBias?: TensorLike;
  /** [C, C] */
  qWeight?: TensorLike;
  /** [C, Ck] */
  kWeight?: TensorLike;
  /** [C, Cv] */
  vWeight?: TensorLike;
  /** [C, C] */
  outWeight: TensorLike;
  /** [C] */
  outBias?: TensorLike;
  /** [1, 1, C]: a learned key appended to the keys, visible to every query; together with biasV */
  biasK?: TensorLike;
  /** [1, 1, C] */
  biasV?: TensorLike;
  /** Append a key and a value of zeros, visible to every query. Default false. */
  addZeroAttention?: boolean;
  /** Aligned top-left, as PyTorch's is_causal. Default false. */
  causal?: boolean;
  /** One entry for each key: 1 = a real token, 0 = padding. Default: all are real. */
  keyValid?: ArrayLike<number>;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

/** S counts appended keys too. */
export interface MultiHeadAttentionResult {
  /** [T, C] */
  output: Tensor;
  /** [H, T, S] */
  weightsPerHead: Tensor;
  /** [T, S]: the mean over the heads */
  weightsMean: Tensor;
  /**
   * With trace: query, key and value, the weights, q, k and v, those of each head (qHeads, kHeads, vHeads), what attention records,
   * joined, output, weightsMean.
   */
  trace?: Trace;
}
