/** Attention with its projections, and its gradient; who may see whom; how widely attention is spread. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Attention with its projections, and its gradient; who may see whom; how widely attention is spread. */
export interface MultiheadFunctions {
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

  /**
   * Who may see whom, from the mask's name. Query t stands at the absolute position t + queryOffset.
   *
   * RangeError for an unknown name, a parameter that the name needs and does not have, and lists whose length is not `keys`.
   *
   * @example
   * const { allow } = await core.attentionMask({ queries: 3, keys: 3, mask: 'causal' });
   * allow.data; // => [1, 0, 0, 1, 1, 0, 1, 1, 1]
   */
  attentionMask(options: AttentionMaskOptions): Promise<AttentionMaskResult>;

  /**
   * How spread each row of weights is: its entropy -Σ w ln w (Shannon 1948, with 0 ln 0 = 0), the number of keys over which an even
   * spread would have the same entropy, and its largest weight. Takes either `weights` or `logits`, whose softmax is then meant.
   *
   * RangeError for negative weights, an unknown unit, and both or neither input.
   *
   * @example
   * const { entropy, effectiveKeys } = await core.attentionEntropy({ weights: [[0.5, 0.5, 0, 0]], unit: 'bits' });
   * entropy.data; // => [1]
   * effectiveKeys.data; // => [2]
   */
  attentionEntropy(options: AttentionEntropyOptions): Promise<AttentionEntropyResult>;

  /**
   * The gradients of scaled dot-product attention (Dao et al. 2022, appendix B.2): with weights A, dv = Aᵀ dy, dWeights = dy vᵀ,
   * dLogits = A (dWeights - Σ_s A dWeights), dq = scale · dLogits k, dk = scale · dLogitsᵀ q. A soft-cap multiplies dLogits by 1 - tanh² on
   * the way to q and k. Key/value heads shared by several query heads get the sum of their gradients.
   *
   * Edges: keys that a query does not see get nothing from it; a query that sees no key gives and gets zeros. RangeError as attention, and
   * for a dy of another shape.
   *
   * @example
   * const { output, dq, dv } = await core.attentionBackward({
   *   q: [[[1, 0]]], k: [[[1, 0], [0, 1]]], v: [[[10], [20]]], dy: [[[1]]], scale: 1,
   * });
   * output.data; // => [12.6894]
   * dq.data; // => [-1.9661, 1.9661]
   * dv.data; // => [0.7311, 0.2689]
   */
  attentionBackward(options: AttentionBackwardOptions): Promise<AttentionBackwardResult>;
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

export interface AttentionMaskOptions extends MaskRule {
  /** T, at least 0 */
  queries: Integer;
  /** S, at least 0 */
  keys: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface AttentionMaskResult {
  /** [T, S]: 1 where query t may see key s, else 0 */
  allow: Tensor;
  /** With trace. */
  trace?: Trace;
}

/** What a mask's name may refer to. */
export interface MaskRule {
  /**
   * Names joined with `&` (both must allow) and `+` (one must allow; binds tighter). Default `none`.
   *
   * - `none`: everything is visible
   * - `causal`: keys at or before the query
   * - `key_padding`: keys that `valid` marks 1
   * - `sliding_causal`: the query's own position and the window - 1 before it (Mistral; Jiang et al. 2023)
   * - `sliding`: |i - j| ≤ halfWindow
   * - `local(w)`: |i - j| ≤ w (Longformer; Beltagy et al. 2020); `local` alone takes w from halfWindow
   * - `global(a,b,…)`: the tokens a, b, … see everything and are seen by all (Longformer)
   * - `chunked`: keys in the query's own chunk of `chunk` positions
   * - `chunked_causal`: the same, at or before the query (Llama 4)
   * - `same_document`: keys of the query's own document, by `documents`
   * - `prefix`: causal, and the first `prefix` keys are visible to all (Raffel et al. 2020)
   */
  mask?: string;
  /** One entry for each key: 1 = a real token, 0 = padding. For `key_padding`. */
  valid?: ArrayLike<number>;
  /** At least 1; counts the query's own position. For `sliding_causal`. */
  window?: Integer;
  /** At least 0. For `sliding`. */
  halfWindow?: Integer;
  /** At least 1. For `chunked` and `chunked_causal`. */
  chunk?: Integer;
  /** At least 0. For `prefix`. */
  prefix?: Integer;
  /** One document number for each key. For `same_document`. */
  documents?: ArrayLike<number>;
  /**
   * The absolute position of query 0. The default S - T aligns the last query with the last key, as a KV cache needs;
   * 0 is PyTorch's is_causal.
   */
  queryOffset?: Integer;
}

export interface AttentionEntropyOptions {
  /** [.., S], at least 0 */
  weights?: TensorLike;
  /** [.., S]; minus infinity is allowed */
  logits?: TensorLike;
  /** Default nats. */
  unit?: 'nats' | 'bits';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface AttentionEntropyResult {
  /** [..], in `unit` */
  entropy: Tensor;
  /** [..]: e to the entropy in nats, whatever the unit; from 1 to S */
  effectiveKeys: Tensor;
  /** [..]: the row's largest weight */
  max: Tensor;
  /** With trace: weights (from logits by way of rowMax, exponentials and rowSum), entropy, effectiveKeys, max. */
  trace?: Trace;
}

export interface AttentionBackwardOptions {
  /** [B?, H, T, D] */
  q: TensorLike;
  /** [B?, G, S, D] */
  k: TensorLike;
  /** [B?, G, S, Dv] */
  v: TensorLike;
  /** [B?, H, T, Dv] */
  dy: TensorLike;
  /** Default 1 / √D. */
  scale?: number;
  /** Above 0: logits become softcap · tanh(logits / softcap). Default none. */
  softcap?: number;
  /** [.., T, S]: [T, S] or [H, T, S]; may be infinite */
  bias?: TensorLike;
  /** One slope for each query head. Default none. */
  alibiSlopes?: ArrayLike<number>;
  /** [H]: one more logit in the denominator of each head */
  sinks?: TensorLike;
  /** [.., T, S]: [T, S] or [H, T, S], 1 = visible */
  allow?: TensorLike;
  /** A mask by name, as in attentionMask. Default `none`. */
  mask?: string;
  /** For key_padding: 1 for a key that counts, 0 for padding. */
  valid?: ArrayLike<number>;
  /** For sliding_causal. */
  window?: Integer;
  /** For sliding and local. */
  halfWindow?: Integer;
  /** For chunked. */
  chunk?: Integer;
  /** For prefix. */
  prefix?: Integer;
  /** For same_document: the document of each key. */
  documents?: ArrayLike<number>;
  /** Position of the first query. Default S - T. */
  queryOffset?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface AttentionBackwardResult {
  /** [B?, H, T, S] */
  weights: Tensor;
  /** [B?, H, T, Dv] */
  output: Tensor;
  /** [B?, H, T, D] */
  dq: Tensor;
  /** [B?, G, S, D] */
  dk: Tensor;
  /** [B?, G, S, Dv] */
  dv: Tensor;
  /** [B?, H, T, S] */
  dWeights: Tensor;
  /** [B?, H, T, S]: what reaches the logits after the soft-cap and the biases */
  dLogits: Tensor;
  /** [.., T, S] as bias, where there is one */
  dBias?: Tensor;
  /** [H], where there are sinks */
  dSinks?: Tensor;
  /** With trace. */
  trace?: Trace;
}
