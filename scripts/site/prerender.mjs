// Runs a page once without a screen, so that the file holds the default state of every figure, computed by the core.
import { JSDOM, VirtualConsole } from 'jsdom';

const PATIENCE = 20_000; // ms

/**
 * @param {string} path for messages
 * @param {string} html
 * @param {string[]} scripts what comes after the page, then the page's own bundle
 * @param {object} core
 * @param {() => Promise<any>} core.load the core in Node
 * @param {import('../../web/core/make-core.js').Modules} core.modules
 * @param {object} core.registry what web/models/registry.js would load
 * @returns {Promise<string>} the page; data-opens names the modules that it opens by itself
 */
export async function prerender(path, html, scripts, { load, modules, registry }) {
  const problems = [];
  const console = new VirtualConsole();
  console.on('jsdomError', (error) => problems.push(error.message));
  console.on('error', (...parts) => problems.push(parts.join(' ')));
  const dom = new JSDOM(html, {
    runScripts: 'outside-only',
    pretendToBeVisual: true,
    virtualConsole: console,
    url: 'https://prerender.invalid/',
  });
  const { window } = dom;
  const called = new Set();
  const noting = {
    get: (/** @type {any} */ core, /** @type {string} */ name) => called.add(name) && core[name],
  };
  window.clearformerLoad = async () => new Proxy(await load(), noting);
  window.clearformerRegistry = registry;
  for (const script of scripts) window.eval(script);
  const figures = [...window.document.querySelectorAll('[data-state]')];
  if (problems.length > 0) throw new Error(`build: ${path}: ${problems[0]}`);
  const end = performance.now() + PATIENCE;
  const waiting = () => figures.filter((figure) => figure.getAttribute('data-state') === 'loading');
  while (waiting().length > 0 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const name = (figure) => `<${figure.localName} id="${figure.id}">`;
  if (waiting().length > 0)
    throw new Error(`build: in ${path} ${name(waiting()[0])} did not get ready in ${PATIENCE / 1000} s`);
  for (const figure of figures) {
    if (figure.getAttribute('data-state') === 'error') {
      throw new Error(
        `build: in ${path} ${name(figure)} failed: ${figure.querySelector('[role=alert]')?.textContent?.trim()}`,
      );
    }
  }
  if (problems.length > 0) throw new Error(`build: ${path}: ${problems[0]}`);

  const { document } = window;
  const opened = Object.keys(modules).filter((name) =>
    modules[name].functions.some((one) => called.has(one)),
  );
  document.documentElement.dataset.opens = opened.join(' ');
  const comments = [];
  const walker = document.createTreeWalker(document.documentElement, window.NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
  for (const figure of figures) figure.setAttribute('data-state', 'prerendered');
  for (const styled of document.querySelectorAll('[style]')) {
    throw new Error(
      `build: ${path}: <${styled.localName} class="${styled.getAttribute('class') ?? ''}"> has a style attribute, which the policy refuses`,
    );
  }
  shortenDrawings(document);
  const result = dom.serialize();
  window.close();
  return result;
}

const GEOMETRY = ['x', 'y', 'width', 'height', 'cx', 'cy', 'r', 'd', 'transform', 'x1', 'x2', 'y1', 'y2'];

/** Places of a drawing to a hundredth of a pixel: nobody sees more, and digits do not compress. @param {any} document */
function shortenDrawings(document) {
  for (const element of document.querySelectorAll('svg *')) {
    for (const name of GEOMETRY) {
      const value = element.getAttribute(name);
      if (!value || !/\.\d{3}/.test(value)) continue;
      element.setAttribute(
        name,
        value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2)))),
      );
    }
  }
}
