/** A whole model of two parts: an encoder with a decoder. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';
import type { NamedTensor } from './models.d.ts';

/** A whole model of two parts: an encoder with a decoder. */
export interface Seq2seqFunctions {
  /**
   * A whole encoder-decoder: the encoder reads the source into `memory`, the decoder writes the target, looking at the memory by cross-attention
   * (Vaswani et al. 2017, figure 1). Self-attention of the target is causal; source tokens whose `sourceValid` is 0 are padding, which nobody sees.
   * With `trace` every intermediate of every layer opens, as "encoder0.attention.weights" or "decoder1.cross.weights".
   *
   * Each side is given as tokens or as rows. Parameters by name: for tokens `embedding` [V, C], of both sides, or `source_embedding` and
   * `target_embedding`; `positions` [N, C] to be added to the rows of tokens, or none; for each encoder layer n, as encoderBlock takes them,
   * `encoder.n.in_weight`, `.in_bias`, `.out_weight`, `.out_bias`, `.w1`, `.b1`, `.w2`, `.b2`, `.gamma1`, `.beta1`, `.gamma2`, `.beta2`; for each decoder
   * layer, as decoderBlock takes them, `decoder.n.self_in_weight` to `decoder.n.beta3`; for a norm after a stack `encoder_gamma`, `encoder_beta` and
   * `decoder_gamma`, `decoder_beta` [C], or none; `head` [V, C], or none where the target's embedding is the head.
   *
   * RangeError for tokens outside the vocabulary, more tokens than positions, a side that is empty or given twice, and as the blocks; TypeError for
   * a parameter that is missing, unknown or given twice.
   *
   * @example
   * const { memory, logits } = await core.encoderDecoder({
   *   source: [[3, 4]], targetTokens: [1, 0], heads: 1,
   *   parameters: [{ name: 'target_embedding', tensor: [[1, 0], [0, 2]] }],
   * });
   * memory.data; // => [3, 4]
   * logits.data; // => [0, 4, 1, 0]
   */
  encoderDecoder(options: EncoderDecoderOptions): Promise<EncoderDecoderResult>;
}

export interface EncoderDecoderOptions {
  /** S tokens; or give source. */
  sourceTokens?: ArrayLike<number>;
  /** T tokens; or give target. */
  targetTokens?: ArrayLike<number>;
  /** [S, C] */
  source?: TensorLike;
  /** [T, C] */
  target?: TensorLike;
  parameters: NamedTensor[];
  /** H, dividing C. */
  heads: Integer;
  /** For each of the S source tokens 1, or 0 for padding. Default all 1. */
  sourceValid?: ArrayLike<number>;
  /** As in encoderBlock, of all layers; default post. */
  placement?: 'post' | 'pre';
  /** A name that `activation` knows, of all layers; default relu. */
  activation?: string;
  /** Of all norms; default 1e-5. */
  eps?: number;
  /** What rows of the embedding are multiplied by, in Vaswani et al. 2017 √C; default 1. */
  embeddingScale?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface EncoderDecoderResult {
  /** [S, C]: what the encoder gives. */
  memory: Tensor;
  /** [T, C]: what the decoder gives. */
  output: Tensor;
  /** [T, V], where there is a head. */
  logits?: Tensor;
  /** [N, H, S, S]: the attention weights of the N encoder layers. */
  encoderWeights: Tensor;
  /** [L, H, T, T]: the self-attention weights of the L decoder layers. */
  selfWeights: Tensor;
  /** [L, H, T, S]: the cross-attention weights of the L decoder layers. */
  crossWeights: Tensor;
  /** With trace. */
  trace?: Trace;
}
