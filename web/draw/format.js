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

/** A count with thin spaces, or what else should stand between the thousands: 12 345. @param {number} value @param {string} [between] */
export const count = (value, between = '\u2009') => String(value).replace(/\B(?=(\d{3})+$)/g, between);

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

/**
 * One step of a unit: how much it is, how it is written, and from how many of it on it is used.
 * @typedef {{factor: number, symbol: string, from: number}} Step
 */

/** @param {number} factor @param {string} symbol @param {number} [from] @returns {Step} */
const step = (factor, symbol, from = 1) => ({ factor, symbol, from });

/** @param {string} unit */
const metric = (unit) =>
  ['', 'k', 'M', 'G', 'T', 'P', 'E'].map((prefix, i) => step(1000 ** i, `${prefix}${unit}`));

/** Ascending. What is not here is counted: millions, billions (10^9) and trillions (10^12), with the unit as a word behind. */
const STEPS = /** @type {Record<string, Step[]>} */ ({
  ...Object.fromEntries(
    ['B', 'B/s', 'FLOP', 'FLOP/s', 'MAC', 'W', 'Wh', 'bit/s'].map((unit) => [unit, metric(unit)]),
  ),
  s: [
    step(1e-9, 'ns'),
    step(1e-6, '\u00b5s'),
    step(1e-3, 'ms'),
    step(1, 's'),
    step(60, 'min', 2),
    step(3600, 'h', 2),
    step(86400, 'd', 2),
  ],
});
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'].map((prefix, i) => step(1024 ** i, prefix));
const COUNTED = [step(1, ''), step(1e6, 'M'), step(1e9, 'B'), step(1e12, 'T')];
const THOUSANDS = [step(1, ''), step(1e3, 'k'), ...COUNTED.slice(1)];

/** Three significant digits without an exponent; a number that is exactly shorter is shown as it is. @param {number} value */
function three(value) {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return short(value);
  const rounded = Number(value.toPrecision(3));
  if (Math.abs(rounded) >= 1000) return withMinus(count(Math.round(value), ','));
  return withMinus(Math.abs(rounded - value) <= size * 1e-12 ? String(rounded) : value.toPrecision(3));
}

/**
 * The step of a unit in which a value is best read: GB for 8e9 bytes, GiB where binary steps are asked for.
 * @param {number} value @param {string} unit @param {{binary?: boolean, compact?: boolean}} [options] compact: thousands are written k
 * @returns {Step}
 */
export function unitStep(value, unit, { binary = false, compact = false } = {}) {
  const steps =
    binary && /^B(\/s)?$/.test(unit)
      ? BINARY.map((one) => ({ ...one, symbol: `${one.symbol}${unit}` }))
      : (STEPS[unit] ?? (compact ? THOUSANDS : COUNTED));
  const size = Math.abs(value);
  if (size === 0) return /** @type {Step} */ (steps.find(({ factor }) => factor === 1));
  return steps.findLast((one) => Number((size / one.factor).toPrecision(3)) >= one.from) ?? steps[0];
}

/** Whether a unit is a word that follows a count, such as tokens. @param {string} unit */
export const isCounted = (unit) => !Object.hasOwn(STEPS, unit);

/**
 * A number with its unit, at three significant digits; whole counts below a million keep their digits.
 * Bytes in steps of 1000 (GB) or, binary, of 1024 (GiB); 8.03 B is 8.03 billion. Beyond the last step stands an exponent.
 * @param {number} value @param {string} [unit] @param {{binary?: boolean, compact?: boolean, bare?: boolean}} [options] bare: no word behind a count
 */
export function withUnit(value, unit = '', options = {}) {
  const { factor, symbol } = unitStep(value, unit, options);
  const word = isCounted(unit) && unit !== 'USD' && !options.bare ? unit : '';
  const before = unit === 'USD' ? '$' : '';
  const after = (/** @type {string} */ text) => (text ? `\u00a0${text}` : '');
  if (!Number.isFinite(value))
    return `${before}${fixed(value)}${after(unit === 'USD' || (options.bare && isCounted(unit)) ? '' : unit)}`;
  const scaled = value / factor;
  const whole = factor === 1 && Number.isInteger(value) && !options.compact;
  // Beyond the last step the unit itself stands behind an exponent.
  if (!whole && unit !== 's' && Number(Math.abs(scaled).toPrecision(3)) >= 1000 && factor >= 1e12) {
    const power = value.toExponential(options.compact && Number(value.toPrecision(1)) === value ? 0 : 2);
    return `${before}${withMinus(power.replace('e+', 'e'))}${after(isCounted(unit) ? word : unit)}`;
  }
  const cents = unit === 'USD' && factor === 1 && Math.abs(value) >= 1 && Math.abs(value) < 1000;
  const digits = whole ? withMinus(count(value, ',')) : cents ? fixed(value) : three(scaled);
  return `${before && value < 0 ? `${MINUS}${before}${digits.slice(1)}` : before + digits}${after(symbol)}${after(word)}`;
}

/** How units are called where there is room. @type {Record<string, string>} */
const WORDS = { B: 'bytes', 'B/s': 'bytes per second', s: 'seconds', params: 'parameters' };

/** Every digit, thousands apart, and the unit in full: 8,030,261,248 bytes. @param {number} value @param {string} [unit] */
export function exactWithUnit(value, unit = '') {
  const text =
    Number.isInteger(value) && Math.abs(value) < 1e21 ? withMinus(count(value, ',')) : exact(value);
  if (unit === 'USD') return text.startsWith(MINUS) ? `${MINUS}$${text.slice(1)}` : `$${text}`;
  return unit ? `${text}\u00a0${WORDS[unit] ?? unit}` : text;
}
