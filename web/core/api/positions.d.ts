/** Where a token stands: sinusoids, rotations and their scaling, relative positions. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Where a token stands: sinusoids, rotations and their scaling, relative positions. */
export interface PositionsFunctions {
  /**
   * Sinusoidal position table: sin and cos of t / 10000^(2 i / dim) (Vaswani et al. 2017, section 3.5).
   *
   * Edges: length 0 gives a table without rows. RangeError for a negative length and a dim that is odd or below 2.
   *
   * @example
   * const { table } = await core.sinusoidalPositions({ length: 2, dim: 4 });
   * table.data; // => [0, 1, 0, 1, 0.8415, 0.5403, 0.0100, 0.99995]
   */
  sinusoidalPositions(options: SinusoidalPositionsOptions): Promise<SinusoidalPositionsResult>;

  /**
   * Rotary position embedding: turns each pair of features of row t by the angle positions[t] · θ^(-2 i / rotaryDim)
   * (Su et al. 2021, equation 34). Angles are computed in double precision whatever the type of `x`.
   *
   * Edges: position 0 changes nothing; features from rotaryDim on pass through. RangeError for a rotaryDim that is odd, below 2 or
   * above D, a negative position, a θ that is not above 0, and another number of positions than rows.
   *
   * @example
   * const { y, inverseFrequencies } = await core.rope({ x: [[1, 0], [1, 0]], positions: [0, 1] });
   * inverseFrequencies.data; // => [1]
   * y.data; // => [1, 0, 0.5403, 0.8415]
   */
  rope(options: RopeOptions): Promise<RopeResult>;

  /**
   * The two pairings of RoPE on the same rows: `x` rotated in pairs (2 i, 2 i + 1), and `x` with its features permuted, rotated in pairs
   * (i, i + D / 2). With the permutation 0, 2, 4, ..., 1, 3, 5, ... the second is the first, permuted: the conventions of the paper (Su et
   * al. 2021) and of GPT-NeoX are one rotation.
   *
   * Edges and errors as rope; RangeError for a list that is not a permutation of the D features.
   *
   * @example
   * const { interleaved, halfSplitOfPermuted } = await core.ropePairings({
   *   x: [[1, 0, 1, 0]], positions: [1], permutation: [0, 2, 1, 3],
   * });
   * interleaved.data; // => [0.5403, 0.8415, 0.99995, 0.0100]
   * halfSplitOfPermuted.data; // => [0.5403, 0.99995, 0.8415, 0.0100]
   */
  ropePairings(options: RopePairingsOptions): Promise<RopePairingsResult>;

  /**
   * Dot products of a query and a key after rotation, for N pairs of positions: they depend on m - n alone (Su et al. 2021, equation 16).
   *
   * Edges and errors as rope; RangeError for lists of different length.
   *
   * @example
   * const { halfSplit } = await core.ropeRelative({
   *   q: [[1, 0]], k: [[1, 0]], theta: [10000, 10000], m: [3, 8], n: [2, 7],
   * });
   * halfSplit; // => [0.5403, 0.5403]
   */
  ropeRelative(options: RopeRelativeOptions): Promise<RopeRelativeResult>;

  /**
   * The frequencies of RoPE, stretched for contexts longer than those of the training: one inverse frequency for each of dim / 2 pairs, in
   * radians per position, as Hugging Face Transformers computes them from a configuration's rope_scaling.
   *
   * RangeError for a dim that is odd or below 2 (4 for ntk and dynamic), a θ that is not above 0, an unknown type, and parameters
   * out of range; TypeError for one that the type needs and that is missing.
   *
   * @example
   * const { inverseFrequencies } = await core.ropeFrequencies({ dim: 4, scaling: { type: 'linear', factor: 2 } });
   * inverseFrequencies.data; // => [0.5, 0.005]
   */
  ropeFrequencies(options: RopeFrequenciesOptions): Promise<RopeFrequenciesResult>;

  /**
   * How many positions each pair of RoPE needs for one turn, 2π θ^(2 i / dim), for several θ, and how many turns it makes over a context.
   * Shows `count` pairs, evenly spread from the fastest to the slowest.
   *
   * RangeError for a dim that is odd or below 2, a θ that is not above 0, count < 1 and a negative context.
   *
   * @example
   * const { pairs, wavelengths } = await core.ropeWavelengths({ dim: 4, thetas: [10000] });
   * pairs; // => [0, 1]
   * wavelengths.data; // => [6.2832, 628.3185]
   */
  ropeWavelengths(options: RopeWavelengthsOptions): Promise<RopeWavelengthsResult>;

  /**
   * What the dot product of query and key is multiplied by where YaRN scales the softmax, as in DeepSeek-V2 and V3:
   * mscale² / √qkHeadDim with mscale = 0.1 mscaleAllDim ln(factor) + 1 (Peng et al. 2023, equation 22).
   *
   * Edges: a factor of at most 1 has mscale 1. RangeError for qkHeadDim < 1 and a factor that is not above 0.
   *
   * @example
   * const { mscale, scale } = await core.yarnSoftmaxScale({ qkHeadDim: 192, factor: 40 });
   * mscale; // => 1.3689
   * scale; // => 0.1352
   */
  yarnSoftmaxScale(options: YarnSoftmaxScaleOptions): Promise<YarnSoftmaxScaleResult>;

  /**
   * RoPE for images: one row of x for each place of a grid, turned by its row and its column.
   *
   * RangeError for a D that is no multiple of 4, another number of rows than places, an unknown scheme and a spatialMergeSize that does not
   * divide the grid.
   *
   * @example
   * const { angles } = await core.rope2d({
   *   x: [[1, 0, 0, 0], [1, 0, 0, 0]], gridHeight: 1, gridWidth: 2, scheme: 'qwen2vl',
   * });
   * angles.data; // => [0, 0, 0, 1]
   */
  rope2d(options: Rope2dOptions): Promise<RopeAxesResult>;

  /**
   * RoPE for text, images and video in one sequence: each pair turns by the token's time, height or width (Wang et al. 2024, Qwen2-VL,
   * M-RoPE). For text all three positions are equal, and it is ordinary RoPE.
   *
   * RangeError unless three sections, at least 0, sum to D / 2; for negative positions and a θ that is not above 0.
   *
   * @example
   * const { y } = await core.ropeMultimodal({
   *   x: [[1, 0]], positions: [[1], [5], [5]], sections: [1, 0, 0],
   * });
   * y.data; // => [0.5403, 0.8415]
   */
  ropeMultimodal(options: RopeMultimodalOptions): Promise<RopeAxesResult>;

  /**
   * T5's buckets of relative positions: near distances one by one, far ones logarithmically, the farthest together (Raffel et al. 2020,
   * section 2.1). Logarithms in single precision, as in the published models.
   *
   * RangeError for numBuckets that is odd, below 2 or, bidirectional, below 4, a maxDistance within the exact buckets, and fractions.
   *
   * @example
   * const { bucket } = await core.relativeBuckets({ relativePosition: [-200, -9, -1, 0, 1, 9] });
   * bucket.data; // => [15, 8, 1, 0, 17, 24]
   */
  relativeBuckets(options: RelativeBucketsOptions): Promise<RelativeBucketsResult>;

  /**
   * T5's bias on the attention logits: for each head and each pair of positions the table's entry of their bucket. What `attention` takes
   * as `bias` (T5 does not scale its logits: use scale 1 there).
   *
   * Errors as relativeBuckets; RangeError for negative sizes.
   *
   * @example
   * const { bias } = await core.relativeBias({ table: [[0], [5]], queries: 2, keys: 2, bidirectional: false });
   * bias.data; // => [0, 0, 5, 0]
   */
  relativeBias(options: RelativeBiasOptions): Promise<RelativeBiasResult>;

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
}

export interface SinusoidalPositionsOptions {
  /** Number of positions, at least 0. */
  length: Integer;
  /** Even. */
  dim: Integer;
  /** `interleaved` (the default): sin and cos in turn, as in the paper; `concatenated`: all sines, then all cosines. */
  layout?: 'interleaved' | 'concatenated';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SinusoidalPositionsResult {
  /** [T, C]: one row for each position */
  table: Tensor;
  /** With trace: table. */
  trace?: Trace;
}

export interface RopeOptions {
  /** [.., T, D] */
  x: TensorLike;
  /** One position for each of the T rows, at least 0; need not be whole. */
  positions: ArrayLike<number>;
  /** θ, above 0. Default 10000. */
  theta?: number;
  /** Which features form a pair: `half_split` (i, i + rotaryDim / 2), the default, or `interleaved` (2 i, 2 i + 1). */
  pairing?: 'half_split' | 'interleaved';
  /** How many of the first features turn; even. It, not D, is in the exponent. Default D. */
  rotaryDim?: Integer;
  /**
   * Where the pairs are written: `same` (the default) leaves them where they were read; `half_split` writes the first entries of all
   * pairs, then the second ones, then the rest: DeepSeek-V3 reads interleaved pairs and leaves them so.
   */
  outputLayout?: 'same' | 'half_split';
  /** How the frequencies are stretched. Default: not. */
  scaling?: RopeScaling;
  /** Whether to record how each entry turns. Default false. */
  trace?: boolean;
}

export interface RopeResult {
  /** [.., T, D] */
  y: Tensor;
  /** [P], P = rotaryDim / 2 pairs: the angle per position of each, in radians; always in double precision */
  inverseFrequencies: Tensor;
  /** [T, P], in double precision */
  cos: Tensor;
  /** [T, P], in double precision */
  sin: Tensor;
  /** Factor on cosines and sines, already in them. */
  attentionFactor: number;
  /** As ropeFrequencies gives it. */
  thetaScaled?: number;
  /** As ropeFrequencies gives it. */
  correctionLow?: number;
  /** As ropeFrequencies gives it. */
  correctionHigh?: number;
  /** With trace: x and y. */
  trace?: Trace;
}

export interface RopePairingsOptions {
  /** [T, D] */
  x: TensorLike;
  /** One position for each of the T rows, at least 0. */
  positions: ArrayLike<number>;
  /** [D] each feature once: entry i of the permuted row is feature permutation[i]. */
  permutation: ArrayLike<number>;
  /** θ, above 0. Default 10000. */
  theta?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RopePairingsResult {
  /** [T, D] */
  interleaved: Tensor;
  /** [T, D] */
  halfSplitOfPermuted: Tensor;
  /** With trace: x, permuted, interleaved, halfSplitOfPermuted. */
  trace?: Trace;
}

export interface RopeRelativeOptions {
  /** [1, D] */
  q: TensorLike;
  /** [1, D] */
  k: TensorLike;
  /** [N] θ of each call, above 0. */
  theta: ArrayLike<number>;
  /** [N] position of q, at least 0. */
  m: ArrayLike<number>;
  /** [N] position of k, at least 0. */
  n: ArrayLike<number>;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RopeRelativeResult {
  /** N dot products with half-split pairs. */
  halfSplit: number[];
  /** N dot products with interleaved pairs. */
  interleaved: number[];
  /** With trace. */
  trace?: Trace;
}

/** What a published configuration says under rope_scaling. Lengths in positions. */
export interface RopeScaling {
  /**
   * `default` none; `linear` all frequencies divided by the factor (Chen et al. 2023); `ntk` another θ, so that only the slow pairs are
   * stretched; `dynamic` the same, depending on sequenceLength; `yarn` slow pairs divided, fast ones kept, a ramp between (Peng et al. 2023);
   * `llama3` the same with a blend by wavelength; `longrope` a factor for each pair (Ding et al. 2024).
   */
  type: 'default' | 'linear' | 'ntk' | 'dynamic' | 'yarn' | 'llama3' | 'longrope';
  /** How far the context is stretched. All types but default and longrope need it. */
  factor?: number;
  /** Context length of the stretched model. dynamic and longrope use it. */
  maxPositionEmbeddings?: number;
  /** Context length that the model was trained on; default maxPositionEmbeddings. */
  originalMaxPositionEmbeddings?: number;
  /** Length of the sequence at hand: dynamic stretches with it, longrope chooses its factors by it. */
  sequenceLength?: number;
  /** Factor on cosines and sines; default from the type. */
  attentionFactor?: number;
  /** yarn: with mscaleAllDim, the attention factor's numerator (DeepSeek-V2). */
  mscale?: number;
  /** yarn: the denominator's. */
  mscaleAllDim?: number;
  /** yarn: pairs that turn more often than this over the original length are kept. Default 32. */
  betaFast?: number;
  /** yarn: pairs that turn less often are divided by the factor. Default 1. */
  betaSlow?: number;
  /** yarn: whether the ramp's ends are rounded outwards to whole pairs. Default true. */
  truncate?: boolean;
  /** llama3: wavelengths above original / lowFreqFactor are stretched. Default 1. */
  lowFreqFactor?: number;
  /** llama3: wavelengths below original / highFreqFactor are kept. Default 4. */
  highFreqFactor?: number;
  /** longrope: a divisor for each pair, up to the original length. */
  shortFactor?: ArrayLike<number>;
  /** longrope: a divisor for each pair, beyond it. */
  longFactor?: ArrayLike<number>;
}

export interface RopeFrequenciesOptions {
  /** How many features turn; even. */
  dim: Integer;
  /** The base θ; default 10000. */
  theta?: number;
  /** Default: none. */
  scaling?: RopeScaling;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RopeFrequenciesResult {
  /** [P], P = dim / 2, radians per position. */
  inverseFrequencies: Tensor;
  /** [P], positions per turn. */
  wavelengths: Tensor;
  /** Factor on cosines and sines, hence its square on the logits. */
  attentionFactor: number;
  /** ntk and dynamic: the θ used instead. */
  thetaScaled?: number;
  /** yarn: the pair at which the ramp begins. */
  correctionLow?: number;
  /** yarn: the pair at which it ends. */
  correctionHigh?: number;
  /** With trace: plain (where `scaling` changes it other than by θ), inverseFrequencies, wavelengths. */
  trace?: Trace;
}

export interface RopeWavelengthsOptions {
  /** How many features turn; even. */
  dim: Integer;
  /** M bases θ. */
  thetas: ArrayLike<number>;
  /** How many pairs are shown; default 8. */
  count?: Integer;
  /** A context length in positions, for the turns; default 0. */
  context?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RopeWavelengthsResult {
  /** The N pairs shown. */
  pairs: number[];
  /** [M, N], positions per turn. */
  wavelengths: Tensor;
  /** [M, N], turns over the context. */
  turns: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface YarnSoftmaxScaleOptions {
  /** Width of query and key in one head. */
  qkHeadDim: Integer;
  /** How far the context is stretched. */
  factor: number;
  /** Default 1. */
  mscaleAllDim?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface YarnSoftmaxScaleResult {
  mscale: number;
  scale: number;
  /** With trace. */
  trace?: Trace;
}

export interface Rope2dOptions {
  /** [.., T, D], T = gridHeight · gridWidth places, row by row. */
  x: TensorLike;
  gridHeight: Integer;
  gridWidth: Integer;
  /**
   * `pixtral` even-numbered frequencies by row, odd-numbered by column, pairs (i, i + D / 2); `qwen2vl` the same frequencies for row and
   * column, pairs (i, i + D / 2); `split_halves` the first half of the features by row, the second by column, pairs (2 i, 2 i + 1).
   */
  scheme: 'pixtral' | 'qwen2vl' | 'split_halves';
  /** The base θ; default 10000. */
  theta?: number;
  /** qwen2vl: places come in blocks of this side. Default 1. */
  spatialMergeSize?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RopeAxesResult {
  /** [.., T, D] */
  y: Tensor;
  /** [T, P], P = D / 2, radians. */
  angles: Tensor;
  /** With trace: x, positions and frequencies of the pairs, angles, y. */
  trace?: Trace;
}

export interface RopeMultimodalOptions {
  /** [.., T, D] */
  x: TensorLike;
  /** [3, T]: time, height and width of each token, at least 0. */
  positions: TensorLike;
  /** How many of the D / 2 pairs turn by time, by height and by width. */
  sections: ArrayLike<number>;
  /** The base θ; default 10000. */
  theta?: number;
  /** Deals height and width out in turn with time instead of in sections (Qwen3-VL). Default false. */
  interleaved?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RelativeBucketsOptions {
  /** [..] key position minus query position. */
  relativePosition: TensorLike;
  /** Whether keys after the query have buckets of their own (encoder) or count as distance 0 (decoder). Default true. */
  bidirectional?: boolean;
  /** Default 32. */
  numBuckets?: Integer;
  /** From here on all distances are in the last bucket. Default 128. */
  maxDistance?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RelativeBucketsResult {
  /** [..] */
  bucket: Tensor;
  /** With trace: relativePosition, bucket. */
  trace?: Trace;
}

export interface RelativeBiasOptions {
  /** [N, H]: a bias for each bucket and head. */
  table: TensorLike;
  /** T */
  queries: Integer;
  /** S */
  keys: Integer;
  /** As in relativeBuckets. Default true. */
  bidirectional?: boolean;
  /** Default 128. */
  maxDistance?: Integer;
  /** Position of the first query; default S - T. */
  queryOffset?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RelativeBiasResult {
  /** [H, T, S] */
  bias: Tensor;
  /** [T, S] */
  bucket: Tensor;
  /** With trace: table, bucket, bias. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RopeBackwardResult {
  /** [.., T, D] */
  y: Tensor;
  /** [.., T, D] */
  dx: Tensor;
  /** With trace. */
  trace?: Trace;
}
