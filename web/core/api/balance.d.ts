/** Mixtures of experts, balanced: limited places, balance losses, loads. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';
import type { RouterInputs } from './moe.d.ts';

/** Mixtures of experts, balanced: limited places, balance losses, loads. */
export interface BalanceFunctions {
  /**
   * Top-1 routing with a capacity: every token goes to its most probable expert, which takes tokens in their order until its places are
   * full. The rest pass by on the residual connection alone. capacity = T / E · capacityFactor, rounded (Fedus, Zoph and Shazeer 2021,
   * section 2.2, equation 3).
   *
   * Edges: a capacity of 0 drops every token. TypeError unless exactly one of `logits` and `x` with `routerWeight` is given. RangeError
   * for a capacity below 0, a capacityFactor that is not above 0 or gives 2³¹ places or more, and an unknown rounding.
   *
   * @example
   * const { capacity, kept, dropped } = await core.switchRouter({ logits: [[2, 0], [1, 0], [3, 0], [0, 1]] });
   * capacity; // => 2
   * kept; // => [1, 1, 0, 1]
   * dropped; // => [2]
   */
  switchRouter(options: SwitchRouterOptions): Promise<SwitchRouterResult>;

  /**
   * Top-k routing with a capacity: the tokens ask their k best experts for places in the order of `priority`, first come, first served.
   *
   * TypeError unless exactly one of `logits` and `x` with `routerWeight` is given. RangeError for k outside 1 to E, a capacity below 0
   * and an unknown priority.
   *
   * @example
   * const logits = [[1, 0], [0, 1]];
   * (await core.capacityRouter({ logits, k: 2, capacity: 1 })).kept.data; // => [1, 0, 1, 0]
   * (await core.capacityRouter({ logits, k: 2, capacity: 1, priority: 'token_major' })).kept.data; // => [1, 1, 0, 0]
   */
  capacityRouter(options: CapacityRouterOptions): Promise<CapacityRouterResult>;

  /**
   * The load-balancing loss of the Switch Transformer, E Σ f_e P_e (Fedus, Zoph and Shazeer 2021, equations 4 to 6, without α): 1 when
   * balanced, at most E. f counts choices and so has no gradient; that of the loss is E / T · p (f_e - Σ_j f_j p_j).
   *
   * With `trace` every number opens. Tensors: logits [T, E], rowMax [T], exponentials [T, E], rowSum [T], probabilities [T, E], chosen
   * [T, E] (0 or 1), fractions [E], meanProbabilities [E], loss [1].
   *
   * Edges: of equally probable experts the one with the lower number counts. RangeError without tokens or experts.
   *
   * @example
   * const { loss, fractions, probabilities, gradient } = await core.switchBalanceLoss({ logits: [[1, 0], [1, 0]] });
   * loss; // => 1.4621
   * fractions.data; // => [1, 0]
   * probabilities.data; // => [0.7311, 0.2689]
   * gradient.data; // => [0.1966, -0.1966, 0.1966, -0.1966]
   */
  switchBalanceLoss(options: SwitchBalanceLossOptions): Promise<SwitchBalanceLossResult>;

  /**
   * The same loss where every token chooses k experts, as Hugging Face Transformers computes it for Mixtral: k when balanced. Only tokens
   * that the mask marks 1 count. The logits of several layers may follow each other; the mask then repeats.
   *
   * RangeError for k outside 1 to E, mask entries other than 0 and 1, a mask whose length does not divide T, and no token that counts.
   *
   * @example
   * const { loss } = await core.topKBalanceLoss({ logits: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], k: 3 });
   * loss; // => 3
   */
  topKBalanceLoss(options: TopKBalanceLossOptions): Promise<TopKBalanceLossResult>;

  /**
   * The router z-loss, which keeps logits small: the mean over tokens of (ln Σ exp(logits))² (Zoph et al. 2022, equation 5, without its
   * coefficient), and its gradient.
   *
   * RangeError without tokens or experts and for logits whose square is too large for a double.
   *
   * @example
   * const { loss, gradient } = await core.routerZLoss({ logits: [[0, 0]] });
   * loss; // => 0.4805
   * gradient.data; // => [0.6931, 0.6931]
   */
  routerZLoss(options: RouterZLossOptions): Promise<RouterZLossResult>;

  /**
   * Importance of each expert, the sum of its gates over the tokens, and its squared coefficient of variation: 0 when balanced (Shazeer
   * et al. 2017, equations 6 and 7, without the weight).
   *
   * RangeError for negative entries, without experts, and where all importance is 0.
   *
   * @example
   * const { importance, cvSquared, cvSquaredUnbiased } = await core.importanceLoss({ probabilities: [[1, 0], [0.5, 0.5]] });
   * importance.data; // => [1.5, 0.5]
   * cvSquared; // => 0.25
   * cvSquaredUnbiased; // => 0.5
   */
  importanceLoss(options: ImportanceLossOptions): Promise<ImportanceLossResult>;

  /**
   * Balancing without a loss: bias + gamma · sign(mean load - load), so that a crowded expert is chosen a little less often (Wang et al.
   * 2024, algorithm 1). An expert with exactly the mean load keeps its bias.
   *
   * RangeError for a negative gamma, a negative load, and no experts.
   *
   * @example
   * const { bias, error } = await core.biasUpdate({ bias: [0, 0, 0], load: [4, 2, 0], gamma: 0.5 });
   * bias.data; // => [-0.5, 0, 0.5]
   * error.data; // => [-2, 0, 2]
   */
  biasUpdate(options: BiasUpdateOptions): Promise<BiasUpdateResult>;

  /**
   * How evenly choices fall on the experts: counts, shares, the busiest expert against the mean, and the entropy of the shares (Shannon
   * 1948, with 0 ln 0 = 0).
   *
   * Edges: where nothing was chosen, all of them are 0. RangeError for experts outside 1 to 65536 and an index that is not a whole number
   * from 0 to experts - 1.
   *
   * @example
   * const { load, maxOverMean, effectiveExperts, unused } = await core.expertLoad({ indices: [[0], [0], [1]], experts: 2 });
   * load; // => [2, 1]
   * maxOverMean; // => 1.3333
   * effectiveExperts; // => 1.8899
   * unused; // => 0
   */
  expertLoad(options: ExpertLoadOptions): Promise<ExpertLoadResult>;
}

export interface SwitchRouterOptions extends RouterInputs {
  /** Places of each expert, at least 0. Default: from capacityFactor. */
  capacity?: Integer;
  /** Above 0. Default 1. */
  capacityFactor?: number;
  /** How T / E · capacityFactor becomes a whole number. Default `floor`. */
  rounding?: 'floor' | 'ceil';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface SwitchRouterResult {
  /** [T, E] */
  logits: Tensor;
  /** [T, E] */
  probabilities: Tensor;
  /** [T]: the chosen expert */
  expert: number[];
  /** [T]: its probability */
  gate: Tensor;
  /** [T]: 1 = got a place, 0 = dropped */
  kept: number[];
  /** [T]: which place of the expert, from 0; -1 for none */
  slot: number[];
  /** The tokens without a place, in order. */
  dropped: number[];
  /** [E]: how many tokens chose each expert, before dropping */
  load: number[];
  /** Places of each expert. */
  capacity: Integer;
  /** With trace. */
  trace?: Trace;
}

export interface CapacityRouterOptions extends RouterInputs {
  /** 1 to E */
  k: Integer;
  /** Places of each expert, at least 0. */
  capacity: Integer;
  /**
   * Who asks first. Default `choice_major`.
   *
   * - `choice_major`: all first choices, then all second choices, and so on (Lepikhin et al. 2020, algorithm 1)
   * - `token_major`: token after token, each with all its choices
   * - `batch_priority`: as choice_major, tokens with the largest best probability first (Riquelme et al. 2021, section 4.1)
   */
  priority?: 'choice_major' | 'token_major' | 'batch_priority';
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface CapacityRouterResult {
  /** [T, E] */
  probabilities: Tensor;
  /** [T, K]: the chosen experts, best first */
  experts: Tensor;
  /** [T, K]: 1 = this choice got a place */
  kept: Tensor;
  /** [T, K]: which place of that expert, from 0; -1 for none */
  slot: Tensor;
  /** [E]: choices of each expert, before dropping */
  load: number[];
  /** [E]: places taken */
  filled: number[];
  /** With trace. */
  trace?: Trace;
}

export interface SwitchBalanceLossOptions {
  /** [T, E] */
  logits: TensorLike;
  /** Whether to record a trace. Default false. */
  trace?: boolean;
}

export interface SwitchBalanceLossResult {
  /** Not multiplied by its coefficient α. */
  loss: number;
  /** f [E]: share of the tokens whose most probable expert this is */
  fractions: Tensor;
  /** P [E]: mean probability of the expert */
  probabilities: Tensor;
  /** [T, E]: of the loss by the logits, f held constant */
  gradient: Tensor;
  /** With the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface TopKBalanceLossOptions {
  /** [T, E] */
  logits: TensorLike;
  /** 1 to E */
  k: Integer;
  /** 1 = counts, 0 = padding; its length must divide T. Default: all count. */
  attentionMask?: ArrayLike<number>;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface TopKBalanceLossResult {
  /** Not multiplied by its coefficient. */
  loss: number;
  /** f [E]: choices of the expert per token; they sum to k */
  fractions: Tensor;
  /** P [E]: mean probability of the expert */
  probabilities: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface RouterZLossOptions {
  /** [T, E] */
  logits: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface RouterZLossResult {
  /** Not multiplied by its coefficient. */
  loss: number;
  /** [T] */
  logsumexp: Tensor;
  /** [T, E]: of the loss by the logits */
  gradient: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface ImportanceLossOptions {
  /** [T, E]: gates or probabilities, at least 0 */
  probabilities: TensorLike;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ImportanceLossResult {
  /** [E]: sum over the tokens */
  importance: Tensor;
  /** Variance / mean², the variance divided by E. */
  cvSquared: number;
  /** The same with the variance divided by E - 1; 0 for a single expert. */
  cvSquaredUnbiased: number;
  /** With trace. */
  trace?: Trace;
}

export interface BiasUpdateOptions {
  /** [E] */
  bias: TensorLike;
  /** [E]: tokens that each expert got, at least 0 */
  load: TensorLike;
  /** The size of a step, at least 0. Default 0.001. */
  gamma?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface BiasUpdateResult {
  /** [E] */
  bias: Tensor;
  /** [E]: mean load - load */
  error: Tensor;
  /** With trace. */
  trace?: Trace;
}

export interface ExpertLoadOptions {
  /** [T, K]: chosen experts, as routers give them */
  indices: TensorLike;
  /** E, 1 to 65536 */
  experts: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ExpertLoadResult {
  /** [E]: how often each expert was chosen */
  load: number[];
  /** [E]: the same as shares of all choices */
  fractions: Tensor;
  /** The busiest expert's load over the mean load; 1 when balanced. */
  maxOverMean: number;
  /** Variance / mean² of the load. */
  cvSquared: number;
  /** Of the shares, in nats; ln E when balanced. */
  entropy: number;
  /** e^entropy: over how many experts an even spread would have the same entropy. */
  effectiveExperts: number;
  /** Experts that nobody chose. */
  unused: Integer;
  /** With trace. */
  trace?: Trace;
}
