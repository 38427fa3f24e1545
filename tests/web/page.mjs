// A page without a screen that runs files of web/: bundled as the build bundles them, with the core of the Node package.
import { setImmediate as turn } from 'node:timers/promises';
import { build } from 'esbuild';
import { JSDOM, VirtualConsole } from 'jsdom';

const root = new URL('../..', import.meta.url).pathname;

/** In place of the worker's text, which these pages never start. */
const noThread = {
  name: 'no-thread',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^virtual:core-thread$/ }, ({ path }) => ({ path, namespace: 'virtual' }));
    esbuild.onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents: 'export default "";' }));
  },
};

/** Some code that imports from web/, as one script whose exports are globalThis.bundled. @param {string} contents */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bundled',
    platform: 'browser',
    plugins: [noThread],
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Bundles, by their code: the tests of a file share them. @type {Map<string, Promise<string>>} */
const scripts = new Map();

/**
 * Opens a page, runs the code in it and returns its window, what the code exported and the errors so far.
 * @param {string} body
 * @param {string} contents the code, with imports such as './web/draw/tokens.js'
 * @param {{address?: string, load?: () => Promise<any>, prepare?: (window: any) => void}} [options]
 */
export async function open(body, contents, { address = 'text/page.html', load, prepare } = {}) {
  const script = scripts.get(contents) ?? bundle(contents);
  scripts.set(contents, script);
  const errors = [];
  const console = new VirtualConsole();
  console.on('jsdomError', (error) => errors.push(error.message));
  const dom = new JSDOM(`<!doctype html><html lang="en"><body>${body}</body></html>`, {
    url: `https://page.invalid/tutorials/${address}`,
    runScripts: 'outside-only',
    pretendToBeVisual: true,
    virtualConsole: console,
  });
  const window = /** @type {any} */ (dom.window);
  if (load) window.clearformerLoad = load;
  prepare?.(window);
  window.eval(`${await script}\n;globalThis.bundled = typeof bundled === 'undefined' ? {} : bundled;`);
  return { window, document: window.document, exported: window.bundled, errors };
}

/** Lets what waits in the page's queue run. */
export async function settled() {
  await turn();
  await turn();
}

/** Waits until the figures with a state have left it. @param {any} document @param {string} [state] */
export async function leaves(document, state = 'loading') {
  for (let turns = 0; turns < 10_000; turns += 1) {
    if (!document.querySelector(`[data-state="${state}"]`)) return settled();
    await settled();
  }
  throw new Error(`a figure is still ${state}`);
}
