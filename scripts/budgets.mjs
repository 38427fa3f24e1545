// What a reader downloads before the first interaction, compressed, against the budgets: node scripts/budgets.mjs. Prints them all.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = resolve(new URL('../dist', import.meta.url).pathname);
const gzip = (path) => gzipSync(readFileSync(path), { level: 9 }).length;
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
let over = 0;

function line(what, bytes, budget) {
  const within = bytes <= budget;
  if (!within) over += 1;
  console.log(`${within ? 'ok  ' : 'OVER'} ${kB(bytes).padStart(9)} of ${kB(budget).padStart(9)}  ${what}`);
}

if (!existsSync(dist)) {
  console.error('budgets: there is no dist; run node scripts/build.mjs first');
  process.exit(1);
}

// A module is its wasm and the glue that starts it.
const core = join(dist, 'assets/core');
const glue = gzip(join(core, 'thread.js'));
for (const file of readdirSync(core).filter((name) => name.endsWith('.wasm'))) {
  line(`core module ${file} with its glue`, gzip(join(core, file)) + glue, 80_000);
}

// A page: itself, its style and scripts, and the modules of the core that it opened when the build ran it. Fonts and parts of the code that
// come later are not counted.
const pages = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.html'))
  .sort();
for (const page of pages) {
  const path = join(dist, page);
  const html = readFileSync(path, 'utf8');
  const local = [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"#?]+\.(?:js|css))"/g)].map(
    (match) => join(dirname(path), match[1]),
  );
  const opens = /<html[^>]* data-opens="([^"]*)"/.exec(html)?.[1];
  if (opens === undefined && html.includes('<cf-')) {
    console.error(
      `budgets: ${page} was built with --no-prerender, so nobody knows what it opens; run node scripts/build.mjs`,
    );
    process.exit(1);
  }
  const opened = opens ? opens.split(' ') : [];
  const parts = [path, ...new Set(local), ...opened.map((name) => join(core, `${name}.wasm`))];
  const sizes = parts.map((part) => ({ name: relative(dist, part), size: gzip(part) }));
  line(
    page,
    sizes.reduce((sum, { size }) => sum + size, 0),
    150_000,
  );
  for (const { name, size } of sizes) console.log(`       ${kB(size).padStart(9)}  ${name}`);
}
console.log(over === 0 ? 'All within budget (gzip -9).' : `${over} over budget.`);
process.exit(over === 0 ? 0 : 1);
