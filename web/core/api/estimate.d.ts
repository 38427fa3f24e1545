/** Parameters and cache of a model, from its published configuration; what this device does. */
import type { Integer } from '../core.d.ts';

/** Parameters and cache of a model, from its published configuration; what this device does. */
export interface EstimateFunctions {
  /**
   * Counts the parameters of a configuration and what a token leaves in its cache. The configuration is a Hugging Face config.json as it
   * stands (or the dimensions of a paper, model_type `paper_gpt3`, `paper_gopher`, `paper_palm`).
   *
   * A model_type that is not known is read from the keys that most families share, and `understood.notes` says what was assumed. Layers that
   * predict further tokens in training, and task heads of encoders, are not counted.
   *
   * Edges: a model without a cache has no kvBytesPerToken and kvBytes is empty. TypeError for keys of the wrong kind, RangeError for sizes
   * outside their range, contradictions, and counts beyond 2^53; the sentence names the key.
   *
   * Source: the published modelling code that each file of cpp/clearformer/estimate/layouts names.
   *
   * @example
   * const { totalParams, kvBytesPerToken, kvBytes } = await core.estimate({
   *   config: {
   *     model_type: 'llama', hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32,
   *     intermediate_size: 11008, vocab_size: 32000, tie_word_embeddings: false,
   *   },
   *   contexts: [4096],
   * });
   * totalParams; // => 6738415616
   * kvBytesPerToken; // => 524288
   * kvBytes; // => [2147483648]
   */
  estimate(options: EstimateOptions): Promise<EstimateResult>;

  /**
   * Measures what this device does here, in one thread: multiply-adds in SIMD registers, and a copy through memory. A measurement, so it
   * differs from call to call.
   *
   * Edges: RangeError for milliseconds outside [1, 2000].
   *
   * @example
   * const { flops, bandwidth } = await core.measureDevice({ milliseconds: 20 });
   * flops > 0 && bandwidth > 0; // => true
   */
  measureDevice(options?: MeasureDeviceOptions): Promise<MeasureDeviceResult>;
}

/** The keys of a config.json: numbers, texts, booleans, null, lists of them, and objects of these. */
export type Config = Record<string, unknown>;

export interface EstimateOptions {
  config: Config;
  /** Tokens at which the cache is counted. */
  contexts?: ArrayLike<number>;
  /** The format of the cache, see PlanOptions.cache. Default bf16. */
  cache?: string;
}

export interface EstimateResult {
  understood: Understood;
  /** Parameters in all; a tied table counts once. */
  totalParams: number;
  /** What one token uses: of the experts those chosen, and without the image tower of a model that writes. */
  activeParams: number;
  /** activeParams without the input embedding; a tied table stays, as it is the head. */
  activeParamsWithoutEmbedding: number;
  /** activeParams without embedding and head. */
  activeParamsWithoutTables: number;
  /** Weights that one token is multiplied with, without biases and norms. */
  matmulParams: number;
  /** Bytes that one token leaves in the caches of all layers. */
  kvBytesPerToken?: number;
  /** Bytes of the cache of one sequence at each of `contexts`; layers with a window keep no more than it. */
  kvBytes: number[];
  tensors: TensorRow[];
}

/** What a configuration was understood as. */
export interface Understood {
  modelType: string;
  /** Whether the family has a layout of its own. */
  known: boolean;
  /** Whether it is a decoder with a cache. */
  generates: boolean;
  /** Whether embedding and head are one table. */
  tied: boolean;
  notes: ConfigNote[];
  /** Keys that were read. */
  usedKeys: string[];
  /** Keys that say nothing about sizes, or that the layout does not know. */
  ignoredKeys: string[];
}

/** Something to know about a configuration. */
export interface ConfigNote {
  /** `assumed`: the key is absent and the value stands in for it; `contradiction`: keys do not fit each other. */
  kind: string;
  key: string;
  value: string;
  why: string;
}

/** One tensor, or one for each layer and expert. */
export interface TensorRow {
  /** As in published files; {i} counts layers, {e} experts. */
  name: string;
  /** `embedding`, `position`, `attention`, `feed-forward`, `expert`, `shared expert`, `router`, `norm`, `head`, `other`. */
  kind: string;
  /** The quantity that explains `params`. */
  quantity: string;
  shape: number[];
  repeat: number;
  /** repeat times the product of shape. */
  params: number;
  /** Of those, what one token uses. */
  active: number;
}

export interface MeasureDeviceOptions {
  /** How long each of the two loops runs; default 200. */
  milliseconds?: Integer;
}

export interface MeasureDeviceResult {
  /** FLOP/s of SIMD multiply-adds in one thread. */
  flops: number;
  /** Bytes per second, read and written, of a copy that does not fit the caches. */
  bandwidth: number;
  /** How large the block copied was: 32 MiB, or less where memory is short. */
  copiedBytes: number;
  /** How long it took in all. */
  seconds: number;
}
