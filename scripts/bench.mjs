// How fast the kernels are: npm run bench [-- --node] [--chromium] [--processes 3] [--quick] [--alone] [--only gemm,rope] [--out FILE].
// Builds the bench module, times it in Node and in Chromium beside the same engine's measured peak, onnxruntime-web, tfjs and JavaScript,
// each in several processes, prints the ratios beside the goals, and writes every figure with the machine to build/bench/bench.json.
// --alone leaves the peers out. Not a test: a busy machine gives other figures.
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { cpus, totalmem, type as system } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { asHardware } from '../web/models/registry.js';
import { report } from './bench/report.mjs';

const root = new URL('..', import.meta.url).pathname;
const flags = process.argv.slice(2);
const has = (/** @type {string} */ name) => flags.includes(name);
const value = (/** @type {string} */ name, /** @type {string} */ otherwise) =>
  has(name) ? flags[flags.indexOf(name) + 1] : otherwise;
const options = { quick: has('--quick'), alone: has('--alone'), only: value('--only', '') || undefined };
const json = (/** @type {string} */ path) => JSON.parse(readFileSync(join(root, 'web', path), 'utf8'));
/** What the estimator plans: every published configuration, on one accelerator. */
const registry = {
  configs: readdirSync(join(root, 'web/models'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => json(`models/${name}`).config),
  hardware: asHardware(json('hardware/nvidia-h100-sxm.json')),
};
const processes = Number(value('--processes', options.quick ? '1' : '3'));
const engines = ['node', 'chromium'].filter(
  (name) => has(`--${name}`) || (!has('--node') && !has('--chromium')),
);

/** Runs a command, and ends with what it said if it failed. @param {string} command @param {string[]} args */
function must(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) {
    console.error(stdout);
    console.error(`bench: ${command} failed`);
    process.exit(1);
  }
  return stdout;
}

const BUILD = `set -e
scripts/setup
. .toolchain/env
[ -e build/wasm/build.ninja ] || emcmake cmake --preset wasm
cmake --build --preset wasm --target bench bench-relaxed plan
node scripts/describe.mjs`;

/** One process of Node. @returns {import('./bench/suite.mjs').Figures[]} */
const inNode = () =>
  JSON.parse(
    must(process.execPath, ['scripts/bench/in-node.mjs', JSON.stringify({ ...options, registry })]).trim(),
  );

const require = createRequire(import.meta.url);
const folders = {
  '/wasm/': join(root, 'build/wasm'),
  '/page/': join(root, 'build/bench'),
  '/ort/': dirname(require.resolve('onnxruntime-web')),
  '/tfjs/': dirname(require.resolve('@tensorflow/tfjs-backend-wasm')),
};
const TYPES = { '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves what the page asks for, isolated, so that its clock is fine enough. */
async function serve() {
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end(
        '<!doctype html><title>bench</title><link rel="icon" href="data:,"><script type="module" src="/page/page.mjs"></script>',
      );
      return;
    }
    const prefix = Object.keys(folders).find((start) => path.startsWith(start));
    const file = prefix && join(folders[prefix], normalize(path.slice(prefix.length)));
    if (!file || !existsSync(file)) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  return server;
}

const executablePath = process.env.CLEARFORMER_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** One process of Chromium. @param {(version: string) => void} tell */
async function inChromium(tell) {
  const server = await serve();
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS.split(' ') });
  try {
    tell(browser.version());
    const page = await browser.newPage();
    page.on('console', (message) => console.error(`  ${message.text()}`));
    // The processor time of the page's thread, which a page cannot ask for itself.
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.exposeFunction('threadTime', async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return 1000 * (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? NaN);
    });
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => 'bench' in globalThis);
    return await page.evaluate((given) => /** @type {any} */ (globalThis).bench(given), {
      ...options,
      registry,
    });
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

if (!has('--no-build')) must('bash', ['-c', BUILD]);
mkdirSync(join(root, 'build/bench'), { recursive: true });
await build({
  entryPoints: {
    page: join(root, 'scripts/bench/in-page.mjs'),
    gradients: require.resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js'),
  },
  bundle: true,
  format: 'esm',
  outdir: join(root, 'build/bench'),
  outExtension: { '.js': '.mjs' },
  logLevel: 'error',
});
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** @param {string} name */
const versionOf = (name) =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
const machine = {
  date: new Date().toISOString(),
  processor: cpus()[0].model.trim(),
  cores: cpus().length,
  memory: totalmem(),
  system: system(),
  clearformer: version,
  /** @type {Record<string, string>} */
  engines: {},
  peers: {
    'onnxruntime-web': versionOf('onnxruntime-web'),
    tfjs: versionOf('@tensorflow/tfjs-backend-wasm'),
  },
};
/** @type {Record<string, import('./bench/suite.mjs').Figures[][]>} */
const figures = {};
for (let i = 0; i < processes; i += 1) {
  for (const engine of engines) {
    console.error(`${engine}, process ${i + 1} of ${processes}`);
    const result =
      engine === 'node'
        ? inNode()
        : await inChromium((known) => {
            machine.engines.chromium = known;
          });
    if (engine === 'node') machine.engines.node = process.version;
    (figures[engine] ??= []).push(result);
  }
}
const file = value('--out', join(root, 'build/bench/bench.json'));
writeFileSync(file, JSON.stringify({ machine, figures }, null, 1));
console.log(report({ machine, figures }));
console.log(`Every figure: ${file}`);
