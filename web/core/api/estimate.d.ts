/** Parameters, memory, FLOPs and time of a model, from its published configuration. */
import type { Integer, Tensor } from '../core.d.ts';

/** Parameters, memory, FLOPs and time of a model, from its published configuration. */
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
   * The whole plan of running a model: weights, cache, activations and what is left of a device's memory; FLOPs and bytes of every operation
   * of the prompt and of one token; with `hardware` a roofline of each, summed to times, throughput and cost.
   *
   * Every number is a quantity that opens: `plan.explain({ quantity: 'kv_bytes' })` gives its formula, the formula with values, and the
   * quantities in it, down to keys of the configuration, options and assumptions. FLOPs are 2 per multiply-accumulate; norms and activations
   * count as bytes only. `leftOut` lists what the times do not contain.
   *
   * Edges: as estimate; RangeError for parallelism that does not divide the model or is not the number of devices. The plan lives in the core
   * until plan.dispose().
   *
   * @example
   * const { plan, quantities } = await core.plan({
   *   config: {
   *     model_type: 'llama', hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, num_key_value_heads: 8,
   *     intermediate_size: 14336, vocab_size: 128256, tie_word_embeddings: false,
   *   },
   *   prompt: 7168,
   *   generated: 1024,
   * });
   * quantities.find(({ name }) => name === 'kv_bytes').value; // => 1073741824
   * (await plan.explain({ quantity: 'kv_bytes_per_token' })).value; // => 131072
   * await plan.dispose();
   */
  plan(options: PlanOptions): Promise<PlanResult>;

  /**
   * Some quantities of a plan at many values of one option, for curves. Row i of `table` is the plan at values[i].
   *
   * Edges: RangeError where one of the plans has an error, with its sentence, for an option or quantity that does not exist, and for more than
   * 512 values. A quantity that a plan lacks at some value (no hardware: no times) is an error too.
   *
   * @example
   * const { table } = await core.sweepPlan({
   *   plan: { config: { model_type: 'gpt2', n_embd: 768, n_layer: 12, n_head: 12, vocab_size: 50257, n_positions: 1024 }, generated: 0 },
   *   vary: 'prompt',
   *   values: [1, 1024],
   *   quantities: ['kv_bytes'],
   * });
   * table.data; // => [36864, 37748736]
   */
  sweepPlan(options: SweepPlanOptions): Promise<SweepPlanResult>;

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

/** An accelerator, as its datasheet describes it. */
export interface Hardware {
  name?: string;
  /** Bytes. */
  memory: number;
  /** Bytes per second. */
  bandwidth: number;
  /** FLOP/s, dense, in the format that computes. */
  flops: number;
  /** Bytes per second between devices, both directions together. Default 0: none. */
  link?: number;
  /** Default 0: not known. */
  watts?: number;
}

export interface PlanOptions {
  config: Config;
  /** Sequences at once; default 1. */
  batch?: Integer;
  /** Tokens of the prompt of each; default 1024. */
  prompt?: Integer;
  /** Tokens written after it; default 256. */
  generated?: Integer;
  /** Tokens of an encoder's input, where there is one; default 512. */
  source?: Integer;
  /** Images, of an image model or before the prompt; default 1. */
  images?: Integer;
  /** Pixels a side, where it differs from the configuration's. */
  imageSize?: Integer;
  /** Tokens of the prompt whose keys and values are there already; default 0. */
  prefixCached?: Integer;
  /**
   * The format of the weight matrices: `fp32`, `bf16`, `fp16`, `fp8`, `int8`, `int4`, `int4-g128`, `nf4`, `nf4-dq`, `mxfp4`, or a GGUF type:
   * `q8_0`, `q6_k`, `q5_k`, `q4_k`, `q4_0`, ... Norms, biases and routers stay in bf16 where the format is quantised. Default bf16.
   */
  weights?: string;
  /** The format of the cache; default bf16. */
  cache?: string;
  /** The format of activations; default bf16. */
  activations?: string;
  /** Formats of single classes of weights. */
  weightsByClass?: ClassFormat[];
  /** Tokens of a page of the cache; default 1. */
  page?: Integer;
  /** Attention in tiles, so that scores are never stored whole; default true. */
  tiled?: boolean;
  /** Whether the kernel leaves out what a causal mask hides; default true. */
  skipMasked?: boolean;
  /** The head runs for the last token of a prompt only; default true. */
  headOnLast?: boolean;
  /** Latent attention decodes in the latent (DeepSeek-V2, section 2.1.2); default true. */
  absorbed?: boolean;
  hardware?: Hardware;
  /** How many; the product of tensorParallel and pipelineParallel. Default 1. */
  devices?: Integer;
  tensorParallel?: Integer;
  pipelineParallel?: Integer;
  expertParallel?: Integer;
  /** Share of a device's memory that may be used; default 0.9. */
  memoryFraction?: number;
  /** Bytes of each device for the runtime; default 1e9, assumed. */
  overhead?: number;
  /** Share of the datasheet's FLOP/s that is reached; default 0.5, assumed. */
  computeUtilisation?: number;
  /** Share of the bandwidth; default 0.7, assumed. */
  bandwidthUtilisation?: number;
  /** Share of the link; default 0.7, assumed. */
  linkUtilisation?: number;
  speculation?: Speculation;
  /** USD per device and hour; default 0: no cost is given. */
  price?: number;
}

export interface ClassFormat {
  /** As TensorRow.kind. */
  kind: string;
  format: string;
}

/** A draft proposes tokens, the model checks them at once (Leviathan et al. 2023). */
export interface Speculation {
  /** Tokens drafted at a time; default 4. */
  proposed?: Integer;
  /** The chance that one is kept; default 0.7, assumed. */
  acceptance?: number;
  /** Time of a draft step as a share of a step of the model; default 0.05, assumed. */
  cost?: number;
}

export interface PlanResult {
  plan: Plan;
  understood: Understood;
  quantities: Quantity[];
  /** Of the prompt (`prefill`) and of one token (`decode`). */
  operations: Operation[];
  tensors: TensorRow[];
  /** What the times do not contain. */
  leftOut: string[];
}

/** A number with its name and where it comes from. */
export interface Quantity {
  /** As explain() takes it. */
  name: string;
  title: string;
  value: number;
  /** `B`, `FLOP`, `MAC`, `s`, `FLOP/s`, `B/s`, `tokens/s`, `params`, `tokens`, `USD`, `W`, or nothing. */
  unit: string;
  /** `computed`, `config`, `input`, `assumed`, `cited`, `constant`. */
  origin: string;
  /** A citation, a configuration key or a reason. */
  source: string;
  /** Whether it is an estimate, shown with "~". */
  approximate: boolean;
  /** The part of the plan: `parameters`, `memory`, `compute`, `time`, `training`. */
  section: string;
}

/** How a quantity came about. */
export interface QuantityExplanation extends Quantity {
  /** In names: `2 × num_hidden_layers × num_key_value_heads × head_dim`. */
  formula: string;
  /** The same in numbers. */
  substituted: string;
  /** The named quantities of the formula, each of which opens. */
  terms: Quantity[];
}

/** A plan in the core. After dispose() explain rejects. */
export interface Plan {
  explain(options: PlanExplainOptions): Promise<QuantityExplanation>;
  dispose(): Promise<void>;
}

export interface PlanExplainOptions {
  quantity: string;
}

/** One operation of a phase, over all its layers. */
export interface Operation {
  name: string;
  title: string;
  /** As TensorRow.kind. */
  kind: string;
  /** `prefill` or `decode`. */
  phase: string;
  /** 2 per multiply-accumulate. */
  flops: number;
  /** weightBytes + cacheBytes + activationBytes. */
  bytes: number;
  weightBytes: number;
  cacheBytes: number;
  activationBytes: number;
  /** FLOP per byte. */
  intensity: number;
  /** `compute` or `memory`; nothing without hardware. */
  bound: string;
  /** On the hardware at the utilisation given. */
  seconds?: number;
}

export interface SweepPlanOptions {
  plan: PlanOptions;
  /** The option that varies. */
  vary: 'batch' | 'prompt' | 'generated' | 'devices' | 'imageSize' | 'prefixCached';
  /** Its values. */
  values: ArrayLike<number>;
  /** Names of quantities. */
  quantities: string[];
}

export interface SweepPlanResult {
  /** [values, quantities] */
  table: Tensor;
}

export interface MeasureDeviceOptions {
  /** How long each of the two loops runs; default 200. */
  milliseconds?: number;
}

export interface MeasureDeviceResult {
  /** FLOP/s of SIMD multiply-adds in one thread. */
  flops: number;
  /** Bytes per second, read and written, of a copy that does not fit the caches. */
  bandwidth: number;
}
