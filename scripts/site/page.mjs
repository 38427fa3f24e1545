// A source page (words and tags) made whole: head, header, contents, numbers, mathematics, previous and next.
import { JSDOM } from 'jsdom';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, dirname } from 'node:path';

export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'";
/** A series in order has a size; of the others each page stands by itself. @type {Record<string, {title: string, size?: number}>} */
const SERIES = { text: { title: 'Text', size: 12 }, tools: { title: 'Tools' } };

/** @typedef {{path: string, html: string, title: string, series?: string, order: number, minutes?: string, after?: string, script?: string}} Page */

/** Where a page's script is in the site. @param {Page} page */
export const scriptOf = ({ path, script }) =>
  script ?? `assets/pages/${path.replace(/^tutorials\//, '').replace(/\.html$/, '.js')}`;

/** @param {string} root @returns {Page[]} */
export function readPages(root) {
  return readdirSync(join(root, 'tutorials'), { recursive: true })
    .map((name) => `tutorials/${String(name)}`)
    .filter((path) => path.endsWith('.html'))
    .sort()
    .map((path) => {
      const html = readFileSync(join(root, path), 'utf8');
      const { document } = new JSDOM(html).window;
      const meta = (/** @type {string} */ name) =>
        document.querySelector(`meta[name="cf-${name}"]`)?.getAttribute('content') ?? undefined;
      const title = document.querySelector('h1')?.textContent?.trim() ?? document.title;
      return {
        path,
        html,
        title,
        series: meta('series'),
        order: Number(meta('order') ?? 0),
        minutes: meta('minutes'),
        after: meta('after'),
      };
    });
}

/** @param {Page} page @param {Page[]} pages @param {{render: (tex: string, display: boolean) => string}} math @param {string} version */
export function expandPage(page, pages, math, version) {
  const dom = new JSDOM(page.html);
  const { document } = dom.window;
  const up = `${relative(dirname(page.path), '.') || '.'}/`;
  const script = scriptOf(page);
  const make = (/** @type {string} */ html) => {
    const box = document.createElement('template');
    box.innerHTML = html.trim();
    return /** @type {Element} */ (box.content.firstElementChild);
  };
  document.documentElement.dataset.root = up;
  document.documentElement.dataset.version = version;

  for (const element of document.querySelectorAll('.math')) {
    element.innerHTML = math.render(element.textContent ?? '', element.tagName === 'DIV');
  }

  const head = document.head;
  for (const meta of head.querySelectorAll('meta[name^="cf-"]')) meta.remove();
  for (const html of [
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<link rel="icon" href="${up}assets/icon.svg" type="image/svg+xml">`,
    `<link rel="stylesheet" href="${up}assets/site.css">`,
    `<script src="${up}${script}" defer></script>`,
  ]) {
    head.append(make(html));
  }

  const main = /** @type {HTMLElement} */ (document.querySelector('main'));
  main.id = 'main';
  const home = relative(dirname(page.path), 'tutorials/index.html') || 'index.html';
  const reference = relative(dirname(page.path), 'tutorials/reference/index.html');
  const isReference = page.series === 'reference';
  const current = (/** @type {boolean} */ here) => (here ? ' aria-current="true"' : '');
  document.body.prepend(
    make('<a class="cf-skip" href="#main">Skip to the text</a>'),
    make(
      `<header class="cf-header"><a class="cf-wordmark" href="${home}">Clearformer</a><nav aria-label="Series"><a href="${home}"${current(page.series === 'text')}>Text</a> <a href="${home}#tools"${current(page.series === 'tools')}>Tools</a> <a href="${reference}"${current(isReference)}>Reference</a></nav><button type="button" class="cf-theme" hidden>Dark</button></header>`,
    ),
  );

  const h1 = document.querySelector('h1');
  const siblings = pages
    .filter(({ series }) => series && series === page.series)
    .sort((a, b) => a.order - b.order);
  if (page.series && !isReference && h1) {
    const { title, size } = SERIES[page.series];
    const place = size ? `${title} series, ${page.order} of ${size}` : title;
    const before = pages.find(({ path }) => path === join(dirname(page.path), page.after ?? '-'));
    const after = before
      ? ` · after <a href="${relative(dirname(page.path), before.path)}">${before.title}</a>`
      : '';
    h1.before(make(`<p class="cf-series">${place} · ${page.minutes} min${after}</p>`));
  }

  const sections = [...document.querySelectorAll('main h2[id]')];
  if (page.series && !isReference) {
    sections.forEach((h2, i) => h2.prepend(make(`<span class="cf-number">${i + 1}</span>`), ' '));
    let number = 0;
    let section = 0;
    for (const element of document.querySelectorAll('main h2[id], figure.cf-figure')) {
      if (element.tagName === 'H2') {
        section += 1;
        number = 0;
      } else {
        number += 1;
        element
          .querySelector('figcaption')
          ?.prepend(make(`<b class="cf-figure-number">Figure ${section}.${number}</b>`), ' ');
      }
    }
    const items = sections.map((h2) => {
      const copy = /** @type {Element} */ (h2.cloneNode(true));
      copy.querySelector('.cf-number')?.remove();
      return `<li><a href="#${h2.id}">${copy.textContent?.trim()}</a></li>`;
    });
    main.prepend(
      make(
        `<nav class="cf-contents" aria-label="On this page"><p>On this page</p><ol>${items.join('')}</ol></nav>`,
      ),
    );
  }

  const place = siblings.indexOf(page);
  const link = (
    /** @type {Page | undefined} */ other,
    /** @type {string} */ label,
    /** @type {string} */ rel,
  ) =>
    other
      ? `<a rel="${rel}" href="${relative(dirname(page.path), other.path)}"><span>${label}</span> ${other.title}</a>`
      : '';
  const previous = link(siblings[place - 1], 'Previous', 'prev');
  const next = link(siblings[place + 1], 'Next', 'next');
  const map =
    page.path === 'tutorials/index.html' ? '' : `<a href="${home}"><span>Map</span> All tutorials</a>`;
  document.body.append(
    make(
      `<footer class="cf-footer"><nav aria-label="Pages">${previous}${map}${next}</nav><p>Clearformer ${version}. Every number is computed, measured, cited or assumed, and marked so. <a class="cf-report" href="#main">Report an error</a></p></footer>`,
    ),
  );
  return dom.serialize();
}
