/** Low-rank adapters, merged and taken out again, and the singular value decomposition. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Low-rank adapters, merged and taken out again, and the singular value decomposition. */
export interface AdaptersFunctions {
  /**
   * A low-rank adapter beside a frozen weight: y = x Wᵀ + s (x Aᵀ) Bᵀ with s = α / r (Hu et al. 2021, LoRA, section 4.1) or α / √r
   * (Kalajdzievski 2023, rsLoRA); and the merged weight W + s B A, which gives the same y in one product.
   *
   * With `trace`, the tensors x, weight, a, b, product, delta, base, down, up, update, y and merged open.
   *
   * Edges: a B of zeros changes nothing. RangeError for shapes that do not fit, a rank of 0, and results too large for a double.
   *
   * @example
   * const { y, base, merged } = await core.lora({ x: [[1, 2]], weight: [[1, 0], [0, 1]], a: [[1, 1]], b: [[0.5], [-1]], alpha: 2 });
   * base.data; // => [1, 2]
   * y.data; // => [4, -4]
   * merged.data; // => [2, 1, -2, -1]
   */
  lora(options: LoraOptions): Promise<LoraResult>;

  /**
   * The frozen weight again, from the merged one: W = W' - s B A, up to rounding.
   *
   * Edges: RangeError for shapes that do not fit, a rank of 0, and results too large for a double.
   *
   * @example
   * const { weight } = await core.loraUnmerge({ merged: [[2, 1], [-2, -1]], a: [[1, 1]], b: [[0.5], [-1]], alpha: 2 });
   * weight.data; // => [1, 0, 0, 1]
   */
  loraUnmerge(options: LoraUnmergeOptions): Promise<LoraUnmergeResult>;

  /**
   * Magnitude and direction adapted apart: W' = m V / |V| with V = W + s B A, each output feature's row brought to its magnitude (Liu et
   * al. 2024, DoRA, equation 5; its columns are the rows of weights laid out [out, in]), and y = x W'ᵀ.
   *
   * With `trace`, the tensors x, weight, a, b, product, delta, adapted, norms, magnitude, merged and y open.
   *
   * Edges: without magnitudes the lengths of the frozen rows are used, as at the start of training; a row of V that is all zeros stays
   * zero. RangeError as for lora.
   *
   * @example
   * const { norms, magnitude, merged, y } = await core.dora({ x: [[1, 2]], weight: [[3, 4], [0, 1]], a: [[1, 1]], b: [[0], [1]], alpha: 1 });
   * magnitude.data; // => [5, 1]
   * norms.data; // => [5, 2.2361]
   * merged.data; // => [3, 4, 0.4472, 0.8944]
   * y.data; // => [11, 2.2361]
   */
  dora(options: DoraOptions): Promise<DoraResult>;

  /**
   * The frozen weight again, from what dora gave: W = W' |V| / m - s B A, up to rounding.
   *
   * Edges: RangeError for a magnitude of 0, whose row cannot come back, and as for lora.
   *
   * @example
   * const adapter = { a: [[1, 1]], b: [[0], [1]], alpha: 1 };
   * const { merged, norms, magnitude } = await core.dora({ x: [[1, 2]], weight: [[3, 4], [0, 1]], ...adapter });
   * (await core.doraUnmerge({ merged, norms, magnitude, ...adapter })).weight.data; // => [3, 4, 0, 1]
   */
  doraUnmerge(options: DoraUnmergeOptions): Promise<DoraUnmergeResult>;

  /**
   * Singular value decomposition A = U diag(s) Vᵀ by one-sided Jacobi rotations (Hestenes 1958; Golub and Van Loan 2013, section 8.6),
   * and the best approximation of a lower rank with its error in the Frobenius norm (Eckart and Young 1936).
   *
   * With `trace`, the tensors a, v, projected (A V), singularValues, u, reconstruction and errors open.
   *
   * Edges: each column of V has its entry of largest magnitude above 0; singular values below 2.2e-16 max(M, N) |A| are rounding and
   * given as 0. RangeError for no entries, more than 256 rows or columns, a rank outside 0 .. K, and matrices whose norm does not fit a
   * double.
   *
   * @example
   * const { singularValues, reconstruction, errors, energy } = await core.svd({ a: [[3, 0], [4, 5]], rank: 1 });
   * singularValues.data; // => [6.7082, 2.2361]
   * reconstruction.data; // => [1.5, 1.5, 4.5, 4.5]
   * errors.data; // => [7.0711, 2.2361, 0]
   * energy.data; // => [0, 0.9, 1]
   */
  svd(options: SvdOptions): Promise<SvdResult>;
}

export interface LoraOptions {
  /** [.., C] */
  x: TensorLike;
  /** W [N, C], frozen: one row for each output feature */
  weight: TensorLike;
  /** A [R, C]: R is the rank r */
  a: TensorLike;
  /** B [N, R] */
  b: TensorLike;
  /** α */
  alpha: number;
  /** s; `alpha/sqrt(r)` is rank-stabilised. Default `alpha/r`. */
  scaling?: 'alpha/r' | 'alpha/sqrt(r)';
  /** Record the computation. Default false. */
  trace?: boolean;
}

export interface LoraResult {
  /** [..]: x's shape with N in place of C; base + update */
  y: Tensor;
  /** [..] as y: x Wᵀ */
  base: Tensor;
  /** [..]: x's shape with R in place of C; x Aᵀ */
  down: Tensor;
  /** [..] as y: s (x Aᵀ) Bᵀ */
  update: Tensor;
  /** [N, C]: W + s B A */
  merged: Tensor;
  /** [N, C]: s B A */
  delta: Tensor;
  /** s */
  scale: number;
  /** Entries of A and B */
  trainable: Integer;
  /** Entries of W */
  frozen: Integer;
  /** Only with the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface LoraUnmergeOptions {
  /** W' [N, C] */
  merged: TensorLike;
  /** A [R, C] */
  a: TensorLike;
  /** B [N, R] */
  b: TensorLike;
  /** α */
  alpha: number;
  /** s. Default `alpha/r`. */
  scaling?: 'alpha/r' | 'alpha/sqrt(r)';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface LoraUnmergeResult {
  /** W [N, C] */
  weight: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface DoraOptions {
  /** [.., C] */
  x: TensorLike;
  /** W [N, C], frozen */
  weight: TensorLike;
  /** A [R, C] */
  a: TensorLike;
  /** B [N, R] */
  b: TensorLike;
  /** m [N]; default the lengths of the rows of W */
  magnitude?: TensorLike;
  /** α */
  alpha: number;
  /** s. Default `alpha/r`. */
  scaling?: 'alpha/r' | 'alpha/sqrt(r)';
  /** Record the computation. Default false. */
  trace?: boolean;
}

export interface DoraResult {
  /** [..]: x's shape with N in place of C; x W'ᵀ */
  y: Tensor;
  /** V [N, C]: W + s B A */
  adapted: Tensor;
  /** |V| [N]: the lengths of its rows */
  norms: Tensor;
  /** m [N], as used */
  magnitude: Tensor;
  /** W' [N, C] */
  merged: Tensor;
  /** s */
  scale: number;
  /** Only with the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface DoraUnmergeOptions {
  /** W' [N, C] */
  merged: TensorLike;
  /** |V| [N] */
  norms: TensorLike;
  /** m [N], none of them 0 */
  magnitude: TensorLike;
  /** A [R, C] */
  a: TensorLike;
  /** B [N, R] */
  b: TensorLike;
  /** α */
  alpha: number;
  /** s. Default `alpha/r`. */
  scaling?: 'alpha/r' | 'alpha/sqrt(r)';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DoraUnmergeResult {
  /** W [N, C] */
  weight: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface SvdOptions {
  /** A [M, N] */
  a: TensorLike;
  /** Of the reconstruction, 0 .. K with K = min(M, N). Default K. */
  rank?: Integer;
  /** Record the computation. Default false. */
  trace?: boolean;
}

export interface SvdResult {
  /** U [M, K]: orthonormal columns */
  u: Tensor;
  /** s [K]: descending, at least 0 */
  singularValues: Tensor;
  /** V [N, K]: orthonormal columns */
  v: Tensor;
  /** [M, N]: U diag(s) Vᵀ over the first `rank` singular values */
  reconstruction: Tensor;
  /** [..] of K + 1 entries: at rank r the Frobenius norm of what is left out, √(Σ s²) over the singular values after the first r */
  errors: Tensor;
  /** [..] of K + 1 entries: at rank r the share of Σ s² that is kept; ones for the zero matrix */
  energy: Tensor;
  /** How often all pairs of columns were turned */
  sweeps: Integer;
  /** Only with the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}
