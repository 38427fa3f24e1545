/** How a result is compared with what a conformance case expects. */

const nonFinite = { '-inf': -Infinity, inf: Infinity, nan: NaN };

/** @returns {value is ArrayLike<any>} */
const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
const isObject = (value) => typeof value === 'object' && value !== null && !isList(value);
const number = (value) => (typeof value === 'string' && value in nonFinite ? nonFinite[value] : value);
const show = (value) => (isObject(value) ? 'an object' : isList(value) ? 'a list' : String(value));

/** |a - b| <= 1e-5 max(|b|, m / 20) with m the largest magnitude in b's tensor; tol.rel replaces 1e-5, tol.abs the whole bound. */
function close(a, b, largest, tol) {
  if (Number.isNaN(b)) return Number.isNaN(a);
  if (!Number.isFinite(b) || !Number.isFinite(a)) return a === b;
  return Math.abs(a - b) <= (tol.abs ?? (tol.rel ?? 1e-5) * Math.max(Math.abs(b), largest / 20));
}

const magnitude = (values) =>
  values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);

/**
 * The first difference between a result and what is expected, as a sentence; undefined where there is none.
 * @param {any} actual
 * @param {any} expected
 * @param {{abs?: number, rel?: number}} [tol]
 * @param {string} [place] what the sentence calls the value
 * @param {number} [largest] the largest magnitude beside the value, where it is an entry of a list
 * @returns {string | undefined}
 */
export function difference(actual, expected, tol = {}, place = 'result', largest = undefined) {
  const wanted = number(expected);
  if (typeof wanted === 'number') {
    if (typeof actual !== 'number') return `${place} must be ${wanted}, got ${show(actual)}`;
    if (close(actual, wanted, largest ?? magnitude([wanted]), tol)) return undefined;
    return `${place} must be ${wanted}, got ${actual}`;
  }
  if (isList(wanted)) {
    if (!isList(actual)) return `${place} must be a list, got ${show(actual)}`;
    if (actual.length !== wanted.length) {
      return `${place} must have ${wanted.length} entries, got ${actual.length}`;
    }
    const most = magnitude(Array.from(wanted, number));
    return first(wanted, (value, i) => difference(actual[i], value, tol, `${place}[${i}]`, most));
  }
  if (isObject(wanted)) {
    if (!isObject(actual)) return `${place} must be an object, got ${show(actual)}`;
    if (isList(wanted.shape)) {
      const shapes = [actual.shape, wanted.shape].map((shape) =>
        isList(shape) ? `[${Array.from(shape)}]` : 'none',
      );
      if (shapes[0] !== shapes[1]) return `${place} must have shape ${shapes[1]}, got ${shapes[0]}`;
      return difference(actual.data, wanted.data, tol, place);
    }
    return first(Object.entries(wanted), ([name, value]) =>
      difference(actual[name], value, tol, `${place}.${name}`),
    );
  }
  return actual === wanted ? undefined : `${place} must be ${show(wanted)}, got ${show(actual)}`;
}

/**
 * The first difference between a result and what a case expects. Where `params.boundary` says that ties or rounding decide which tokens
 * are kept, only their number and the sorted probabilities count.
 * @param {any} actual
 * @param {{params?: Record<string, any>, expected: any, tol?: {abs?: number, rel?: number}}} testCase
 * @returns {string | undefined}
 */
export function caseDifference(actual, { params, expected, tol }) {
  if (!params?.boundary) return difference(actual, expected, tol);
  return difference(unordered(actual), unordered(expected), tol);
}

/** Of `kept` the number, of `probs` the values from the largest down, and nothing else. */
const unordered = (result) => ({
  ...(isList(result?.kept) && { kept: result.kept.length }),
  ...(isList(result?.probs?.data) && {
    probs: { shape: result.probs.shape, data: Array.from(result.probs.data, number).sort((a, b) => b - a) },
  }),
});

function first(entries, sentence) {
  for (let i = 0; i < entries.length; ++i) {
    const found = sentence(entries[i], i);
    if (found !== undefined) return found;
  }
  return undefined;
}
