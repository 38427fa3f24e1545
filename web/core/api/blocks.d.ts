/** Feed-forward layers and transformer blocks. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Feed-forward layers and transformer blocks. */
export interface BlocksFunctions {
  /**
   * The feed-forward layer of the original transformer: y = activation(x W₁ᵀ + b₁) W₂ᵀ + b₂ (Vaswani et al. 2017, equation 2). Weights are
   * [out, in].
   *
   * RangeError for shapes that do not fit and an unknown activation.
   *
   * @example
   * const { hidden, y } = await core.feedForward({ x: [[1, -2]], w1: [[1, 0], [0, 1]], w2: [[1, 1]], b2: [0.5] });
   * hidden.data; // => [1, 0]
   * y.data; // => [1.5]
   */
  feedForward(options: FeedForwardOptions): Promise<FeedForwardResult>;

  /**
   * A feed-forward layer with a gate: y = (activation(x W_Gᵀ) ⊙ x W_Uᵀ) W_Dᵀ (Shazeer 2020, equations 5 and 6); three matrices, no biases.
   *
   * Errors as feedForward.
   *
   * @example
   * const { y } = await core.gatedFeedForward({ x: [[2]], gate: [[1]], up: [[3]], down: [[1]], variant: 'reglu' });
   * y.data; // => [12]
   */
  gatedFeedForward(options: GatedFeedForwardOptions): Promise<FeedForwardResult>;

  /**
   * One block of an encoder: attention and feed-forward, each with its norm and its residual sum (Vaswani et al. 2017), laid out as
   * torch.nn.TransformerEncoderLayer. `placement` says where the norms stand. A query that sees no key has weights of 0.
   *
   * RangeError for shapes that do not fit and heads that do not divide C; TypeError where a norm is missing that the placement needs.
   *
   * @example
   * const zero = [[0, 0], [0, 0]], ones = [1, 1], none = [0, 0];
   * const { y } = await core.encoderBlock({
   *   x: [[1, 3]], heads: 1, inWeight: [...zero, ...zero, ...zero], inBias: [0, 0, 0, 0, 0, 0], outWeight: zero, outBias: none,
   *   w1: zero, b1: none, w2: zero, b2: none, gamma1: ones, beta1: none, gamma2: ones, beta2: none, eps: 0,
   * });
   * y.data; // => [-1, 1]
   */
  encoderBlock(options: EncoderBlockOptions): Promise<EncoderBlockResult>;

  /**
   * One block of a decoder that also attends to an encoder's output: causal self-attention, cross-attention, feed-forward (Vaswani et al. 2017,
   * figure 1), laid out as torch.nn.TransformerDecoderLayer.
   *
   * Errors as encoderBlock.
   *
   * @example
   * const zero = [[0, 0], [0, 0]], ones = [1, 1], none = [0, 0], six = [0, 0, 0, 0, 0, 0];
   * const { crossWeights, y } = await core.decoderBlock({
   *   x: [[1, 3]], memory: [[5, 0], [0, 5]], heads: 1,
   *   selfInWeight: [...zero, ...zero, ...zero], selfInBias: six, selfOutWeight: zero, selfOutBias: none,
   *   crossInWeight: [...zero, ...zero, ...zero], crossInBias: six, crossOutWeight: zero, crossOutBias: none,
   *   w1: zero, b1: none, w2: zero, b2: none,
   *   gamma1: ones, beta1: none, gamma2: ones, beta2: none, gamma3: ones, beta3: none, placement: 'pre',
   * });
   * crossWeights.data; // => [0.5, 0.5]
   * y.data; // => [1, 3]
   */
  decoderBlock(options: DecoderBlockOptions): Promise<DecoderBlockResult>;

  /**
   * One block of Llama: x + attention(rms(x)) with RoPE and grouped heads, then + swiglu(rms(x)) (Touvron et al. 2023). Weights are [out, in],
   * without biases.
   *
   * RangeError for shapes that do not fit, heads that are no multiple of kvHeads and an odd head width.
   *
   * @example
   * const { weights, y } = await core.llamaBlock({
   *   x: [[1, 1], [1, 1]], heads: 1, kvHeads: 1, wq: [[0, 0], [0, 0]], wk: [[1, 0], [0, 1]], wv: [[1, 0], [0, 1]], wo: [[1, 0], [0, 1]],
   *   gate: [[0, 0]], up: [[0, 0]], down: [[0], [0]], attentionGamma: [1, 1], ffnGamma: [1, 1], eps: 0,
   * });
   * weights.data; // => [1, 0, 0.5, 0.5]
   * y.data; // => [2, 2, 2, 2]
   */
  llamaBlock(options: LlamaBlockOptions): Promise<LlamaBlockResult>;

  /**
   * A gated feed-forward network without biases, y = (activation(x gateᵀ) ⊙ (x upᵀ)) downᵀ (Shazeer 2020, equations 5 and 6), and its gradients.
   *
   * RangeError for an unknown variant and shapes that do not fit.
   *
   * @example
   * const { y, dx } = await core.gatedFeedForwardBackward({
   *   x: [[2]], gate: [[1]], up: [[3]], down: [[1]], dy: [[1]], variant: 'swiglu',
   * });
   * y.data; // => [10.5696]
   * dx.data; // => [11.8295]
   */
  gatedFeedForwardBackward(options: GatedFeedForwardBackwardOptions): Promise<GatedFeedForwardBackwardResult>;
}

export interface FeedForwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** [F, C] */
  w1: TensorLike;
  /** [F]; default none. */
  b1?: TensorLike;
  /** [Co, F] */
  w2: TensorLike;
  /** [Co]; default none. */
  b2?: TensorLike;
  /** A name that `activation` knows; default relu. */
  activation?: string;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface FeedForwardResult {
  /** [.., F], after the activation, or the gated product. */
  hidden: Tensor;
  /** [.., Co] */
  y: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface GatedFeedForwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** [F, C] */
  gate: TensorLike;
  /** [F, C] */
  up: TensorLike;
  /** [Co, F] */
  down: TensorLike;
  /**
   * glu (sigmoid), reglu (relu), geglu (gelu_exact), geglu_tanh (gelu_tanh), swiglu (silu), bilinear (identity), or a name that `activation`
   * knows. Default swiglu.
   */
  variant?: string;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface EncoderBlockOptions {
  /** [T, C] */
  x: TensorLike;
  /** H, dividing C. */
  heads: Integer;
  /** [C3, C], C3 = 3 C: the rows W_Q, W_K, W_V. */
  inWeight: TensorLike;
  /** [C3] */
  inBias: TensorLike;
  /** [C, C] */
  outWeight: TensorLike;
  /** [C] */
  outBias: TensorLike;
  /** [F, C] */
  w1: TensorLike;
  /** [F] */
  b1: TensorLike;
  /** [C, F] */
  w2: TensorLike;
  /** [C] */
  b2: TensorLike;
  /** [C]: the norm of attention. */
  gamma1: TensorLike;
  /** [C] */
  beta1: TensorLike;
  /** [C]: the norm of the feed-forward layer; all placements but parallel need it. */
  gamma2?: TensorLike;
  /** [C] */
  beta2?: TensorLike;
  /** [C]: the norm after attention, for sandwich. */
  gamma3?: TensorLike;
  /** [C] */
  beta3?: TensorLike;
  /** [C]: the norm after the feed-forward layer, for sandwich. */
  gamma4?: TensorLike;
  /** [C] */
  beta4?: TensorLike;
  /**
   * `post` norm(x + f(x)), the default (Vaswani et al. 2017); `pre` x + f(norm(x)) (Xiong et al. 2020); `sandwich` x + norm(f(norm(x))) (Ding et al.
   * 2021); `parallel` x + attention(norm(x)) + ff(norm(x)) (Wang and Komatsuzaki 2021).
   */
  placement?: 'post' | 'pre' | 'sandwich' | 'parallel';
  /** A name that `activation` knows; default relu. */
  activation?: string;
  /** Default 1e-5. */
  eps?: number;
  /** Default false. */
  causal?: boolean;
  /** For each of the T tokens 1, or 0 for padding, which no query sees. Default all 1. */
  valid?: ArrayLike<number>;
  /** Whether each head's queries and keys are normalised by RMS, without weights. Default false. */
  qkNorm?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface EncoderBlockResult {
  /** [H, T, T] */
  weights: Tensor;
  /** [T, C] */
  afterAttention: Tensor;
  /** [T, C] */
  y: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface DecoderBlockOptions {
  /** [T, C] */
  x: TensorLike;
  /** [S, C]: the encoder's output. */
  memory: TensorLike;
  /** H, dividing C. */
  heads: Integer;
  /** [C3, C], C3 = 3 C */
  selfInWeight: TensorLike;
  /** [C3] */
  selfInBias: TensorLike;
  /** [C, C] */
  selfOutWeight: TensorLike;
  /** [C] */
  selfOutBias: TensorLike;
  /** [C3, C] */
  crossInWeight: TensorLike;
  /** [C3] */
  crossInBias: TensorLike;
  /** [C, C] */
  crossOutWeight: TensorLike;
  /** [C] */
  crossOutBias: TensorLike;
  /** [F, C] */
  w1: TensorLike;
  /** [F] */
  b1: TensorLike;
  /** [C, F] */
  w2: TensorLike;
  /** [C] */
  b2: TensorLike;
  /** [C]: the norm of self-attention. */
  gamma1: TensorLike;
  /** [C] */
  beta1: TensorLike;
  /** [C]: the norm of cross-attention. */
  gamma2: TensorLike;
  /** [C] */
  beta2: TensorLike;
  /** [C]: the norm of the feed-forward layer. */
  gamma3: TensorLike;
  /** [C] */
  beta3: TensorLike;
  /** As in encoderBlock; default post. */
  placement?: 'post' | 'pre';
  /** A name that `activation` knows; default relu. */
  activation?: string;
  /** Default 1e-5. */
  eps?: number;
  /** Whether self-attention is causal. Default true. */
  causal?: boolean;
  /** For each of the S rows of memory 1, or 0 for padding, which no query sees. Default all 1. */
  memoryValid?: ArrayLike<number>;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DecoderBlockResult {
  /** [H, T, T] */
  selfWeights: Tensor;
  /** [H, T, S] */
  crossWeights: Tensor;
  /** [T, C] */
  afterSelf: Tensor;
  /** [T, C] */
  afterCross: Tensor;
  /** [T, C] */
  y: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface LlamaBlockOptions {
  /** [T, C] */
  x: TensorLike;
  /** [Nq, C], Nq = H D */
  wq: TensorLike;
  /** [Nk, C], Nk = G D */
  wk: TensorLike;
  /** [Nk, C] */
  wv: TensorLike;
  /** [C, Nq] */
  wo: TensorLike;
  /** [F, C] */
  gate: TensorLike;
  /** [F, C] */
  up: TensorLike;
  /** [C, F] */
  down: TensorLike;
  /** [C] */
  attentionGamma: TensorLike;
  /** [C] */
  ffnGamma: TensorLike;
  /** [D]: RMS norm of each head's queries, before they turn (Qwen3). Default none. */
  queryGamma?: TensorLike;
  /** [D]: the same of the keys. */
  keyGamma?: TensorLike;
  /** H, a multiple of kvHeads. */
  heads: Integer;
  /** G */
  kvHeads: Integer;
  /** The base θ of RoPE; default 10000. */
  theta?: number;
  /** Default half_split. */
  pairing?: 'half_split' | 'interleaved';
  /** Position of the first token; default 0. */
  positionOffset?: number;
  /** Default 1e-6. */
  eps?: number;
  /** Default causal. */
  mask?: 'none' | 'causal' | 'sliding_causal';
  /** For sliding_causal. */
  window?: Integer;
  /** The gate's activation; default silu. */
  activation?: string;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LlamaBlockResult {
  /** [H, T, Dh] */
  qRotated: Tensor;
  /** [G, T, Dh] */
  kRotated: Tensor;
  /** [H, T, T] */
  weights: Tensor;
  /** [T, C] */
  afterAttention: Tensor;
  /** [T, C] */
  y: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface GatedFeedForwardBackwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** [F, C] */
  gate: TensorLike;
  /** [F, C] */
  up: TensorLike;
  /** [Co, F] */
  down: TensorLike;
  /** [.., Co] */
  dy: TensorLike;
  /** As gatedFeedForward takes it. Default `swiglu`. */
  variant?: string;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface GatedFeedForwardBackwardResult {
  /** [.., Co] */
  y: Tensor;
  /** [.., F] */
  hidden: Tensor;
  /** [.., C] */
  dx: Tensor;
  /** [F, C] */
  dGate: Tensor;
  /** [F, C] */
  dUp: Tensor;
  /** [Co, F] */
  dDown: Tensor;
  /** With trace. */
  trace?: Trace;
}
