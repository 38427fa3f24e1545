/** Vision arithmetic around the networks: contrastive losses, diffusion, quantisation, self-distillation, actions. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Vision arithmetic around the networks: contrastive losses, diffusion, quantisation, self-distillation, actions. */
export interface DiffusionFunctions {
  /**
   * CLIP's loss on N pairs of image and text: cosines divided by the temperature; the cross entropy of each text over the images
   * and of each image over the texts; the mean of the two (Radford et al. 2021, figure 3). With its derivatives, through the
   * normalisation.
   *
   * The trace's tensors, in order: imageEmbeds, textEmbeds [N, C], imageLengths, textLengths [N], imageUnits, textUnits [N, C],
   * logitsPerText, logitsPerImage [N, N], textMax [N], textExponentials [N, N], textSum [N], textToImage [N, N], textLosses [N],
   * the same five from imageMax to imageLosses, loss [1].
   *
   * Edges: one pair has loss 0. RangeError for no pair, a row of zeros (it has no direction) and a temperature or logitScale that
   * is not above 0; TypeError for both of them.
   *
   * @example
   * const identity = [[1, 0], [0, 1]];
   * const { logitsPerText, textToImage, loss } = await core.clipLoss({
   *   imageEmbeds: identity, textEmbeds: identity, temperature: 0.5,
   * });
   * logitsPerText.data; // => [2, 0, 0, 2]
   * textToImage.data; // => [0.8808, 0.1192, 0.1192, 0.8808]
   * loss; // => 0.1269
   */
  clipLoss(options: ClipLossOptions): Promise<ClipLossResult>;

  /**
   * SigLIP's loss: for every pair of a text and an image, whether they belong together: -1/N Σ log σ(±logit), plus for true pairs,
   * minus for all others; logits = logitScale · cosine + logitBias (Zhai et al. 2023, algorithm 1).
   *
   * Edges: logits of any size neither overflow nor give NaN. RangeError for no pair, a row of zeros and a logitScale that is not
   * above 0.
   *
   * @example
   * const identity = [[1, 0], [0, 1]];
   * const { loss } = await core.siglipLoss({ imageEmbeds: identity, textEmbeds: identity, logitScale: 1, logitBias: 0 });
   * loss; // => 1.0064
   */
  siglipLoss(options: SiglipLossOptions): Promise<SiglipLossResult>;

  /**
   * SimCLR's loss, the normalised temperature-scaled cross entropy: each of the 2 N views has to find the other view of the same
   * thing among all others (Chen et al. 2020, equation 1, averaged over all views).
   *
   * RangeError for no pair, a row of zeros and a temperature that is not above 0.
   *
   * @example
   * const identity = [[1, 0], [0, 1]];
   * const { loss } = await core.ntXent({ z1: identity, z2: identity, temperature: 0.5 });
   * loss; // => 0.2395
   */
  ntXent(options: NtXentOptions): Promise<NtXentResult>;

  /**
   * Zero-shot classification: the softmax of the scaled cosines of an image with the description of every class (Radford et al.
   * 2021, section 3.1.2).
   *
   * RangeError for no class, a row of zeros and a logitScale that is not above 0.
   *
   * @example
   * const { probabilities } = await core.zeroShot({ imageEmbeds: [[5, 0]], textEmbeds: [[1, 0], [0, 1]], logitScale: 1 });
   * probabilities.data; // => [0.7311, 0.2689]
   */
  zeroShot(options: ZeroShotOptions): Promise<ZeroShotResult>;

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

  /**
   * Replaces each vector by the nearest entry of a codebook, with the two losses of VQ-VAE and their derivatives: the codebook loss
   * moves the entries to the vectors, the commitment loss the vectors to the entries; means over all numbers of z (van den Oord et
   * al. 2017, equations 1 to 3).
   *
   * The trace's tensors, in order, leading axes in one: z [N, D], codebook [K, D], squaredDistances [N, K], indices [N], quantized
   * [N, D], squaredErrors [N, D], codebookLoss, commitmentLoss, total [1].
   *
   * Edges: of equally near entries the first is taken. RangeError for no vector, an empty codebook and beta < 0.
   *
   * @example
   * const { indices, total, perplexity } = await core.vectorQuantize({ z: [[0.9, 0], [0, 0.2]], codebook: [[1, 0], [0, 0]] });
   * indices.data; // => [0, 1]
   * total; // => 0.0156
   * perplexity; // => 2
   */
  vectorQuantize(options: VectorQuantizeOptions): Promise<VectorQuantizeResult>;

  /**
   * Finite scalar quantisation: each coordinate is squeezed by tanh to the width of its L levels, h tanh(z + shift) - o, and
   * rounded, half to even; o is 0 for odd L and 1/2 for even. `paper`: h = (L - 1)(1 - ε) / 2, shift = tan(o / h) (Mentzer et al.
   * 2023, appendix A.1); `vector_quantize_pytorch`, the library: h = (L - 1)(1 + ε) / 2, shift = artanh(o / h), with which 0 stays
   * 0.
   *
   * RangeError for fewer than 2 levels, more than 2^53 codes, ε < 0 or at least 1 / (L - 1), and an unknown variant.
   *
   * @example
   * const { codes, digits, index } = await core.finiteScalarQuantize({ z: [[0, 9]], levels: [5, 5] });
   * codes.data; // => [0, 1]
   * digits.data; // => [2, 4]
   * index.data; // => [22]
   */
  finiteScalarQuantize(options: FiniteScalarQuantizeOptions): Promise<FiniteScalarQuantizeResult>;

  /**
   * The slower copy of a network that self-distillation learns from: target ← m · target + (1 - m) · student, once for each row of
   * `students` (Grill et al. 2020, section 3.1).
   *
   * RangeError for a momentum outside 0 to 1.
   *
   * @example
   * const { targets } = await core.exponentialMovingAverage({ target: [1], students: [[0], [0]], momentum: 0.9 });
   * targets.data; // => [0.9, 0.81]
   */
  exponentialMovingAverage(options: ExponentialMovingAverageOptions): Promise<ExponentialMovingAverageResult>;

  /**
   * How the momentum of the copy rises in training: on a line (I-JEPA, Assran et al. 2023) or along a cosine (BYOL, Grill et al.
   * 2020, section 3.1; DINO).
   *
   * RangeError for total < 1, start or end outside 0 to 1, and steps outside 0 to total.
   *
   * @example
   * const { linear, cosine } = await core.momentumSchedule({ steps: [0, 25, 100], total: 100, start: 0.9 });
   * linear.data; // => [0.9, 0.925, 1]
   * cosine.data; // => [0.9, 0.9146, 1]
   */
  momentumSchedule(options: MomentumScheduleOptions): Promise<MomentumScheduleResult>;

  /**
   * I-JEPA's loss between predicted and true features of image patches: the squared error of the paper (Assran et al. 2023, section
   * 3) and the smooth L1 of its code, on targets normalised row by row.
   *
   * Edges: beta 0 makes smooth L1 the mean absolute error. RangeError for shapes that differ, no entry, beta or ε < 0, and an
   * unknown targetNorm.
   *
   * @example
   * const { targetNormed, smoothL1, mse } = await core.jepaLoss({ pred: [[1, 0]], target: [[1, 3]], eps: 0 });
   * targetNormed.data; // => [-1, 1]
   * smoothL1; // => 1
   * mse; // => 2.5
   */
  jepaLoss(options: JepaLossOptions): Promise<JepaLossResult>;

  /**
   * DINO's loss: the cross entropy between the teacher's distribution, centred and sharpened, and the student's; and the next
   * centre (Caron et al. 2021, equations 1 to 4 and algorithm 1).
   *
   * RangeError for no row, temperatures that are not above 0 and a centerMomentum outside 0 to 1.
   *
   * @example
   * const { teacherProbabilities, loss, newCenter } = await core.dinoLoss({
   *   student: [[0, 0]], teacher: [[1, 0]], center: [0, 0], teacherTemp: 1,
   * });
   * teacherProbabilities.data; // => [0.7311, 0.2689]
   * loss; // => 0.6931
   * newCenter.data; // => [0.1, 0]
   */
  dinoLoss(options: DinoLossOptions): Promise<DinoLossResult>;

  /**
   * BYOL's loss: the squared distance of two directions, 2 - 2 cos(p, z), averaged over the rows (Grill et al. 2020, equation 2).
   *
   * RangeError for shapes that differ, no row and a row of zeros.
   *
   * @example
   * const { loss } = await core.byolLoss({ p: [[1, 0]], z: [[0, 3]] });
   * loss; // => 2
   */
  byolLoss(options: ByolLossOptions): Promise<ByolLossResult>;

  /**
   * RT-1's action tokens: (a - low) / (high - low) · (bins - 1), rounded down; and back (Brohan et al. 2022, section 5.1, and its
   * code). What is decoded lies at or below the action, and only a = high reaches the last token.
   *
   * Edges: actions outside low to high are clipped. RangeError for bins < 2 and unless low < high.
   *
   * @example
   * const { tokens, decoded } = await core.rt1ActionTokens({ action: [-1, 0.3, 1], bins: 5 });
   * tokens.data; // => [0, 2, 4]
   * decoded.data; // => [-1, 0, 1]
   */
  rt1ActionTokens(options: Rt1ActionTokensOptions): Promise<Rt1ActionTokensResult>;

  /**
   * OpenVLA's action tokens, the last of the vocabulary: `bins` edges in equal steps from low to high; the token is vocabSize less
   * the number of edges at or below the action, and decodes to the middle of its interval (Kim et al. 2024, section 3.2, and its
   * code).
   *
   * Edges: actions outside low to high are clipped; a = high has a token of its own, which decodes as the one before. RangeError
   * for bins < 2, a vocabSize below bins, and unless low < high.
   *
   * @example
   * const { tokenIds, decoded } = await core.openvlaActionTokens({ action: [-1, 0, 1], bins: 5, vocabSize: 100 });
   * tokenIds.data; // => [99, 97, 95]
   * decoded.data; // => [-0.75, 0.25, 0.75]
   */
  openvlaActionTokens(options: OpenvlaActionTokensOptions): Promise<OpenvlaActionTokensResult>;

  /**
   * ACT's temporal ensemble: the action at time t as the mean of all predictions made for it so far, weighted with exp(-m i), i = 0
   * for the oldest (Zhao et al. 2023, section IV and algorithm 2).
   *
   * Edges: chunks predicted after t, and those that end before it, do not count. RangeError for a t for which no chunk holds an
   * action.
   *
   * @example
   * const { weights, action } = await core.temporalEnsemble({ chunks: [[[1], [2]], [[4], [0]]], t: 1, m: 0 });
   * weights.data; // => [0.5, 0.5]
   * action.data; // => [3]
   */
  temporalEnsemble(options: TemporalEnsembleOptions): Promise<TemporalEnsembleResult>;

  /**
   * The discrete cosine transform of types 1 to 4 (Ahmed, Natarajan and Rao 1974; scipy.fft's conventions), and its values scaled
   * and rounded to whole numbers, half to even. Type 2, `ortho`, along time is the first stage of the FAST action tokenizer
   * (Pertsch et al. 2025).
   *
   * Edges: nothing transforms into nothing. RangeError for another type or norm, an axis that is not there, more than 2^28 / N
   * entries, and a single entry with type 1.
   *
   * @example
   * const { y, quantised } = await core.discreteCosineTransform({ x: [1, 1, 1, 1] });
   * y.data; // => [2, 0, 0, 0]
   * quantised.data; // => [20, 0, 0, 0]
   */
  discreteCosineTransform(options: DiscreteCosineTransformOptions): Promise<DiscreteCosineTransformResult>;
}

export interface ClipLossOptions {
  /** [N, C] row i belongs to row i of textEmbeds; their lengths do not matter. */
  imageEmbeds: TensorLike;
  /** [N, C] */
  textEmbeds: TensorLike;
  /** What the cosines are divided by, above 0. Default 0.07. */
  temperature?: number;
  /** Its reciprocal, instead of it. */
  logitScale?: number;
  /** Whether to record how each number came about. Default false. */
  trace?: boolean;
}

export interface ClipLossResult {
  /** [N, N] scaled cosines; row: text, column: image */
  logitsPerText: Tensor;
  /** [N, N] softmax of each row: which image belongs to this text */
  textToImage: Tensor;
  /** [N, N] row: image; softmax over the texts */
  imageToText: Tensor;
  /** In nats. */
  loss: number;
  /** [N, C] derivative of the loss with respect to imageEmbeds */
  dImage: Tensor;
  /** [N, C] derivative of the loss with respect to textEmbeds */
  dText: Tensor;
  /** With `trace`. */
  trace?: Trace;
}

export interface SiglipLossOptions {
  /** [N, C] row i belongs to row i of textEmbeds; their lengths do not matter. */
  imageEmbeds: TensorLike;
  /** [N, C] */
  textEmbeds: TensorLike;
  /** What the cosines are multiplied by, above 0: the factor itself, not its logarithm. Default 10. */
  logitScale?: number;
  /** Default -10. */
  logitBias?: number;
}

export interface SiglipLossResult {
  /** [N, N] row: text, column: image */
  logitsPerText: Tensor;
  /** [N, N] sigmoid of the logits: do these two belong together */
  probabilities: Tensor;
  /** In nats. */
  loss: number;
}

export interface NtXentOptions {
  /** [N, C] one view of each of N things */
  z1: TensorLike;
  /** [N, C] another view of each */
  z2: TensorLike;
  /** What the cosines are divided by, above 0. Default 0.5. */
  temperature?: number;
}

export interface NtXentResult {
  /** [M, M] M = 2 N, the views z1, then z2: softmax over the other views; 0 for a view and itself */
  probabilities: Tensor;
  /** [M] minus the logarithm of the probability of the other view of the same thing */
  losses: Tensor;
  /** Their mean, in nats. */
  loss: number;
}

export interface ZeroShotOptions {
  /** [N, C] */
  imageEmbeds: TensorLike;
  /** [M, C] one row for each class */
  textEmbeds: TensorLike;
  /** What the cosines are multiplied by, above 0. Default 100. */
  logitScale?: number;
}

export interface ZeroShotResult {
  /** [N, M] scaled cosines */
  logits: Tensor;
  /** [N, M] softmax of each row */
  probabilities: Tensor;
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
}

export interface KarrasSigmasResult {
  /** [N] falling */
  sigmas: Tensor;
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
}

export interface FlowMatchingResult {
  /** [..] the axis of the N times, then those of x0; at the times as given */
  xT: Tensor;
  /** [..] as x0, the same at every time */
  velocity: Tensor;
  /** [N] shift t / (1 + (shift - 1) t) */
  shiftedT: Tensor;
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
}

export interface ClassifierFreeGuidanceResult {
  /** [..] as epsCond */
  eps: Tensor;
  /** [N] what each sample of the batch was multiplied by; 1 without rescale */
  factor: Tensor;
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
}

export interface TimestepEmbeddingResult {
  /** [N, D] one row for each timestep, D = dim */
  embedding: Tensor;
  /** [F] radians per timestep */
  frequencies: Tensor;
}

export interface VectorQuantizeOptions {
  /** [.., D] */
  z: TensorLike;
  /** [K, D] */
  codebook: TensorLike;
  /** Weight of the commitment loss, at least 0. Default 0.25. */
  beta?: number;
  /** Whether to record how each number came about. Default false. */
  trace?: boolean;
}

export interface VectorQuantizeResult {
  /** [.., K] of each vector from each entry */
  squaredDistances: Tensor;
  /** [..] the nearest entry, counted from 0 */
  indices: Tensor;
  /** [.., D] that entry; the output of the straight-through estimator has the same values */
  quantized: Tensor;
  /** Mean of (quantized - z)², z held fixed. */
  codebookLoss: number;
  /** The same number, the codebook held fixed. */
  commitmentLoss: number;
  /** codebookLoss + beta · commitmentLoss. */
  total: number;
  /** [.., D] derivative of total with respect to z, which the commitment loss alone moves */
  dZ: Tensor;
  /** [K, D] derivative of total with respect to the codebook, which the codebook loss alone moves */
  dCodebook: Tensor;
  /** [K] how often each entry was nearest */
  counts: Tensor;
  /** exp of the entropy of the counts: how many entries are in use, from 1 to K. */
  perplexity: number;
  /** With `trace`. */
  trace?: Trace;
}

export interface FiniteScalarQuantizeOptions {
  /** [.., D] */
  z: TensorLike;
  /** [D] numbers of levels, each at least 2 */
  levels: ArrayLike<number>;
  /** ε, at least 0, below 1 / (L - 1). Default 0.001. */
  eps?: number;
  /** Default `paper`. */
  variant?: 'paper' | 'vector_quantize_pytorch';
}

export interface FiniteScalarQuantizeResult {
  /** [.., D] before rounding */
  bounded: Tensor;
  /** [.., D] rounded and divided by ⌊L / 2⌋: from -1 to 1 */
  codes: Tensor;
  /** [.., D] whole numbers from 0 to L - 1 */
  digits: Tensor;
  /** [..] the digits as one number: d_0 + L_0 (d_1 + L_1 (d_2 + ...)) */
  index: Tensor;
}

export interface ExponentialMovingAverageOptions {
  /** [C] weights of the copy */
  target: TensorLike;
  /** [N, C] the student's weights after each of N updates */
  students: TensorLike;
  /** m, 0 to 1. Default 0.996. */
  momentum?: number;
}

export interface ExponentialMovingAverageResult {
  /** [N, C] the copy after each update */
  targets: Tensor;
}

export interface MomentumScheduleOptions {
  /** [N] training steps, 0 to total */
  steps: ArrayLike<number>;
  /** Length of the training, at least 1. */
  total: Integer;
  /** 0 to 1. Default 0.996. */
  start?: number;
  /** 0 to 1. Default 1. */
  end?: number;
}

export interface MomentumScheduleResult {
  /** [N] start + (end - start) step / total */
  linear: Tensor;
  /** [N] end - (end - start) (1 + cos(π step / total)) / 2 */
  cosine: Tensor;
}

export interface JepaLossOptions {
  /** [.., C] predicted features */
  pred: TensorLike;
  /** [.., C] true features */
  target: TensorLike;
  /** Where smooth L1 turns from squared to straight, at least 0. Default 1. */
  beta?: number;
  /** `layer_norm` (the default): each row to mean 0 and variance 1, without affine map. */
  targetNorm?: 'layer_norm' | 'none';
  /** ε of the normalisation, at least 0. Default 1e-5. */
  eps?: number;
}

export interface JepaLossResult {
  /** [.., C] */
  targetNormed: Tensor;
  /** Mean of d² / (2 beta) where |d| < beta, else |d| - beta / 2; d = pred - targetNormed. */
  smoothL1: number;
  /** Mean of d². */
  mse: number;
}

export interface DinoLossOptions {
  /** [N, K] logits */
  student: TensorLike;
  /** [N, K] logits */
  teacher: TensorLike;
  /** [K] taken off the teacher's logits */
  center: TensorLike;
  /** Above 0. Default 0.1. */
  studentTemp?: number;
  /** Above 0. Default 0.04. */
  teacherTemp?: number;
  /** 0 to 1. Default 0.9. */
  centerMomentum?: number;
}

export interface DinoLossResult {
  /** [N, K] softmax((teacher - center) / teacherTemp) */
  teacherProbabilities: Tensor;
  /** [N, K] softmax(student / studentTemp) */
  studentProbabilities: Tensor;
  /** Mean cross entropy of the rows, in nats. */
  loss: number;
  /** [K] m · center + (1 - m) · mean of the teacher's rows */
  newCenter: Tensor;
}

export interface ByolLossOptions {
  /** [.., C] the student's predictions */
  p: TensorLike;
  /** [.., C] the copy's projections */
  z: TensorLike;
}

export interface ByolLossResult {
  /** [..] of each row, 0 to 4 */
  losses: Tensor;
  /** Their mean. */
  loss: number;
}

export interface Rt1ActionTokensOptions {
  /** [..] in the unit of the actuator */
  action: TensorLike;
  /** Number of tokens, 2 to 1 000 000. Default 256. */
  bins?: Integer;
  /** Default -1. */
  low?: number;
  /** Default 1. */
  high?: number;
}

export interface Rt1ActionTokensResult {
  /** [..] whole numbers from 0 to bins - 1 */
  tokens: Tensor;
  /** [..] low + (high - low) token / (bins - 1) */
  decoded: Tensor;
}

export interface OpenvlaActionTokensOptions {
  /** [..] in the unit of the actuator */
  action: TensorLike;
  /** Number of edges, 2 to 1 000 000; the intervals are one fewer. Default 256. */
  bins?: Integer;
  /** At least bins. Default 32000. */
  vocabSize?: Integer;
  /** Default -1. */
  low?: number;
  /** Default 1. */
  high?: number;
}

export interface OpenvlaActionTokensResult {
  /** [..] how many edges lie at or below the action, 1 to bins */
  digitized: Tensor;
  /** [..] vocabSize - digitized */
  tokenIds: Tensor;
  /** [..] the middle of the interval */
  decoded: Tensor;
}

export interface TemporalEnsembleOptions {
  /** [N, L, D] chunk n, predicted at time n, holds the actions for the times n to n + L - 1 */
  chunks: TensorLike;
  /** At least 0. */
  t: Integer;
  /** Above 0 trusts the oldest prediction most. Default 0.01. */
  m?: number;
}

export interface TemporalEnsembleResult {
  /** [K] of the chunks that hold an action for time t, the oldest first; they sum to 1 */
  weights: Tensor;
  /** [D] */
  action: Tensor;
}

export interface DiscreteCosineTransformOptions {
  /** [..] at least one axis */
  x: TensorLike;
  /** 1 to 4. Default 2. */
  type?: Integer;
  /** `ortho` (the default): the transform keeps lengths; `backward`: no factor; `forward`: divided by 2 N, 2 (N - 1) for type 1. */
  norm?: 'ortho' | 'backward' | 'forward';
  /** From -rank to rank - 1. Default 0. */
  axis?: Integer;
  /** Factor before rounding. Default 10. */
  scale?: number;
}

export interface DiscreteCosineTransformResult {
  /** [..] as x */
  y: Tensor;
  /** [..] scale · y, rounded */
  quantised: Tensor;
}
