/** Learning by comparison: contrastive losses, zero-shot classes, self-distillation. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Learning by comparison: contrastive losses, zero-shot classes, self-distillation. */
export interface ContrastFunctions {
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SiglipLossResult {
  /** [N, N] row: text, column: image */
  logitsPerText: Tensor;
  /** [N, N] sigmoid of the logits: do these two belong together */
  probabilities: Tensor;
  /** In nats. */
  loss: number;
  /** With trace. */
  trace?: Trace;
}

export interface NtXentOptions {
  /** [N, C] one view of each of N things */
  z1: TensorLike;
  /** [N, C] another view of each */
  z2: TensorLike;
  /** What the cosines are divided by, above 0. Default 0.5. */
  temperature?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface NtXentResult {
  /** [M, M] M = 2 N, the views z1, then z2: softmax over the other views; 0 for a view and itself */
  probabilities: Tensor;
  /** [M] minus the logarithm of the probability of the other view of the same thing */
  losses: Tensor;
  /** Their mean, in nats. */
  loss: number;
  /** With trace. */
  trace?: Trace;
}

export interface ZeroShotOptions {
  /** [N, C] */
  imageEmbeds: TensorLike;
  /** [M, C] one row for each class */
  textEmbeds: TensorLike;
  /** What the cosines are multiplied by, above 0. Default 100. */
  logitScale?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ZeroShotResult {
  /** [N, M] scaled cosines */
  logits: Tensor;
  /** [N, M] softmax of each row */
  probabilities: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface ExponentialMovingAverageOptions {
  /** [C] weights of the copy */
  target: TensorLike;
  /** [N, C] the student's weights after each of N updates */
  students: TensorLike;
  /** m, 0 to 1. Default 0.996. */
  momentum?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ExponentialMovingAverageResult {
  /** [N, C] the copy after each update */
  targets: Tensor;
  /** With trace. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface MomentumScheduleResult {
  /** [N] start + (end - start) step / total */
  linear: Tensor;
  /** [N] end - (end - start) (1 + cos(π step / total)) / 2 */
  cosine: Tensor;
  /** With trace. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface JepaLossResult {
  /** [.., C] */
  targetNormed: Tensor;
  /** Mean of d² / (2 beta) where |d| < beta, else |d| - beta / 2; d = pred - targetNormed. */
  smoothL1: number;
  /** Mean of d². */
  mse: number;
  /** With trace. */
  trace?: Trace;
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
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
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
  /** With trace. */
  trace?: Trace;
}

export interface ByolLossOptions {
  /** [.., C] the student's predictions */
  p: TensorLike;
  /** [.., C] the copy's projections */
  z: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ByolLossResult {
  /** [..] of each row, 0 to 4 */
  losses: Tensor;
  /** Their mean. */
  loss: number;
  /** With trace. */
  trace?: Trace;
}
