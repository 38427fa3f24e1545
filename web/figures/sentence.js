import { Advice } from './figure.js';

/**
 * The reader's sentence through one attention layer: the state that the figures of the attention tutorial share, and the call that
 * runs it.
 */

export const MOST_TOKENS = 64;

/** @type {import('./state.js').Table} */
export const sentenceState = {
  text: { type: 'text', default: 'The cat that chased mice sleeps', most: 400, label: 'Sentence' },
  heads: { type: 'integer', default: 4, min: 1, max: 16, label: 'Heads' },
  dModel: { type: 'integer', default: 16, min: 2, max: 64, step: 2, label: 'Model width' },
  seed: { type: 'integer', default: 7, min: 0, max: 4294967295, label: 'Seed' },
};

/** @type {import('./state.js').Table} */
export const layerState = {
  ...sentenceState,
  mask: { type: 'choice', default: 'causal', options: ['causal', 'both'], label: 'Mask' },
  padding: { type: 'integer', default: 0, min: 0, max: 63, label: 'Padding tokens at the end' },
  scaled: { type: 'boolean', default: true, label: 'Scale' },
  temperature: { type: 'number', default: 1, min: 0.05, max: 20, step: 0.05, label: 'Temperature' },
  rope: { type: 'boolean', default: false, label: 'RoPE' },
};

/** The text tokenized last: the figures of a page share it, and most changes leave it alone. @type {{text: string, tokens: Promise<any[]>} | undefined} */
let last;

/** @param {any} core @param {string} text @returns {Promise<any[]>} */
function tokenized(core, text) {
  if (last?.text === text) return last.tokens;
  const tokens = core.tokenize({ text }).then((/** @type {any} */ answer) => answer.tokens);
  last = { text, tokens };
  tokens.catch(() => (last = undefined));
  return tokens;
}

/** @param {any} core @param {Record<string, any>} state */
export async function tokensOf(core, state) {
  const tokens = await tokenized(core, state.text);
  if (tokens.length === 0)
    throw new Advice('There is no token yet: type a word.', [
      { label: 'Use the example', patch: { text: sentenceState.text.default } },
    ]);
  if (tokens.length > MOST_TOKENS) {
    const kept = state.text.slice(0, tokens[MOST_TOKENS - 1].end);
    throw new Advice(`The text has ${tokens.length} tokens; the figures take at most ${MOST_TOKENS}.`, [
      { label: `Keep the first ${MOST_TOKENS}`, patch: { text: kept } },
    ]);
  }
  return tokens;
}

/** Head counts that divide the width, nearest first. @param {number} width @param {number} wanted */
function nearestHeads(width, wanted) {
  const all = Array.from({ length: Math.min(width, 16) }, (_, i) => i + 1).filter(
    (heads) => width % heads === 0,
  );
  return all.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted)).slice(0, 2);
}

/** @param {Record<string, any>} state */
function checkHeads({ dModel, heads, rope }) {
  if (dModel % heads !== 0) {
    throw new Advice(`d_model ${dModel} is not divisible by ${heads} heads.`, [
      ...nearestHeads(dModel, heads).map((count) => ({
        label: count === 1 ? '1 head' : `${count} heads`,
        patch: { heads: count },
      })),
      ...(heads * Math.max(1, Math.round(dModel / heads)) <= 64
        ? [
            {
              label: `d_model ${heads * Math.max(1, Math.round(dModel / heads))}`,
              patch: { dModel: heads * Math.max(1, Math.round(dModel / heads)) },
            },
          ]
        : []),
    ]);
  }
  if (rope && (dModel / heads) % 2 !== 0) {
    throw new Advice(
      `RoPE turns pairs of features, so a head must have an even width; ${dModel} / ${heads} = ${dModel / heads}.`,
      [{ label: 'RoPE off', patch: { rope: false } }],
    );
  }
}

/** "wQ:3,1=0.5|x:0,2=1" as the core takes it. @param {string} text */
export function overridesOf(text) {
  return text
    .split('|')
    .map((part) => /^(\w+):([\d,]+)=(-?[\d.]+(?:e-?\d+)?)$/.exec(part))
    .filter((found) => found !== null)
    .map(([, tensor, index, value]) => ({
      tensor,
      index: index.split(',').map(Number),
      value: Number(value),
    }));
}

/** @param {{tensor: string, index: number[], value: number}[]} overrides */
export const overridesText = (overrides) =>
  overrides.map(({ tensor, index, value }) => `${tensor}:${index.join(',')}=${value}`).join('|');

/**
 * @param {any} core
 * @param {Record<string, any>} state
 * @param {any[]} [given] tokens, where they are known already
 */
export async function runLayer(core, state, given) {
  const tokens = /** @type {any[]} */ (given ?? (await tokensOf(core, state)));
  checkHeads(state);
  const {
    dModel,
    heads,
    seed,
    scaled = true,
    temperature = 1,
    rope = false,
    mask = 'causal',
    padding = 0,
    overrides = '',
  } = state;
  const hidden = Math.min(padding, tokens.length - 1);
  const valid = hidden > 0 ? tokens.map((_, i) => (i < tokens.length - hidden ? 1 : 0)) : undefined;
  const layer = await core
    .attentionLayer({
      tokens: tokens.map((token) => token.id),
      dModel,
      heads,
      seed,
      scaled,
      temperature,
      rope,
      causal: mask === 'causal',
      valid,
      overrides: overridesOf(overrides),
    })
    .catch((/** @type {Error} */ error) => {
      throw overrides ? new Advice(error.message, [{ label: 'Undo all', patch: { overrides: '' } }]) : error;
    });
  const labels = tokens.map((token) => token.label);
  const masked = (/** @type {number} */ t, /** @type {number} */ s) =>
    (mask === 'causal' && s > t) || Boolean(valid && !valid[s]);
  return { tokens, labels, layer, valid, masked, T: tokens.length, D: layer.dHead };
}

/** Where a cell of the trace lies, in words: "head 1, sleeps → cat". @param {string[]} labels @param {Map<string, any>} tensors */
export const namer =
  (labels, tensors, /** @type {number[]} */ rows) =>
  (/** @type {{tensor: string, index: number[]}} */ { tensor, index }) => {
    const about = tensors.get(tensor);
    if (!about) return tensor;
    const letters = about.letters.split(' ');
    const words = letters.map((/** @type {string} */ letter, /** @type {number} */ axis) => {
      const i = index[axis];
      if (letter === 'H') return `head ${i + 1}`;
      if (letter === 'T') return labels[i] ?? `token ${i + 1}`;
      if (letter === 'S') return `→ ${labels[i] ?? `token ${i + 1}`}`;
      if (letter === 'U') return labels[rows.indexOf(i)] ?? `token ${i + 1}`;
      return `[${i + 1}]`;
    });
    return `${about.symbol.replace('_', '')} ${words.join(' ')}`;
  };
