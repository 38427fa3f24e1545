/** A small GPT that learns. */
import type { Integer, Tensor, Trace } from '../core.d.ts';
import type { NamedResult, NamedTensorLike } from './train.d.ts';

/** A small GPT that learns, and the check of its gradients. */
export interface GptFunctions {
  /**
   * A small GPT forward and, where targets are given, backward (Radford et al. 2018 and 2019): x = wte[tokens] + wpe; in every layer
   * x += proj(attention(norm(x))), x += fc2(activation(fc(norm(x)))); logits = norm(x) headᵀ. Attention is causal, with scale 1 / √(C / H).
   * The loss is the mean cross entropy of the targets; the gradients are exact, and gradientCheck compares them with differences.
   *
   * Parameters, laid out as in PyTorch ([out, in]; C width, F feed-forward width, V vocabulary, N positions): `wte` [V, C], `wpe` [N, C];
   * for every layer, here 0: `h0_ln1_g`, `h0_ln1_b` [C], `h0_attn_w` [3 C, C] (rows q, k, v), `h0_attn_b` [3 C], `h0_proj_w` [C, C],
   * `h0_proj_b` [C], `h0_ln2_g`, `h0_ln2_b` [C], `h0_fc_w` [F, C], `h0_fc_b` [F], `h0_fc2_w` [C, F], `h0_fc2_b` [C]; `lnf_g`, `lnf_b` [C];
   * `lm_head` [V, C], without which the head is wte. May be left out: wpe, lnf, the biases of all linear layers, those of all
   * normalisations.
   *
   * RangeError for parameters that are missing, unknown or of another shape, heads that do not divide C, tokens or targets outside the
   * vocabulary, no tokens, and sequences that do not divide the tokens. With `trace`, dispose the trace when done with it.
   *
   * @example
   * const wte = [[1, 0], [0, 1], [1, 1]];
   * const { logits, loss, gradients } = await core.tinyGpt({
   *   parameters: [{ name: 'wte', tensor: wte }], tokens: [0, 1], targets: [1, 2], heads: 1,
   * });
   * logits.data; // => [1, 0, 1, 0, 1, 1]
   * loss; // => 1.3620
   * gradients[0].tensor.data; // => [0.6335, -0.1335, -0.6335, 0.1335, 0.2112, -0.2888]
   */
  tinyGpt(options: TinyGptOptions): Promise<TinyGptResult>;

  /**
   * Whether the gradients of tinyGpt are right: each chosen one beside the central difference (loss at w + step - loss at w - step) /
   * (2 step), whose own error is about step² times the third derivative, plus 1e-16 / step from rounding.
   *
   * RangeError as tinyGpt, for a parameter or an index that is not there, more than 10 000 entries or
   * more work than entries times tokens times parameters = 10¹¹, and a step that is not above 0.
   *
   * @example
   * const { backward, largestError } = await core.gradientCheck({
   *   parameters: [{ name: 'wte', tensor: [[1, 0], [0, 1], [1, 1]] }], tokens: [0, 1], targets: [1, 2], heads: 1,
   *   entries: [{ parameter: 'wte', index: [0, 0] }],
   * });
   * backward.data; // => [0.6335]
   * largestError < 1e-9; // => true
   */
  gradientCheck(options: GradientCheckOptions): Promise<GradientCheckResult>;
}

export interface TinyGptModel {
  /** The list above, in any order. */
  parameters: NamedTensorLike[];
  /** All sequences, one after another. */
  tokens: ArrayLike<number>;
  /** H, a divisor of the width. */
  heads: Integer;
  /** How many sequences of the same length `tokens` holds. Default 1. */
  sequences?: Integer;
  /** One of the names that activation knows. Default `gelu_tanh`. */
  activation?: string;
  /** Default `layer_norm`. */
  normalisation?: 'layer_norm' | 'rms_norm';
  /** Whether normalisations come before attention and feed-forward (the default) or after the sums. */
  normFirst?: boolean;
  /** ε of the normalisations, at least 0. Default 1e-5. */
  eps?: number;
}

export interface TinyGptOptions extends TinyGptModel {
  /** As many as tokens, -100 where nothing is asked; none for the forward pass alone. */
  targets?: ArrayLike<number>;
  /** Whether to record how every number of the forward pass came about; for one sequence. Default false. */
  trace?: boolean;
}

export interface TinyGptResult {
  /** [T, V], all sequences one after another */
  logits: Tensor;
  /** [..]: attention weights [L, H, T, T], or [L, sequences, H, T, T] */
  weights: Tensor;
  /** Nats, where there are targets */
  loss?: number;
  /** Of the loss: one for each parameter where there are targets, else none */
  gradients: NamedResult[];
  /** With the option `trace`. */
  trace?: Trace;
}

export interface GradientCheckOptions extends TinyGptModel {
  /** As many as tokens, -100 where nothing is asked. */
  targets: ArrayLike<number>;
  /** Where to look, at most 10 000 places. */
  entries: GradientEntry[];
  /** Above 0. Default 1e-5. */
  step?: number;
}

/** One entry of one parameter. */
export interface GradientEntry {
  parameter: string;
  /** One number for each axis. */
  index: ArrayLike<number>;
}

export interface GradientCheckResult {
  /** [N]: what the backward pass gives for each entry */
  backward: Tensor;
  /** [N]: the central difference */
  difference: Tensor;
  /** The largest distance between the two */
  largestError: number;
}
