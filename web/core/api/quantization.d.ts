/** Numbers in fewer bits. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Numbers in fewer bits. */
export interface QuantizationFunctions {
  /**
   * Symmetric quantisation: s = max |x| / qmax over the entries that share a scale, q = round(x / s), and q s stands for x (Dettmers et
   * al. 2022, LLM.int8(), section 2.1).
   *
   * With `trace`, the tensors x, absmax, scale, q, dequant and error open.
   *
   * Edges: entries that are all 0 have the scale 0 and the code 0. Codes are kept within -2^(bits - 1) .. 2^(bits - 1) - 1. RangeError for
   * bits outside 2 .. 16, a qmax outside 1 .. 2^(bits - 1), a group below 1, a tensor without entries, and values whose squares do not fit
   * a double.
   *
   * @example
   * const { scale, q, dequant } = await core.quantizeAbsmax({ x: [[0.5, -1, 0.2], [10, 20, -30]], bits: 4, granularity: 'row' });
   * scale.data; // => [0.1429, 4.2857]
   * q.data; // => [4, -7, 1, 2, 5, -7]
   * dequant.data; // => [0.5714, -1, 0.1429, 8.5714, 21.4286, -30]
   */
  quantizeAbsmax(options: QuantizeAbsmaxOptions): Promise<QuantizeAbsmaxResult>;

  /**
   * Affine quantisation: the codes qmin .. qmax laid over the range low .. high of the entries that share a scale, with s = (high - low) /
   * (qmax - qmin), the code of zero z = qmin - round(low / s), q = round(x / s) + z kept within the codes, and (q - z) s standing for x
   * (Jacob et al. 2018, equation 1).
   *
   * With `trace`, the tensors x, low, high, scale, zeroPoint, q, dequant and error open.
   *
   * Edges: with `min/max including 0` the range is widened to 0, which then comes back exactly; with `min/max` the code of zero may lie
   * outside the codes, and equal entries come back exactly (s = |x|). Entries that are all 0 have the scale 0 and the code qmin.
   * RangeError for bits outside 1 .. 16, a group below 1, a tensor without entries, values whose squares do not fit a double, and ranges
   * further from 0 than 2^52 of their steps.
   *
   * @example
   * const { scale, zeroPoint, q, dequant } = await core.quantizeZeroPoint({ x: [-1, 0, 0.75, 2], bits: 4 });
   * [scale.data[0], zeroPoint.data[0]]; // => [0.2, 5]
   * q.data; // => [0, 5, 9, 15]
   * dequant.data; // => [-1, 0, 0.8, 2]
   */
  quantizeZeroPoint(options: QuantizeZeroPointOptions): Promise<QuantizeZeroPointResult>;

  /**
   * The block formats Q4_0 and Q8_0 of ggml (llama.cpp), where neighbours share one half-precision scale d. Q4_0: d = m / -8 with m the
   * block's signed value of largest magnitude, q = min(15, trunc(x / d + 8.5)), and (q - 8) d stands for x. Q8_0: d = max |x| / 127,
   * q = x / d rounded half away from zero, and q d stands for x. Codes are found in single precision with the unrounded d, values come
   * back with d in half precision, as in ggml-quants.c (quantize_row_q4_0_ref, quantize_row_q8_0_ref).
   *
   * Edges: a block of zeros has d = 0, and so has one so small that 1 / d overflows single precision. RangeError for a block that does not
   * divide the row or is odd (q4_0), a tensor without entries, values beyond single precision, and a d beyond 65504.
   *
   * @example
   * const { d, q, dequant, bytes } = await core.quantizeGgml({ x: [1, -8, 3.4, 0.2], format: 'q4_0', block: 4 });
   * d.data; // => [1]
   * q.data; // => [9, 0, 11, 8]
   * dequant.data; // => [1, -8, 3, 0]
   * bytes.data; // => [0, 60, 185, 128]
   */
  quantizeGgml(options: QuantizeGgmlOptions): Promise<QuantizeGgmlResult>;

  /**
   * Four bits by table: each block of neighbours is divided by its largest magnitude, and each share becomes the code of the nearest of 16
   * values. NF4 holds quantiles of the normal distribution (Dettmers et al. 2023, QLoRA, appendix E); fp4 and fp4_e2m1 hold small
   * floating-point numbers. The tensor is one row-major run of blocks.
   *
   * Double quantisation (the same paper, section 3) stores the scales in 8 bits too: their mean is taken off, runs of `scaleBlock` of them
   * share s = max |absmax - mean| / 448, and (absmax - mean) / s is rounded to FP8 E4M3. Scales then cost 8 / block +
   * 32 / (block scaleBlock) bits for each value instead of 32 / block.
   *
   * With `trace`, the tensors x, table, absmax, normalised, q, (scaleMean, outerScale, scaleCodes, scale), dequant and error open.
   *
   * Edges: between two equally near values NF4 takes the lower one, the others the smaller magnitude; a block of zeros comes back as
   * zeros; the last block may be shorter. RangeError for block sizes below 1, a tensor without entries, and values whose squares do not
   * fit a double.
   *
   * @example
   * const { q, dequant, bitsPerValue } = await core.quantizeCodeTable({ x: [0.5, -2, 0.1, 1.4] });
   * q.data; // => [10, 0, 8, 14]
   * dequant.data; // => [0.4922, -2, 0.1592, 1.4459]
   * bitsPerValue; // => 4.5
   */
  quantizeCodeTable(options: QuantizeCodeTableOptions): Promise<QuantizeCodeTableResult>;

  /**
   * Every number in five floating-point formats, rounded once from double precision, halves to the even mantissa (IEEE 754-2019; bfloat16;
   * OFP8: Micikevicius et al. 2022).
   *
   * Edges: small magnitudes become subnormal and then 0; what lies beyond the largest number becomes infinite, in E4M3, which has no
   * infinity, NaN. Infinite x are allowed.
   *
   * @example
   * const { fp16, bf16, fp8E5m2 } = await core.floatFormats({ x: [0.1, 257, 40000] });
   * fp16.data; // => [0.1000, 257, 40000]
   * bf16.data; // => [0.1001, 256, 39936]
   * fp8E5m2.data; // => [0.0938, 256, 40960]
   */
  floatFormats(options: FloatFormatsOptions): Promise<FloatFormatsResult>;

  /**
   * Rounds to one floating-point format and shows the bits: y = (-1)^sign 2^(exponent - bias) (1 + mantissa / 2^M), and with exponent 0
   * (-1)^sign 2^(1 - bias) mantissa / 2^M (IEEE 754-2019, section 3.4; the 8-bit formats: Micikevicius et al. 2022, table 1; those of 6
   * and 4 bits: OCP Microscaling Formats 1.0, 2023).
   *
   * Edges: beyond the largest number lies infinity, NaN in fp8_e4m3, and the largest number itself in the formats of 6 and 4 bits, which
   * have neither; with `saturate` it is the largest number in all of them, for infinite x too.
   *
   * @example
   * const { y, sign, exponent, mantissa } = await core.roundToFloat({ x: [0.3, 500], format: 'fp8_e4m3', overflow: 'saturate' });
   * y.data; // => [0.3125, 448]
   * exponent.data; // => [5, 15]
   * mantissa.data; // => [2, 6]
   */
  roundToFloat(options: RoundToFloatOptions): Promise<RoundToFloatResult>;

  /**
   * How far y lies from x: the mean squared, mean absolute and largest absolute error, and the signal-to-noise ratio
   * 10 log10(Σ x² / Σ (x - y)²) in decibels (Oppenheim and Schafer 2010, section 4.8.3).
   *
   * Edges: the ratio is infinite where y equals x, and minus infinity where x is all zeros and y is not. RangeError for shapes that
   * differ, no entries, and values whose squares do not fit a double.
   *
   * @example
   * const { mse, signalToNoise } = await core.quantizationError({ x: [3, 4], y: [3, 4.5] });
   * [mse, signalToNoise]; // => [0.125, 20]
   */
  quantizationError(options: QuantizationErrorOptions): Promise<QuantizationErrorResult>;
}

export interface QuantizeAbsmaxOptions {
  /** [.., C] */
  x: TensorLike;
  /** Of a code, 2 .. 16. Default 8. */
  bits?: Integer;
  /** The code of the largest magnitude, 1 .. 2^(bits - 1). Default 2^(bits - 1) - 1. */
  qmax?: Integer;
  /** Which entries share a scale: all, those of a row, those at one place of every row, or runs within a row. Default `tensor`. */
  granularity?: 'tensor' | 'row' | 'column' | 'group';
  /** How many neighbours of a row share a scale with granularity `group`, the last run being shorter where rows do not divide. Default 32. */
  group?: Integer;
  /** What becomes of fractions; `half_up` rounds halves toward plus infinity. Default `half_to_even`. */
  rounding?: 'half_to_even' | 'half_away_from_zero' | 'half_up' | 'floor' | 'ceiling' | 'toward_zero';
  /** Record the computation. Default false. */
  trace?: boolean;
}

export interface QuantizeAbsmaxResult {
  /** s [..]: [] for a tensor, x's shape without C for rows, C entries for columns, ceil(C / group) for each row for groups */
  scale: Tensor;
  /** [..] as x: the codes, whole numbers */
  q: Tensor;
  /** [..] as x: what the codes stand for */
  dequant: Tensor;
  /** Mean squared error */
  mse: number;
  /** Largest absolute error */
  maxAbsoluteError: number;
  /** Signal-to-noise ratio in decibels; infinite without error */
  signalToNoise: number;
  /** Only with the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface QuantizeZeroPointOptions {
  /** [.., C] */
  x: TensorLike;
  /** Of a code, 1 .. 16. Default 8. */
  bits?: Integer;
  /** Which entries share a scale and a code of zero. Default `tensor`. */
  granularity?: 'tensor' | 'row' | 'column' | 'group';
  /** How many neighbours of a row share a scale with granularity `group`. Default 32. */
  group?: Integer;
  /** What the codes are laid over. Default `min/max including 0`. */
  range?: 'min/max including 0' | 'min/max';
  /** What becomes of fractions. Default `half_to_even`. */
  rounding?: 'half_to_even' | 'half_away_from_zero' | 'half_up' | 'floor' | 'ceiling' | 'toward_zero';
  /** Codes from -2^(bits - 1) instead of from 0. Default false. */
  isSigned?: boolean;
  /** Record the computation. Default false. */
  trace?: boolean;
}

export interface QuantizeZeroPointResult {
  /** s [..]: [] for a tensor, x's shape without C for rows, C entries for columns, ceil(C / group) for each row for groups */
  scale: Tensor;
  /** z [..] as scale, whole numbers */
  zeroPoint: Tensor;
  /** [..] as x: the codes, whole numbers */
  q: Tensor;
  /** [..] as x: what the codes stand for */
  dequant: Tensor;
  /** Mean squared error */
  mse: number;
  /** Largest absolute error */
  maxAbsoluteError: number;
  /** Signal-to-noise ratio in decibels; infinite without error */
  signalToNoise: number;
  /** Only with the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface QuantizeGgmlOptions {
  /** [.., C] */
  x: TensorLike;
  format: 'q4_0' | 'q8_0';
  /** Neighbours that share a scale; divides C, even for q4_0. Default 32. */
  block?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface QuantizeGgmlResult {
  /** [..]: x's shape with C / block in place of C; the scales in half precision */
  d: Tensor;
  /** [..] as x: 0 .. 15 for q4_0, -127 .. 127 for q8_0 */
  q: Tensor;
  /** [..] as x: what the codes stand for */
  dequant: Tensor;
  /** [..]: d's shape and the bytes of a block as stored, the scale's two first, the lower one before. Byte i of q4_0 holds code i low and
   *  code i + block / 2 high; negative codes of q8_0 are stored plus 256. */
  bytes: Tensor;
  /** Of the storage, scales included */
  bitsPerValue: number;
  /** Mean squared error */
  mse: number;
  /** With trace. */
  trace?: Trace;
}

export interface QuantizeCodeTableOptions {
  /** [..] */
  x: TensorLike;
  /** `fp4` numbers its codes as bitsandbytes does, `fp4_e2m1` as OCP Microscaling Formats 1.0. Default `nf4`. */
  table?: 'nf4' | 'fp4' | 'fp4_e2m1';
  /** Values that share a scale, at least 1. Default 64. */
  block?: Integer;
  /** Store the scales in 8 bits. Default false. */
  doubleQuantization?: boolean;
  /** Scales that share an outer scale, at least 1. Default 256. */
  scaleBlock?: Integer;
  /** Record the computation. Default false. */
  trace?: boolean;
}

export interface QuantizeCodeTableResult {
  /** [..] as x: codes 0 .. 15 */
  q: Tensor;
  /** [..] as x: what the codes stand for */
  dequant: Tensor;
  /** [K]: the largest magnitude of each block */
  absmax: Tensor;
  /** [K]: what values come back with; absmax, or what double quantisation left of it */
  scale: Tensor;
  /** [16]: the value of each code */
  table: Tensor;
  /** [K]: the FP8 E4M3 numbers that stand for the scales; only with double quantisation, as the next two */
  scaleCodes?: Tensor;
  /** [J]: one for each run of scaleBlock scales */
  outerScale?: Tensor;
  /** What was taken off all scales */
  scaleMean?: number;
  /** Of codes and scales, 32 bits for a scale that is not quantised, in whole blocks */
  bitsPerValue: number;
  /** Mean squared error */
  mse: number;
  /** Largest absolute error */
  maxAbsoluteError: number;
  /** Signal-to-noise ratio in decibels; infinite without error */
  signalToNoise: number;
  /** Only with the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface FloatFormatsOptions {
  /** [..]; infinities are allowed */
  x: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface FloatFormatsResult {
  /** [..] as x: single precision, 8 bits of exponent and 23 of mantissa */
  fp32: Tensor;
  /** [..] as x: half precision, 5 and 10 */
  fp16: Tensor;
  /** [..] as x: bfloat16, 8 and 7 */
  bf16: Tensor;
  /** [..] as x: OFP8 E4M3, 4 and 3, largest number 448 */
  fp8E4m3: Tensor;
  /** [..] as x: OFP8 E5M2, 5 and 2, largest number 57344 */
  fp8E5m2: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface RoundToFloatOptions {
  /** [..]; infinities are allowed */
  x: TensorLike;
  format: 'fp32' | 'tf32' | 'fp16' | 'bf16' | 'fp8_e4m3' | 'fp8_e5m2' | 'fp6_e3m2' | 'fp6_e2m3' | 'fp4_e2m1';
  /** What lies beyond the largest number. Default `infinity`. */
  overflow?: 'infinity' | 'saturate';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RoundToFloatResult {
  /** [..] as x: the rounded numbers */
  y: Tensor;
  /** [..] as x: the bits of each as one whole number */
  codes: Tensor;
  /** [..] as x: the sign bit */
  sign: Tensor;
  /** [..] as x: the exponent's bits, a whole number */
  exponent: Tensor;
  /** [..] as x: the mantissa's bits, a whole number */
  mantissa: Tensor;
  exponentBits: Integer;
  mantissaBits: Integer;
  /** What is taken off the exponent's bits */
  bias: Integer;
  /** The largest finite number */
  largest: number;
  /** 2^(1 - bias) */
  smallestNormal: number;
  /** 2^(1 - bias - mantissaBits): the smallest number above 0 */
  smallestSubnormal: number;
  /** With trace. */
  trace?: Trace;
}

export interface QuantizationErrorOptions {
  /** [..] */
  x: TensorLike;
  /** [..] as x: what stands for x */
  y: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface QuantizationErrorResult {
  /** Mean of (x - y)² */
  mse: number;
  /** Mean of |x - y| */
  meanAbsoluteError: number;
  /** Largest |x - y| */
  maxAbsoluteError: number;
  /** In decibels */
  signalToNoise: number;
  /** With trace. */
  trace?: Trace;
}
