/** Searching for likely sequences: greedy, beam, exhaustive, contrastive. */
import type { Integer, Tensor, TensorLike, Trace } from '../core.d.ts';

/** Searching for likely sequences: greedy, beam, exhaustive, contrastive. */
export interface SearchesFunctions {
  /**
   * The likeliest next token, again and again, over a table in which the next token depends on the last one alone.
   *
   * Edges: of equal probabilities the lowest token; maxLen 0 gives no tokens. RangeError for negative probabilities, tokens outside the table,
   * maxLen outside 0 .. 256, and a token that has to be followed but has no row or only zeros in it.
   *
   * @example
   * const transition = [[0, 0.6, 0.4, 0], [0, 0.3, 0.3, 0.4], [0, 0, 0.1, 0.9]];
   * const { tokens, logProbability } = await core.greedySearch({ transition });
   * tokens; // => [1, 3]
   * logProbability; // => -1.4271
   */
  greedySearch(options: GreedySearchOptions): Promise<GreedySearchResult>;

  /**
   * Beam search as Hugging Face Transformers runs it, with score = log p / length^lengthPenalty, larger being better (Graves 2012, Wu et al.
   * 2016). Of every step's continuations the 2 numBeams likeliest are looked at: one that ends (in eos, or at maxLen) is finished if it is
   * among the first numBeams, else dropped; of the others the first numBeams live on. Of the finished the numBeams best are kept.
   *
   * Edges: continuations with probability 0 do not exist; of equal log-probabilities or scores the lower tokens come first. RangeError as
   * greedySearch, for numBeams outside 1 .. 1024, and where the steps would hold more than 1e7 tokens.
   *
   * @example
   * const transition = [[0, 0.6, 0.4, 0], [0, 0.3, 0.3, 0.4], [0, 0, 0.1, 0.9]];
   * const { finished, steps } = await core.beamSearch({ transition, numBeams: 2, lengthPenalty: 0 });
   * finished[0].tokens; // => [2, 3]
   * finished[0].score; // => -1.0217
   * steps[0].live.map(({ tokens }) => tokens[0]); // => [1, 2]
   */
  beamSearch(options: BeamSearchOptions): Promise<BeamSearchResult>;

  /**
   * Every sequence of at most maxLen tokens that ends in eos, with score = log p / ((5 + length) / 6)^alpha (Wu et al. 2016, equation 14).
   *
   * Edges: of equal scores the lower tokens come first. RangeError as greedySearch, for best outside 1 .. 1000, and for more than
   * 2 000 000 sequences and beginnings of sequences.
   *
   * @example
   * const transition = [[0, 0.6, 0.4, 0], [0, 0.3, 0.3, 0.4], [0, 0, 0.1, 0.9]];
   * const { finished, count } = await core.exhaustiveSearch({ transition, maxLen: 2 });
   * finished.map(({ tokens }) => tokens[0]); // => [2, 1]
   * count; // => 2
   */
  exhaustiveSearch(options: ExhaustiveSearchOptions): Promise<ExhaustiveSearchResult>;

  /**
   * One step of contrastive search: (1 - α) p - α max_t cos(candidate, history_t) (Su et al. 2022, equation 5).
   *
   * Edges: a vector of zeros has cosine 0. RangeError for α outside 0 .. 1, no candidates, no history, and vectors whose length is too large for
   * a double.
   *
   * @example
   * const { maxCosine, score, index } = await core.contrastiveSearch({
   *   probabilities: [0.6, 0.4],
   *   history: [[1, 0]],
   *   candidates: [[2, 0], [0, 1]],
   *   alpha: 0.5,
   * });
   * maxCosine.data; // => [1, 0]
   * score.data; // => [-0.2, 0.2]
   * index; // => 1
   */
  contrastiveSearch(options: ContrastiveSearchOptions): Promise<ContrastiveSearchResult>;
}

export interface GreedySearchOptions {
  /** [S, V]: row s holds the probabilities of what follows token s; the end token needs no row */
  transition: TensorLike;
  /** Default 20. */
  maxLen?: Integer;
  /** The token that the first one follows. Default 0. */
  bos?: Integer;
  /** The end token. Default V - 1. */
  eos?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface GreedySearchResult {
  /** [T], without bos */
  tokens: number[];
  logProbability: number;
  /** [T]: of each token, after the one before it */
  probabilities: number[];
  /** With trace. */
  trace?: Trace;
}

export interface BeamSearchOptions {
  /** [S, V]: row s holds the probabilities of what follows token s; the end token needs no row */
  transition: TensorLike;
  /** Default 4. */
  numBeams?: Integer;
  /** Default 1. */
  lengthPenalty?: number;
  /** Default 20. */
  maxLen?: Integer;
  /** The token that the first one follows. Default 0. */
  bos?: Integer;
  /** The end token. Default V - 1. */
  eos?: Integer;
  /** Whether to stop as soon as numBeams sequences have finished. Default false. */
  earlyStopping?: boolean;
  /** How many candidates of each step are returned, at least the 2 numBeams likeliest. Default 256. */
  mostCandidates?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface BeamSearchResult {
  /** At most numBeams, by score. */
  finished: Hypothesis[];
  steps: BeamStep[];
  /** With trace. */
  trace?: Trace;
}

export interface BeamStep {
  /** By rank. */
  candidates: BeamCandidate[];
  /** What the next step continues, by log-probability. */
  live: Hypothesis[];
  /** The best so far, by score. */
  finished: Hypothesis[];
}

/** A continuation of a live beam. */
export interface BeamCandidate {
  tokens: number[];
  logProbability: number;
  /** Which live beam of the step before it continues. */
  parent: Integer;
  /** Among all candidates of the step, from 0. */
  rank: Integer;
  /** `live`, `finished` or `dropped`. */
  outcome: string;
}

export interface ExhaustiveSearchOptions {
  /** [S, V]: row s holds the probabilities of what follows token s; the end token needs no row */
  transition: TensorLike;
  /** Strength of the length penalty. Default 0. */
  alpha?: number;
  /** Default 4. */
  maxLen?: Integer;
  /** The token that the first one follows. Default 0. */
  bos?: Integer;
  /** The end token. Default V - 1. */
  eos?: Integer;
  /** How many sequences are returned. Default 5. */
  best?: Integer;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ExhaustiveSearchResult {
  /** At most `best`, by score. */
  finished: Hypothesis[];
  /** Sequences that end in eos. */
  count: Integer;
  /** Theirs together. */
  probability: number;
  /** With trace. */
  trace?: Trace;
}

/** A sequence and what it is worth. */
export interface Hypothesis {
  /** Without bos, with eos. */
  tokens: number[];
  logProbability: number;
  /** logProbability divided by the length penalty. */
  score: number;
}

export interface ContrastiveSearchOptions {
  /** [K]: of the K candidates */
  probabilities: TensorLike;
  /** [T, D]: hidden states of the text so far */
  history: TensorLike;
  /** [K, D]: what each candidate's hidden state would be */
  candidates: TensorLike;
  /** α. Default 0.6. */
  alpha?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

export interface ContrastiveSearchResult {
  /** [K, T] */
  cosine: Tensor;
  /** [K] */
  maxCosine: Tensor;
  /** [K] */
  score: Tensor;
  /** The candidate with the largest score; of equal ones the first. */
  index: Integer;
  /** With trace. */
  trace?: Trace;
}
