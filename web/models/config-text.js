/**
 * A config.json as text: read strictly, so that every error has a line and a column, and changed in place, so that what the reader typed
 * stays as it was typed.
 */
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { MOST_BYTES, NUMBER } from './config-values.js';

/** @typedef {import('jsonc-parser').Node} Node */

/** A text that is not what it should be: a sentence, and where in the text. */
export class ConfigError extends SyntaxError {
  name = 'ConfigError';
  /** @param {string} message @param {{line?: number, column?: number}} [where] */
  constructor(message, { line, column } = {}) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** What each number of jsonc-parser's ParseErrorCode means, in words. */
const WORDS = [
  '',
  'this is no JSON value',
  'this is no number',
  'a key in double quotes is missing',
  'a value is missing',
  'a colon is missing',
  'a comma is missing',
  'a closing brace } is missing',
  'a closing bracket ] is missing',
  'something stands after the end',
  'JSON has no comments',
  'a comment does not end',
  'a text does not end: a double quote is missing',
  'a number does not end',
  'this is no Unicode escape',
  'this is no escape',
  'a text may not hold this character',
];
const [KEY, VALUE, COMMA] = [3, 4, 6];

/** Counted from 1, in characters as editors count them. @param {string} text @param {number} offset */
export function placeOf(text, offset) {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: lines[lines.length - 1].length + 1 };
}

/** @param {string} text @param {{error: number, offset: number, length: number}} problem */
function errorAt(text, { error, offset, length }) {
  const found = text.slice(offset, offset + Math.max(length, 1)).trim();
  // A comma belongs behind the value before it, not before the key that came instead.
  const at = error === COMMA ? text.slice(0, offset).trimEnd().length : offset;
  const trailing =
    (error === KEY || error === VALUE) &&
    text.slice(0, offset).trimEnd().endsWith(',') &&
    /^[}\]]/.test(found);
  const { line, column } = placeOf(text, at);
  const words = trailing
    ? 'a comma stands before the end, where JSON allows none'
    : `${WORDS[error] ?? 'this is no JSON'}${error === 1 && found ? `: ${shortened(found)}` : ''}`;
  return new ConfigError(`line ${line}, column ${column}: ${words}`, { line, column });
}

const shortened = (/** @type {string} */ text) => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** The text without a byte order mark. @param {string} text */
const bare = (text) => text.replace(/^\ufeff/, '');

/**
 * The tree of a text that is an object. Throws ConfigError with the first error's line and column.
 * @param {string} text without a byte order mark @returns {Node}
 */
function tree(text) {
  if (text.length > MOST_BYTES) {
    throw new ConfigError(
      `this text has ${text.length} characters; a configuration has at most ${MOST_BYTES}. Is it a file of weights or a tokenizer?`,
    );
  }
  /** @type {{error: number, offset: number, length: number}[]} */
  const errors = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length) throw errorAt(text, errors[0]);
  if (!root || root.type !== 'object') {
    throw new ConfigError(
      `a configuration is an object of keys and values in braces, got ${root?.type === 'array' ? 'a list' : (root?.type ?? 'nothing')}`,
    );
  }
  return root;
}

/** Values in quotes that are numbers, of the object and those in it. @param {Node} node @returns {Node[]} */
function quotedNumbers(node) {
  return (node.children ?? []).flatMap((property) => {
    const [, value] = property.children ?? [];
    if (value?.type === 'object') return quotedNumbers(value);
    return value?.type === 'string' && NUMBER.test(value.value) ? [value] : [];
  });
}

/**
 * A configuration out of its text. A byte order mark is left out; keys said twice have the last value, as everywhere.
 * @param {string} text @returns {Record<string, any>}
 */
export function readConfig(text) {
  const plain = bare(text);
  tree(plain);
  return JSON.parse(plain);
}

/** Keys that an object of the text says twice, with the value that counts, the last. @param {string} text @returns {{key: string, value: string}[]} */
export function saidTwice(text) {
  const plain = bare(text);
  /** @param {Node} node @param {string} path @returns {{key: string, value: string}[]} */
  const inside = (node, path) => {
    /** @type {Map<string, Node[]>} */
    const values = new Map();
    for (const { children: [key, value] = [] } of node.children ?? [])
      if (value) values.set(key.value, [...(values.get(key.value) ?? []), value]);
    return [...values].flatMap(([name, all]) => {
      const last = all[all.length - 1];
      const key = path + name;
      const written = shortened(plain.slice(last.offset, last.offset + last.length));
      const twice = all.length > 1 ? [{ key, value: written }] : [];
      return last.type === 'object' ? [...twice, ...inside(last, `${key}.`)] : twice;
    });
  };
  return inside(tree(plain), '');
}

/** The text with its numbers in quotes as numbers, and what they were; nothing where there are none, or the text has errors. @param {string} text */
export function withoutQuotedNumbers(text) {
  const plain = bare(text);
  /** @type {Node[]} */
  let quoted;
  try {
    quoted = quotedNumbers(tree(plain));
  } catch {
    return undefined;
  }
  if (quoted.length === 0) return undefined;
  let mended = plain;
  for (const { offset, length, value } of [...quoted].sort((a, b) => b.offset - a.offset))
    mended = mended.slice(0, offset) + value + mended.slice(offset + length);
  return { text: mended, values: quoted.map(({ value }) => String(value)) };
}

/**
 * The text with a key set to a value; a dotted key leads into the objects that are there.
 * @param {string} text @param {string} key @param {unknown} value
 */
export function withKey(text, key, value) {
  const plain = bare(text);
  const root = tree(plain);
  const steps = key.split('.');
  const there = findNodeAtLocation(root, steps);
  const written = JSON.stringify(value);
  if (there) return plain.slice(0, there.offset) + written + plain.slice(there.offset + there.length);
  let depth = steps.length - 1;
  let parent = root;
  for (; depth > 0; depth -= 1) {
    const found = findNodeAtLocation(root, steps.slice(0, depth));
    if (found?.type === 'object') {
      parent = found;
      break;
    }
  }
  const nested = steps
    .slice(depth + 1)
    .reduceRight((inner, step) => `{ ${JSON.stringify(step)}: ${inner} }`, written);
  const first = parent.children?.[0];
  const start = parent.offset + 1;
  // As the keys beside it are set: on a line of its own where they are.
  const gap = first ? plain.slice(start, first.offset) : '\n  ';
  const end = first ? `,${gap}` : '\n';
  return `${plain.slice(0, start)}${gap}${JSON.stringify(steps[depth])}: ${nested}${end}${plain.slice(first ? first.offset : start)}`;
}

/**
 * A text short enough for an address: as it stands, or without the spaces between.
 * @param {string} text @param {number} most
 */
export function fitting(text, most) {
  if (bare(text).length <= most) return bare(text);
  const packed = JSON.stringify(readConfig(text));
  if (packed.length <= most) return packed;
  throw new ConfigError(
    `this configuration has ${packed.length} characters without spaces; at most ${most} fit a link. Leave out long lists such as id2label`,
  );
}

// -- The nearest that would do -----------------------------------------------------------------------------------------------------

/** The first of several names that an object has. @param {Record<string, any>} config @param {string[]} names */
const named = (config, names) => names.find((name) => name in config);
const MOST_DIVIDED = 65_536;
/** @param {number} of @param {number} near @param {(one: number) => boolean} [fits] @returns {number | undefined} */
const nearestDivisor = (of, near, fits = () => true) =>
  of > MOST_DIVIDED
    ? undefined
    : Array.from({ length: of }, (_, i) => i + 1)
        .filter((one) => of % one === 0 && fits(one))
        .reduce(
          (best, one) => (best === undefined || Math.abs(one - near) < Math.abs(best - near) ? one : best),
          /** @type {number | undefined} */ (undefined),
        );

const HEADS = ['num_attention_heads', 'n_head', 'num_heads', 'n_heads'];
const SHARED = ['num_key_value_heads', 'num_kv_heads', 'n_head_kv'];

/**
 * The nearest number of heads that divides a width, shares the key and value heads that there are, and leaves a head of even width, as
 * rotations by pairs want it; else a width. @param {number} width @param {number} heads @param {Record<string, any>} config
 * @returns {[key: string | undefined, value: unknown]}
 */
function headsFor(width, heads, config) {
  const shared = config[named(config, SHARED) ?? ''];
  const even = (/** @type {number} */ one) => (width / one) % 2 === 0;
  const sharing = (/** @type {number} */ one) =>
    !Number.isInteger(shared) || shared === heads || one % shared === 0;
  const near = nearestDivisor(width, heads, (one) => even(one) && sharing(one));
  if (near !== undefined) return [named(config, HEADS), near];
  return [
    named(config, ['hidden_size', 'n_embd', 'd_model']),
    2 * heads * Math.max(1, Math.round(width / (2 * heads))),
  ];
}

/**
 * What the core refuses, by its sentence, and the key and value that would do. `like` is a configuration that has every usual key.
 * @type {[RegExp, (match: string[], config: Record<string, any>, like: Record<string, any>) => [key: string | undefined, value: unknown]][]}
 */
const MENDS = [
  [/^config: (\w+)(?: or \w+)* is (?:missing|null)/, ([, key], _, like) => [key, like[key]]],
  [
    /hidden_size (\d+) is not divisible by (\d+) heads/,
    ([, width, heads], config) => headsFor(Number(width), Number(heads), config),
  ],
  [
    /(\d+) query heads cannot share (\d+) key and value heads/,
    ([, heads, shared], config) => [named(config, SHARED), nearestDivisor(Number(heads), Number(shared))],
  ],
  [
    /experts per token cannot be chosen from (\d+)/,
    ([, experts], config) => [
      named(config, ['num_experts_per_tok', 'num_experts_per_token', 'experts_per_token', 'moe_top_k']),
      Number(experts),
    ],
  ],
  [/^config: ([\w.]+) must be at most (\d+), got/, ([, key, most]) => [key, Number(most)]],
  [
    /^config: ([\w.]+) must be a whole number from (\d+) to 2\^53, got (-?\d+(?:\.\d+)?)$/,
    ([, key, least, got]) => [key, Math.max(Number(least), Math.round(Math.abs(Number(got))))],
  ],
];

/** A sentence of the core on a key that is missing, for a text that has it with the value null. @param {string} text @param {string} message */
export function saidOfNull(text, message) {
  const [, names = ''] = /^config: (\w+(?: or \w+)*) is missing$/.exec(message) ?? [];
  const config = names ? readConfig(text) : {};
  const key = names.split(' or ').find((name) => config[name] === null);
  return key ? `config: ${key} is null, which counts as missing` : message;
}

/**
 * A text with the one value changed that the core refused, and that value in words; nothing where there is no nearest that would do.
 * @param {string} text @param {string} message of the core @param {{name: string, config: Record<string, any>}} like
 */
export function mended(text, message, like) {
  for (const [pattern, mend] of MENDS) {
    const match = pattern.exec(message);
    if (!match) continue;
    const [key, value] = mend([...match], readConfig(text), like.config);
    if (key === undefined || !['number', 'string', 'boolean'].includes(typeof value)) return undefined;
    const as = / is (?:missing|null)/.test(message) ? `, as in ${like.name}` : '';
    return { text: withKey(text, key, value), label: `take ${key} = ${value}${as}` };
  }
  return undefined;
}
