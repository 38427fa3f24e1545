// Everything esbuild does: page scripts, the core's thread, the Node package, embeddable figures.
import { build } from 'esbuild';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** @type {import('esbuild').BuildOptions & {write: false}} */
const common = {
  bundle: true,
  write: false,
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  charset: 'utf8',
  target: 'es2022',
};

/** @param {import('esbuild').BuildOptions} options */
async function text(options) {
  const result = await build({ ...common, ...options });
  return /** @type {import('esbuild').OutputFile[]} */ (result.outputFiles)[0].text;
}

/** The thread's text as a module that page scripts import. @param {string} threadText @returns {import('esbuild').Plugin} */
const coreThread = (threadText) => ({
  name: 'core-thread',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^virtual:core-thread$/ }, ({ path }) => ({ path, namespace: 'virtual' }));
    esbuild.onLoad({ filter: /.*/, namespace: 'virtual' }, () => ({ contents: threadText, loader: 'text' }));
  },
});

/** Emscripten's glue asks Node for files; in pages that never happens. */
const glue = { external: ['module', 'fs', 'path', 'url'] };

/** @param {string} root */
export const bundleThread = (root) =>
  text({
    entryPoints: [join(root, 'web/core/thread.js')],
    format: 'iife',
    platform: 'browser',
    ...glue,
    supported: { 'dynamic-import': true },
    define: { 'import.meta.url': '""' },
  });

/** @param {string} root */
export const bundlePackage = (root) =>
  text({ entryPoints: [join(root, 'web/core/node.js')], format: 'esm', platform: 'node', minify: false });

/** The command line, beside the package that it uses. @param {string} root */
export const bundleCommand = (root) =>
  text({
    entryPoints: [join(root, 'web/cli/clearformer.js')],
    format: 'esm',
    platform: 'node',
    minify: false,
    banner: { js: '#!/usr/bin/env node' },
    plugins: [
      {
        name: 'beside',
        setup(esbuild) {
          esbuild.onResolve({ filter: /^clearformer$/ }, () => ({
            path: './clearformer.mjs',
            external: true,
          }));
        },
      },
    ],
  });

/** The tags of web/figures that a page uses. @param {string} root @param {string} html */
export function figureTags(root, html) {
  return readdirSync(join(root, 'web/figures'))
    .filter((name) => name.endsWith('.js') && isFigure(join(root, 'web/figures', name)))
    .map((name) => name.replace(/\.js$/, ''))
    .filter((name) => new RegExp(`<cf-${name}[\\s>]`).test(html));
}

/** A file of web/figures is a figure when it defines its element; the others are what figures share. @param {string} path */
const isFigure = (path) => readFileSync(path, 'utf8').includes('customElements.define(');

/**
 * What import('./x.js') means in a page: x is a script of its own, asked for when the import is first run. A module that exports `then` is
 * what import() waits for, so this one hands on to the part. @param {string} root @param {Set<string>} parts gets the names of those found
 * @returns {import('esbuild').Plugin}
 */
const later = (root, parts) => ({
  name: 'later',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const name = relative(join(root, 'web'), resolve(resolveDir, path)).replace(/\.js$/, '');
      parts.add(name);
      return { path: name, namespace: 'later' };
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'later' }, ({ path }) => ({
      contents: `import { part } from './web/core/assets.js';
export const then = (resolve, reject) => part(${JSON.stringify(path)}).then(resolve, reject);`,
      resolveDir: root,
    }));
  },
});

/** A part that comes after the page. It is bundled by itself, so it shares no state with the page. @param {string} root @param {string} name */
export const bundlePart = (root, name) =>
  text({
    stdin: {
      contents: `import * as part from './web/${name}.js';
(globalThis.clearformerParts ??= {})[${JSON.stringify(name)}] = part;`,
      resolveDir: root,
    },
    format: 'iife',
    platform: 'browser',
  });

/** @param {string} root @param {string[]} figures @param {string} threadText @param {Set<string>} parts gets the names of the parts that come later */
export const bundlePage = (root, figures, threadText, parts) =>
  text({
    stdin: {
      contents: [
        "import './web/site/shell.js';",
        ...figures.map((name) => `import './web/figures/${name}.js';`),
      ].join('\n'),
      resolveDir: root,
    },
    format: 'iife',
    platform: 'browser',
    plugins: [coreThread(threadText), later(root, parts)],
  });

/** One figure for other people's pages, or nothing for a file that is no figure. @param {string} root @param {string} name @param {string} threadText @param {Set<string>} parts */
export async function bundleEmbed(root, name, threadText, parts) {
  if (!isFigure(join(root, 'web/figures', `${name}.js`)) || !existsSync(join(root, 'web/embed/embed.js')))
    return undefined;
  return text({
    stdin: {
      contents: `import './web/embed/embed.js'; import './web/figures/${name}.js';`,
      resolveDir: root,
    },
    format: 'iife',
    platform: 'browser',
    plugins: [coreThread(threadText), later(root, parts)],
  });
}
