/** Gradients of the operations. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';
import type { DpoOptions, PpoObjectiveOptions } from './train.d.ts';

/**
 * Gradients of the operations: `dy` is the gradient of some number with respect to an operation's result, and out come the gradients of
 * that number with respect to its inputs.
 */
export interface GradientsFunctions {
  /**
   * The gradient of softmax: with y = softmax(x / τ), dx_i = y_i (dy_i - Σ_j y_j dy_j) / τ, the Jacobian diag(y) - y yᵀ times dy
   * (Bridle 1990).
   *
   * Edges: entries of minus infinity get 0. RangeError as softmax, and for a dy of another shape.
   *
   * @example
   * const { y, dx } = await core.softmaxBackward({ x: [0, 0], dy: [1, 0] });
   * y.data; // => [0.5, 0.5]
   * dx.data; // => [0.25, -0.25]
   */
  softmaxBackward(options: SoftmaxBackwardOptions): Promise<SoftmaxBackwardResult>;

  /**
   * The gradient of log-softmax: dx_i = (dy_i - softmax_i Σ_j dy_j) / τ.
   *
   * Edges: entries of minus infinity get 0, and their dy counts for nothing. RangeError as softmax, and for a dy of another shape.
   *
   * @example
   * const { y, dx } = await core.logSoftmaxBackward({ x: [0, 0], dy: [1, 0] });
   * y.data; // => [-0.6931, -0.6931]
   * dx.data; // => [0.5, -0.5]
   */
  logSoftmaxBackward(options: SoftmaxBackwardOptions): Promise<SoftmaxBackwardResult>;

  /**
   * The gradients of y = x Wᵀ + b: dx = dy W, dW = dyᵀ x, db = the sum of the rows of dy (Goodfellow, Bengio and Courville 2016,
   * section 6.5.6). All leading axes count as rows.
   *
   * RangeError for shapes that do not fit.
   *
   * @example
   * const { dx, dWeight, dBias } = await core.linearBackward({
   *   x: [[1, 2]], weight: [[1, 1], [0, 3]], bias: [0, 0], dy: [[1, 0]],
   * });
   * dx.data; // => [1, 1]
   * dWeight.data; // => [1, 2, 0, 0]
   * dBias.data; // => [1, 0]
   */
  linearBackward(options: LinearBackwardOptions): Promise<LinearBackwardResult>;

  /**
   * The gradients of y = a b: da = dy bᵀ, db = aᵀ dy, summed over the leading axes of a.
   *
   * RangeError for shapes that do not fit.
   *
   * @example
   * const { da, db } = await core.matmulBackward({ a: [[1, 2]], b: [[3], [4]], dy: [[1]] });
   * da.data; // => [3, 4]
   * db.data; // => [1, 2]
   */
  matmulBackward(options: MatmulBackwardOptions): Promise<MatmulBackwardResult>;

  /**
   * The gradients of layer normalisation, by the chain rule through equation 4 of Ba, Kiros and Hinton (2016): with
   * n = (x - mean) / √(variance + ε) and g = γ dy, dx = (g - mean(g) - n mean(g n)) / √(variance + ε).
   *
   * Edges: a row of equal entries with ε = 0 has no derivative and gets 0. RangeError as layerNorm, and for a dy of another shape.
   *
   * @example
   * const { dx, dBeta } = await core.layerNormBackward({ x: [[1, 2, 3]], dy: [[1, 0, 0]], eps: 0 });
   * dx.data; // => [0.2041, -0.4082, 0.2041]
   * dBeta.data; // => [1, 0, 0]
   */
  layerNormBackward(options: LayerNormBackwardOptions): Promise<LayerNormBackwardResult>;

  /**
   * The gradients of RMS normalisation, by the chain rule through equation 4 of Zhang and Sennrich (2019): with n = x / rms and
   * g = γ dy, dx = (g - n mean(g n)) / rms.
   *
   * Edges: a row of zeros with ε = 0 gets 0. RangeError as rmsNorm, and for a dy of another shape.
   *
   * @example
   * const { dx, dGamma } = await core.rmsNormBackward({ x: [[3, 4]], dy: [[1, 0]], eps: 0 });
   * dx.data; // => [0.1810, -0.1358]
   * dGamma.data; // => [0.8485, 0]
   */
  rmsNormBackward(options: RmsNormBackwardOptions): Promise<RmsNormBackwardResult>;

  /**
   * The gradient of group normalisation (Wu and He 2018), over each group as layerNormBackward over a row.
   *
   * RangeError as groupNorm, and for a dy of another shape.
   *
   * @example
   * const { dx } = await core.groupNormBackward({ x: [[1, 2, 3]], dy: [[1, 0, 0]], groups: 1, eps: 0 });
   * dx.data; // => [0.2041, -0.4082, 0.2041]
   */
  groupNormBackward(options: GroupNormBackwardOptions): Promise<NormBackwardResult>;

  /**
   * The gradient of y = x / max(|x|, ε): dx = (dy - y (y · dy)) / |x|. What points along x changes nothing. Where |x| is less than ε,
   * dx = dy / ε.
   *
   * RangeError as l2Normalize, and for a dy of another shape.
   *
   * @example
   * const { dx } = await core.l2NormalizeBackward({ x: [[3, 4]], dy: [[1, 0]] });
   * dx.data; // => [0.128, -0.096]
   */
  l2NormalizeBackward(options: L2NormalizeBackwardOptions): Promise<NormBackwardResult>;

  /**
   * The gradient of an activation: dy times its derivative at x. At a kink the derivative is the one from the left, as activation says.
   *
   * RangeError for an unknown name and for a dy of another shape.
   *
   * @example
   * const { y, dx } = await core.activationBackward({ x: [-1, 2], name: 'relu', dy: [10, 10] });
   * y.data; // => [0, 2]
   * dx.data; // => [0, 10]
   */
  activationBackward(options: ActivationBackwardOptions): Promise<ActivationBackwardResult>;

  /**
   * The gradients of an embedding: each row of dy goes to the row of its token, summed where a token stands more than once, and to the row
   * of its position.
   *
   * RangeError as embedding, and for a dy of another shape.
   *
   * @example
   * const { dTable } = await core.embeddingBackward({ tokens: [1, 1], table: [[0], [0]], dy: [[1], [2]] });
   * dTable.data; // => [0, 3]
   */
  embeddingBackward(options: EmbeddingBackwardOptions): Promise<EmbeddingBackwardResult>;

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

export interface SoftmaxBackwardOptions {
  /** [..]; minus infinity is allowed */
  x: TensorLike;
  /** [..] as x: the gradient with respect to the result */
  dy: TensorLike;
  /** Along which axis; negative ones count from the last. Default -1. */
  axis?: Integer;
  /** τ, above 0. Default 1. */
  temperature?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SoftmaxBackwardResult {
  /** [..] as x: what the forward function gives */
  y: Tensor;
  /** [..] as x */
  dx: Tensor;
  /** With trace: what softmax records, then dy, along (the sum over each run) and dx. */
  trace?: Trace;
}

export interface LinearBackwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** [N, C]: one row for each output feature */
  weight: TensorLike;
  /** [N] */
  bias?: TensorLike;
  /** [.., N] */
  dy: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LinearBackwardResult {
  /** [.., N] */
  y: Tensor;
  /** [.., C] */
  dx: Tensor;
  /** [N, C] */
  dWeight: Tensor;
  /** [N], where there is a bias */
  dBias?: Tensor;
  /** With trace: what linear records, then dy, dx, dWeight, dBias. */
  trace?: Trace;
}

export interface MatmulBackwardOptions {
  /** [.., M, K] */
  a: TensorLike;
  /** [K, N] */
  b: TensorLike;
  /** [.., M, N] */
  dy: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface MatmulBackwardResult {
  /** [.., M, N] */
  y: Tensor;
  /** [.., M, K] */
  da: Tensor;
  /** [K, N] */
  db: Tensor;
  /** With trace: what matmul records, then dy, da, db. */
  trace?: Trace;
}

export interface LayerNormBackwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** γ [C]; default ones */
  gamma?: TensorLike;
  /** β [C]; default zeros */
  beta?: TensorLike;
  /** [.., C] */
  dy: TensorLike;
  /** ε, at least 0. Default 1e-5. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LayerNormBackwardResult {
  /** [.., C] */
  y: Tensor;
  /** [.., C] */
  dx: Tensor;
  /** [C] */
  dGamma: Tensor;
  /** [C] */
  dBeta: Tensor;
  /** With trace: what layerNorm records, then dy, scaledGradient, shift, stretch, dx, dGamma, dBeta. */
  trace?: Trace;
}

export interface RmsNormBackwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** γ [C]; default ones */
  gamma?: TensorLike;
  /** [.., C] */
  dy: TensorLike;
  /** ε, at least 0. Default 1e-6. */
  eps?: number;
  /** Scales by 1 + γ, as Gemma does. Default false. */
  unitOffset?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RmsNormBackwardResult {
  /** [.., C] */
  y: Tensor;
  /** [.., C] */
  dx: Tensor;
  /** [C] */
  dGamma: Tensor;
  /** With trace: what rmsNorm records, then dy, scaledGradient, stretch, dx, dGamma. */
  trace?: Trace;
}

export interface GroupNormBackwardOptions {
  /** [..]: [N, channels, ..] */
  x: TensorLike;
  /** [..] as x */
  dy: TensorLike;
  /** How many groups the channels are split into; a divisor of their number. */
  groups: Integer;
  /** ε, at least 0. Default 1e-5. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface NormBackwardResult {
  /** [..] as x */
  y: Tensor;
  /** [..] as x */
  dx: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface L2NormalizeBackwardOptions {
  /** [.., C] */
  x: TensorLike;
  /** [.., C] */
  dy: TensorLike;
  /** ε, at least 0. Default 1e-12. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ActivationBackwardOptions {
  /** [..] */
  x: TensorLike;
  /** One of the names that activation knows. */
  name: string;
  /** [..] as x */
  dy: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ActivationBackwardResult {
  /** [..] as x */
  y: Tensor;
  /** [..] as x */
  dx: Tensor;
  /** With trace: what activation records, then dy and dx. */
  trace?: Trace;
}

export interface EmbeddingBackwardOptions {
  /** [T]: ids from 0 to V - 1 */
  tokens: ArrayLike<number>;
  /** [V, C] */
  table: TensorLike;
  /** [N, C], N at least T */
  positions?: TensorLike;
  /** [T, C] */
  dy: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface EmbeddingBackwardResult {
  /** [T, C] */
  y: Tensor;
  /** [V, C] */
  dTable: Tensor;
  /** [N, C], where there are positions */
  dPositions?: Tensor;
  /** With trace. */
  trace?: Trace;
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
