/** What training a model takes, from its published configuration. */
import type { Integer } from '../core.d.ts';
import type { Config, Understood } from './estimate.d.ts';
import type { Hardware, Plan, Quantity } from './plan.d.ts';

/** What training a model takes, from its published configuration. */
export interface TrainingFunctions {
  /**
   * The whole plan of training a model or adapters of it: weights, gradients, master copy, optimizer states and activations of one device,
   * FLOPs exactly and as 6ND, and with `hardware` time, energy and cost.
   *
   * Edges: as plan.
   *
   * Source: Korthikanti et al. 2022 (activations), Rajbhandari et al. 2020 (ZeRO), Hu et al. 2021 (LoRA), Dettmers et al. 2023 (QLoRA).
   *
   * @example
   * const { plan, quantities } = await core.trainingPlan({
   *   config: { model_type: 'gpt2', n_embd: 768, n_layer: 12, n_head: 12, vocab_size: 50257, n_positions: 1024 },
   *   sequence: 1024,
   * });
   * quantities.find(({ name }) => name === 'optimizer_bytes').value; // => 995518464
   * await plan.dispose();
   */
  trainingPlan(options: TrainingPlanOptions): Promise<TrainingPlanResult>;
}

export interface TrainingPlanOptions {
  config: Config;
  /** Tokens of a sequence; default 2048. */
  sequence?: Integer;
  /** Sequences that one device works on at once; default 1. */
  microBatch?: Integer;
  /** Sequences of one step on all devices; default 64. */
  globalBatch?: Integer;
  /** Tokens of the whole run; default 1e9. */
  tokens?: number;
  /** Format of the weights; for QLoRA `nf4-dq`. Default bf16. */
  weights?: string;
  /** Format of the gradients; default bf16. */
  gradients?: string;
  /** Format of what is kept for the backward pass; default bf16. */
  activations?: string;
  /** Whether dropout's masks and what they let through are kept, as in GPT-2 and BERT; default false. */
  dropout?: boolean;
  /** Attention in tiles: its scores are computed again, not kept; default true. */
  tiled?: boolean;
  /** Whether the kernel leaves out what a causal mask hides; default true. */
  skipMasked?: boolean;
  /** Whether there is a float32 copy of the trained weights; default true. */
  master?: boolean;
  /** Default adamw. */
  optimizer?: 'adamw' | 'adamw8bit' | 'adafactor' | 'sgd' | 'momentum' | 'muon';
  /** What is computed again in the backward pass; default none. */
  recomputation?: 'none' | 'selective' | 'full';
  /** ZeRO stage 0 to 3; default 0. */
  zero?: Integer;
  dataParallel?: Integer;
  tensorParallel?: Integer;
  pipelineParallel?: Integer;
  expertParallel?: Integer;
  /** Whether norms and residuals are split by tensor parallelism too; default true. */
  sequenceParallel?: boolean;
  /** With adapters only they are trained. */
  adapters?: Adapters;
  hardware?: Hardware;
  memoryFraction?: number;
  overhead?: number;
  /** FLOP/s that are carried out, recomputation included, over the peak; default 0.4, assumed. */
  utilisation?: number;
  /** USD per device and hour; default 0: no cost is given. */
  price?: number;
}

/** LoRA adapters. */
export interface Adapters {
  /** Default 16. */
  rank?: Integer;
  /** Last parts of tensor names, as `q_proj`; default every matrix of attention and feed-forward, experts included. */
  targets?: string[];
}

export interface TrainingPlanResult {
  plan: Plan;
  understood: Understood;
  quantities: Quantity[];
  leftOut: string[];
}
