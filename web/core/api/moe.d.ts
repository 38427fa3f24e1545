import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/**
 * Mixtures of experts. T tokens, C model width, E experts, K experts chosen for each token, F width of an expert's hidden layer.
 * Lists of chosen experts are tensors of whole numbers, counted from 0.
 */
export interface MoeFunctions {
  /**
   * The k experts with the largest logits l = x Wᵀ + b of each token (Shazeer et al. 2017, section 2.1, without noise), and the weights
   * that their outputs get, by `norm`. Of experts with equal logits the one with the lower number goes first.
   *
   * With `trace` every number opens. Tensors: x [T, C], routerWeight [E, C], routerBias [E] (as given), logits [T, E], tempered [T, E]
   * (with a temperature other than 1), rowMax [T], exponentials [T, E], rowSum [T], probabilities [T, E]; then by norm: chosenLogits [T,
   * K], chosenMax [T], chosenExponentials [T, K], chosenSum [T] (softmax_after_topk), chosenProbabilities [T, K], chosenSum [T]
   * (softmax_before_topk_renormalised), chosenLogits [T, K] (sigmoid); at last weights [T, K].
   *
   * Edges: no token gives empty results. TypeError unless exactly one of `logits` and `x` with `routerWeight` is given. RangeError for k
   * outside 1 to E, an unknown norm, a temperature that is not above 0, and logits that are too large for a double.
   *
   * @example
   * const { indices, weights, load } = await core.topKRouter({ logits: [[2, 1, 0], [0, 0, 3]], k: 2 });
   * indices.data; // => [0, 1, 2, 0]
   * weights.data; // => [0.7311, 0.2689, 0.9526, 0.0474]
   * load; // => [2, 1, 1]
   */
  topKRouter(options: TopKRouterOptions): Promise<TopKRouterResult>;

  /**
   * Gating with noise: H = x W_gᵀ + noise · softplus(x W_noiseᵀ), and the gates are the softmax over the k largest entries of H, 0
   * elsewhere (Shazeer et al. 2017, equations 3 to 5). The noise is given, standard normal numbers as a rule; the core draws none.
   *
   * Edges: ties go to the lower number. RangeError for k outside 1 to E and values that are too large for a double.
   *
   * @example
   * const { noisy, gates } = await core.noisyTopK({
   *   x: [[1]], routerWeight: [[2], [1], [0]], noiseWeight: [[0], [0], [0]], noise: [[0, 2, -1]], k: 2,
   * });
   * noisy.data; // => [2, 2.3863, -0.6931]
   * gates.data; // => [0.4046, 0.5954, 0]
   */
  noisyTopK(options: NoisyTopKOptions): Promise<NoisyTopKResult>;

  /**
   * A mixture-of-experts layer: y = routedScale · Σ w_e E_e(x) over the k chosen experts (Shazeer et al. 2017, equation 1; Jiang et al.
   * 2024, section 2.1), plus g S(x) with a shared expert S. Every expert is a gated feed-forward network, E(x) = (activation(x W_gateᵀ) ⊙
   * (x W_upᵀ)) W_downᵀ (Shazeer 2020, equation 6). The shared expert's gate g is σ(x · w) (Qwen1.5-MoE), or 1 without `sharedScore`
   * (DeepSeekMoE; Dai et al. 2024, equation 9). The residual connection is left to the caller. Fine-grained experts (Dai et al. 2024,
   * section 3.1) are more experts with a smaller F.
   *
   * With `trace` every number opens. Tensors: those of topKRouter's trace, then expertGate, expertUp, expertDown (given), gate,
   * activated, up, hidden [T, K, F], expertOutputs [T, K, C], routed [T, C], scaled [T, C] (with a routedScale other than 1 and a shared
   * expert); with a shared expert sharedGate, sharedUp, sharedDown (given), sharedGateInput, sharedActivated, sharedValue, sharedHidden
   * [T, N], with its gate sharedOutput [T, C], sharedScore (given), sharedLogit, sharedWeight [T, 1], then shared [T, C]; at last y [T,
   * C].
   *
   * Edges: no token gives empty results. TypeError for only some of sharedGate, sharedUp and sharedDown, and for a sharedScore without
   * them. RangeError for k outside 1 to E, an unknown norm or activation, and values that are too large for a double.
   *
   * @example
   * const { weights, y } = await core.moeLayer({
   *   x: [[1, 0]], routerWeight: [[1, 0], [0, 1]], k: 2,
   *   expertGate: [[[1, 0]], [[2, 0]]], expertUp: [[[1, 0]], [[1, 0]]], expertDown: [[[1], [0]], [[0], [1]]],
   * });
   * weights.data; // => [0.7311, 0.2689]
   * y.data; // => [0.5344, 0.4738]
   */
  moeLayer(options: MoeLayerOptions): Promise<MoeLayerResult>;

  /**
   * The experts of gpt-oss. With g and u the even and odd columns of x gateUp + gateUpBias, clamped to g ≤ limit and |u| ≤ limit, an expert
   * gives ((u + 1) g σ(alpha g)) down + downBias; weights are the softmax over the k chosen logits (OpenAI 2025, gpt-oss model card and
   * reference code). Weights of experts are [in, out] here.
   *
   * RangeError for k outside 1 to E, a gateUp that is not twice as wide as `down` has rows, a limit that is not above 0, and values that
   * are too large for a double.
   *
   * @example
   * const { y } = await core.clampedExperts({
   *   x: [[1]], routerWeight: [[0]], k: 1,
   *   gateUp: [[[10, 1]]], gateUpBias: [[0, 0]], down: [[[1]]], downBias: [[0]],
   * });
   * y.data; // => [13.9999]
   */
  clampedExperts(options: ClampedExpertsOptions): Promise<ClampedExpertsResult>;

  /**
   * Expert choice: every expert takes the `capacity` tokens with its largest probabilities (Zhou et al. 2022, section 3.2), so the load is
   * even by construction and a token may get several experts or none. In the paper the capacity is T c / E with c experts per token on
   * average. Of equal tokens the earlier goes first.
   *
   * TypeError unless exactly one of `logits` and `x` with `routerWeight` is given. RangeError for a capacity outside 1 to T.
   *
   * @example
   * const { tokens, gates, expertsPerToken } = await core.expertChoice({ logits: [[2, 0], [1, 0], [0, 0]], capacity: 1 });
   * tokens.data; // => [0, 2]
   * gates.data; // => [0.8808, 0.5]
   * expertsPerToken; // => [1, 0, 1]
   */
  expertChoice(options: ExpertChoiceOptions): Promise<ExpertChoiceResult>;

  /**
   * Soft mixture of experts: every slot gets a mixture of all tokens, every token a mixture of all slots (Puigcerver et al. 2023, section
   * 2.1, without the normalisation of x and phi). Slot s belongs to expert ⌊s / (S / E)⌋; without expert weights every expert is the
   * identity.
   *
   * With `trace` every number opens. Tensors: x [T, C], phi [C, S], logits [T, S], slotLogits [S, T], slotMax [S], slotExponentials [S, T],
   * slotSum [S], dispatch [S, T] (one row for each slot), slotInputs [S, C], with experts expertGate, expertUp, expertDown (given), gate,
   * activated, up, hidden [S, F], slotOutputs [S, C], then rowMax [T], exponentials [T, S], rowSum [T], combine [T, S], y [T, C].
   *
   * Edges: no token gives slots of zeros. TypeError for only some of the three expert weights. RangeError for experts that do not divide
   * the slots, an unknown activation and values that are too large for a double.
   *
   * @example
   * const { dispatch, y } = await core.softMoe({ x: [[1], [3]], phi: [[0]] });
   * dispatch.data; // => [0.5, 0.5]
   * y.data; // => [2, 2]
   */
  softMoe(options: SoftMoeOptions): Promise<SoftMoeResult>;

  /**
   * The gate of DeepSeek-V3 (DeepSeek-AI 2024, section 2.1.2, equations 12 to 16). Scores are σ(logits). Experts stand in groups of
   * neighbours; a group's score is the sum of its two largest score + bias, and only the best groups are open. In these the k experts
   * with the largest score + bias are chosen, and weighted by their scores without the bias.
   *
   * Closed groups are masked with minus infinity, as in DeepSeek's own code. Hugging Face Transformers masks them with 0, against which a
   * negative score + bias loses: `rowsWhereZeroMaskDiffers` lists the tokens that would get other experts there.
   *
   * With `trace` every number opens. Tensors: logits [T, E], bias [E], scores, biased [T, E], groupScores [T, G], chosenScores [T, K],
   * chosenSum [T] (with renormalise), weights [T, K].
   *
   * Edges: a group of a single expert is scored by it alone; ties go to the lower number. RangeError for groups that do not divide E,
   * openGroups outside 1 to G and k outside 1 to the number of experts in the open groups.
   *
   * @example
   * const { groupScores, indices, weights } = await core.deepseekV3Gate({
   *   logits: [[2, 0, 1, 1]], bias: [0, 0, 0, 0], groups: 2, openGroups: 1, k: 2,
   * });
   * groupScores.data; // => [1.3808, 1.4621]
   * indices.data; // => [2, 3]
   * weights.data; // => [0.5, 0.5]
   */
  deepseekV3Gate(options: DeepseekV3GateOptions): Promise<DeepseekV3GateResult>;

  /**
   * The gate of DeepSeek-V2 (DeepSeek-AI 2024, section 2.2.2, and its published code): scores are the softmax over all experts, a group's
   * score is its largest, and the k best experts of the open groups are weighted by their scores times routedScale.
   *
   * Edges and errors as deepseekV3Gate.
   *
   * @example
   * const { groupScores, indices, weights } = await core.deepseekV2Gate({ logits: [[2, 0, 1, 1]], groups: 2, openGroups: 1, k: 2 });
   * groupScores.data; // => [0.5344, 0.1966]
   * indices.data; // => [0, 1]
   * weights.data; // => [0.5344, 0.0723]
   */
  deepseekV2Gate(options: DeepseekV2GateOptions): Promise<DeepseekV2GateResult>;
}

/** Where a router's logits come from: x Wᵀ + b, or given as they are. Exactly one of the two. */
export interface RouterInputs {
  /** [T, C]; goes with routerWeight */
  x?: TensorLike;
  /** [E, C]: one row for each expert */
  routerWeight?: TensorLike;
  /** [E]; default zeros */
  routerBias?: TensorLike;
  /** [T, E], in place of x */
  logits?: TensorLike;
}

export interface TopKRouterOptions extends RouterInputs {
  /** How many experts each token gets, 1 to E. */
  k: Integer;
  /**
   * How the chosen experts are weighted, p being the softmax over all experts. Default `softmax_after_topk`.
   *
   * - `softmax_after_topk`: softmax over the k chosen logits; weights sum to 1 (Mixtral; Jiang et al. 2024)
   * - `softmax_before_topk`: p as it is; weights sum to less than 1 (Switch Transformer, Qwen1.5-MoE)
   * - `softmax_before_topk_renormalised`: p over the sum of the chosen p, which equals softmax_after_topk
   * - `sigmoid`: σ of the logit, each by itself (Llama 4, which multiplies what goes into the expert by it, not what comes out)
   */
  norm?: 'softmax_after_topk' | 'softmax_before_topk' | 'softmax_before_topk_renormalised' | 'sigmoid';
  /** Divides the logits; above 0. Default 1. */
  temperature?: number;
  /** Whether to record a trace. Default false. */
  trace?: boolean;
}

export interface TopKRouterResult {
  /** [T, E], divided by the temperature */
  logits: Tensor;
  /** [T, E]: softmax over all experts */
  probabilities: Tensor;
  /** [T, K]: the chosen experts, best first */
  indices: Tensor;
  /** [T, K] */
  weights: Tensor;
  /** [T] */
  sumWeights: Tensor;
  /** [E]: how many tokens chose each expert */
  load: number[];
  /** With the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface NoisyTopKOptions {
  /** [T, C] */
  x: TensorLike;
  /** W_g [E, C] */
  routerWeight: TensorLike;
  /** W_noise [E, C] */
  noiseWeight: TensorLike;
  /** [T, E]: standard normal numbers */
  noise: TensorLike;
  /** 1 to E */
  k: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface NoisyTopKResult {
  /** [T, E]: x W_gᵀ */
  clean: Tensor;
  /** [T, E]: softplus(x W_noiseᵀ), the size of the noise */
  deviation: Tensor;
  /** H [T, E] */
  noisy: Tensor;
  /** [T, K]: the chosen experts, best first */
  indices: Tensor;
  /** [T, E]: weights, 0 for experts that were not chosen */
  gates: Tensor;
  /** [E]: how many tokens chose each expert */
  load: number[];
  /** With trace. */
  trace?: Trace;
}

export interface MoeLayerOptions {
  /** [T, C] */
  x: TensorLike;
  /** [E, C]: one row for each expert */
  routerWeight: TensorLike;
  /** [E]; default zeros */
  routerBias?: TensorLike;
  /** W_gate [E, F, C] */
  expertGate: TensorLike;
  /** W_up [E, F, C] */
  expertUp: TensorLike;
  /** W_down [E, C, F] */
  expertDown: TensorLike;
  /** How many experts each token goes through, 1 to E. */
  k: Integer;
  /** As topKRouter's. Default `softmax_after_topk`. */
  norm?: 'softmax_after_topk' | 'softmax_before_topk' | 'softmax_before_topk_renormalised' | 'sigmoid';
  /** Any name that `activation` knows. Default `silu`, which makes the experts SwiGLU. */
  activation?: string;
  /** Multiplies the sum of the chosen experts. Default 1. */
  routedScale?: number;
  /** W_gate of the shared expert [N, C]; goes with sharedUp and sharedDown */
  sharedGate?: TensorLike;
  /** W_up of the shared expert [N, C] */
  sharedUp?: TensorLike;
  /** W_down of the shared expert [C, N] */
  sharedDown?: TensorLike;
  /** w [1, C] of the shared expert's own gate σ(x · w); without it the gate is 1 */
  sharedScore?: TensorLike;
  /** Whether to record a trace. Default false. */
  trace?: boolean;
}

export interface MoeLayerResult {
  /** [T, C] */
  y: Tensor;
  /** [T, E] */
  logits: Tensor;
  /** [T, E]: softmax over all experts */
  probabilities: Tensor;
  /** [T, K]: the chosen experts, best first */
  indices: Tensor;
  /** [T, K] */
  weights: Tensor;
  /** [T, K, C]: what each chosen expert gives, before weighting */
  expertOutputs: Tensor;
  /** [T, C]: the weighted sum of the chosen experts, before routedScale */
  routed: Tensor;
  /** [T, C]: the shared expert's part, times its gate; only with a shared expert */
  shared?: Tensor;
  /** [E]: how many tokens chose each expert */
  load: number[];
  /** With the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface ClampedExpertsOptions {
  /** [T, C] */
  x: TensorLike;
  /** [E, C]: one row for each expert */
  routerWeight: TensorLike;
  /** [E]; default zeros */
  routerBias?: TensorLike;
  /** [E, C, F2], F2 = 2 F: gates in the even columns, values in the odd ones */
  gateUp: TensorLike;
  /** [E, F2] */
  gateUpBias: TensorLike;
  /** [E, F, C] */
  down: TensorLike;
  /** [E, C] */
  downBias: TensorLike;
  /** 1 to E */
  k: Integer;
  /** The slope inside the sigmoid. Default 1.702. */
  alpha?: number;
  /** Bounds gates above and values on both sides; above 0. Default 7. */
  limit?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ClampedExpertsResult {
  /** [T, C] */
  y: Tensor;
  /** [T, E] */
  logits: Tensor;
  /** [T, K]: the chosen experts, best first */
  indices: Tensor;
  /** [T, K] */
  weights: Tensor;
  /** [T, K, F]: (u + 1) g σ(alpha g) of each chosen expert */
  hidden: Tensor;
  /** [E]: how many tokens chose each expert */
  load: number[];
  /** With trace. */
  trace?: Trace;
}

export interface ExpertChoiceOptions extends RouterInputs {
  /** How many tokens each expert takes, 1 to T. */
  capacity: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ExpertChoiceResult {
  /** [T, E]: softmax over the experts */
  probabilities: Tensor;
  /** [E, N]: the tokens that each expert takes, best first, N being the capacity */
  tokens: Tensor;
  /** [E, N]: their probabilities */
  gates: Tensor;
  /** [T]: how many experts took each token */
  expertsPerToken: number[];
  /** With trace. */
  trace?: Trace;
}

export interface SoftMoeOptions {
  /** [T, C] */
  x: TensorLike;
  /** Φ [C, S]: one column for each slot */
  phi: TensorLike;
  /** W_gate [E, F, C]; goes with expertUp and expertDown */
  expertGate?: TensorLike;
  /** W_up [E, F, C] */
  expertUp?: TensorLike;
  /** W_down [E, C, F] */
  expertDown?: TensorLike;
  /** Any name that `activation` knows. Default `silu`. */
  activation?: string;
  /** Whether to record a trace. Default false. */
  trace?: boolean;
}

export interface SoftMoeResult {
  /** [T, S]: x Φ */
  logits: Tensor;
  /** [T, S]: softmax over the tokens; every slot's shares sum to 1 */
  dispatch: Tensor;
  /** [T, S]: softmax over the slots; every token's shares sum to 1 */
  combine: Tensor;
  /** [S, C]: dispatchᵀ x */
  slotInputs: Tensor;
  /** [S, C]: what the experts make of them; without experts the inputs again */
  slotOutputs: Tensor;
  /** [T, C]: combine · slotOutputs */
  y: Tensor;
  /** With the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface DeepseekV3GateOptions {
  /** [T, E] */
  logits: TensorLike;
  /** [E]: counts for the choice alone */
  bias: TensorLike;
  /** G; must divide E. */
  groups: Integer;
  /** M: how many groups are open to each token, 1 to G. */
  openGroups: Integer;
  /** 1 to M E / G */
  k: Integer;
  /** Whether the weights are divided by their sum. Default true. */
  renormalise?: boolean;
  /** Multiplies the weights. Default 1. */
  routedScale?: number;
  /** Whether to record a trace. Default false. */
  trace?: boolean;
}

export interface DeepseekV3GateResult {
  /** [T, E]: σ(logits) */
  scores: Tensor;
  /** [T, E]: score + bias, by which is chosen */
  biased: Tensor;
  /** [T, G]: sum of the group's two largest of these */
  groupScores: Tensor;
  /** [T, M]: the open groups, in order of number */
  groups: Tensor;
  /** [T, K]: the chosen experts, largest score + bias first */
  indices: Tensor;
  /** [T, K] */
  weights: Tensor;
  /** [E]: how many tokens chose each expert */
  load: number[];
  /** The tokens that would get other experts if closed groups were masked with 0. */
  rowsWhereZeroMaskDiffers: number[];
  /** With the option `trace`. Dispose it when done with it. */
  trace?: Trace;
}

export interface DeepseekV2GateOptions {
  /** [T, E] */
  logits: TensorLike;
  /** G; must divide E. */
  groups: Integer;
  /** M: how many groups are open to each token, 1 to G. */
  openGroups: Integer;
  /** 1 to M E / G */
  k: Integer;
  /** Whether the weights are divided by their sum. Default false. */
  renormalise?: boolean;
  /** Multiplies the weights. Default 1. */
  routedScale?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DeepseekV2GateResult {
  /** [T, E]: softmax(logits) */
  scores: Tensor;
  /** [T, G]: the group's largest score */
  groupScores: Tensor;
  /** [T, M]: the open groups, in order of number */
  groups: Tensor;
  /** [T, K]: the chosen experts, best first */
  indices: Tensor;
  /** [T, K] */
  weights: Tensor;
  /** [E]: how many tokens chose each expert */
  load: number[];
  /** With trace. */
  trace?: Trace;
}
