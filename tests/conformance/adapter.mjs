/**
 * How a conformance case becomes one call of the core: renaming and reshaping only, no arithmetic.
 * A case whose op has no entry, or whose function the core does not have yet, is missing.
 */
import { readdirSync } from 'node:fs';
import { load as loadCore } from 'clearformer';

const folder = new URL('adapter/', import.meta.url);
const tables = await Promise.all(readdirSync(folder).map((name) => import(new URL(name, folder).href)));
/** @type {Record<string, {call: string | ((testCase: any) => string), options: (testCase: any) => object, result: (result: any, testCase: any) => object}>} */
const operations = Object.assign({}, ...tables.map((table) => table.default));

const nonFinite = { '-inf': -Infinity, inf: Infinity, nan: NaN };

const isTensor = (value) =>
  typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;

const toCore = (value) =>
  isTensor(value)
    ? { shape: value.shape, data: Float64Array.from(value.data, (entry) => nonFinite[entry] ?? entry) }
    : value;

const fromCore = (value) => (isTensor(value) ? { shape: value.shape, data: Array.from(value.data) } : value);

const eachValue = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

/** The built core, as Node uses it. */
export const load = () => loadCore();

/**
 * The results of one case under the names that its `expected` has, or undefined where the core has no such operation.
 * Of `expected` only the names are looked at.
 * @param {any} core
 * @param {{op: string, params: Record<string, any>, inputs: Record<string, any>, expected?: object | string[]}} testCase
 */
export async function run(core, testCase) {
  const operation = operations[testCase.op];
  if (!operation) return undefined;
  const { params = {}, inputs = {}, expected } = testCase;
  const given = { params, inputs: eachValue(inputs, toCore) };
  // One op may stand for several functions: then `call` is chosen by the case.
  const call = typeof operation.call === 'function' ? operation.call(given) : operation.call;
  if (!core[call]) return undefined;
  const named = eachValue(operation.result(await core[call](operation.options(given)), given), fromCore);
  const wanted = Array.isArray(expected) ? expected : Object.keys(expected ?? named);
  return Object.fromEntries(Object.entries(named).filter(([name]) => wanted.includes(name)));
}
