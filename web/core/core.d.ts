import type { AdaptersFunctions } from './api/adapters.d.ts';
import type { AttentionFunctions } from './api/attention.d.ts';
import type { BalanceFunctions } from './api/balance.d.ts';
import type { BlocksFunctions } from './api/blocks.d.ts';
import type { BpeFunctions } from './api/bpe.d.ts';
import type { CodesFunctions } from './api/codes.d.ts';
import type { ContrastFunctions } from './api/contrast.d.ts';
import type { DecodingFunctions } from './api/decoding.d.ts';
import type { DiffusionFunctions } from './api/diffusion.d.ts';
import type { EstimateFunctions } from './api/estimate.d.ts';
import type { GptFunctions } from './api/gpt.d.ts';
import type { GradientsFunctions } from './api/gradients.d.ts';
import type { HeadsFunctions } from './api/heads.d.ts';
import type { ImagesFunctions } from './api/images.d.ts';
import type { ModelsFunctions } from './api/models.d.ts';
import type { MoeFunctions } from './api/moe.d.ts';
import type { MultiheadFunctions } from './api/multihead.d.ts';
import type { OperationsFunctions } from './api/operations.d.ts';
import type { PlanFunctions } from './api/plan.d.ts';
import type { PositionsFunctions } from './api/positions.d.ts';
import type { QuantizationFunctions } from './api/quantization.d.ts';
import type { SamplingFunctions } from './api/sampling.d.ts';
import type { SearchesFunctions } from './api/searches.d.ts';
import type { Seq2seqFunctions } from './api/seq2seq.d.ts';
import type { SteeringFunctions } from './api/steering.d.ts';
import type { StreamingFunctions } from './api/streaming.d.ts';
import type { TextFunctions } from './api/text.d.ts';
import type { TrainFunctions } from './api/train.d.ts';
import type { TrainingFunctions } from './api/training.d.ts';
import type { VisionFunctions } from './api/vision.d.ts';
import type { WindowsFunctions } from './api/windows.d.ts';

export type * from './api/adapters.d.ts';
export type * from './api/attention.d.ts';
export type * from './api/balance.d.ts';
export type * from './api/blocks.d.ts';
export type * from './api/bpe.d.ts';
export type * from './api/codes.d.ts';
export type * from './api/contrast.d.ts';
export type * from './api/decoding.d.ts';
export type * from './api/diffusion.d.ts';
export type * from './api/estimate.d.ts';
export type * from './api/gpt.d.ts';
export type * from './api/gradients.d.ts';
export type * from './api/heads.d.ts';
export type * from './api/images.d.ts';
export type * from './api/models.d.ts';
export type * from './api/moe.d.ts';
export type * from './api/multihead.d.ts';
export type * from './api/operations.d.ts';
export type * from './api/plan.d.ts';
export type * from './api/positions.d.ts';
export type * from './api/quantization.d.ts';
export type * from './api/sampling.d.ts';
export type * from './api/searches.d.ts';
export type * from './api/seq2seq.d.ts';
export type * from './api/steering.d.ts';
export type * from './api/streaming.d.ts';
export type * from './api/text.d.ts';
export type * from './api/train.d.ts';
export type * from './api/training.d.ts';
export type * from './api/vision.d.ts';
export type * from './api/windows.d.ts';

/**
 * The JavaScript interface of the core. It is the same on the page, in a worker and in Node:
 *
 * ```js
 * import { load } from 'clearformer';
 * const core = await load();
 * const { y } = await core.softmax({ x: [1, 2, 3] });
 * ```
 *
 * Every function takes one object of options and resolves to one object of results. Values are copied both ways: changing an
 * input or a result afterwards changes nothing else.
 *
 * **Shapes** are written in brackets, `..` standing for any number of leading axes and `B?` for an axis that may be left out:
 * B batch, T query length, S key length, C model width (d_model), D head width (d_k), H query heads, G key/value heads, V vocabulary.
 * One letter has one extent in one call.
 *
 * **Precision.** matmul, linear, softmax, attention and rope have SIMD kernels in single precision: where every tensor of a call holds
 * a Float32Array, they run and give Float32Arrays back. Everything else is computed in double precision and gives Float64Arrays.
 *
 * **Overflow.** Options up to 1e9 in magnitude (and not below 1e-9, other than 0) give finite results, unless a function's edges say
 * otherwise. Beyond that a function either refuses numbers that leave the range of doubles on the way, or gives infinity or NaN there, as
 * IEEE 754 has it.
 *
 * **Errors** are sentences with numbers, `softmax: temperature must be above 0, got 0`. A missing, unknown or ill-typed option is a
 * TypeError; a value outside a function's domain, NaN and infinite options included, is a RangeError. Neither harms the core:
 * the next call works.
 */

/** A whole number. */
export type Integer = number;

/** Numbers in a box of `shape`, row-major: the last axis is contiguous. A scalar has the shape []. */
export interface Tensor {
  shape: number[];
  data: Float64Array | Float32Array;
}

/** Numbers nested to any depth, all rows of one level equally long. */
export type NestedNumbers = number[] | NestedNumbers[];

/** What is taken for a tensor: a Tensor (its data may also be a plain array), nested arrays, or a typed array as a vector. */
export type TensorLike =
  | { shape: ArrayLike<number>; data: Float64Array | Float32Array | number[] }
  | NestedNumbers
  | Float64Array
  | Float32Array;

export interface LoadOptions {
  /**
   * Node only. `base` (the default) gives the same bits on every machine; `relaxed` uses relaxed SIMD, which is faster for large
   * Float32 matrices, may differ in the last bits from one processor to another, and needs Node 22 or later.
   */
  variant?: 'base' | 'relaxed';
  /** Browsers only. `worker` (the default) keeps the page responsive; `page` computes on the page's own thread. */
  thread?: 'worker' | 'page';
  /** Browsers only. Milliseconds without an answer after which a worker counts as dead and is replaced; default 10 000. */
  patience?: number;
}

/**
 * Loads the core. Calls with the same options share one instance.
 *
 * Rejects with a RangeError for an unknown variant, and with an Error where the browser has no WebAssembly SIMD or a file is missing.
 * In a browser a call whose worker died rejects with a `CoreRestarted` error; the core is running again by then, so ask once more.
 *
 * @example
 * const { y } = await (await load()).softmax({ x: [0, 0] });
 * y.data; // => [0.5, 0.5]
 */
export function load(options?: LoadOptions): Promise<Core>;

/** One option or result of a function, as the core itself reports it. */
export interface Field {
  name: string;
  type:
    | 'tensor'
    | 'number'
    | 'integer'
    | 'boolean'
    | 'string'
    | 'numbers'
    | 'strings'
    | 'list'
    | 'object'
    | 'trace'
    | 'handle'
    | 'config';
  required: boolean;
  /** The shape of a tensor, in letters: `H T S`. */
  letters?: string;
  /** The members of an object, or of each object of a list. */
  fields?: Field[];
}

export interface FunctionDescription {
  name: string;
  options: Field[];
  result: Field[];
}

/** Everything that the core computes, module by module. */
export interface Core
  extends
    AdaptersFunctions,
    AttentionFunctions,
    BalanceFunctions,
    BlocksFunctions,
    BpeFunctions,
    CodesFunctions,
    ContrastFunctions,
    DecodingFunctions,
    DiffusionFunctions,
    EstimateFunctions,
    GptFunctions,
    GradientsFunctions,
    HeadsFunctions,
    ImagesFunctions,
    ModelsFunctions,
    MoeFunctions,
    MultiheadFunctions,
    OperationsFunctions,
    PlanFunctions,
    PositionsFunctions,
    QuantizationFunctions,
    SamplingFunctions,
    SearchesFunctions,
    Seq2seqFunctions,
    SteeringFunctions,
    StreamingFunctions,
    TextFunctions,
    TrainFunctions,
    TrainingFunctions,
    VisionFunctions,
    WindowsFunctions {
  /**
   * The functions that the core holds, with their options and results, from the C++ field tables themselves.
   *
   * @example
   * const functions = await core.describe();
   * functions.find(({ name }) => name === 'softmax').options.map(({ name }) => name); // => ['x', 'axis', 'temperature', 'trace']
   */
  describe(): Promise<FunctionDescription[]>;

  /**
   * How much the core holds now.
   *
   * @example
   * const { bytes, handles } = await core.memory();
   * bytes > 0; // => true
   */
  memory(): Promise<MemoryResult>;
}

export interface MemoryResult {
  /** Bytes of WebAssembly memory; it grows and never shrinks. */
  bytes: number;
  /** Traces not yet disposed. */
  handles: Integer;
}

/** A tensor of a trace. */
export interface TensorInfo {
  /** How it is asked for: `weights`. */
  name: string;
  /** How it is written: `A`. */
  symbol: string;
  /** In plain words, of one entry: `attention weight`. */
  title: string;
  /** The colour role of the figures. */
  role: string;
  /** Its axes: `H T S`. */
  letters: string;
  shape: number[];
}

/** One number that went in. A constant of the rule (a temperature, √d_k) has an empty tensor name and index. */
export interface Term {
  tensor: string;
  index: number[];
  value: number;
}

/** A symbol of the arithmetic and the terms it stands for: one, or a vector of them. */
export interface Operand {
  symbol: string;
  name: string;
  role: string;
  vector: boolean;
  terms: Term[];
}

/**
 * One line of the arithmetic: symbol = expression. Expressions know + - * / ( ), numbers, and sum max min exp log sqrt tanh sin cos abs floor;
 * vectors combine entry by entry, scalars with every entry.
 */
export interface Step {
  symbol: string;
  label: string;
  expression: string;
  vector: boolean;
  /** One value, or one for each entry of the vectors in the expression. */
  values: number[];
}

/** How one number came about. The steps are a straight-line program over the operands; the last one gives the value. */
export interface Explanation {
  tensor: string;
  index: number[];
  value: number;
  symbol: string;
  title: string;
  /** One sentence. */
  rule: string;
  /** The same in LaTeX; empty for an input. */
  formula: string;
  /** Nothing went into it: it was drawn, given or set. */
  isInput: boolean;
  /** Set by an override. */
  overridden: boolean;
  operands: Operand[];
  steps: Step[];
}

/**
 * A recorded computation that lives in the core until it is disposed; after that every method rejects with a RangeError.
 *
 * @example
 * const { trace } = await core.attentionLayer({ tokens: [3, 1, 2], dModel: 4, heads: 2 });
 * const { operands, steps, value } = await trace.explain({ tensor: 'scaled', index: [1, 2, 0] });
 * operands.map(({ name }) => name).length; // => 3
 * steps.at(-1).values[0] === value; // => true
 * await trace.dispose();
 */
export interface Trace {
  /**
   * The tensors there are, in order of computation.
   *
   * @example
   * const { trace } = await core.attentionLayer({ tokens: [3, 1, 2] });
   * (await trace.tensors())[0].name; // => 'tokenEmbedding'
   */
  tensors(): Promise<TensorInfo[]>;

  /**
   * A tensor's values, or those under the first indices given. Masked entries of `mask` and `masked` are minus infinity.
   *
   * RangeError for a name or an index that is not there.
   *
   * @example
   * const { trace } = await core.attentionLayer({ tokens: [3, 1, 2] });
   * (await trace.tensor({ name: 'weights', at: [0, 0] })).data; // => [1, 0, 0]
   */
  tensor(options: TraceTensorOptions): Promise<Tensor>;

  /**
   * How one number came about: the terms that went in, each of which can be explained in turn, and the arithmetic.
   *
   * RangeError for a name or an index that is not there.
   *
   * @example
   * const { trace } = await core.attentionLayer({ tokens: [3, 1, 2], dModel: 4, heads: 2 });
   * (await trace.explain({ tensor: 'wQ', index: [0, 0] })).isInput; // => true
   */
  explain(options: TraceEntryOptions): Promise<Explanation>;

  /**
   * A NumPy program that prints the same value.
   *
   * RangeError for a name or an index that is not there.
   *
   * @example
   * const { trace } = await core.attentionLayer({ tokens: [3, 1, 2] });
   * const { code } = await trace.numpy({ tensor: 'scores', index: [0, 1, 0] });
   * code.startsWith('import numpy as np'); // => true
   */
  numpy(options: TraceEntryOptions): Promise<{ code: string }>;

  /** Gives the trace's memory back. Doing so twice is harmless. */
  dispose(): Promise<void>;
}

export interface TraceTensorOptions {
  name: string;
  /** The first indices: of weights [H, T, S], [2] asks for head 2, [T, S]. Default: all of it. */
  at?: ArrayLike<number>;
}

export interface TraceEntryOptions {
  /** A tensor's name. */
  tensor: string;
  /** One number for each of its axes, counted from 0. */
  index: ArrayLike<number>;
}
