/** Images as such: convolution, interpolation, resolutions. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Images as such: convolution, interpolation, resolutions. */
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
}

export interface SmartResizeResult {
  /** [N, 2] */
  resized: Tensor;
}

export interface AnyresOptions {
  /** [N, 2]: heights and widths in pixels, whole numbers from 1 to 10⁶ */
  sizes: TensorLike;
  /** [K, 2]: the resolutions to choose from */
  pinpoints: TensorLike;
}

export interface AnyresResult {
  /** [N, 2] */
  best: Tensor;
  /** [N]: pixels of the image that the choice keeps */
  effective: Tensor;
  /** [N]: pixels of the choice that stay empty */
  wasted: Tensor;
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
}

export interface PosEmbedInterpolateResult {
  /** [T2, C] */
  posEmbed: Tensor;
}
