/** Gradients of layers and of preferences: rotations, attention, gated feed-forward layers, DPO, PPO. */
import type { RopeScaling } from './positions.d.ts';
import type { DpoOptions, PpoObjectiveOptions } from './train.d.ts';
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Gradients of layers and of preferences: rotations, attention, gated feed-forward layers, DPO, PPO. */
export interface LayersFunctions {
  /**
   * The gradient of rotary position embedding: every pair of dy turns back by the angle that the pair of x turned by
   * (Su et al. 2021, equation 34).
   *
   * RangeError as rope, and for a dy of another shape.
   *
   * @example
   * const { dx } = await core.ropeBackward({ x: [[1, 0]], positions: [1], dy: [[1, 0]] });
   * dx.data; // => [0.5403, -0.8415]
   */
  ropeBackward(options: RopeBackwardOptions): Promise<RopeBackwardResult>;

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

  /**
   * The gradients of dpo's losses: dPolicyChosen = -β σ(-margin) dy, dPolicyRejected the opposite, so that pairs that are ranked wrongly
   * weigh most (Rafailov et al. 2023, section 4).
   *
   * RangeError as dpo.
   *
   * @example
   * const { dPolicyChosen } = await core.dpoBackward({
   *   policyChosen: [-10], policyRejected: [-12], referenceChosen: [-11], referenceRejected: [-11], dy: [1],
   * });
   * dPolicyChosen.data; // => [-0.0450]
   */
  dpoBackward(options: DpoBackwardOptions): Promise<DpoBackwardResult>;

  /**
   * The gradient of ppoObjective: A dy, and 0 where the clipped term is the smaller one.
   *
   * RangeError as ppoObjective.
   *
   * @example
   * const { dRatio } = await core.ppoBackward({ ratio: [1.5, 1.5], advantages: [1, -1], dy: [1, 1] });
   * dRatio.data; // => [0, -1]
   */
  ppoBackward(options: PpoBackwardOptions): Promise<PpoBackwardResult>;
}

export interface RopeBackwardOptions {
  /** [.., T, D] */
  x: TensorLike;
  /** T positions, at least 0; fractions are allowed */
  positions: ArrayLike<number>;
  /** θ, above 0. Default 10000. */
  theta?: number;
  /** Default `half_split`. */
  pairing?: 'half_split' | 'interleaved';
  /** How many features turn: even, at least 2, at most D. Default D. */
  rotaryDim?: Integer;
  /** Default `same`. */
  outputLayout?: 'same' | 'half_split';
  /** How the frequencies are stretched. Default: not. */
  scaling?: RopeScaling;
  /** [.., T, D] */
  dy: TensorLike;
}

export interface RopeBackwardResult {
  /** [.., T, D] */
  y: Tensor;
  /** [.., T, D] */
  dx: Tensor;
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
}

export interface DpoBackwardOptions extends DpoOptions {
  /** [N]: the gradient with respect to each of `losses` */
  dy: TensorLike;
}

export interface DpoBackwardResult {
  /** [N] */
  dPolicyChosen: Tensor;
  /** [N] */
  dPolicyRejected: Tensor;
  /** With trace: what the forward function records, then dy and the gradients. */
  trace?: Trace;
}

export interface PpoBackwardOptions extends PpoObjectiveOptions {
  /** [..] as ratio: the gradient with respect to each objective */
  dy: TensorLike;
}

export interface PpoBackwardResult {
  /** [..] as ratio */
  dRatio: Tensor;
  /** With trace: what the forward function records, then dy and the gradients. */
  trace?: Trace;
}
