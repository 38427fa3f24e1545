import { html, nothing } from 'lit/html.js';
import { exactWithUnit, withUnit } from './format.js';

/**
 * A number that knows where it comes from, and how it opens. The core tells both; here they are only shown.
 * @typedef {'computed' | 'config' | 'input' | 'assumed' | 'cited' | 'measured' | 'constant'} Origin
 * @typedef {{name: string, title: string, value: number, unit: string, origin: Origin, approximate?: boolean, source?: string}} Quantity source: the config's key, or where it is cited from
 * @typedef {Quantity & {formula?: string, substituted?: string, terms: Quantity[], why?: string}} Explanation why: what is asked of it, where that is not its value
 * @typedef {Record<string, string>} Datasheets addresses of datasheets by the names that quantities cite
 * @typedef {object} PanelView
 * @property {Explanation[]} path from the first that was opened to the one that is shown
 * @property {(name: string) => void} onOpen
 * @property {(depth: number) => void} onBack how many steps of the path stay before the last: 0 is the first again
 * @property {() => void} [onClose] @property {(text: string) => void} [onCopy] @property {boolean} [binary]
 * @property {Datasheets} [datasheets]
 */

/**
 * A quantity at three significant digits, and with all of them; an estimate has no more than three that mean anything, and the others only in `full`.
 * @param {{value: number, unit?: string, approximate?: boolean}} quantity @param {{binary?: boolean}} [options] binary: bytes as GiB
 */
export function quantityText({ value, unit = '', approximate = false }, options = {}) {
  const about = approximate ? '~' : '';
  const text = `${about}${withUnit(value, unit, options)}`;
  const full = exactWithUnit(value, unit);
  return { text, exact: approximate ? text : full, full: `${about}${full}` };
}

const MOST_TERMS = 8;

/** A source as an address, if that is what it is: only http and https lead anywhere. @param {string | undefined} source */
export function addressOf(source = '') {
  if (!/^https?:\/\/\S+$/i.test(source)) return undefined;
  try {
    return new URL(source);
  } catch {
    return undefined;
  }
}

/** The source of what is assumed, without saying so twice. @param {string | undefined} source */
const reason = (source) => source?.replace(/^assumed(?:; |$)/, '');

/** @param {Quantity} quantity @param {Datasheets} [datasheets] */
export function originText({ origin, source: given }, datasheets = {}) {
  const source = origin === 'assumed' ? reason(given) : given;
  switch (origin) {
    case 'config':
      return source ? `from config key ${source}` : 'from the config';
    case 'cited':
      if (source && source in datasheets)
        return `datasheet of ${source}${datasheets[source] ? `, ${datasheets[source]}` : ''}`;
      return source ? `cited from ${source}` : 'cited';
    case 'measured':
      return 'measured on this device, now';
    case 'input':
      return source ? `an input: ${source}` : 'an input';
    case 'assumed':
      return source ? `assumed: ${source}` : 'assumed';
    default:
      return origin;
  }
}

/** Where a number comes from, in two or three words. @param {Quantity} quantity @param {Datasheets} [datasheets] */
function originMark(quantity, datasheets = {}) {
  const { origin } = quantity;
  const source = (origin === 'assumed' ? reason(quantity.source) : quantity.source) ?? '';
  if (origin === 'cited' && source in datasheets) {
    const sheet = addressOf(datasheets[source]);
    return html`<span class="cf-origin cf-origin-cited"
      >${sheet ? html`<a href=${sheet.href} rel="noopener">datasheet</a>` : 'datasheet'} of ${source}</span
    >`;
  }
  const address = addressOf(source);
  const link = address
    ? html`<a href=${address.href} rel="noopener">${address.hostname.replace(/^www\./, '')}</a>`
    : source;
  const words =
    origin === 'config' && source
      ? address
        ? html`config, ${link}`
        : html`config <code>${source}</code>`
      : origin === 'cited' && source
        ? html`cited, ${link}`
        : origin === 'assumed' && source
          ? html`assumed, ${link}`
          : originText(quantity);
  return html`<span class="cf-origin cf-origin-${origin}">${words}</span>`;
}

/** A quantity in running text or a table; with onOpen, one that opens. @param {Quantity} quantity @param {{binary?: boolean, onOpen?: (name: string) => void}} [options] */
export function quantityValue(quantity, { binary, onOpen } = {}) {
  const { text, full } = quantityText(quantity, { binary });
  return onOpen
    ? html`<button
        type="button"
        class="cf-term cf-quantity"
        title=${full}
        @click=${() => onOpen(quantity.name)}
      >
        ${text}
      </button>`
    : html`<span class="cf-quantity" title=${full}>${text}</span>`;
}

/** An explanation as text to take away, with every digit. @param {Explanation} explanation @param {Datasheets} [datasheets] */
export function explanationText(explanation, datasheets) {
  const { title, formula, substituted, terms, source } = explanation;
  const lines = [
    `${title} = ${quantityText(explanation).text} (${quantityText(explanation).full})`,
    formula && `= ${formula}`,
    substituted && `= ${substituted}`,
    ...terms.map((term) => `  ${term.title} = ${quantityText(term).full}, ${originText(term, datasheets)}`),
    explanation.origin === 'computed' ? source && `source: ${source}` : originText(explanation, datasheets),
  ];
  return `${lines.filter(Boolean).join('\n').replaceAll('\u00a0', ' ')}\n`;
}

/** The opened number: what it is, the formula, the formula with its values, and each value with where it comes from. @param {PanelView} view */
export function quantityPanel(view) {
  const { path, onBack, onClose, onCopy, binary, datasheets } = view;
  const shown = /** @type {Explanation} */ (path.at(-1));
  const { text, exact, full } = quantityText(shown, { binary });
  const leave = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (path.length > 1) onBack(path.length - 2);
    else onClose?.();
  };
  const address = addressOf(shown.source);
  return html`
    <section class="cf-explain cf-opened" aria-label="How ${shown.title} came about" @keydown=${leave}>
      ${
        path.length > 1
          ? html`<p class="cf-trail">
              ${path.slice(0, -1).map((step, i) => html`<button type="button" @click=${() => onBack(i)}>${step.title}</button> › `)}${shown.title}
            </p>`
          : nothing
      }
      <p class="cf-why">
        <b>Why <span class="cf-quantity">${shown.why ?? text}</span>?</b>
        <span class="cf-why-title"
          >${shown.title}${shown.why ? `: ${text.replace('~', 'about ')}` : nothing}</span
        >
        ${onClose ? html`<button type="button" class="cf-close" aria-label="Close" @click=${onClose}>×</button>` : nothing}
      </p>
      ${
        shown.approximate
          ? full === text
            ? nothing
            : html`<details class="cf-more cf-folded">
                <summary>All digits of the estimate</summary>
                <p class="cf-exact">${full}</p>
              </details>`
          : exact === text
            ? nothing
            : html`<p class="cf-exact">= ${exact}</p>`
      }
      ${shown.formula ? formulaView(shown) : nothing}
      ${shown.terms.length ? html`<dl class="cf-quantities">${shown.terms.map((term) => termRow(term, view))}</dl>` : nothing}
      ${
        shown.origin !== 'computed'
          ? html`<p class="cf-explain-end">${originMark(shown, datasheets)}. Here the way back ends.</p>`
          : shown.source
            ? html`<p class="cf-explain-end">
                Source:
                ${address ? html`<a href=${address.href} rel="noopener">${address.hostname}${address.pathname}</a>` : shown.source}
              </p>`
            : nothing
      }
      ${onCopy ? html`<p class="cf-explain-end"><button type="button" class="cf-link" @click=${() => onCopy(explanationText(shown, datasheets))}>Copy as text</button></p>` : nothing}
    </section>
  `;
}

/** The formula, and with its values; folded where it has more terms than anybody reads in a row. @param {Explanation} shown */
function formulaView({ formula, substituted, terms }) {
  const both = html`<div class="cf-formula">
    <p>= ${formula}</p>
    ${substituted ? html`<p class="cf-substituted">= ${substituted}</p>` : nothing}
  </div>`;
  return terms.length > MOST_TERMS
    ? html`<details class="cf-more cf-folded">
        <summary>The formula of ${terms.length} terms</summary>
        ${both}
      </details>`
    : both;
}

/** @param {Quantity} term @param {PanelView} view */
const termRow = (term, { onOpen, binary, datasheets }) =>
  html`<div>
    <dt>${term.title} ${term.origin === 'computed' ? nothing : originMark(term, datasheets)}</dt>
    <dd>${quantityValue(term, { binary, onOpen: term.origin === 'computed' ? onOpen : undefined })}</dd>
  </div>`;
