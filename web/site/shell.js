/** What every page has: the theme switch, the mark of where one is, the error report, and the elements that live in prose. */
import './value.js';
import './scrub.js';
import './term.js';
import './cite.js';
import './question.js';
import { offerCopies } from './copy.js';
import { remember, recall } from './storage.js';

/** Errors so far, for the report and for tests. @type {string[]} */
const errors = [];
/** @type {any} */ (globalThis).clearformerErrors = errors;
addEventListener('error', (event) => errors.push(event.message));
addEventListener('unhandledrejection', (event) => errors.push(String(event.reason)));
document.addEventListener('securitypolicyviolation', (event) =>
  errors.push(`policy: ${event.violatedDirective} ${event.blockedURI}`),
);

const page = document.documentElement;

function setUpTheme() {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector('.cf-theme'));
  if (!button) return;
  const prefersDark = globalThis.matchMedia?.('(prefers-color-scheme: dark)');
  const isDark = () => (page.dataset.theme ? page.dataset.theme === 'dark' : Boolean(prefersDark?.matches));
  const label = () => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${isDark() ? 'light' : 'dark'} colours`);
  };
  const kept = recall('theme');
  if (kept === 'dark' || kept === 'light') page.dataset.theme = kept;
  button.addEventListener('click', () => {
    page.dataset.theme = isDark() ? 'light' : 'dark';
    remember('theme', page.dataset.theme);
    label();
    document.dispatchEvent(new Event('cf-theme'));
  });
  prefersDark?.addEventListener?.('change', label);
  label();
  button.hidden = false;
}

/** Marks the section being read in "On this page". */
function followReading() {
  const links = [...document.querySelectorAll('.cf-contents a')];
  if (links.length === 0 || !('IntersectionObserver' in globalThis)) return;
  const sections = links.map((link) =>
    document.getElementById(/** @type {string} */ (link.getAttribute('href')).slice(1)),
  );
  const mark = () => {
    const line = innerHeight * 0.3;
    const passed = sections.filter((section) => section && section.getBoundingClientRect().top < line).length;
    links.forEach((link, i) => {
      if (i === Math.max(passed - 1, 0)) link.setAttribute('aria-current', 'location');
      else link.removeAttribute('aria-current');
    });
  };
  let asked = false;
  const soon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      mark();
    });
  };
  addEventListener('scroll', soon, { passive: true });
  mark();
}

/** The report carries the page, the state in its address and the version, nothing else. */
function setUpReport() {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector('.cf-report'));
  if (!link) return;
  link.addEventListener('click', (event) => {
    event.preventDefault();
    const text = [
      'What is wrong, and what should it be?',
      '',
      '',
      `Page: ${document.title}`,
      `Address: ${location.href}`,
      `Version: ${page.dataset.version}`,
      `Browser: ${navigator.userAgent}`,
      ...(errors.length ? ['Errors:', ...errors.slice(0, 10)] : []),
    ].join('\n');
    let box = /** @type {HTMLTextAreaElement | null} */ (document.querySelector('.cf-report-text'));
    if (!box) {
      box = document.createElement('textarea');
      box.className = 'cf-report-text';
      box.rows = 9;
      box.setAttribute('aria-label', 'Report to copy into an issue of the project');
      link.parentElement?.after(box);
    }
    box.value = text;
    box.focus();
    box.setSelectionRange(0, 0);
  });
}

/** A link such as #stepper:heads=2 leads to its first figure. */
function goToFigure() {
  const id = /^#([\w-]+):/.exec(location.hash)?.[1];
  if (id) document.getElementById(id)?.scrollIntoView?.({ block: 'start' });
}

/** A formula wider than the window scrolls; then the keyboard must reach it. */
function reachWideFormulas() {
  if (!('ResizeObserver' in globalThis)) return;
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0');
      else target.removeAttribute('tabindex');
    }
  });
  for (const formula of document.querySelectorAll('div.math')) observer.observe(formula);
}

setUpTheme();
reachWideFormulas();
followReading();
setUpReport();
offerCopies();
goToFigure();
