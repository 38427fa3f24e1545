/** Memory, FLOPs and time of running a model, from its published configuration. */
import type { Integer, Tensor } from '../core.d.ts';
import type { Config, TensorRow, Understood } from './estimate.d.ts';

/** Memory, FLOPs and time of running a model, from its published configuration. */
export interface PlanFunctions {
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
  /** Where these numbers come from: a datasheet, a measurement of this device, or whoever calls. Default 'input'. */
  origin?: 'cited' | 'measured' | 'input';
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
  /** How many: pipelineParallel times the larger of tensorParallel and expertParallel, of which one divides the other. Default 1. */
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
  /** [N, Q]: values by quantities. */
  table: Tensor;
}
