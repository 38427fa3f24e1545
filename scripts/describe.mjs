// Writes build/wasm/modules.json: what each WebAssembly module offers, and how its imports are named; and build/wasm/glue.mjs, the one
// piece of Emscripten's JavaScript that starts them all. Emscripten shortens import names module by module, so a map goes with each.
// Run by scripts/wasm.
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { instantiate } from '../web/core/instance.js';

const folder = new URL('../build/wasm', import.meta.url).pathname;
const isBuilt = (/** @type {string} */ file) => existsSync(join(folder, `${file}.wasm`));
/** The modules by name, text first because pages open it first. An old Emscripten builds everything into that one. */
const tables = readdirSync(new URL('../cpp/wasm', import.meta.url))
  .flatMap((name) => /^(\w+)_module\.cpp$/.exec(name)?.[1] ?? [])
  .filter((name) => isBuilt(name))
  .sort((a, b) => Number(b === 'text') - Number(a === 'text'));
/** @type {Record<string, string[]>} */
const modules = Object.fromEntries(
  tables.map((name) => [name, isBuilt(`${name}-relaxed`) ? ['base', 'relaxed'] : ['base']]),
);

/** The glue's own names: {imports: {short: long}, exports: {long: short}}. */
function namesIn(file) {
  if (Object.keys(modules).length === 1) return { imports: {}, exports: {} };
  const glue = readFileSync(join(folder, `${file}.mjs`), 'utf8');
  const table = /var wasmImports=\{([^}]*)\}/.exec(glue);
  if (!table) throw new Error(`describe: ${file}.mjs has no import table`);
  const imports = Object.fromEntries(
    table[1].split(',').map((pair) => (pair.includes(':') ? pair.split(':') : [pair, pair])),
  );
  const exports = Object.fromEntries(
    [...glue.matchAll(/(\w+)=wasmExports\["(\w+)"\]/g)].map(([, long, short]) => [long, short]),
  );
  return { imports, exports };
}

// The glue of the module that imports most has every function the others need.
const richest = Object.keys(modules).reduce((best, name) =>
  Object.keys(namesIn(name).imports).length > Object.keys(namesIn(best).imports).length ? name : best,
);
copyFileSync(join(folder, `${richest}.mjs`), join(folder, 'glue.mjs'));
const shared = namesIn(richest);
const shortName = Object.fromEntries(Object.entries(shared.imports).map(([short, long]) => [long, short]));
const { default: createCore } = await import(pathToFileURL(join(folder, 'glue.mjs')).href);

const described = {};
for (const [name, variants] of Object.entries(modules)) {
  described[name] = { functions: [], variants: {} };
  for (const variant of variants) {
    const file = variant === 'base' ? name : `${name}-${variant}`;
    if (!isBuilt(file)) continue;
    const own = namesIn(file);
    /** @type {Record<string, string>} */
    const imports = {};
    for (const [short, long] of Object.entries(own.imports)) {
      if (!(long in shortName))
        throw new Error(`describe: ${file} imports ${long}, which the glue of ${richest} lacks`);
      if (shortName[long] !== short) imports[short] = shortName[long];
    }
    /** @type {Record<string, string>} */
    const exports = {};
    for (const [long, short] of Object.entries(shared.exports)) {
      if (!(long in own.exports))
        throw new Error(`describe: ${file} does not export ${long}, which the glue of ${richest} needs`);
      if (own.exports[long] !== short) exports[short] = own.exports[long];
    }
    const names = { imports, exports };
    described[name].variants[variant] = { file, names };
    if (variant === 'base') {
      const wasm = await WebAssembly.compile(readFileSync(join(folder, `${file}.wasm`)));
      described[name].functions = (await instantiate(createCore, wasm, names))
        .functions()
        .map((one) => one.name);
    }
  }
}
writeFileSync(join(folder, 'modules.json'), JSON.stringify(described));
