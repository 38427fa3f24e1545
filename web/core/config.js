/**
 * A configuration on its way into the core: an object of keys and values becomes one text and one list of numbers, nested objects dotted
 * keys. The form is described in cpp/clearformer/key_values.hpp.
 */

const END = '\u001e';
const NEXT = '\u001f';
/** Objects nested deeper than this are left out: they may contain themselves. */
const DEEPEST = 8;

/** Keys and texts must not hold what separates them. @param {string} text */
const clean = (text) => text.replaceAll(END, ' ').replaceAll(NEXT, ' ');

/**
 * @param {unknown} config
 * @returns {unknown} {packed, numbers}, or what was given where that is no object
 */
export function packConfig(config) {
  if (typeof config !== 'object' || config === null || Array.isArray(config) || ArrayBuffer.isView(config))
    return config;
  /** @type {string[]} */
  const records = [];
  /** @type {number[]} */
  const numbers = [];
  const add = (/** @type {string} */ kind, /** @type {string} */ key, /** @type {string[]} */ ...texts) =>
    records.push([kind + clean(key), ...texts.map(clean)].join(NEXT) + END);
  /** @param {string} key @param {any} value @param {number} depth */
  const walk = (key, value, depth) => {
    if (value === null) add('0', key);
    else if (typeof value === 'number') {
      numbers.push(value);
      add('n', key);
    } else if (typeof value === 'string') add('t', key, value);
    else if (typeof value === 'boolean') add(value ? '2' : '1', key);
    else if (Array.isArray(value)) {
      if (value.every((one) => typeof one === 'number')) {
        numbers.push(...value);
        add('N', key, String(value.length));
      } else if (value.every((one) => typeof one === 'string')) add('T', key, ...value);
      else if (depth < DEEPEST) value.forEach((one, i) => walk(`${key}.${i}`, one, depth + 1));
    } else if (typeof value === 'object' && depth < DEEPEST) {
      for (const [name, one] of Object.entries(value)) walk(key ? `${key}.${name}` : name, one, depth + 1);
    }
  };
  for (const [name, value] of Object.entries(config)) walk(name, value, 1);
  return { packed: records.join(''), numbers };
}
