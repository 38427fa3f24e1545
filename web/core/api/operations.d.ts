/** The operations: matrix products, softmax, normalisation, activations. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** The operations: matrix products, softmax, normalisation, activations. */
export interface OperationsFunctions {
  /**
   * Matrix product y = a b, for every leading index of `a`.
   *
   * Edges: K = 0 gives zeros. RangeError where the K of the two differs.
   *
   * @example
   * const { y } = await core.matmul({ a: [[1, 2], [3, 4]], b: [[1, 0], [0, 10]] });
   * y.data; // => [1, 20, 3, 40]
   */
  matmul(options: MatmulOptions): Promise<MatmulResult>;

  /**
   * Affine map y = x Wᵀ + b, with weights laid out as torch.nn.Linear lays them out: one row for each output feature.
   *
   * Edges: C = 0 gives the bias alone. RangeError for shapes that do not fit.
   *
   * @example
   * const { y } = await core.linear({ x: [[1, 2]], weight: [[1, 1], [0, 3], [5, 0]], bias: [0, 0, 1] });
   * y.shape; // => [1, 3]
   * y.data; // => [3, 6, 6]
   */
  linear(options: LinearOptions): Promise<LinearResult>;

  /**
   * Softmax along one axis: y_i = exp(x_i / τ) / Σ_j exp(x_j / τ), computed after subtracting the maximum, so that large entries do not
   * overflow (Bridle 1990; temperature: Hinton, Vinyals and Dean 2015, equation 1).
   *
   * Edges: entries may be minus infinity and then get probability 0; a row of nothing else gives zeros, and minus infinity for its
   * logarithms. RangeError for a temperature that is not above 0, an axis that is not there, and entries of plus infinity or NaN.
   *
   * @example
   * const { y, logsumexp } = await core.softmax({ x: [1, 2, 3] });
   * y.data; // => [0.0900, 0.2447, 0.6652]
   * logsumexp.data; // => [3.4076]
   */
  softmax(options: SoftmaxOptions): Promise<SoftmaxResult>;

  /**
   * Layer normalisation of each row: y = γ (x - mean) / √(variance + ε) + β (Ba, Kiros and Hinton 2016, equation 4). The variance is the
   * biased one, divided by C.
   *
   * Edges: a row of equal entries gives β, even where ε is 0. RangeError for a negative ε and for rows without entries.
   *
   * @example
   * const { y, mean, variance } = await core.layerNorm({ x: [[1, 3]] });
   * mean.data; // => [2]
   * variance.data; // => [1]
   * y.data; // => [-1, 1]
   */
  layerNorm(options: LayerNormOptions): Promise<LayerNormResult>;

  /**
   * Root mean square normalisation of each row: y = γ x / √(mean(x²) + ε) (Zhang and Sennrich 2019, equation 4).
   *
   * Edges: a row of zeros gives zeros, even where ε is 0. RangeError for a negative ε and for rows without entries.
   *
   * @example
   * const { y, rms } = await core.rmsNorm({ x: [[3, 4]], eps: 0 });
   * rms.data; // => [3.5355]
   * y.data; // => [0.8485, 1.1314]
   */
  rmsNorm(options: RmsNormOptions): Promise<RmsNormResult>;

  /**
   * Group normalisation: the channels of each sample are split into `groups` equal groups, and each group is normalised with its own mean
   * and biased variance over its channels and all further axes (Wu and He 2018, equations 1 to 3). No affine map.
   *
   * RangeError for fewer than two axes, groups that do not divide the channels and a negative ε.
   *
   * @example
   * const { y } = await core.groupNorm({ x: [[1, 3, 10, 30]], groups: 2 });
   * y.data; // => [-1, 1, -1, 1]
   */
  groupNorm(options: GroupNormOptions): Promise<GroupNormResult>;

  /**
   * Divides each row by its Euclidean length: y = x / max(|x|, ε), as torch.nn.functional.normalize.
   *
   * Edges: a row of zeros stays zeros. RangeError for a negative ε.
   *
   * @example
   * const { y } = await core.l2Normalize({ x: [[3, 4]] });
   * y.data; // => [0.6, 0.8]
   */
  l2Normalize(options: L2NormalizeOptions): Promise<L2NormalizeResult>;

  /**
   * An activation function of every entry, and its derivative there.
   *
   * Edges: at a kink the derivative is the one from the left (relu: 0 at 0), as in PyTorch; entries of any size neither overflow nor
   * give NaN. RangeError for an unknown name.
   *
   * @example
   * const { y, derivative } = await core.activation({ x: [-1, 2], name: 'relu' });
   * y.data; // => [0, 2]
   * derivative.data; // => [0, 1]
   */
  activation(options: ActivationOptions): Promise<ActivationResult>;

  /**
   * Looks up one row of the table for each token, and adds the row of its place where learned positions are given
   * (Vaswani et al. 2017, sections 3.4 and 3.5, without the factor √d_model).
   *
   * Edges: no token gives no row. RangeError for a token outside the table and for more tokens than positions.
   *
   * @example
   * const { y } = await core.embedding({ tokens: [1, 1], table: [[0, 0], [1, 2]], positions: [[10, 10], [20, 20]] });
   * y.data; // => [11, 12, 21, 22]
   */
  embedding(options: EmbeddingOptions): Promise<EmbeddingResult>;
}

export interface MatmulOptions {
  /** [.., M, K] */
  a: TensorLike;
  /** [K, N] */
  b: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface MatmulResult {
  /** [.., M, N] */
  y: Tensor;
  /** With trace: a, b, y. Always of the computation in double precision. */
  trace?: Trace;
}

export interface LinearOptions {
  /** [.., C] */
  x: TensorLike;
  /** [N, C]: one row for each output feature */
  weight: TensorLike;
  /** [N] */
  bias?: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LinearResult {
  /** [.., N] */
  y: Tensor;
  /** With trace: x, weight, bias, y. Always of the computation in double precision. */
  trace?: Trace;
}

export interface SoftmaxOptions {
  /** [..]; minus infinity is allowed */
  x: TensorLike;
  /** Along which axis; negative ones count from the last. Default -1. */
  axis?: Integer;
  /** τ, above 0. Default 1. */
  temperature?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SoftmaxResult {
  /** [..] as x */
  y: Tensor;
  /** [..] as x: ln y */
  logSoftmax: Tensor;
  /** [..] as x without the axis: ln Σ exp(x / τ) */
  logsumexp: Tensor;
  /**
   * With trace: x, tempered (with a temperature other than 1), rowMax, exponentials, rowSum, y, logSoftmax, logsumexp. Always of the
   * computation in double precision.
   */
  trace?: Trace;
}

export interface LayerNormOptions {
  /** [.., C] */
  x: TensorLike;
  /** γ [C]; default ones */
  gamma?: TensorLike;
  /** β [C]; default zeros */
  beta?: TensorLike;
  /** ε, at least 0. Default 1e-5. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LayerNormResult {
  /** [.., C] */
  y: Tensor;
  /** [..] */
  mean: Tensor;
  /** [..], biased */
  variance: Tensor;
  /** With trace: x, mean, variance and y; with γ or β also normalised, gamma and beta. */
  trace?: Trace;
}

export interface RmsNormOptions {
  /** [.., C] */
  x: TensorLike;
  /** γ [C]; default ones */
  gamma?: TensorLike;
  /** ε, at least 0. Default 1e-6. */
  eps?: number;
  /** Gemma's form: scale by 1 + γ. Default false. */
  unitOffset?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RmsNormResult {
  /** [.., C] */
  y: Tensor;
  /** [..]: √(mean(x²) + ε) */
  rms: Tensor;
  /** With trace: x, rms and y; with γ also normalised and gamma. */
  trace?: Trace;
}

export interface GroupNormOptions {
  /** [..]: [N, channels, ..] */
  x: TensorLike;
  /** How many groups; must divide the channels. */
  groups: Integer;
  /** ε, at least 0. Default 1e-5. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface GroupNormResult {
  /** [..] as x */
  y: Tensor;
  /** With trace: x, mean and variance [N, groups], y. */
  trace?: Trace;
}

export interface L2NormalizeOptions {
  /** [.., C] */
  x: TensorLike;
  /** The least length to divide by. Default 1e-12. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface L2NormalizeResult {
  /** [.., C] */
  y: Tensor;
  /** With trace: x, length, y. */
  trace?: Trace;
}

export interface ActivationOptions {
  /** [..] */
  x: TensorLike;
  /**
   * relu max(x, 0) · gelu_exact x Φ(x) and gelu_tanh, its approximation (Hendrycks and Gimpel 2016) · sigmoid · tanh · silu x σ(x)
   * (Elfwing et al. 2017) · relu2 max(x, 0)² (So et al. 2021) · mish x tanh(softplus(x)) (Misra 2019) · elu with α = 1 (Clevert et al.
   * 2015) · softplus ln(1 + eˣ) · leaky_relu with slope 0.01 · quick_gelu x σ(1.702 x) · relu6 min(max(x, 0), 6) · selu (Klambauer et al. 2017) ·
   * hard_swish x min(max(x + 3, 0), 6) / 6 (Howard et al. 2019) · identity. The libraries' other names are known too: gelu (the exact one),
   * gelu_new and gelu_pytorch_tanh (gelu_tanh), gelu_quick, swish (silu), squared_relu and relu_squared (relu2), hardswish.
   */
  name:
    | 'relu'
    | 'gelu_exact'
    | 'gelu_tanh'
    | 'sigmoid'
    | 'tanh'
    | 'silu'
    | 'relu2'
    | 'mish'
    | 'elu'
    | 'softplus'
    | 'leaky_relu'
    | 'quick_gelu'
    | 'relu6'
    | 'selu'
    | 'hard_swish'
    | 'identity'
    | 'gelu'
    | 'gelu_new'
    | 'gelu_pytorch_tanh'
    | 'gelu_quick'
    | 'swish'
    | 'squared_relu'
    | 'relu_squared'
    | 'hardswish';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ActivationResult {
  /** [..] as x */
  y: Tensor;
  /** [..] as x: dy/dx */
  derivative: Tensor;
  /** With trace: x, y, derivative. */
  trace?: Trace;
}

export interface EmbeddingOptions {
  /** T ids, each from 0 to V - 1 */
  tokens: ArrayLike<number>;
  /** [V, C] */
  table: TensorLike;
  /** [N, C], N at least T: row t is added to token t's row */
  positions?: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface EmbeddingResult {
  /** [T, C] */
  y: Tensor;
  /** With trace: table, positions, y. */
  trace?: Trace;
}
