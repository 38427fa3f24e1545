import { Advice } from './figure.js';

/** A few of the registry's entries, named in the state with commas between. @param {string} text */
export const listOf = (text) => [
  ...new Set(
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  ),
];

/**
 * The ids that a text names. Throws Advice where the registry lacks one, or there are too few or too many.
 * @param {string} text @param {{id: string, name: string}[]} all @param {{what: string, key: string, least: number, most: number}} rule
 */
export function chosenOf(text, all, { what, key, least, most }) {
  const ids = listOf(text);
  const unknown = ids.filter((id) => !all.some((one) => one.id === id));
  if (unknown.length) {
    throw new Advice(`the registry has no ${unknown.map((id) => `"${id}"`).join(', ')}`, [
      { label: 'leave it out', patch: { [key]: ids.filter((id) => !unknown.includes(id)).join(',') } },
    ]);
  }
  if (ids.length < least) throw new Advice(`${least} to ${most} ${what} are compared, got ${ids.length}`);
  if (ids.length > most) {
    throw new Advice(`${least} to ${most} ${what} are compared, got ${ids.length}`, [
      { label: `take the first ${most}`, patch: { [key]: ids.slice(0, most).join(',') } },
    ]);
  }
  return ids;
}

/** @param {string} text @param {string} id */
export const chosenWith = (text, id) => [...new Set([...listOf(text), id])].join(',');
/** @param {string} text @param {string} id */
export const chosenWithout = (text, id) =>
  listOf(text)
    .filter((one) => one !== id)
    .join(',');
