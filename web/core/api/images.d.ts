/** Images as such: patches, masked autoencoding, convolution, interpolation, resolutions. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Images as such: patches, masked autoencoding, convolution, interpolation, resolutions. */
export interface ImagesFunctions {
  /**
   * The size at which Qwen2-VL reads an image (Wang et al. 2024, and its image processor): each side rounded to a multiple of factor,
   * halves to even; where that has too many pixels, both sides shrink by √(h w / maxPixels) and are rounded down, where it has too few,
   * they grow by √(minPixels / (h w)) and are rounded up.
   *
   * Edges: no side becomes smaller than factor by shrinking. RangeError where one side is more than 200 times the other, and where a
   * side would be rounded to 0.
   *
   * @example
   * const { resized } = await core.smartResize({ sizes: [[100, 300], [3000, 4000]] });
   * resized.data; // => [112, 308, 840, 1148]
   */
  smartResize(options: SmartResizeOptions): Promise<SmartResizeResult>;

  /**
   * LLaVA-NeXT's choice among given resolutions (Liu et al. 2024): the image is scaled to fit into each one; the one that keeps the
   * most pixels wins, never counting more than the image has; among equals the one that leaves the fewest pixels empty, and then the
   * first.
   *
   * Edges: RangeError for sides that are not whole numbers from 1 to 10⁶, and without pinpoints.
   *
   * @example
   * const { best, wasted } = await core.anyres({ sizes: [[480, 640]], pinpoints: [[336, 672], [672, 672], [1008, 336]] });
   * best.data; // => [672, 672]
   * wasted.data; // => [144384]
   */
  anyres(options: AnyresOptions): Promise<AnyresResult>;

  /**
   * Convolution in two dimensions, y[n, i, j] = b_n + Σ_c,a,b weight[n, c, a, b] image[c, i stride + a - padding, j stride + b -
   * padding], with zeros around the image. As torch.nn.functional.conv2d: the kernel is not flipped.
   *
   * Edges: rows and columns that the stride leaves over are not read. RangeError for a kernel larger than the padded image, and above 2
   * · 10⁹ products.
   *
   * @example
   * const { y } = await core.conv2d({ image: [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], weight: [[[[0, 1], [0, 0]]]] });
   * y.shape; // => [1, 2, 2]
   * y.data; // => [2, 3, 5, 6]
   */
  conv2d(options: Conv2dOptions): Promise<Conv2dResult>;

  /**
   * An image at another resolution, by PyTorch's conventions (torch.nn.functional.interpolate). Output position i reads around (i + ½)
   * H / H' - ½, with alignCorners around i (H - 1) / (H' - 1); positions outside are those of the border.
   *
   * bilinear: the two nearest positions. bicubic: four, by the kernel of Keys (1981) with A = -0.75. nearest: ⌊i H / H'⌋.
   * nearest_exact: ⌊(i + ½) H / H'⌋. With antialias the kernel widens where the image shrinks, its weights sum to 1, and A = -0.5.
   *
   * Edges: bicubic may overshoot the range of the image. RangeError for alignCorners or antialias with a nearest mode.
   *
   * @example
   * const { y } = await core.interpolate({ x: [[0, 1]], out: [1, 4] });
   * y.data; // => [0, 0.25, 0.75, 1]
   * const { y: aligned } = await core.interpolate({ x: [[0, 1]], out: [1, 4], alignCorners: true });
   * aligned.data; // => [0, 0.3333, 0.6667, 1]
   */
  interpolate(options: InterpolateOptions): Promise<InterpolateResult>;

  /**
   * A table of learned positions for another grid of patches: each feature is an image on the grid and is interpolated, the class
   * token's row stays (Dosovitskiy et al. 2021, section 3.2).
   *
   * Edges: RangeError where the rows of the table are not those of `from`.
   *
   * @example
   * const { posEmbed } = await core.posEmbedInterpolate({ posEmbed: [[9], [0], [1]], from: [1, 2], to: [1, 4], mode: 'bilinear' });
   * posEmbed.data; // => [9, 0, 0.25, 0.75, 1]
   */
  posEmbedInterpolate(options: PosEmbedInterpolateOptions): Promise<PosEmbedInterpolateResult>;

  /**
   * Cuts an image into square patches and maps each one linearly to a token (Dosovitskiy et al. 2021, equation 1). This is the
   * convolution whose kernel and stride are the patch.
   *
   * Edges: RangeError where the patch does not divide the image, and for images without pixels.
   *
   * @example
   * const { tokens, patches, grid } = await core.patchEmbed({ image: [[[1, 2, 3, 4], [5, 6, 7, 8]]], weight: [[[[1, 0], [0, 1]]]] });
   * patches.data; // => [1, 2, 5, 6, 3, 4, 7, 8]
   * tokens.data; // => [7, 11]
   * grid; // => [1, 2]
   */
  patchEmbed(options: PatchEmbedOptions): Promise<PatchEmbedResult>;

  /**
   * Cuts a video into boxes of frames, rows and columns, "tubelets", and maps each one linearly to a token (Arnab et al. 2021, section
   * 3.2).
   *
   * Edges: RangeError where the tubelet does not divide the video, and for videos without pixels.
   *
   * @example
   * const { tokens, grid } = await core.tubeletEmbed({
   *   video: [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]],
   *   weight: [[[[[1, 1], [1, 1]], [[0, 0], [0, 0]]]]],
   * });
   * tokens.data; // => [10]
   * grid; // => [1, 1, 1]
   */
  tubeletEmbed(options: TubeletEmbedOptions): Promise<TubeletEmbedResult>;

  /**
   * Keeps the ⌊T (1 - maskRatio)⌋ tokens with the smallest noise and removes the rest (He et al. 2022, section 3). The noise is the
   * caller's.
   *
   * Edges: equal noise keeps the first tokens. The product is taken in double precision, so 10 tokens at 0.9 keep none. RangeError for
   * a ratio that is not from 0 to below 1.
   *
   * @example
   * const { kept, idsKeep, mask, idsRestore } = await core.maeMasking({
   *   tokens: [[1], [2], [3], [4]],
   *   noise: [0.6, 0.1, 0.8, 0.3],
   *   maskRatio: 0.5,
   * });
   * kept.data; // => [2, 4]
   * idsKeep; // => [1, 3]
   * mask.data; // => [1, 0, 1, 0]
   * idsRestore; // => [2, 0, 3, 1]
   */
  maeMasking(options: MaeMaskingOptions): Promise<MaeMaskingResult>;

  /**
   * The mean squared error of the masked patches (He et al. 2022, section 3). With normPixLoss each target patch is (x - mean) /
   * √(variance + 10⁻⁶), the variance divided by K - 1 as in the authors' code.
   *
   * Edges: RangeError where no patch is masked, where the patch does not divide the image, and for normPixLoss on patches of one number.
   *
   * @example
   * const { loss, lossPerPatch } = await core.maeLoss({
   *   image: [[[1, 2], [3, 4]]],
   *   pred: [[0], [0], [0], [0]],
   *   mask: [1, 0, 0, 1],
   *   patch: 1,
   * });
   * lossPerPatch.data; // => [1, 4, 9, 16]
   * loss; // => 8.5
   */
  maeLoss(options: MaeLossOptions): Promise<MaeLossResult>;
}

export interface SmartResizeOptions {
  /** [N, 2]: heights and widths in pixels, whole numbers from 1 to 10⁶ */
  sizes: TensorLike;
  /** Pixels on a side that must come out whole, at least 1; default 28: two patches of 14. */
  factor?: Integer;
  /** Default 3136 = 56². */
  minPixels?: Integer;
  /** Default 1 003 520 = 1280 · 28². */
  maxPixels?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SmartResizeResult {
  /** [N, 2] */
  resized: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface AnyresOptions {
  /** [N, 2]: heights and widths in pixels, whole numbers from 1 to 10⁶ */
  sizes: TensorLike;
  /** [K, 2]: the resolutions to choose from */
  pinpoints: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface AnyresResult {
  /** [N, 2] */
  best: Tensor;
  /** [N]: pixels of the image that the choice keeps */
  effective: Tensor;
  /** [N]: pixels of the choice that stay empty */
  wasted: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface Conv2dOptions {
  /** [Ch, H, W] */
  image: TensorLike;
  /** [N, Ch, Kh, Kw] */
  weight: TensorLike;
  /** [N]. Default: none. */
  bias?: TensorLike;
  /** Positions from one window to the next, at least 1; default 1. */
  stride?: Integer;
  /** Rows and columns of zeros on each side; default 0. */
  padding?: Integer;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface Conv2dResult {
  /** [N, Oh, Ow], Oh = ⌊(H + 2 padding - Kh) / stride⌋ + 1 */
  y: Tensor;
  /** With `trace` only: image, weight, bias, y. */
  trace?: Trace;
}

export interface InterpolateOptions {
  /** [.., H, W] */
  x: TensorLike;
  /** Height and width of the result, from 1 to 65 536. */
  out: ArrayLike<number>;
  /** Default bilinear. */
  mode?: 'bilinear' | 'bicubic' | 'nearest' | 'nearest_exact';
  /** Whether the corners stay in place; default false. */
  alignCorners?: boolean;
  /** Whether the kernel widens where the image shrinks; default false. */
  antialias?: boolean;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface InterpolateResult {
  /** [.., H2, W2] */
  y: Tensor;
  /** With `trace` only: x, columnWeights, across, rowWeights, y: the columns are resampled first. */
  trace?: Trace;
}

export interface PosEmbedInterpolateOptions {
  /** [T, C]: the class token's row first, if there is one, then the grid row by row */
  posEmbed: TensorLike;
  /** Rows and columns of the grid that the table was made for. */
  from: ArrayLike<number>;
  /** Rows and columns of the grid that it is wanted for. */
  to: ArrayLike<number>;
  /** Default bicubic. */
  mode?: 'bilinear' | 'bicubic' | 'nearest' | 'nearest_exact';
  /** Whether the first row is that of a class token; default true. */
  clsToken?: boolean;
  /** As in interpolate; default false. */
  alignCorners?: boolean;
  /** As in interpolate; default false. */
  antialias?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface PosEmbedInterpolateResult {
  /** [T2, C] */
  posEmbed: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface PatchEmbedOptions {
  /** [Ch, H, W] */
  image: TensorLike;
  /** [N, Ch, P, P]: N features of a token, patches of P by P pixels */
  weight: TensorLike;
  /** [N]. Default: none. */
  bias?: TensorLike;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface PatchEmbedResult {
  /** [T, N], T = (H / P) (W / P) */
  tokens: Tensor;
  /** [T, K]: K = Ch P P pixels of each patch, channel by channel, then row by row */
  patches: Tensor;
  /** Patches down and across. */
  grid: number[];
  /** With `trace` only: image, weight, bias, patches, tokens. */
  trace?: Trace;
}

export interface TubeletEmbedOptions {
  /** [Ch, F, H, W]: F frames */
  video: TensorLike;
  /** [N, Ch, Pt, Ph, Pw]: Pt frames, Ph rows, Pw columns in a tubelet */
  weight: TensorLike;
  /** [N]. Default: none. */
  bias?: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface TubeletEmbedResult {
  /** [T, N]: by time, then row, then column */
  tokens: Tensor;
  /** Tubelets in time, down and across. */
  grid: number[];
  /** With trace. */
  trace?: Trace;
}

export interface MaeMaskingOptions {
  /** [T, C] */
  tokens: TensorLike;
  /** [T]: a number for each token, drawn by the caller */
  noise: TensorLike;
  /** The share that is removed, from 0 to below 1; default 0.75. */
  maskRatio?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface MaeMaskingResult {
  /** [K, C]: the tokens that stay, by ascending noise */
  kept: Tensor;
  /** Where they stood. */
  idsKeep: number[];
  /** [T]: 1 = removed */
  mask: Tensor;
  /** For each token, its place in the order by noise: undoes the shuffle. */
  idsRestore: number[];
  /** With trace. */
  trace?: Trace;
}

export interface MaeLossOptions {
  /** [Ch, H, W] */
  image: TensorLike;
  /** [T, K]: T patches of K = P P Ch numbers, row by row, channels last */
  pred: TensorLike;
  /** [T]: 1 = masked, 0 = seen */
  mask: TensorLike;
  /** P, the pixels on a side of a patch. */
  patch: Integer;
  /** Whether each target patch is normalised by its own mean and variance; default false. */
  normPixLoss?: boolean;
  /** Whether to record how every number came about; default false. */
  trace?: boolean;
}

export interface MaeLossResult {
  /** [T, K]: what pred is compared with */
  target: Tensor;
  /** [T]: the mean squared error of each patch, masked or not */
  lossPerPatch: Tensor;
  /** The mean over the masked patches. */
  loss: number;
  /** With `trace` only: image, pred, mask, patches, mean, variance, target, lossPerPatch, loss. */
  trace?: Trace;
}
