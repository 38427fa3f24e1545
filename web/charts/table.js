import { html, nothing } from 'lit/html.js';
import { exactWithUnit, isCounted, withUnit } from '../draw/format.js';

/**
 * A table for comparing: every column can be sorted by, what differs from the reference is marked, and a table wider than the page scrolls in its own
 * region with its first column staying.
 * @typedef {number | string | null | undefined} Value
 * @typedef {{value: Value, shown?: unknown, approximate?: boolean}} Cell shown: what stands there instead, text or a template
 * @typedef {{name: string, title: string, unit?: string, binary?: boolean, note?: string}} Column
 * @typedef {{name: string, title: unknown, cells: Record<string, Value | Cell>, sortTitle?: string}} Row
 * @typedef {{column: string, direction: 'ascending' | 'descending'}} Sort the column '' is the first, of titles
 * @typedef {object} TableView
 * @property {string} caption @property {string} [corner] the head over the titles
 * @property {Column[]} columns @property {Row[]} rows
 * @property {Sort} [sort] @property {(sort: Sort | undefined) => void} [onSort] without it there are no buttons
 * @property {string} [reference] name of the row that the others are compared with @property {string} [selected] name of a row
 * @property {string} [missing] what stands where nothing is known
 */

/** @param {Value | Cell} cell @returns {Cell} */
const cellOf = (cell) =>
  typeof cell === 'object' && cell !== null ? cell : { value: /** @type {Value} */ (cell) };

/** @param {Row} row @param {Sort} sort @returns {Value} */
const sortKey = (row, { column }) =>
  column === '' ? (row.sortTitle ?? String(row.title)) : cellOf(row.cells[column]).value;

/** @param {Value} value */
const isKnown = (value) =>
  value !== null &&
  value !== undefined &&
  value !== '' &&
  !(typeof value === 'number' && Number.isNaN(value));

/** Rows in order: what is unknown comes last either way, equals stay as they were. @param {Row[]} rows @param {Sort | undefined} sort */
export function sorted(rows, sort) {
  if (!sort) return rows;
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return [...rows].sort((one, other) => {
    const a = sortKey(one, sort);
    const b = sortKey(other, sort);
    if (!isKnown(a) || !isKnown(b)) return Number(isKnown(b)) - Number(isKnown(a));
    if (typeof a === 'number' && typeof b === 'number') return sign * (a < b ? -1 : a > b ? 1 : 0);
    return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
  });
}

/** The first press sorts up, the second down, the third not at all. @param {Sort | undefined} sort @param {string} column @returns {Sort | undefined} */
export function nextSort(sort, column) {
  if (sort?.column !== column) return { column, direction: 'ascending' };
  return sort.direction === 'ascending' ? { column, direction: 'descending' } : undefined;
}

/** @param {TableView} view */
export function comparisonTable(view) {
  const { caption, corner = '', columns, sort } = view;
  const reference = view.rows.find(({ name }) => name === view.reference);
  return html`
    <p class="cf-compare-caption">
      ${caption}
      ${reference ? html`<span class="cf-compare-key"><span class="cf-differs-mark" aria-hidden="true">≠</span> differs from ${reference.title}</span>` : nothing}
    </p>
    <div class="cf-compare" tabindex="0" role="region" aria-label=${caption}>
      <table aria-label=${caption}>
        <thead>
          <tr>
            ${head(view, { name: '', title: corner }, false)}
            ${columns.map((column) => head(view, column, isNumeric(view.rows, column)))}
          </tr>
        </thead>
        <tbody>
          ${sorted(view.rows, sort).map(
            (row) =>
              html`<tr class=${row.name === view.selected ? 'cf-on' : ''} data-name=${row.name}>
                <th scope="row">${row.title}</th>
                ${columns.map((column) => body(view, row, column, reference))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** @param {Row[]} rows @param {Column} column */
const isNumeric = (rows, { name }) => rows.some((row) => typeof cellOf(row.cells[name]).value === 'number');

/** @param {TableView} view @param {Column} column @param {boolean} numeric */
function head({ sort, onSort }, { name, title, unit, note }, numeric) {
  const direction = sort?.column === name ? sort.direction : 'none';
  const words = html`${title}${unit && isCounted(unit) && unit !== 'USD' ? html` <span class="cf-unit">${unit}</span>` : nothing}`;
  const arrow = html`<span class="cf-sort" aria-hidden="true"
    >${direction === 'ascending' ? '↑' : direction === 'descending' ? '↓' : ''}</span
  >`;
  // Numbers end where their head ends, so there the arrow stands before the words.
  const inside = onSort
    ? html`<button type="button" @click=${() => onSort(nextSort(sort, name))}>
        ${numeric ? arrow : nothing}${words}${numeric ? nothing : arrow}
      </button>`
    : words;
  return html`<th
    scope="col"
    class=${numeric ? 'cf-numeric' : ''}
    aria-sort=${onSort ? direction : nothing}
    title=${note ?? nothing}
  >
    ${inside}
  </th>`;
}

/** @param {TableView} view @param {Row} row @param {Column} column @param {Row | undefined} reference */
function body({ missing = '–', rows }, row, column, reference) {
  const { value, shown, approximate } = cellOf(row.cells[column.name]);
  const number = typeof value === 'number';
  const text = isKnown(value)
    ? number
      ? `${approximate ? '~' : ''}${withUnit(value, column.unit, { binary: column.binary, bare: true })}`
      : String(value)
    : missing;
  const differs =
    reference !== undefined && row !== reference && !same(value, cellOf(reference.cells[column.name]).value);
  const classes = [
    isNumeric(rows, column) ? 'cf-numeric' : '',
    differs ? 'cf-differs' : '',
    isKnown(value) ? '' : 'cf-missing',
  ]
    .filter(Boolean)
    .join(' ');
  return html`<td
    class=${classes}
    title=${number && isKnown(value) ? exactWithUnit(value, column.unit) : nothing}
  >
    ${differs ? html`<span class="cf-differs-mark" aria-hidden="true">≠</span><span class="cf-hidden">differs: </span>` : nothing}${shown ?? text}
  </td>`;
}

/** What is unknown is not said to differ. @param {Value} a @param {Value} b */
const same = (a, b) => !isKnown(a) || !isKnown(b) || Object.is(a, b);
