/** A whole model: a decoder, with the logit lens. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** A whole model: a decoder, with the logit lens. */
export interface ModelsFunctions {
  /**
   * A whole decoder: embedding, Llama blocks, final norm and head (Touvron et al. 2023). With `trace` every intermediate of every layer opens, as
   * "layer0.weights"; with `logitLens` the residual stream is read by the final norm and the head after each layer (nostalgebraist 2020).
   *
   * Parameters by name: `embedding` [V, C]; for each layer n, as llamaBlock takes them, `n.attention_gamma`, `n.wq`, `n.wk`, `n.wv`, `n.wo`,
   * `n.ffn_gamma`, `n.gate`, `n.up`, `n.down`; `final_gamma` [C]; `head` [V, C], or none where the embedding is the head.
   *
   * RangeError for tokens outside the vocabulary, no token and shapes that do not fit; TypeError for a parameter that is missing, unknown or
   * given twice.
   *
   * @example
   * const { logits } = await core.decoderModel({
   *   tokens: [1], heads: 1, kvHeads: 1, eps: 0,
   *   parameters: [{ name: 'embedding', tensor: [[1, 0], [0, 2]] }, { name: 'final_gamma', tensor: [1, 1] }],
   * });
   * logits.data; // => [0, 2.8284]
   */
  decoderModel(options: DecoderModelOptions): Promise<DecoderModelResult>;
}

/** A weight by its name. */
export interface NamedTensor {
  name: string;
  /** [..] */
  tensor: TensorLike;
}

export interface DecoderModelOptions {
  /** T tokens. */
  tokens: ArrayLike<number>;
  parameters: NamedTensor[];
  /** H */
  heads: Integer;
  /** G */
  kvHeads: Integer;
  /** The base θ of RoPE; default 10000. */
  theta?: number;
  /** Default half_split. */
  pairing?: 'half_split' | 'interleaved';
  /** Of all norms; default 1e-6. */
  eps?: number;
  /** Sliding window of all layers; default none. */
  window?: Integer;
  /** Whether to give the logits after each layer. Default false. */
  logitLens?: boolean;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface DecoderModelResult {
  /** [T, V] */
  logits: Tensor;
  /** [N, T, C]: the embedding, then the residual stream after each layer. */
  residual: Tensor;
  /** [N, T, V], with logitLens. */
  lens?: Tensor;
  /** With trace. */
  trace?: Trace;
}
