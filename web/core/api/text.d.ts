/** Tokens, and the traced attention layer. */
import type { Integer, Tensor, Trace } from '../core.d.ts';

/** Tokens, and the traced attention layer. */
export interface TextFunctions {
  /**
   * Splits text into tokens by a list of about a thousand common English words and word pieces: always the longest token that the
   * text continues with. Whatever is not in the list falls apart into known pieces, punctuation and single bytes (ids 0 to 255), so any
   * string is accepted and nothing is lost.
   *
   * Edges: the empty string gives no tokens; an unpaired surrogate counts as U+FFFD. A byte that is only part of a character has the
   * place of the whole character.
   *
   * @example
   * const { tokens } = await core.tokenize({ text: 'cat sat' });
   * tokens.map(({ label }) => label).join('|').includes('cat'); // => true
   */
  tokenize(options: TokenizeOptions): Promise<TokenizeResult>;

  /**
   * The text that token ids stand for. Bytes that are not UTF-8 when joined become U+FFFD.
   *
   * Edges: no ids give the empty string. RangeError for an id that no token has.
   *
   * @example
   * const { tokens } = await core.tokenize({ text: 'dépôt 🙂' });
   * (await core.detokenize({ ids: tokens.map(({ id }) => id) })).text; // => 'dépôt 🙂'
   */
  detokenize(options: DetokenizeOptions): Promise<DetokenizeResult>;

  /**
   * One attention layer from token ids to the residual sum, recorded so that every number in it opens.
   *
   * Token embeddings are drawn from a standard normal distribution, the projections from one with variance 1 / dModel (Glorot and
   * Bengio 2010); all are rounded to two decimals, so the digits shown are the digits used. Equal token ids share one embedding.
   *
   * The trace's tensors, in order: tokenEmbedding [U, C] (one row for each distinct token), x [T, C], wQ, wK, wV [C, C], q, k, v [H, T, D],
   * with RoPE qRotated, kRotated [H, T, D], scores, scaled [H, T, S], mask [T, S], masked [H, T, S], rowMax [H, T], exponentials [H, T, S],
   * rowSum [H, T], weights [H, T, S], entropy [H, T], headOutputs [H, T, D], concatenated [T, C], wO [C, C], output [T, C], residual [T, C],
   * contributions [T, S, C] (what token s adds to output row t), contributionSum [T, C] (summed over s: the output
   * again), contributionLengths [T, S] (Euclidean). The last three are read off the layer and cannot be set.
   *
   * Edges: a query that sees no key has weights and output of zeros. RangeError for values outside the ranges given below, `heads`
   * that do not divide dModel, and an override of a tensor or an entry that is not there. Dispose the trace when done with it.
   *
   * @example
   * const { tokens } = await core.tokenize({ text: 'the cat sat' });
   * const { trace, maxWeight } = await core.attentionLayer({ tokens: tokens.map(({ id }) => id) });
   * maxWeight.data[0]; // => 1
   * const explanation = await trace.explain({ tensor: 'weights', index: [0, 0, 0] });
   * explanation.value; // => 1
   * await trace.dispose();
   */
  attentionLayer(options: AttentionLayerOptions): Promise<AttentionLayerResult>;

  /**
   * Runs the same layer, causal, one token at a time with a key/value cache (Shazeer 2019, section 2.4.1), counts the work with and without
   * the cache, and compares every output row with the full pass.
   *
   * The same errors as attentionLayer.
   *
   * @example
   * const { steps, maxDifference } = await core.cachedDecode({ tokens: [5, 6, 7], dModel: 4, heads: 2 });
   * steps.map(({ cacheFloats }) => cacheFloats); // => [8, 16, 24]
   * maxDifference < 1e-12; // => true
   */
  cachedDecode(options: CachedDecodeOptions): Promise<CachedDecodeResult>;
}

export interface TokenizeOptions {
  /** Any string. */
  text: string;
}

export interface Token {
  /** What attentionLayer and detokenize take. */
  id: Integer;
  /** What the token stands for by itself, a leading space included; U+FFFD for a byte that is no character by itself. */
  text: string;
  /** The token's bytes in UTF-8. */
  bytes: number[];
  /** Where the token begins in the text, in UTF-16 units, so that text.slice(begin, end) works. */
  begin: Integer;
  end: Integer;
  kind: 'word' | 'punctuation' | 'space' | 'byte';
  /** The token written so that it can be seen, spaces included. */
  label: string;
}

export interface TokenizeResult {
  tokens: Token[];
}

export interface DetokenizeOptions {
  /** Ids as tokenize gives them. */
  ids: ArrayLike<number>;
}

export interface DetokenizeResult {
  text: string;
}

/** An entry that the reader has set: everything after it is computed from the new value. */
export interface Override {
  /** The tensor's name in the trace. */
  tensor: string;
  /** One number for each of its axes, counted from 0. */
  index: number[];
  /** Finite. */
  value: number;
}

/** What the layer is made of. */
export interface LayerModel {
  /** T ids, from 1 to 64 of them, each at least 0 */
  tokens: ArrayLike<number>;
  /** C, from 2 to 128. Default 16. */
  dModel?: Integer;
  /** H; must divide dModel. Default 4. */
  heads?: Integer;
  /** From 0 to 4294967295: which random numbers. Default 7. */
  seed?: Integer;
  /** Divide the scores by √d_k. Default true. */
  scaled?: boolean;
  /** Divide the scores by this too, from 0.05 to 20. Default 1. */
  temperature?: number;
  /** Turn q and k by their position, in half-split pairs; d_k must be even. Default false. */
  rope?: boolean;
  /** θ of RoPE, above 0. Default 10000. */
  theta?: number;
}

export interface AttentionLayerOptions extends LayerModel {
  /** Queries see no later key. Default true. */
  causal?: boolean;
  /** One entry for each token: 0 = padding, which no query sees. Default: all are real. */
  valid?: ArrayLike<number>;
  /** What if these entries had other values? */
  overrides?: Override[];
}

export interface AttentionLayerResult {
  trace: Trace;
  /** H */
  heads: Integer;
  /** D = dModel / H */
  dHead: Integer;
  /** For each token, its row of tokenEmbedding. */
  embeddingRows: number[];
  /** [H, T], in nats */
  entropy: Tensor;
  /** [H, T]: e to the entropy */
  effectiveKeys: Tensor;
  /** [H, T] */
  maxWeight: Tensor;
}

export interface CachedDecodeOptions extends LayerModel {}

/** One token more. Work is counted in multiply-adds of the projections, the scores and the weighted sums. */
export interface CachedStep {
  /** The position of the token that this step adds. */
  token: Integer;
  /** With the keys and values of earlier tokens kept. */
  multiplyAddsCached: number;
  /** With everything before the token computed again, all pairs of positions included. */
  multiplyAddsFull: number;
  /** Keys and values held after this step. */
  cacheFloats: Integer;
  /** The largest difference between this step's output row and the full pass. */
  maxDifference: number;
}

export interface CachedDecodeResult {
  steps: CachedStep[];
  /** The largest of all. */
  maxDifference: number;
  /** [T, C]: row t from step t */
  output: Tensor;
}
