/** Byte pair encoding, and measures that compare texts. */
import type { Integer, Tensor, Trace } from '../core.d.ts';

/** Byte pair encoding, and measures that compare texts. */
export interface BpeFunctions {
  /**
   * Learns merges from a text: it starts as single bytes (ids 0 to 255), and again and again the most frequent pair of neighbouring
   * tokens becomes a token of its own (Gage 1994; Sennrich, Haddow and Birch 2016, algorithm 1; on bytes: Radford et al. 2019, section 2.2).
   *
   * Edges: of equally frequent pairs the one with the lower left id comes first, then the lower right id; pairs in runs such as aaa are
   * counted at every place. Training ends early when no pair is frequent enough. RangeError for merges outside 0 .. 2000, a minFrequency
   * below 1, and texts of more than 32768 bytes.
   *
   * @example
   * const { merges, tokens } = await core.bpeTrain({ text: 'low low lower', merges: 3 });
   * merges.map(({ text }) => text); // => ['lo', 'low', 'Ġlow']
   * merges.map(({ count }) => count); // => [3, 3, 2]
   * tokens; // => 5
   */
  bpeTrain(options: BpeTrainOptions): Promise<BpeTrainResult>;

  /**
   * Splits a text into tokens: each piece starts as its bytes, and of all pairs that are merges the earliest one is merged wherever it
   * stands, until no pair is a merge.
   *
   * Edges: the empty text gives no tokens; of equal merges the first counts; a token that is only part of a character has the place of the
   * whole character. RangeError for merges of tokens that do not exist yet, tokens of more than 1024 bytes, more than 65536 merges, and
   * texts of more than 16384 bytes (1000 with steps).
   *
   * @example
   * const { merges } = await core.bpeTrain({ text: 'low low lower', merges: 3 });
   * const { ids, tokens, steps } = await core.bpeEncode({ text: 'slow flow', merges, steps: true });
   * ids; // => [115, 257, 32, 102, 257]
   * tokens.map(({ text }) => text); // => ['s', 'low', 'Ġ', 'f', 'low']
   * steps[2].parts; // => ['s', 'low']
   */
  bpeEncode(options: BpeEncodeOptions): Promise<BpeEncodeResult>;

  /**
   * The text of tokens: their bytes, one after the other.
   *
   * Edges: bytes that are not UTF-8 when joined become U+FFFD in `text` and stay as they are in `bytes`. RangeError as for bpeEncode, for
   * ids that no token has, and for more than 65536 ids.
   *
   * @example
   * const merges = [{ left: 108, right: 111 }, { left: 256, right: 119 }];
   * (await core.bpeDecode({ ids: [115, 257], merges })).text; // => 'slow'
   */
  bpeDecode(options: BpeDecodeOptions): Promise<BpeDecodeResult>;

  /**
   * BLEU of one sentence: BP exp(1/N Σ log p_n) over n = 1 .. N. p_n is the share of the hypothesis's n-grams that a reference has, each
   * counted at most as often as in the reference that has most of it; BP is 1 where the hypothesis is at least as long as the reference
   * closest in length, else exp(1 - r / c) (Papineni et al. 2002, section 2.3). The smoothings are methods 1 and 2 of Chen and Cherry 2014.
   *
   * Edges: of two equally close references the shorter one counts. A length without a match gives 0 without smoothing; a length without
   * n-grams counts as one n-gram without a match where there is smoothing. Without a common word all scores are 0. RangeError for no
   * references or more than 32, a maxN outside 1 .. 16, an epsilon outside 0 .. 1, and texts of more than 2000 tokens or
   * 100000 bytes.
   *
   * @example
   * const score = await core.bleu({ hypothesis: 'the cat sat on the mat', references: ['the cat is on the mat'], maxN: 2 });
   * score.matchTotal.data; // => [5, 6, 3, 5]
   * score.bleu; // => 0.7071
   * score.bleuAddOne; // => 0.7454
   */
  bleu(options: BleuOptions): Promise<BleuResult>;

  /**
   * The cheapest way from one text to another by insertions, deletions and substitutions, from the table D(i, j) = min(D(i-1, j) + deletion,
   * D(i, j-1) + insertion, D(i-1, j-1) + (0 where the units are equal, else substitution)) (Wagner and Fischer 1974; with costs of 1 the
   * distance of Levenshtein 1966).
   *
   * Edges: of equally cheap ways the edits take, from the end, the diagonal first, then the deletion. RangeError for costs outside
   * 0 .. 1e100 and texts of more than 1000 units or 100000 bytes.
   *
   * @example
   * const { distance, edits } = await core.editDistance({ source: 'kitten', target: 'sitting' });
   * distance; // => 3
   * edits.filter(({ kind }) => kind !== 'keep').map(({ from, to }) => `${from}>${to}`); // => ['k>s', 'e>i', '>g']
   */
  editDistance(options: EditDistanceOptions): Promise<EditDistanceResult>;
}

/** The merge at place i makes token 256 + i. Only left and right are looked at in options; training gives the rest too. */
export interface BpeMerge {
  /** A token's id */
  left: Integer;
  /** A token's id */
  right: Integer;
  /** 256 + its place */
  id?: Integer;
  /** How often the pair stood in the text when it was merged */
  count?: Integer;
  /** Tokens of the text after the merge */
  tokens?: Integer;
  /** The left token's bytes as GPT-2 writes them */
  leftText?: string;
  /** The right token's bytes as GPT-2 writes them */
  rightText?: string;
  /** The new token's bytes as GPT-2 writes them: printable ones as the Latin-1 character, the others from U+0100 on; a space is Ġ */
  text?: string;
}

export interface BpeTrainOptions {
  text: string;
  /** At most so many, 0 .. 2000. Default 100. */
  merges?: Integer;
  /** A pair must occur so often to be merged, at least 1. Default 2. */
  minFrequency?: Integer;
  /**
   * What merges never cross. `gpt2`: contractions ('s 't 're 've 'm 'll 'd), runs of letters, of numbers and of other characters, each with
   * a space before it if there is one, and white space (the pattern of Radford et al. 2019); `none`: nothing. Default `gpt2`.
   */
  pretokenizer?: 'gpt2' | 'none';
}

export interface BpeTrainResult {
  /** In order */
  merges: BpeMerge[];
  /** The bytes of each id as GPT-2 writes them, 256 + merges of them */
  vocabulary: string[];
  /** Of the text: its tokens before the first merge */
  bytes: Integer;
  /** Of the text, after the last merge */
  tokens: Integer;
  /** Distinct pieces of the text */
  pieces: Integer;
}

export interface BpeEncodeOptions {
  text: string;
  /** In order, as bpeTrain gives them */
  merges: BpeMerge[];
  /** As for bpeTrain. Default `gpt2`. */
  pretokenizer?: 'gpt2' | 'none';
  /** Tell every merge. Default false. */
  steps?: boolean;
}

export interface BpeToken {
  id: Integer;
  /** Its bytes as GPT-2 writes them */
  text: string;
  /** UTF-8 */
  bytes: number[];
  /** Its place in the text: text.slice(begin, end) */
  begin: Integer;
  end: Integer;
  /** Which piece of the text it lies in */
  piece: Integer;
}

/** A piece of the text after one merge, or before the first. */
export interface BpeStep {
  /** Which piece */
  piece: Integer;
  /** The merge's place; -1 before the first */
  merge: Integer;
  /** The piece's tokens as GPT-2 writes bytes */
  parts: string[];
}

export interface BpeEncodeResult {
  ids: number[];
  tokens: BpeToken[];
  /** The pieces of the text as GPT-2 writes bytes */
  pieces: string[];
  /** In order, piece by piece; none unless asked for */
  steps: BpeStep[];
}

export interface BpeDecodeOptions {
  ids: ArrayLike<number>;
  /** In order, as bpeTrain gives them */
  merges: BpeMerge[];
}

export interface BpeDecodeResult {
  text: string;
  /** UTF-8, or what the tokens hold */
  bytes: number[];
  /** Each token as GPT-2 writes bytes */
  parts: string[];
}

export interface BleuOptions {
  hypothesis: string;
  /** 1 .. 32 */
  references: string[];
  /** N, 1 .. 16. Default 4. */
  maxN?: Integer;
  /**
   * `whitespace`; `characters`, white space left out; or `13a`, which also splits off punctuation as mteval-v13a does, entities not decoded
   * (the default of sacreBLEU, Post 2018). Default `whitespace`.
   */
  tokenizer?: 'whitespace' | 'characters' | '13a';
  /** Fold ASCII letters to lower case first. Default false. */
  lowercase?: boolean;
  /** What smoothing 1 puts in place of 0 matches, 0 .. 1. Default 0.1. */
  epsilon?: number;
  /** Whether to record every tensor. Default false. */
  trace?: boolean;
}

/** An n-gram of the hypothesis. */
export interface BleuNgram {
  n: Integer;
  /** Its tokens with spaces between */
  text: string;
  /** In the hypothesis */
  count: Integer;
  /** In the reference that has most of it */
  most: Integer;
  /** The smaller of the two: its matches */
  clipped: Integer;
}

export interface BleuResult {
  /** Without smoothing */
  bleu: number;
  /** Smoothing 1: epsilon in place of 0 matches */
  bleuEpsilon: number;
  /** Smoothing 2: one more match and one more n-gram for n above 1 */
  bleuAddOne: number;
  /** BP */
  brevityPenalty: number;
  /** [N, 2]: clipped matches, and n-grams of the hypothesis */
  matchTotal: Tensor;
  /** p_n for n = 1 .. N, 0 where there are no n-grams */
  precisions: number[];
  /** c, in tokens */
  hypothesisLength: Integer;
  /** r, in tokens */
  referenceLength: Integer;
  /** Each once, by n and first occurrence */
  ngrams: BleuNgram[];
  /** With trace. */
  trace?: Trace;
}

export interface EditDistanceOptions {
  source: string;
  target: string;
  /** What is compared: Unicode code points, what lies between ASCII white space, or UTF-8 bytes. Default `characters`. */
  unit?: 'characters' | 'words' | 'bytes';
  /** Default 1. */
  insertionCost?: number;
  /** Default 1. */
  deletionCost?: number;
  /** Default 1. */
  substitutionCost?: number;
}

/** One step of the cheapest way. */
export interface Edit {
  /** keep, substitute, insert or remove */
  kind: string;
  /** The source's unit; empty for insert */
  from: string;
  /** The target's unit; empty for remove */
  to: string;
  /** The place in the table that the step leads to */
  row: Integer;
  column: Integer;
  cost: number;
}

export interface EditDistanceResult {
  distance: number;
  /** distance / the longer text's units; 0 for two empty texts. Between 0 and 1 for costs of at most 1. */
  normalised: number;
  /** [..] of N + 1 rows and M + 1 columns: entry (i, j) leads from the source's first i units to the target's first j */
  table: Tensor;
  /** From the beginning */
  edits: Edit[];
  /** The source's N units; bytes as 0x6B */
  sourceUnits: string[];
  /** The target's M units */
  targetUnits: string[];
}
