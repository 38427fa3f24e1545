/**
 * Lists of rows on their way out of the core: one text and one list of numbers, row after row in the order of the fields. An optional field
 * has a number before it that says whether it is there, a list its length. The other half is Rows in cpp/wasm/convert.cpp.
 */

const NEXT = '\u001f';

/** @param {{count: number, texts: string, numbers: Float64Array}} packed @param {import('./instance.js').Field[]} fields */
function rows({ count, texts, numbers }, fields) {
  const words = texts.split(NEXT);
  let word = 0;
  let number = 0;
  /** @param {string} type */
  const read = (type) => {
    if (type === 'string') return words[word++];
    const value = numbers[number++];
    if (type === 'boolean') return value !== 0;
    if (type !== 'numbers') return value;
    number += value;
    return Array.from(numbers.subarray(number - value, number));
  };
  return Array.from({ length: count }, () => {
    /** @type {Record<string, any>} */
    const row = {};
    for (const { name, type, required } of fields) {
      if (required || numbers[number++] !== 0) row[name] = read(type);
    }
    return row;
  });
}

/**
 * The result with its rows as objects. @param {Record<string, any>} result @param {import('./instance.js').Field[]} fields
 */
export function unpackRows(result, fields) {
  for (const { name, type, fields: inner } of fields) {
    const value = result[name];
    if (!inner || value === undefined) continue;
    if (type === 'object') unpackRows(value, inner);
    else if (!Array.isArray(value)) result[name] = rows(value, inner);
    else value.forEach((/** @type {any} */ one) => unpackRows(one, inner));
  }
  return result;
}
