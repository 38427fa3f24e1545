// A browser, the built site under a base path, and pages that collect what goes wrong.
import { chromium } from 'playwright-core';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listen, serve } from '../../scripts/serve.mjs';

export const dist = resolve(new URL('../../dist', import.meta.url).pathname);
const BASE = '/some/where/deep/';
const PATIENCE = 15_000; // ms

/** Every page of the site, by its path. */
export const pages = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((path) => path.startsWith('tutorials/') && path.endsWith('.html'))
  .sort();

/** The pages of the reference come from one template: its map, the page that differs and one of the longest stand for the others. */
export const closelyLookedAt = pages.filter(
  (path) => !path.startsWith('tutorials/reference/') || /\/(?:index|core|moe)\.html$/.test(path),
);

export const ATTENTION = 'tutorials/text/complete-attention-mechanism.html';

/** @param {import('node:test').TestContext | {after: (f: () => Promise<void>) => void}} t closes everything at its end */
export async function openBrowser(t) {
  const path =
    process.env.CLEARFORMER_CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  if (!path) throw new Error('browser tests need Chromium: run scripts/setup, or set CLEARFORMER_CHROMIUM');
  const { server } = serve({ folder: dist, base: BASE });
  const port = await listen(server, 18_000 + (process.pid % 1000));
  const browser = await chromium.launch({
    executablePath: path,
    args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --font-render-hinting=none'.split(
      ' ',
    ),
  });
  t.after(async () => {
    await browser.close();
    await new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  });
  const http = (/** @type {string} */ page) => `http://localhost:${port}${BASE}${page}`;
  const file = (/** @type {string} */ page) => {
    const [name, hash] = page.split('#');
    return pathToFileURL(join(dist, name)).href + (hash === undefined ? '' : `#${hash}`);
  };

  /**
   * A page in a context of its own, with its errors and the addresses it asked for.
   * @param {string} url @param {{width?: number, dark?: boolean, touch?: boolean, prepare?: (page: import('playwright-core').Page) => Promise<void>, reduced?: boolean}} [options]
   */
  async function open(url, { width = 1440, dark = false, touch = false, prepare, reduced = true } = {}) {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: reduced ? 'reduce' : 'no-preference',
      hasTouch: touch,
      permissions: url.startsWith('http') ? ['clipboard-read', 'clipboard-write'] : [],
    });
    const page = await context.newPage();
    /** @type {string[]} */
    const errors = [];
    /** @type {string[]} */
    const requests = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on(
      'console',
      (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()),
    );
    page.on('request', (request) => requests.push(request.url()));
    await prepare?.(page);
    await page.goto(url);
    return { page, errors, requests, context, close: () => context.close() };
  }
  return { open, http, file };
}

/** Waits until every figure has computed. @param {import('playwright-core').Page} page */
export async function settle(page) {
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('[data-state]')].every(
        (figure) => figure.getAttribute('data-state') === 'ready',
      ),
    null,
    { timeout: PATIENCE },
  );
  await page.evaluate(() => document.fonts.ready);
}

/** Waits until a figure says something. @param {import('playwright-core').Page} page @param {string} selector @param {RegExp} text */
export const untilText = (page, selector, text) =>
  page.waitForFunction(
    ([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ''),
    [selector, text.source],
    { timeout: PATIENCE },
  );
