/** Diffusion: noise schedules, steps, straight paths, guidance, timesteps. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Diffusion: noise schedules, steps, straight paths, guidance, timesteps. */
export interface DiffusionFunctions {
  /**
   * The constants of a diffusion's forward process q(x_t | x_0) = N(√ᾱ x_0, 1 - ᾱ) and of its posterior q(x_{t-1} | x_t, x_0), at
   * the timesteps asked for, which count from 0 (Ho et al. 2020, equations 4, 6 and 7; cosine: Nichol and Dhariwal 2021, equation
   * 17).
   *
   * Edges: at timestep 0 the posterior's variance is 0. RangeError for an unknown schedule, a beta outside 0 to 1 and timesteps
   * that the schedule does not have.
   *
   * @example
   * const { betas, posteriorVariance } = await core.diffusionSchedule({ schedule: 'linear', timesteps: [0, 999] });
   * betas.data; // => [0.0001, 0.0200]
   * posteriorVariance.data; // => [0, 0.0200]
   */
  diffusionSchedule(options: DiffusionScheduleOptions): Promise<DiffusionScheduleResult>;

  /**
   * Adds noise to data in one leap: x_t = √ᾱ x_0 + √(1 - ᾱ) ε (Ho et al. 2020, equation 4); and the velocity v = √ᾱ ε - √(1 - ᾱ)
   * x_0, which a model may be asked to predict instead of ε (Salimans and Ho 2022, appendix D). From either, with x_t, the data
   * come back.
   *
   * The trace's tensors, in order: x0, eps, xT, v, x0FromV, x0FromEps.
   *
   * RangeError for shapes that differ, a timestep outside the schedule and one at which nothing of the signal is left.
   *
   * @example
   * const { xT, v, x0FromV } = await core.qSample({ x0: [1], eps: [1], t: 0, schedule: 'constant', betaEnd: 0.36 });
   * xT.data; // => [1.4]
   * v.data; // => [0.2]
   * x0FromV.data; // => [1]
   */
  qSample(options: QSampleOptions): Promise<QSampleResult>;

  /**
   * One step of DDIM from timestep t to tPrev: √ᾱ_prev times the data that x_t and ε point to, plus √(1 - ᾱ_prev - σ²) ε, plus σ
   * times fresh noise; σ = η √((1 - ᾱ_prev) / (1 - ᾱ_t)) √(1 - ᾱ_t / ᾱ_prev) (Song et al. 2021, equations 12 and 16). η = 0 adds no
   * noise; η = 1 is DDPM.
   *
   * Edges: tPrev -1 is the clean data; with η = 0, tPrev may lie above t, which adds noise back (inversion). RangeError for shapes
   * that differ, timesteps outside the schedule, an η outside 0 to 1, and noise that is needed and missing.
   *
   * @example
   * const { predX0, xPrev } = await core.ddimStep({ xT: [1.4], eps: [1], t: 0, tPrev: -1, schedule: 'constant', betaEnd: 0.36 });
   * predX0.data; // => [1]
   * xPrev.data; // => [1]
   */
  ddimStep(options: DdimStepOptions): Promise<DdimStepResult>;

  /**
   * One step of DDPM from timestep t to t - 1: mean = (x_t - β / √(1 - ᾱ) ε) / √(1 - β), plus √variance times fresh noise, none at
   * t = 0 (Ho et al. 2020, equation 11 and algorithm 2).
   *
   * The trace's tensors, in order: xT, eps, noise (where given), mean, xPrev.
   *
   * RangeError for shapes that differ, a timestep outside the schedule, an unknown variance, and noise that is needed and missing.
   *
   * @example
   * const { mean, variance, xPrev } = await core.ddpmStep({
   *   xT: [1.4], eps: [1], noise: [0.5], t: 1, schedule: 'constant', betaEnd: 0.36,
   * });
   * mean.data; // => [1.1643]
   * variance; // => 0.2195
   * xPrev.data; // => [1.3986]
   */
  ddpmStep(options: DdpmStepOptions): Promise<DdpmStepResult>;

  /**
   * The noise levels of EDM, from sigmaMax down to sigmaMin in equal steps of their rho-th root (Karras et al. 2022, equation 5).
   * The 0 that ends a sampler's list is not among them.
   *
   * Edges: n = 1 gives sigmaMax. RangeError for n < 1, a rho outside 0.01 to 1000, and unless 0 ≤ sigmaMin ≤ sigmaMax.
   *
   * @example
   * const { sigmas } = await core.karrasSigmas({ n: 3 });
   * sigmas.data; // => [80, 2.5152, 0.0020]
   */
  karrasSigmas(options: KarrasSigmasOptions): Promise<KarrasSigmasResult>;

  /**
   * The straight path from data (t = 0) to noise (t = 1), x_t = (1 - t) x_0 + t ε, and its velocity ε - x_0, which the model learns
   * (Liu et al. 2023, equation 1; direction of time, and the shift of the times for large images, as Esser et al. 2024, equations
   * 13 and 23).
   *
   * RangeError for shapes that differ, times outside 0 to 1 and a shift that is not above 0.
   *
   * @example
   * const { xT, velocity, shiftedT } = await core.flowMatching({ x0: [0], eps: [2], t: [0.25], shift: 3 });
   * xT.data; // => [0.5]
   * velocity.data; // => [2]
   * shiftedT.data; // => [0.5]
   */
  flowMatching(options: FlowMatchingOptions): Promise<FlowMatchingResult>;

  /**
   * Classifier-free guidance: ε = ε_uncond + scale (ε_cond - ε_uncond) (Ho and Salimans 2022, equation 6, whose w is scale - 1).
   * `rescale` brings each sample part of the way back to the standard deviation of ε_cond (Lin et al. 2024, equations 15 and 16;
   * deviations divided by n - 1, as diffusers computes them).
   *
   * Edges: scale 0 ignores the prompt, 1 is the prediction with it. RangeError for shapes that differ, a rescale outside 0 to 1
   * and, with rescale, no batch axis, fewer than two entries in a sample, or a guided prediction without spread.
   *
   * @example
   * const { eps } = await core.classifierFreeGuidance({ epsCond: [[1]], epsUncond: [[0.5]], scale: 3 });
   * eps.data; // => [2]
   */
  classifierFreeGuidance(options: ClassifierFreeGuidanceOptions): Promise<ClassifierFreeGuidanceResult>;

  /**
   * Sines and cosines of t · maxPeriod^(-i / (F - frequencyShift)), i = 0 to F - 1, F = dim / 2 rounded down: where on the way from
   * noise to data a diffusion model is (Ho et al. 2020; Dhariwal and Nichol 2021; Peebles and Xie 2023).
   *
   * Edges: where dim is odd, the last column is 0. RangeError for dim < 2, an unknown layout, a maxPeriod that is not above 0 and a
   * frequencyShift outside 0 to 1.
   *
   * @example
   * const { embedding } = await core.timestepEmbedding({ timesteps: [1], dim: 4 });
   * embedding.data; // => [0.5403, 0.99995, 0.8415, 0.0100]
   */
  timestepEmbedding(options: TimestepEmbeddingOptions): Promise<TimestepEmbeddingResult>;
}

/** How much noise each timestep of a diffusion adds. */
export interface NoiseSchedule {
  /**
   * `linear` (the default) beta from betaStart to betaEnd in equal steps (Ho et al. 2020); `scaled_linear` its roots in equal steps
   * (Stable Diffusion, Rombach et al. 2022); `sigmoid` along a sigmoid from -6 to 6 (diffusers); `constant` betaEnd throughout;
   * `jsd` 1 / (T - t) (Sohl-Dickstein et al. 2015); `cosine` 1 - f(t + 1) / f(t), f(t) = cos²(π/2 (t / T + s) / (1 + s)) (Nichol
   * and Dhariwal 2021).
   */
  schedule?: 'linear' | 'scaled_linear' | 'sigmoid' | 'constant' | 'jsd' | 'cosine';
  /** T, the number of timesteps, 1 to 1 000 000. Default 1000. */
  steps?: Integer;
  /** Above 0, at most 1. Default 0.0001, scaled_linear 0.00085. */
  betaStart?: number;
  /** Above 0, at most 1. Default 0.02, scaled_linear 0.012. */
  betaEnd?: number;
  /** cosine only: offset that keeps the first betas from vanishing, at least 0. Default 0.008. */
  s?: number;
  /** cosine only: no beta is larger; above 0, at most 1. Default 0.999. */
  maxBeta?: number;
}

export interface DiffusionScheduleOptions extends NoiseSchedule {
  /** N timesteps from 0 to T - 1. Default all T. */
  timesteps?: ArrayLike<number>;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DiffusionScheduleResult {
  /** [N] β: the variance that the step adds */
  betas: Tensor;
  /** [N] ᾱ: product of 1 - β up to the step, the share of the signal's variance that is left */
  alphasCumprod: Tensor;
  /** [N] √ᾱ: factor of the data in x_t */
  sqrtAlphasCumprod: Tensor;
  /** [N] √(1 - ᾱ): factor of the noise in x_t */
  sqrtOneMinusAlphasCumprod: Tensor;
  /** [N] signal to noise ratio ᾱ / (1 - ᾱ) */
  snr: Tensor;
  /** [N] β (1 - ᾱ_prev) / (1 - ᾱ) */
  posteriorVariance: Tensor;
  /** [N] factor of x_0 in the posterior's mean: √ᾱ_prev β / (1 - ᾱ) */
  posteriorCoefficientX0: Tensor;
  /** [N] factor of x_t in the posterior's mean: √(1 - β) (1 - ᾱ_prev) / (1 - ᾱ) */
  posteriorCoefficientXt: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface QSampleOptions extends NoiseSchedule {
  /** [..] the data */
  x0: TensorLike;
  /** [..] as x0: a draw of standard normal noise */
  eps: TensorLike;
  /** Timestep, 0 to T - 1. */
  t: Integer;
  /** Whether to record how each number came about. Default false. */
  trace?: boolean;
}

export interface QSampleResult {
  /** [..] as x0: the noisy data */
  xT: Tensor;
  /** [..] as x0: the velocity */
  v: Tensor;
  /** [..] as x0: signal · x_t - noise · v, the data again */
  x0FromV: Tensor;
  /** [..] as x0: (x_t - noise · ε) / signal, the data again */
  x0FromEps: Tensor;
  /** √ᾱ at t. */
  signal: number;
  /** √(1 - ᾱ) at t. */
  noise: number;
  /** With `trace`. */
  trace?: Trace;
}

export interface DdimStepOptions extends NoiseSchedule {
  /** [..] the noisy data */
  xT: TensorLike;
  /** [..] as xT: the predicted noise */
  eps: TensorLike;
  /** [..] as xT: fresh standard normal noise; needed where eta is above 0 */
  noise?: TensorLike;
  /** Timestep of xT, 0 to T - 1. */
  t: Integer;
  /** Timestep to go to, -1 (the clean data) to T - 1. */
  tPrev: Integer;
  /** η, from 0 to 1. Default 0. */
  eta?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DdimStepResult {
  /** [..] as xT: the data that xT and eps point to */
  predX0: Tensor;
  /** [..] as xT: √(1 - ᾱ_prev - σ²) ε */
  direction: Tensor;
  /** Standard deviation of the fresh noise. */
  sigma: number;
  /** [..] as xT */
  xPrev: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface DdpmStepOptions extends NoiseSchedule {
  /** [..] the noisy data */
  xT: TensorLike;
  /** [..] as xT: the predicted noise */
  eps: TensorLike;
  /** [..] as xT: fresh standard normal noise; needed unless t is 0 */
  noise?: TensorLike;
  /** Timestep of xT, 0 to T - 1. */
  t: Integer;
  /** `fixed_small` (the default): the posterior's, 0 at t = 0; `fixed_large`: β. */
  variance?: 'fixed_small' | 'fixed_large';
  /** Whether to record how each number came about. Default false. */
  trace?: boolean;
}

export interface DdpmStepResult {
  /** [..] as xT */
  mean: Tensor;
  /** Of the step. */
  variance: number;
  /** [..] as xT */
  xPrev: Tensor;
  /** With `trace`. */
  trace?: Trace;
}

export interface KarrasSigmasOptions {
  /** How many, 1 to 1 000 000. */
  n: Integer;
  /** At least 0. Default 0.002. */
  sigmaMin?: number;
  /** At least sigmaMin. Default 80. */
  sigmaMax?: number;
  /** ρ: the larger, the more of the levels are small. 0.01 to 1000, default 7. */
  rho?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface KarrasSigmasResult {
  /** [N] falling */
  sigmas: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface FlowMatchingOptions {
  /** [..] the data, at most five axes */
  x0: TensorLike;
  /** [..] as x0: a draw of standard normal noise */
  eps: TensorLike;
  /** [N] times from 0 (data) to 1 (noise) */
  t: ArrayLike<number>;
  /** Above 0; above 1 moves the times towards the noise. Default 1. */
  shift?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface FlowMatchingResult {
  /** [..] the axis of the N times, then those of x0; at the times as given */
  xT: Tensor;
  /** [..] as x0, the same at every time */
  velocity: Tensor;
  /** [N] shift t / (1 + (shift - 1) t) */
  shiftedT: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface ClassifierFreeGuidanceOptions {
  /** [..] prediction with the prompt; the first axis is the batch */
  epsCond: TensorLike;
  /** [..] prediction without it */
  epsUncond: TensorLike;
  /** Default 7.5. */
  scale?: number;
  /** φ, 0 (the default: not at all) to 1 (all the way). */
  rescale?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ClassifierFreeGuidanceResult {
  /** [..] as epsCond */
  eps: Tensor;
  /** [N] what each sample of the batch was multiplied by; 1 without rescale */
  factor: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface TimestepEmbeddingOptions {
  /** [N] whole or not */
  timesteps: ArrayLike<number>;
  /** 2 to 65536. */
  dim: Integer;
  /** `cos_sin` (the default) all cosines, then all sines (ADM, DiT); `sin_cos` sines first (DDPM); `interleaved` in turn, sine first. */
  layout?: 'cos_sin' | 'sin_cos' | 'interleaved';
  /** Above 0. Default 10000. */
  maxPeriod?: number;
  /** 0 (the default; ADM, DiT) to 1 (DDPM's code, where the last frequency is exactly 1 / maxPeriod). */
  frequencyShift?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface TimestepEmbeddingResult {
  /** [N, D] one row for each timestep, D = dim */
  embedding: Tensor;
  /** [F] radians per timestep */
  frequencies: Tensor;
  /** With trace. */
  trace?: Trace;
}
