import { unpackRows } from './rows.js';
import { withTensors } from './tensor.js';
import { wellFormed } from './text.js';

/**
 * One WebAssembly instance of a module of the core, spoken to synchronously. The only file that touches the Emscripten module.
 * @typedef {{name: string, type: string, required: boolean, letters?: string, fields?: Field[]}} Field
 * @typedef {{name: string, options: Field[], result: Field[]}} FunctionDescription
 * @typedef {{imports: Record<string, string>, exports: Record<string, string>}} Names imports: module's name -> factory's; exports: factory's -> module's
 * @typedef {{value: any, handles: string[]}} Answer the result, and which of its members are numbers of long-lived state
 * @typedef {{call: (name: string, options: object) => Answer, functions: () => FunctionDescription[]}} Instance
 */

/**
 * @param {(options: object) => Promise<any>} createCore the factory that Emscripten generates, shared by all modules
 * @param {WebAssembly.Module} wasm
 * @param {Names} names where the module's names differ from the factory's
 * @returns {Promise<Instance>}
 */
export async function instantiate(createCore, wasm, names) {
  const raw = await new Promise((resolve, reject) => {
    createCore({
      /** @param {WebAssembly.Imports} given @param {(i: WebAssembly.Instance, m: WebAssembly.Module) => void} done */
      instantiateWasm(given, done) {
        const imports = Object.fromEntries(
          Object.entries(given).map(([space, functions]) => {
            const renamed = Object.entries(names.imports).map(([own, shared]) => [own, functions[shared]]);
            return [space, { ...functions, ...Object.fromEntries(renamed) }];
          }),
        );
        WebAssembly.instantiate(wasm, imports).then(({ exports: own }) => {
          const renamed = Object.entries(names.exports).map(([shared, name]) => [shared, own[name]]);
          done(
            /** @type {WebAssembly.Instance} */ ({ exports: { ...own, ...Object.fromEntries(renamed) } }),
            wasm,
          );
        }, reject);
        return {};
      },
    }).then(resolve, reject);
  });
  const described = /** @type {FunctionDescription[]} */ (raw.describe());
  const known = new Map(described.map(({ name, options, result }) => [name, shapeOf(options, result)]));
  return {
    functions: () => described,
    call(name, options) {
      if (name === 'describe') return { value: described, handles: [] };
      const {
        options: fields,
        result,
        texts,
        handles,
      } = /** @type {ReturnType<typeof shapeOf>} */ (known.get(name));
      const value = raw[name](wellFormed(withTensors(options, fields), texts));
      if (value instanceof Error) throw value;
      return { value: unpackRows(value, result), handles };
    },
  };
}

/** Which options and results need care on their way. @param {Field[]} options @param {Field[]} result */
function shapeOf(options, result) {
  const named = (/** @type {Field[]} */ fields, /** @type {string[]} */ ...types) =>
    fields.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  return {
    options,
    result: result.filter(({ fields }) => fields),
    texts: named(options, 'string', 'strings'),
    handles: named(result, 'trace', 'handle'),
  };
}
