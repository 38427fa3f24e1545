/** Numbers as readers see them: a true minus sign, three significant digits, fixed places in a matrix. */
const MINUS = '\u2212';

/** @param {string} text */
const withMinus = (text) => text.replaceAll('-', MINUS);

/** Two places (or as many as asked): 0.44, −1.20, −∞. @param {number} value @param {number} [places] */
export function fixed(value, places = 2) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? `${MINUS}\u221e` : '\u221e';
  const text = value.toFixed(places);
  return withMinus(Number(text) === 0 ? text.replace('-', '') : text);
}

/** Three significant digits: 0.442, 12.3, 1.20e−7. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return fixed(value);
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-3) return withMinus(value.toExponential(2).replace('e+', 'e'));
  const places = Math.max(0, 2 - Math.floor(Math.log10(size)));
  // A number that is exactly shorter is shown as it is.
  const text = value.toFixed(Math.min(places, 6));
  return withMinus(Number(value.toFixed(2)) === value ? value.toFixed(2) : text);
}

/** Every digit of the double. @param {number} value */
export const exact = (value) => withMinus(Object.is(value, -0) ? '0' : String(value));

/** A count with thin spaces: 12 345. @param {number} value */
export const count = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, '\u2009');

/**
 * A row of shares rounded so that what is shown sums to the rounded total, by the largest remainder.
 * @param {ArrayLike<number>} row @param {number} [places]
 */
export function roundRow(row, places = 2) {
  const unit = 10 ** places;
  const values = Array.from(row);
  const floors = values.map((value) => Math.floor(value * unit + 1e-9));
  const total = Math.round(values.reduce((sum, value) => sum + value, 0) * unit);
  const missing = total - floors.reduce((sum, value) => sum + value, 0);
  const byRemainder = values
    .map((value, i) => ({ i, rest: value * unit - floors[i] }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of byRemainder.slice(0, Math.max(0, missing))) floors[i] += 1;
  return floors.map((value) => (value / unit).toFixed(places));
}
