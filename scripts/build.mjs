// Builds the site into dist/: node scripts/build.mjs [--root DIR] [--out DIR] [--no-prerender]. Needs build/wasm (scripts/wasm).
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  bundleCommand,
  bundleEmbed,
  bundlePackage,
  bundlePage,
  bundlePart,
  bundleThread,
  figureTags,
} from './site/bundle.mjs';
import { buildStyle } from './site/style.mjs';
import { createMath } from './site/math.mjs';
import { POLICY, expandPage, readPages, scriptOf } from './site/page.mjs';
import { prerender } from './site/prerender.mjs';
import { referencePages } from './site/reference.mjs';

const flag = (/** @type {string} */ name) => {
  const place = process.argv.indexOf(name);
  return place < 0 ? undefined : process.argv[place + 1];
};
const root = resolve(flag('--root') ?? new URL('..', import.meta.url).pathname);
const target = resolve(flag('--out') ?? join(root, 'dist'));
// Built beside its place and moved there whole, so that a server or a test never sees half a site.
const out = `${target}.part-${process.pid}`;
const start = performance.now();

/** @param {string} path @param {string | Uint8Array} content */
function write(path, content) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), content);
}

const wasm = join(root, 'build/wasm');
if (!existsSync(join(wasm, 'modules.json'))) {
  console.error('build: there is no build/wasm/modules.json; run scripts/setup and then scripts/wasm');
  process.exit(1);
}
process.on('exit', () => rmSync(out, { recursive: true, force: true }));

// 1. The core: modules for http, the same in base64 for file://, the thread script, the Node package.
const modules = JSON.parse(readFileSync(join(wasm, 'modules.json'), 'utf8'));
const files = Object.values(modules).flatMap(({ variants }) =>
  Object.values(variants).map(({ file }) => file),
);
for (const file of files) {
  const bytes = readFileSync(join(wasm, `${file}.wasm`));
  write(`package/${file}.wasm`, bytes);
  write(`assets/core/${file}.wasm`, bytes);
  write(
    `assets/core/${file}.wasm.js`,
    `(globalThis.clearformerCore ??= {})[${JSON.stringify(file)}] = ${JSON.stringify(bytes.toString('base64'))};\n`,
  );
}
const threadText = await bundleThread(root);
write('assets/core/thread.js', threadText);
write('package/clearformer.mjs', await bundlePackage(root));
write('package/command.mjs', await bundleCommand(root));
copyFileSync(join(root, 'web/core/core.d.ts'), join(out, 'package/core.d.ts'));
cpSync(join(root, 'web/core/api'), join(out, 'package/api'), { recursive: true });

// The registry: each folder as one file, for http and for file://.
/** @type {Record<string, object[]>} */
const registry = {};
for (const folder of ['models', 'hardware']) {
  const entries = readdirSync(join(root, 'web', folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      id: name.replace(/\.json$/, ''),
      ...JSON.parse(readFileSync(join(root, 'web', folder, name), 'utf8')),
    }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  registry[folder] = entries;
  const text = JSON.stringify(entries);
  write(`assets/${folder}.json`, text);
  write(
    `assets/${folder}.json.js`,
    `(globalThis.clearformerRegistry ??= {})[${JSON.stringify(folder)}] = ${text};\n`,
  );
  write(`package/${folder}.json`, text);
}

// 2. Pages: expanded, with mathematics, then run once so that the default state of every figure is in the file.
const math = createMath();
const pages = readPages(root);
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const { load } = await import(pathToFileURL(join(out, 'package/clearformer.mjs')).href);
/** Code that comes after a page, by name: each part once, whichever pages ask for it. @type {Map<string, string>} */
const parts = new Map();
async function writeParts(/** @type {Set<string>} */ names) {
  for (const name of names) {
    if (parts.has(name)) continue;
    parts.set(name, await bundlePart(root, name));
    write(`assets/parts/${name}.js`, parts.get(name) ?? '');
  }
}
for (const page of pages) {
  const expanded = expandPage(page, pages, math, version);
  const found = new Set();
  const script = await bundlePage(root, figureTags(root, expanded), threadText, found);
  await writeParts(found);
  write(scriptOf(page), script);
  const html = process.argv.includes('--no-prerender')
    ? expanded
    : await prerender(page.path, expanded, [...parts.values(), script], { load, modules, registry });
  write(page.path, html);
}
// The reference has no figures: one script for all of it, and nothing to run.
const reference = referencePages(root);
write(scriptOf(reference[0]), await bundlePage(root, [], threadText, new Set()));
for (const page of reference) write(page.path, expandPage(page, reference, math, version));
for (const tag of readdirSync(join(root, 'web/figures')).filter((name) => name.endsWith('.js'))) {
  const name = tag.replace(/\.js$/, '');
  const found = new Set();
  const embedded = await bundleEmbed(root, name, threadText, found);
  await writeParts(found);
  if (embedded) write(`assets/embed/${name}.js`, embedded);
}

// 3. Style, fonts, icon, the entrance.
const { css, embedded, fonts } = await buildStyle(root, math.sheet());
write('assets/site.css', css);
write('assets/embed.css', embedded);
for (const { name, path } of fonts) write(`assets/fonts/${name}`, readFileSync(path));
write('assets/icon.svg', readFileSync(join(root, 'web/site/icon.svg')));
write(
  'index.html',
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width"><title>Clearformer</title><meta name="description" content="Interactive tutorials about transformers in which every number is real."><meta http-equiv="refresh" content="0; url=tutorials/index.html"></head><body><p><a href="tutorials/index.html">Clearformer tutorials</a></p></body></html>\n`,
);

const size = (/** @type {string} */ path) => `${(gzipSync(readFileSync(path)).length / 1000).toFixed(1)} kB`;
for (const page of [...pages, ...reference]) console.log(`${page.path}: ${size(join(out, page.path))} gzip`);
rmSync(target, { recursive: true, force: true });
renameSync(out, target);
console.log(
  `build: ${pages.length + reference.length} pages in ${((performance.now() - start) / 1000).toFixed(1)} s -> ${relative(process.cwd(), target) || '.'}`,
);
