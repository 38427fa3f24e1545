/**
 * The state of a figure: one typed table, read from attributes and from the address, checked, written back.
 * @typedef {{type: 'text' | 'integer' | 'number' | 'boolean' | 'choice', default: any, label?: string, min?: number, max?: number, step?: number, options?: string[], most?: number}} Rule
 * @typedef {Record<string, Rule>} Table
 */

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** @param {string} name */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * A value made of text, and what was wrong with it, if anything.
 * @param {string} name @param {Rule} rule @param {string} text
 * @returns {{value: any, problem?: string}}
 */
export function parse(name, rule, text) {
  switch (rule.type) {
    case 'text':
      if (rule.most && text.length > rule.most) {
        return {
          value: text.slice(0, rule.most).replace(/[\ud800-\udbff]$/, ''),
          problem: `${name} may have at most ${rule.most} characters, got ${text.length}; the rest was left out.`,
        };
      }
      return { value: text };
    case 'boolean':
      if (text === 'true' || text === '') return { value: true };
      if (text === 'false') return { value: false };
      return { value: rule.default, problem: `${name} must be true or false, got "${text}".` };
    case 'choice':
      if (rule.options?.includes(text)) return { value: text };
      return {
        value: rule.default,
        problem: `${name} must be one of ${rule.options?.join(', ')}, got "${text}".`,
      };
    default: {
      const value = text.trim() === '' ? NaN : Number(text);
      const { min = -Infinity, max = Infinity } = rule;
      if (!Number.isFinite(value) || (rule.type === 'integer' && !Number.isInteger(value))) {
        return {
          value: rule.default,
          problem: `${name} must be a ${rule.type === 'integer' ? 'whole ' : ''}number, got "${text}".`,
        };
      }
      if (value < min || value > max) {
        return {
          value: Math.min(max, Math.max(min, value)),
          problem: `${name} must be from ${min} to ${max}, got ${text}; the nearest is used.`,
        };
      }
      return { value };
    }
  }
}

/** @param {Table} table @returns {Record<string, any>} */
export const defaults = (table) =>
  Object.fromEntries(Object.entries(table).map(([name, rule]) => [name, rule.default]));

/** What the address says of each figure: id -> {key: text}. @param {string} hash */
export function readAddress(hash) {
  /** @type {Record<string, Record<string, string>>} */
  const figures = {};
  for (const part of hash.replace(/^#/, '').split(';')) {
    const found = /^([\w-]+):(.*)$/.exec(part);
    if (!found) continue;
    const pairs = found[2].split('&').filter(Boolean);
    figures[found[1]] = Object.fromEntries(
      pairs.map((pair) => {
        const [key, ...rest] = pair.split('=');
        return [decode(key), decode(rest.join('='))];
      }),
    );
  }
  return figures;
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** The part of an address for one figure: what differs from its starting state. @param {string} id @param {Table} table @param {Record<string, any>} state @param {Record<string, any>} start */
export function writeAddress(id, table, state, start) {
  const pairs = Object.keys(table)
    .filter((name) => state[name] !== start[name])
    .map(
      (name) =>
        `${name}=${encodeURIComponent(String(state[name]).replace(LONE_SURROGATE, '\ufffd')).replaceAll('%20', '+').replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll("'", '%27')}`,
    );
  return pairs.length ? `${id}:${pairs.join('&')}` : '';
}
