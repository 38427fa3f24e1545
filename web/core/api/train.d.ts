/** Losses, optimizers and learning rates. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Losses, optimizers and learning rates. Logarithms are natural: losses are in nats. */
export interface TrainFunctions {
  /**
   * Cross entropy of logits against classes, -Σ_v target_v log softmax(logits)_v for each row, its mean over the rows that count, and the
   * gradient of that mean: (softmax - target) / counted. Label smoothing s spreads s of the target over all V classes
   * (Szegedy et al. 2016, section 7). The convention is that of torch.nn.functional.cross_entropy.
   *
   * Edges: without any row that counts the loss and its gradient are 0. RangeError for rows without classes, another number of targets
   * than rows, a target that is no class, and a labelSmoothing outside 0 to 1. With `trace`, dispose the trace when done with it; its
   * tensors are logits [.., V], rowMax [..], exponentials [.., V], rowSum [..], probabilities [.., V], losses [..], loss [] and
   * dLogits [.., V].
   *
   * @example
   * const { loss, dLogits } = await core.crossEntropy({ logits: [[1, 2, 3]], targets: [2] });
   * loss; // => 0.4076
   * dLogits.data; // => [0.0900, 0.2447, -0.3348]
   */
  crossEntropy(options: CrossEntropyOptions): Promise<CrossEntropyResult>;

  /**
   * Distillation: with p = softmax(teacher / T) and q = softmax(student / T), the loss of a row is T² Σ p ln(p / q), the Kullback-Leibler
   * divergence scaled so that gradients keep their size at any temperature (Hinton, Vinyals and Dean 2015, section 2); and the gradient of
   * the mean, T (q - p) / rows.
   *
   * RangeError for shapes that differ and a temperature that is not above 0.
   *
   * @example
   * const { loss, dStudent } = await core.distillation({ student: [[0, 0]], teacher: [[2, 0]], temperature: 2 });
   * loss; // => 0.4438
   * dStudent.data; // => [-0.4621, 0.4621]
   */
  distillation(options: DistillationOptions): Promise<DistillationResult>;

  /**
   * Direct preference optimisation (Rafailov et al. 2023, equation 7): margin = β ((policyChosen - referenceChosen) -
   * (policyRejected - referenceRejected)), losses = -ln σ(margin).
   *
   * Edges: no pairs give a loss of 0. RangeError for lengths that differ and a β that is not above 0.
   *
   * @example
   * const { margin, losses } = await core.dpo({
   *   policyChosen: [-10], policyRejected: [-12], referenceChosen: [-11], referenceRejected: [-11],
   * });
   * margin.data; // => [0.2]
   * losses.data; // => [0.5981]
   */
  dpo(options: DpoOptions): Promise<DpoResult>;

  /**
   * Group-relative advantages: (rewards - mean) / (deviation + ε) over the answers to one question (Shao et al. 2024, section 4.1.2), or
   * rewards - mean alone (Liu et al. 2025, section 3.2).
   *
   * Edges: equal rewards, and a single one, have advantages of 0. RangeError for rows without rewards and a negative ε.
   *
   * @example
   * const { advantages } = await core.grpoAdvantages({ rewards: [1, 0, 1, 0] });
   * advantages.data; // => [0.8659, -0.8659, 0.8659, -0.8659]
   */
  grpoAdvantages(options: GrpoAdvantagesOptions): Promise<GrpoAdvantagesResult>;

  /**
   * The clipped objective of proximal policy optimisation, min(r A, clamp(r, 1 - clip, 1 + clip) A), to be made large
   * (Schulman et al. 2017, equation 7).
   *
   * RangeError for shapes that differ, a negative ratio and a clip outside 0 to 1.
   *
   * @example
   * const { objective, clipped } = await core.ppoObjective({ ratio: [1.5, 1.5], advantages: [1, -1] });
   * objective.data; // => [1.2, -1.5]
   * clipped.data; // => [1, 0]
   */
  ppoObjective(options: PpoObjectiveOptions): Promise<PpoObjectiveResult>;

  /**
   * One step of gradient descent or of one of its relatives on a list of parameters, with PyTorch's definitions. With t the step from 1:
   *
   * - `sgd`: v = momentum · v + g; w -= rate · v, or with nesterov rate · (g + momentum · v) (Polyak 1964; Sutskever et al. 2013)
   * - `rmsprop`: s = α s + (1 - α) g²; w -= rate · g / (√s + ε), through v where there is a momentum (Hinton 2012)
   * - `adam`: m = β₁ m + (1 - β₁) g, s = β₂ s + (1 - β₂) g²; w -= rate · (m / (1 - β₁ᵗ)) / (√(s / (1 - β₂ᵗ)) + ε)
   *   (Kingma and Ba 2015, algorithm 1)
   * - `adamw`: first w -= rate · weightDecay · w, then adam (Loshchilov and Hutter 2019); elsewhere weightDecay · w is added to g
   *
   * The state goes back in at the next step, with `step`. RangeError for gradients or a state that do not fit the parameters, and for
   * numbers outside the ranges given below.
   *
   * @example
   * const first = await core.optimizerStep({
   *   name: 'sgd', learningRate: 0.1, momentum: 0.9,
   *   parameters: [{ name: 'w', tensor: [1] }], gradients: [{ name: 'w', tensor: [1] }],
   * });
   * first.parameters[0].tensor.data; // => [0.9]
   * first.state[0].name; // => 'w.velocity'
   */
  optimizerStep(options: OptimizerStepOptions): Promise<OptimizerStepResult>;

  /**
   * The weights after each of some gradients, one step of optimizerStep's rules for each.
   *
   * RangeError as optimizerStep.
   *
   * @example
   * const { path } = await core.optimizerPath({
   *   name: 'adam', learningRate: 0.1, weights: [1],
   *   gradients: [{ name: 'first', tensor: [2] }, { name: 'second', tensor: [-1] }],
   * });
   * path.map(({ tensor }) => tensor.data[0]); // => [0.9, 0.8734]
   */
  optimizerPath(options: OptimizerPathOptions): Promise<OptimizerPathResult>;

  /**
   * Holds gradients, taken together as one vector, to a length: all are multiplied by min(1, maxNorm / (totalNorm + ε))
   * (Pascanu, Mikolov and Bengio 2013, algorithm 1; ε as in torch.nn.utils.clip_grad_norm_).
   *
   * Edges: gradients of 0 stay so. RangeError for a negative maxNorm or ε.
   *
   * @example
   * const { totalNorm, gradients } = await core.clipGradientNorm({
   *   gradients: [{ name: 'a', tensor: [3] }, { name: 'b', tensor: [4] }], maxNorm: 1,
   * });
   * totalNorm; // => 5
   * gradients.map(({ tensor }) => tensor.data[0]); // => [0.6, 0.8]
   */
  clipGradientNorm(options: ClipGradientNormOptions): Promise<ClipGradientNormResult>;

  /**
   * Warmup, then a cosine: step / warmup, then max(0, (1 + cos(2 π cycles progress)) / 2) with
   * progress = (step - warmup) / (total - warmup) (Loshchilov and Hutter 2017, equation 5).
   *
   * Edges: progress goes on after `total`, so the factor rises again, as in Hugging Face Transformers. RangeError for negative steps and
   * lengths and a total that is not above warmup.
   *
   * @example
   * const { factor } = await core.cosineSchedule({ steps: [0, 2, 4, 12, 20], warmup: 4, total: 20 });
   * factor.data; // => [0, 0.5, 1, 0.5, 0]
   */
  cosineSchedule(options: CosineScheduleOptions): Promise<FactorResult>;

  /**
   * Warmup, then a straight line to 0 at `total`: step / warmup, then max(0, (total - step) / (total - warmup))
   * (Devlin et al. 2019, appendix A.2).
   *
   * RangeError for negative steps and lengths and a total that is not above warmup.
   *
   * @example
   * const { factor } = await core.linearSchedule({ steps: [0, 2, 4, 12, 20], warmup: 4, total: 20 });
   * factor.data; // => [0, 0.5, 1, 0.5, 0]
   */
  linearSchedule(options: LinearScheduleOptions): Promise<FactorResult>;

  /**
   * Warmup, then the inverse square root: step / warmup, then √(timescale / (step - warmup + timescale)), as in Hugging Face Transformers
   * (after Raffel et al. 2020, section 3.1.2).
   *
   * RangeError for negative steps and lengths and a timescale below 1.
   *
   * @example
   * const { factor } = await core.inverseSqrtSchedule({ steps: [0, 2, 4, 16], warmup: 4 });
   * factor.data; // => [0, 0.5, 1, 0.5]
   */
  inverseSqrtSchedule(options: InverseSqrtScheduleOptions): Promise<FactorResult>;

  /**
   * The schedule of the first transformer: scale · dModel^-0.5 · min(step^-0.5, step · warmup^-1.5) (Vaswani et al. 2017, equation 3, where
   * steps count from 1).
   *
   * Edges: 0 at step 0. RangeError for negative steps, and for a warmup or a dModel below 1.
   *
   * @example
   * const { learningRate } = await core.noamSchedule({ steps: [1, 4, 16], warmup: 4, dModel: 4 });
   * learningRate.data; // => [0.0625, 0.25, 0.125]
   */
  noamSchedule(options: NoamScheduleOptions): Promise<LearningRateResult>;

  /**
   * Warmup, then half a cosine wave from `highest` to `lowest` at `total`, and `lowest` after it (Brown et al. 2020, appendix B, keep a
   * tenth). The warmup is nanoGPT's: highest · (step + 1) / (warmup + 1).
   *
   * RangeError for negative steps and lengths, a total that is not above warmup, and unless 0 <= lowest <= highest.
   *
   * @example
   * const { learningRate } = await core.cosineMinimumSchedule({
   *   steps: [0, 3, 6, 9, 100], warmup: 3, total: 9, highest: 2, lowest: 0.5,
   * });
   * learningRate.data; // => [0.5, 2, 1.25, 0.5, 0.5]
   */
  cosineMinimumSchedule(options: CosineMinimumScheduleOptions): Promise<LearningRateResult>;

  /**
   * Warmup, stable, decay (Hu et al. 2024, section 4.2): step / warmup; 1 until `stableUntil`; then a fall to `lowest` at `total`, where it
   * stays. With x from 0 to 1 the fall is lowest + (1 - lowest) f(x), f being 1 - x (`linear`), (1 + cos π x) / 2 (`cosine`) or 1 - √x
   * (`sqrt`, Hägele et al. 2024); or lowestˣ (`exponential`).
   *
   * RangeError for negative steps, unless warmup <= stableUntil < total, and for an exponential decay to 0.
   *
   * @example
   * const { factor } = await core.wsdSchedule({ steps: [0, 2, 4, 12, 16, 20], warmup: 4, stableUntil: 12, total: 20 });
   * factor.data; // => [0, 0.5, 1, 1, 0.5, 0]
   */
  wsdSchedule(options: WsdScheduleOptions): Promise<FactorResult>;
}

/** A tensor by its name, as options take it. */
export interface NamedTensorLike {
  name: string;
  /** [..] */
  tensor: TensorLike;
}

/** A tensor by its name, as results give it. */
export interface NamedResult {
  name: string;
  /** [..] */
  tensor: Tensor;
}

export interface CrossEntropyOptions {
  /** [.., V] */
  logits: TensorLike;
  /** One class from 0 to V - 1 for each row, or ignoreIndex. */
  targets: ArrayLike<number>;
  /** From 0 to 1. Default 0. */
  labelSmoothing?: number;
  /** Rows with this target count for nothing. Default -100. */
  ignoreIndex?: Integer;
  /** Whether to record how every number came about. Default false. */
  trace?: boolean;
}

export interface CrossEntropyResult {
  /** Nats: the mean of `losses` over the rows that count */
  loss: number;
  /** [..], 0 where ignored */
  losses: Tensor;
  /** [.., V] */
  probabilities: Tensor;
  /** [.., V]: the gradient of `loss` */
  dLogits: Tensor;
  /** How many rows count */
  counted: Integer;
  /** With the option `trace`. */
  trace?: Trace;
}

export interface DistillationOptions {
  /** [.., V]: logits */
  student: TensorLike;
  /** [.., V]: logits */
  teacher: TensorLike;
  /** T, above 0. Default 1. */
  temperature?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DistillationResult {
  /** Nats: the mean of `losses` */
  loss: number;
  /** [..] */
  losses: Tensor;
  /** [.., V] at the temperature */
  studentProbabilities: Tensor;
  /** [.., V] at the temperature */
  teacherProbabilities: Tensor;
  /** [.., V]: the gradient of `loss` */
  dStudent: Tensor;
  /**
   * With trace: student, teacher; of each softened, max, exponentials, sum, probabilities and log (studentMax, …); losses, loss,
   * dStudent.
   */
  trace?: Trace;
}

export interface DpoOptions {
  /** [N]: log-probability of each chosen answer under the model in training */
  policyChosen: TensorLike;
  /** [N]: of each rejected answer */
  policyRejected: TensorLike;
  /** [N]: log-probability of each chosen answer under the model that training started from */
  referenceChosen: TensorLike;
  /** [N]: of each rejected answer */
  referenceRejected: TensorLike;
  /** β, above 0. Default 0.1. */
  beta?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DpoResult {
  /** [N]: β (policy - reference) */
  chosenRewards: Tensor;
  /** [N] */
  rejectedRewards: Tensor;
  /** [N]: chosenRewards - rejectedRewards */
  margin: Tensor;
  /** [N], nats */
  losses: Tensor;
  /** Their mean */
  loss: number;
  /** With trace: the four log-probabilities, chosenRewards, rejectedRewards, margin, losses, loss. */
  trace?: Trace;
}

export interface GrpoAdvantagesOptions {
  /** [.., N]: each row holds the rewards of N answers to one question */
  rewards: TensorLike;
  /** `sample` divides the squares by N - 1 (the default), `population` by N; `none` leaves rewards - mean as it is. */
  deviation?: 'sample' | 'population' | 'none';
  /** ε, at least 0. Default 1e-4. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface GrpoAdvantagesResult {
  /** [.., N] */
  advantages: Tensor;
  /** [..] */
  mean: Tensor;
  /** [..]; 1 where none is divided by */
  deviation: Tensor;
  /** With trace: rewards, mean, deviation, advantages. */
  trace?: Trace;
}

export interface PpoObjectiveOptions {
  /** [..], at least 0: how much more probable each action has become */
  ratio: TensorLike;
  /** [..] as ratio: how much better than expected it was */
  advantages: TensorLike;
  /** From 0 to 1. Default 0.2. */
  clip?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface PpoObjectiveResult {
  /** [..] as ratio */
  objective: Tensor;
  /** [..] as ratio: 1 where the clipped term is the smaller one, so that no gradient flows */
  clipped: Tensor;
  /** With trace: ratio, advantages, clipped, objective. */
  trace?: Trace;
}

export interface OptimizerRule {
  name: 'sgd' | 'rmsprop' | 'adam' | 'adamw';
  /** At least 0. */
  learningRate: number;
  /** At least 0; of sgd and rmsprop. Default 0. */
  momentum?: number;
  /** Of sgd; needs a momentum above 0. Default false. */
  nesterov?: boolean;
  /** α, from 0 to 1; of rmsprop. Default 0.99. */
  alpha?: number;
  /** β₁ and β₂, from 0 to below 1; of adam and adamw. Default [0.9, 0.999]. */
  betas?: ArrayLike<number>;
  /** ε, at least 0. Default 1e-8. */
  eps?: number;
  /** At least 0. Default 0.01 for adamw, else 0. */
  weightDecay?: number;
}

export interface OptimizerStepOptions extends OptimizerRule {
  parameters: NamedTensorLike[];
  /** One for each parameter, with its name and shape. */
  gradients: NamedTensorLike[];
  /** What the step before gave; not needed before the first. */
  state?: NamedTensorLike[];
  /** How many steps have been done. Default 0. */
  step?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface OptimizerStepResult {
  parameters: NamedResult[];
  /** What the rule keeps: `w.velocity`, `w.mean`, `w.square` for a parameter w, each of its shape. */
  state: NamedResult[];
  step: Integer;
  /** With trace: for a parameter w: w.before, w.gradient, what is kept of it before and after (w.mean.before, w.mean, …), w. */
  trace?: Trace;
}

export interface OptimizerPathOptions extends OptimizerRule {
  /** [..] */
  weights: TensorLike;
  /** One for each step, in the shape of the weights. */
  gradients: NamedTensorLike[];
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface OptimizerPathResult {
  /** The weights after each step, under the names of the gradients. */
  path: NamedResult[];
  /** With trace. */
  trace?: Trace;
}

export interface ClipGradientNormOptions {
  gradients: NamedTensorLike[];
  /** At least 0. */
  maxNorm: number;
  /** ε, at least 0. Default 1e-6. */
  eps?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ClipGradientNormResult {
  /** Euclidean length of all gradients together, before clipping */
  totalNorm: number;
  /** What each entry was multiplied by */
  coefficient: number;
  gradients: NamedResult[];
  /** With trace. */
  trace?: Trace;
}

export interface ScheduleOptions {
  /** [N]: steps from 0 */
  steps: ArrayLike<number>;
  /** At least 0. Default 0. */
  warmup?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface FactorResult {
  /** [N]: times the highest learning rate */
  factor: Tensor;
  /** With trace: steps, factor. */
  trace?: Trace;
}

export interface LearningRateResult {
  /** [N] */
  learningRate: Tensor;
  /** With trace: steps, learningRate. */
  trace?: Trace;
}

export interface CosineScheduleOptions extends ScheduleOptions {
  /** The step at which half a wave ends; above warmup. */
  total: Integer;
  /** How many waves fit between warmup and total, at least 0. Default 0.5. */
  cycles?: number;
}

export interface LinearScheduleOptions extends ScheduleOptions {
  /** The step at which the factor is 0; above warmup. */
  total: Integer;
}

export interface InverseSqrtScheduleOptions extends ScheduleOptions {
  /** At least 1. Default the warmup, or 10000 without one. */
  timescale?: Integer;
}

export interface NoamScheduleOptions extends ScheduleOptions {
  /** Width of the model, at least 1. */
  dModel: Integer;
  /** Default 1. */
  scale?: number;
}

export interface CosineMinimumScheduleOptions extends ScheduleOptions {
  /** The step at which the rate is `lowest`; above warmup. */
  total: Integer;
  /** At least `lowest`. */
  highest: number;
  /** At least 0. */
  lowest: number;
}

export interface WsdScheduleOptions extends ScheduleOptions {
  /** The step at which the fall begins; at least warmup. */
  stableUntil: Integer;
  /** The step at which the fall ends; above stableUntil. */
  total: Integer;
  /** Default `linear`. */
  decay?: 'linear' | 'cosine' | 'sqrt' | 'exponential';
  /** The factor at the end, from 0 to 1. Default 0. */
  lowest?: number;
}
