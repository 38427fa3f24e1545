// Writes build/wasm/modules.json: what each WebAssembly module offers, and how its imports are named. Emscripten shortens import names
// module by module; with the map, one piece of glue starts them all. Run by scripts/wasm.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { instantiate } from '../web/core/instance.js';

const folder = new URL('../build/wasm', import.meta.url).pathname;
const modules = { text: ['base'], operations: ['base', 'relaxed'] };

/** The glue's own names: {imports: {short: long}, exports: 'a=wasmExports["E"] ...'}. */
function namesIn(file) {
  const glue = readFileSync(join(folder, `${file}.mjs`), 'utf8');
  const table = /var wasmImports=\{([^}]*)\}/.exec(glue);
  if (!table) throw new Error(`describe: ${file}.mjs has no import table`);
  const imports = Object.fromEntries(
    table[1].split(',').map((pair) => (pair.includes(':') ? pair.split(':') : [pair, pair])),
  );
  return { imports, exports: [...glue.matchAll(/\w+=wasmExports\["\w+"\]/g)].map(String).join(' ') };
}

const shared = namesIn('text');
const shortName = Object.fromEntries(Object.entries(shared.imports).map(([short, long]) => [long, short]));
const { default: createCore } = await import(pathToFileURL(join(folder, 'text.mjs')).href);

const described = {};
for (const [name, variants] of Object.entries(modules)) {
  described[name] = { functions: [], variants: {} };
  for (const variant of variants) {
    const file = variant === 'base' ? name : `${name}-${variant}`;
    if (!existsSync(join(folder, `${file}.wasm`))) continue;
    const own = namesIn(file);
    const imports = {};
    for (const [short, long] of Object.entries(own.imports)) {
      if (!(long in shortName)) throw new Error(`describe: ${file} imports ${long}, which the glue of text lacks`);
      if (shortName[long] !== short) imports[short] = shortName[long];
    }
    if (own.exports !== shared.exports) throw new Error(`describe: ${file} exports under other names than text`);
    described[name].variants[variant] = { file, imports };
    if (variant === 'base') {
      const wasm = await WebAssembly.compile(readFileSync(join(folder, `${file}.wasm`)));
      described[name].functions = (await instantiate(createCore, wasm, imports)).functions();
    }
  }
}
writeFileSync(join(folder, 'modules.json'), JSON.stringify(described));
