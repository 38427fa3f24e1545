/** The variants of attention: latent, normalised, linear, streaming, and the cache that a decoder keeps. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** The variants of attention: latent, normalised, linear, streaming, and the cache that a decoder keeps. */
export interface AttentionFunctions {
  /**
   * Multi-head latent attention: keys and values are kept as one short vector per token, and the position as one rotated key that all
   * heads share (DeepSeek-AI 2024, DeepSeek-V2, section 2.1). `absorbed` computes the same numbers over the latent itself, as decoding does.
   *
   * Weights are [out, in]. Rows of the query projection come head by head, [nope; rope] in each; of kvA the latent, then the shared
   * rotated key; of kvB head by head, [key; value].
   *
   * RangeError for widths that do not fit, an odd ropeHeadDim and an unknown mask; TypeError unless the query projection comes in exactly
   * one of its two forms.
   *
   * @example
   * const { latent, weights, cachePerToken, fullCachePerToken } = await core.latentAttention({
   *   x: [[3], [3]], heads: 1, nopeHeadDim: 1, ropeHeadDim: 2, vHeadDim: 1, qWeight: [[1], [0], [0]],
   *   kvA: [[1], [0], [0]], kvANorm: [1], kvB: [[1], [1]], outWeight: [[1]],
   * });
   * latent.data; // => [1, 1]
   * weights.data; // => [1, 0, 0.5, 0.5]
   * [cachePerToken, fullCachePerToken]; // => [3, 4]
   */
  latentAttention(options: LatentAttentionOptions): Promise<LatentAttentionResult>;

  /**
   * Attention with queries and keys normalised first, each row by RMS and scaled by learned weights, which bounds the logits (Dehghani et al.
   * 2023; Qwen3, OLMo 2).
   *
   * Edges: a row of zeros stays zeros. RangeError for shapes that do not fit and a negative ε.
   *
   * @example
   * const { qNormed, weights } = await core.qkNormAttention({
   *   q: [[[3, 4]]], k: [[[1, 0], [0, 1]]], v: [[[1], [2]]], queryGamma: [1, 1], keyGamma: [1, 1], eps: 0,
   * });
   * qNormed.data; // => [0.8485, 1.1314]
   * weights.data; // => [0.4298, 0.5702]
   */
  qkNormAttention(options: QkNormAttentionOptions): Promise<QkNormAttentionResult>;

  /**
   * Linear attention: the exponential of the softmax is replaced by a product of features, so that sums over the past can be carried along
   * and a token costs the same however long the sequence (Katharopoulos et al. 2020, equations 4 to 12).
   *
   * Edges: a row whose weights are all 0 gives zeros. RangeError for an unknown feature map, and for rows whose weights cancel (identity).
   *
   * @example
   * const { weights, output } = await core.linearAttention({ q: [[[0], [0]]], k: [[[0], [2]]], v: [[[4], [8]]] });
   * weights.data; // => [1, 0, 0.25, 0.75]
   * output.data; // => [4, 7]
   */
  linearAttention(options: LinearAttentionOptions): Promise<LinearAttentionResult>;

  /**
   * A cache of keys and values, which lives in the core until dispose(): append what a new token brings, then attend with its query. A
   * `window` keeps the newest tokens only, `sinks` the first ones besides (Xiao et al. 2024).
   *
   * RangeError for sizes below 1.
   *
   * @example
   * const { cache } = await core.kvCache({ heads: 1, headDim: 2 });
   * const { bytes } = await cache.append({ k: [[[1, 0]]], v: [[[3, 4]]] });
   * bytes; // => 8
   * const { output } = await cache.attend({ q: [[[1, 0]]] });
   * output.data; // => [3, 4]
   * await cache.dispose();
   */
  kvCache(options: KvCacheOptions): Promise<KvCacheResult>;
}

export interface LatentAttentionOptions {
  /** [T, C] */
  x: TensorLike;
  /** H */
  heads: Integer;
  /** Dn: width of the part of queries and keys without position, in one head. */
  nopeHeadDim: Integer;
  /** Dr: width of the rotated part; even. */
  ropeHeadDim: Integer;
  /** Dv: width of the values, in one head. */
  vHeadDim: Integer;
  /** [Nq, C], Nq = H (Dn + Dr): the query projection, where queries are not compressed. */
  qWeight?: TensorLike;
  /** [Rq, C]: down to the query latent. */
  qA?: TensorLike;
  /** [Rq]: its RMS scale. */
  qANorm?: TensorLike;
  /** [Nq, Rq]: up to the queries. */
  qB?: TensorLike;
  /** [Na, C], Na = R + Dr: down to the latent, and the shared rotated key. */
  kvA: TensorLike;
  /** [R]: RMS scale of the latent. */
  kvANorm: TensorLike;
  /** [Nb, R], Nb = H (Dn + Dv): up to keys and values. */
  kvB: TensorLike;
  /** [C, No], No = H Dv */
  outWeight: TensorLike;
  /** The base θ of RoPE; default 10000. */
  theta?: number;
  /** Which features turn together; default interleaved, as in DeepSeek's weights. */
  pairing?: 'half_split' | 'interleaved';
  /** Position of the first token; default 0. */
  positionOffset?: number;
  /** Of the RMS norms; default 1e-6. */
  eps?: number;
  /** What the scores are multiplied by; default 1 / √(Dn + Dr). */
  scale?: number;
  /** Default causal. */
  mask?: 'causal' | 'none';
  /** Whether to attend over the latent itself. Default false. */
  absorbed?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LatentAttentionResult {
  /** [T, R], normalised: what is kept of each token. */
  latent: Tensor;
  /** [T, Dr]: kept besides. */
  rotatedKey: Tensor;
  /** [T, T]: dot products of the rotated keys, the same in both pairings. */
  rotatedGram: Tensor;
  /** [H, T, R]: the queries in the space of the latent. */
  qAbsorbed: Tensor;
  /** [H, T, T] */
  weights: Tensor;
  /** [T, C] */
  y: Tensor;
  /** Numbers kept per token: R + Dr. */
  cachePerToken: Integer;
  /** Numbers that multi-head attention of these widths would keep: H (Dn + Dr + Dv). */
  fullCachePerToken: Integer;
  /** With trace. */
  trace?: Trace;
}

export interface QkNormAttentionOptions {
  /** [H, T, D] */
  q: TensorLike;
  /** [G, S, D] */
  k: TensorLike;
  /** [G, S, Dv] */
  v: TensorLike;
  /** [D] */
  queryGamma: TensorLike;
  /** [D] */
  keyGamma: TensorLike;
  /** Default 1e-6. */
  eps?: number;
  /** Default 1 / √D. */
  scale?: number;
  /** Default none. */
  mask?: 'causal' | 'none';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface QkNormAttentionResult {
  /** [H, T, D] */
  qNormed: Tensor;
  /** [G, S, D] */
  kNormed: Tensor;
  /** [H, T, S] */
  weights: Tensor;
  /** [H, T, Dv] */
  output: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface LinearAttentionOptions {
  /** [H, T, D] */
  q: TensorLike;
  /** [H, T, D] */
  k: TensorLike;
  /** [H, T, Dv] */
  v: TensorLike;
  /** What queries and keys go through, entry by entry; default elu+1. */
  featureMap?: 'elu+1' | 'relu' | 'exp' | 'identity' | 'squared_relu';
  /** Default true. */
  causal?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LinearAttentionResult {
  /** [H, T, T], as they would be written out. */
  weights: Tensor;
  /** [H, T, Dv], from the running sums. */
  output: Tensor;
  /** [H, D, Dv]: the sum of features times values, after the last token. */
  state: Tensor;
  /** [H, D]: the sum of features. */
  norm: Tensor;
  /** With trace: q, k, v, their features, the running sums (causal) or sums, denominators, output, similarities, weights. */
  trace?: Trace;
}

export interface KvCacheOptions {
  /** G */
  heads: Integer;
  /** D */
  headDim: Integer;
  /** Dv; default headDim. */
  valueDim?: Integer;
  /** How many of the newest tokens stay; default all. */
  window?: Integer;
  /** How many of the first tokens stay besides. Default 0. */
  sinks?: Integer;
  /** What bytes are counted with; default 2, as bf16 needs. */
  bytesPerValue?: number;
}

export interface KvCacheResult {
  cache: KvCache;
}

/** Keys and values of the tokens so far. After dispose() every other method rejects. */
export interface KvCache {
  /** Adds N tokens, and drops what the window no longer covers. */
  append(options: CacheAppendOptions): Promise<KvCacheState>;
  /** Drops the first `count` tokens kept. */
  evict(options: CacheEvictOptions): Promise<KvCacheState>;
  /** Attends with the queries of the T newest tokens, causal among themselves. */
  attend(options: CacheAttendOptions): Promise<CacheAttendResult>;
  state(): Promise<KvCacheState>;
  dispose(): Promise<void>;
}

export interface CacheAppendOptions {
  /** [G, N, D] */
  k: TensorLike;
  /** [G, N, Dv] */
  v: TensorLike;
}

export interface CacheEvictOptions {
  count: Integer;
}

export interface CacheAttendOptions {
  /** [H, T, D] */
  q: TensorLike;
  /** Default 1 / √D. */
  scale?: number;
}

export interface CacheAttendResult {
  /** [H, T, S], over the S tokens kept. */
  weights: Tensor;
  /** [H, T, Dv] */
  output: Tensor;
  /** Of the tokens kept. */
  positions: number[];
}

export interface KvCacheState {
  /** Tokens kept. */
  length: Integer;
  /** Tokens ever appended. */
  appended: Integer;
  /** Of the tokens kept. */
  positions: number[];
  /** Numbers kept: G (D + Dv) for each token. */
  values: number;
  /** values times bytesPerValue. */
  bytes: number;
}
