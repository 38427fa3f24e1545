import { html, nothing, svg } from 'lit/html.js';
import { ref } from 'lit/directives/ref.js';
import { fixed, roundRow } from './format.js';

/**
 * A matrix: rows are tokens from top to bottom, columns features or keys. Digits while cells are large enough, SVG up to 32 x 32,
 * canvas beyond. One Tab stop; arrows walk, Enter pins, Esc leaves.
 * @typedef {object} MatrixView
 * @property {string} id unique on the page
 * @property {string} symbol @property {string} title @property {string} letters "T × S"
 * @property {string} role colour role
 * @property {number[]} shape [rows, columns] @property {ArrayLike<number>} values row-major
 * @property {string[]} rowLabels @property {string[]} columnLabels
 * @property {boolean} [shares] rows are probabilities: one hue, and shown digits that sum
 * @property {(r: number, c: number) => boolean} [masked]
 * @property {() => [number, number] | null} [current] the selection as asked for last, which the drawing may not show yet
 * @property {[number, number] | null} [selected] @property {number} [row] a row to tie to the selection @property {number} [column]
 * @property {string} [tie] colour role of that row or column
 * @property {string[]} [alignWith] labels of a matrix that stands above, so that the columns line up
 * @property {number[]} [lines] columns that a thin line sets off (heads)
 * @property {{title: string, values: string[]}} [margin] one more column of text, at the right
 * @property {Set<number>} [changed] offsets that an override has moved
 * @property {(r: number, c: number) => void} [onCell] a cell was picked
 * @property {(cell: [number, number] | null) => void} [onLook] a mouse rests on a cell, or has left
 */

const MOST_SVG = 32;

/** @param {number} columns @param {number} rows */
const cellWidth = (columns, rows) =>
  columns <= 8
    ? 46
    : columns <= 16
      ? 40
      : Math.max(columns, rows) <= MOST_SVG
        ? 22
        : Math.max(8, Math.floor(560 / columns));

/** @param {MatrixView} view */
export function matrix(view) {
  const [rows, columns] = view.shape;
  const { symbol, title, letters, role } = view;
  return html`
    <div class="cf-matrix">
      ${title ? html`<p class="cf-matrix-title"><i class="cf-role-${role}">${subscript(symbol)}</i> <b>${title}</b> <span class="cf-shape">[${letters}] = [${rows} × ${columns}]</span></p>` : nothing}
      <div class="cf-scroll">${Math.max(rows, columns) > MOST_SVG ? large(view) : small(view)}</div>
    </div>
  `;
}

/** W_Q as W with a subscript. @param {string} symbol */
export function subscript(symbol) {
  const [base, below] = symbol.split('_');
  return below ? html`${base}<sub>${below}</sub>` : base;
}

/** @param {string} text @param {number} most */
const cut = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join('')}…` : text);

/** @param {MatrixView} view */
function layout(view) {
  const [rows, columns] = view.shape;
  const width = cellWidth(columns, rows);
  const height = width >= 40 ? 32 : width;
  const longest = Math.max(
    1,
    ...[...view.rowLabels, ...(view.alignWith ?? [])].map((label) => [...label].length),
  );
  const left = Math.min(12, longest) * 7.4 + 12;
  const slanted = view.columnLabels.some((label) => [...label].length * 7.2 > width);
  const top =
    view.columnLabels.length === 0
      ? 4
      : slanted
        ? Math.min(10, Math.max(...view.columnLabels.map((label) => [...label].length))) * 5.2 + 14
        : 22;
  const right = view.margin ? 64 : slanted ? 26 : 4;
  return {
    rows,
    columns,
    width,
    height,
    left,
    top,
    slanted,
    total: { width: left + columns * width + right, height: top + rows * height + 4 },
  };
}

/** The largest finite size in the matrix, for signed colours. @param {ArrayLike<number>} values */
function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i += 1)
    if (Number.isFinite(values[i])) most = Math.max(most, Math.abs(values[i]));
  return most || 1;
}

/** Shares of many columns are small: their colours go by the square root, so that they can be told apart. @param {number} columns */
export const byRoot = (columns) => columns > 16;

/** Which cell a pointer is nearest to. @param {PointerEvent | MouseEvent} event @param {ReturnType<typeof layout>} at @returns {[number, number] | null} */
function cellAt(event, at) {
  const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
  const scale = box.width / at.total.width;
  const c = Math.floor(((event.clientX - box.left) / scale - at.left) / at.width);
  const r = Math.floor(((event.clientY - box.top) / scale - at.top) / at.height);
  if (c < -1 || r < -1 || c > at.columns || r > at.rows) return null;
  return [Math.min(at.rows - 1, Math.max(0, r)), Math.min(at.columns - 1, Math.max(0, c))];
}

/** @param {MatrixView} view @param {ReturnType<typeof layout>} at */
const handlers = (view, at) => ({
  click: (/** @type {MouseEvent} */ event) => {
    const cell = cellAt(event, at);
    if (cell) view.onCell?.(...cell);
  },
  move: (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === 'mouse') view.onLook?.(cellAt(event, at));
  },
  leave: () => view.onLook?.(null),
  key: (/** @type {KeyboardEvent} */ event) => {
    const [r, c] = view.current?.() ?? view.selected ?? [0, 0];
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowUp: [r - 1, c],
      ArrowDown: [r + 1, c],
      ArrowLeft: [r, c - 1],
      ArrowRight: [r, c + 1],
      Home: [r, 0],
      End: [r, at.columns - 1],
      PageUp: [0, c],
      PageDown: [at.rows - 1, c],
      Enter: [r, c],
      ' ': [r, c],
    });
    if (event.key === 'Escape') /** @type {HTMLElement} */ (event.currentTarget).blur();
    const next = moves[event.key];
    if (!next) return;
    event.preventDefault();
    view.onCell?.(
      Math.min(at.rows - 1, Math.max(0, next[0])),
      Math.min(at.columns - 1, Math.max(0, next[1])),
    );
  },
});

/** @param {MatrixView} view */
const spoken = (view) => {
  const [rows, columns] = view.shape;
  const at = view.selected;
  const here = at
    ? ` Now ${view.rowLabels[at[0]] ?? at[0] + 1}, ${view.columnLabels[at[1]] ?? at[1] + 1}: ${view.masked?.(...at) ? 'masked' : fixed(view.values[at[0] * columns + at[1]], 4)}.`
    : '';
  return `${view.title}, ${rows} by ${columns}. Arrow keys walk the cells.${here}`;
};

/** @param {MatrixView} view */
function small(view) {
  const at = layout(view);
  const { rows, columns, width, height, left, top, slanted, total } = at;
  const digits = width >= 40;
  const most = view.shares ? 1 : largest(view.values);
  const tone = view.shares && byRoot(columns) ? Math.sqrt : (/** @type {number} */ share) => share;
  const on = handlers(view, at);
  const fill = [];
  const text = [];
  const hatch = `${view.id}-hatch`;
  for (let r = 0; r < rows; r += 1) {
    const row = Array.from({ length: columns }, (_, c) => view.values[r * columns + c]);
    const shown = view.shares
      ? roundRow(row)
      : row.map((value) => fixed(value, Math.abs(most) >= 100 ? 0 : Math.abs(most) >= 10 ? 1 : 2));
    for (let c = 0; c < columns; c += 1) {
      const x = left + c * width;
      const y = top + r * height;
      const value = row[c];
      if (view.masked?.(r, c)) {
        fill.push(
          svg`<rect class="cf-cell-masked" x=${x + 1} y=${y + 1} width=${width - 2} height=${height - 2} fill="url(#${hatch})"></rect>`,
        );
        continue;
      }
      const share = tone(Math.min(1, Math.abs(value) / most));
      const sign = view.shares ? 'share' : value < 0 ? 'negative' : 'positive';
      fill.push(
        svg`<rect class="cf-cell-${sign}" x=${x + 1} y=${y + 1} width=${width - 2} height=${height - 2} fill-opacity=${(Number.isFinite(share) ? 0.06 + 0.94 * share : 0).toFixed(3)}></rect>`,
      );
      if (digits)
        text.push(
          svg`<text class="cf-digits" x=${x + width / 2} y=${y + height / 2 + 4.5}>${shown[c]}</text>`,
        );
      if (view.changed?.has(r * columns + c))
        text.push(svg`<path class="cf-changed" d="M${x + width - 8} ${y + 1.5}h6.5v6.5z"></path>`);
    }
  }
  const [sr, sc] = view.selected ?? [-1, -1];
  return html`
    <svg
      class="cf-grid"
      data-export
      data-matrix=${view.id}
      viewBox="0 0 ${total.width} ${total.height}"
      width=${total.width}
      height=${total.height}
      tabindex="0"
      role="application"
      aria-label=${spoken(view)}
      @click=${on.click}
      @pointermove=${on.move}
      @pointerleave=${on.leave}
      @keydown=${on.key}
    >
      <defs>
        <pattern id=${hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path class="cf-hatch" d="M0 0v6"></path>
        </pattern>
      </defs>
      <g class="cf-fill cf-role-${view.role}">${fill}</g>
      ${view.row === undefined || view.row < 0 ? nothing : svg`<rect class="cf-tie cf-role-${view.tie}" x=${left - 1} y=${top + view.row * height - 0.5} width=${columns * width + 2} height=${height + 1}></rect>`}
      ${view.column === undefined || view.column < 0 ? nothing : svg`<rect class="cf-tie cf-role-${view.tie}" x=${left + view.column * width - 0.5} y=${top - 1} width=${width + 1} height=${rows * height + 2}></rect>`}
      ${(view.lines ?? []).map((c) => svg`<path class="cf-divide" d="M${left + c * width} ${top - 4}V${top + rows * height + 2}"></path>`)}
      <g class="cf-labels">
        ${view.rowLabels.map((label, r) => svg`<text class=${r === sr ? 'cf-on' : ''} text-anchor="end" x=${left - 8} y=${top + r * height + height / 2 + 4.5}>${cut(label, 12)}</text>`)}
        ${view.columnLabels.map((label, c) =>
          slanted
            ? svg`<text class=${c === sc ? 'cf-on' : ''} transform="translate(${left + c * width + width / 2 - 4} ${top - 6}) rotate(-40)">${cut(label, 10)}</text>`
            : svg`<text class=${c === sc ? 'cf-on' : ''} text-anchor="middle" x=${left + c * width + width / 2} y=${top - 7}>${label}</text>`,
        )}
        ${view.margin ? svg`<text text-anchor="end" x=${total.width - 4} y=${top - 7}>${view.margin.title}</text>` : nothing}
      </g>
      <g>${text}</g>
      ${view.margin ? view.margin.values.map((value, r) => svg`<text class="cf-digits cf-margin" x=${total.width - 4} y=${top + r * height + height / 2 + 4.5}>${value}</text>`) : nothing}
      ${sr < 0 ? nothing : svg`<rect class="cf-selected" x=${left + sc * width} y=${top + sr * height} width=${width} height=${height}></rect>`}
    </svg>
    ${digits ? nothing : magnifier(view)}
  `;
}

/** The neighbourhood of the selected cell with digits, where the matrix itself has no room for them. @param {MatrixView} view */
function magnifier(view) {
  if (!view.selected) return nothing;
  const [rows, columns] = view.shape;
  const [sr, sc] = view.selected;
  const near = (/** @type {number} */ i, /** @type {number} */ most) =>
    [i - 1, i, i + 1].filter((j) => j >= 0 && j < most);
  return html`
    <table class="cf-magnifier" aria-hidden="true">
      <tr>
        <td></td>
        ${near(sc, columns).map((c) => html`<th>${cut(view.columnLabels[c] ?? String(c + 1), 8)}</th>`)}
      </tr>
      ${near(sr, rows).map(
        (r) =>
          html`<tr>
            <th>${cut(view.rowLabels[r] ?? String(r + 1), 10)}</th>
            ${near(sc, columns).map((c) => html`<td class=${r === sr && c === sc ? 'cf-on' : ''}>${view.masked?.(r, c) ? '–' : fixed(view.values[r * columns + c], 3)}</td>`)}
          </tr>`,
      )}
    </table>
  `;
}

/** @param {MatrixView} view */
function large(view) {
  const at = { ...layout({ ...view, rowLabels: [], columnLabels: [] }), left: 4, top: 4 };
  const { rows, columns, width, height } = at;
  at.total = { width: 8 + columns * width, height: 8 + rows * height };
  const on = handlers(view, at);
  const [sr, sc] = view.selected ?? [-1, -1];
  return html`
    <div class="cf-large" tabindex="0" role="application" aria-label=${spoken(view)} @keydown=${on.key}>
      <canvas
        width=${at.total.width * 2}
        height=${at.total.height * 2}
        class="cf-role-${view.role}"
        ${ref((element) => element && queueMicrotask(() => paint(/** @type {HTMLCanvasElement} */ (element), view, at)))}
      ></canvas>
      <svg
        class="cf-over"
        data-export
        data-matrix=${view.id}
        viewBox="0 0 ${at.total.width} ${at.total.height}"
        width=${at.total.width}
        height=${at.total.height}
        @click=${on.click}
        @pointermove=${on.move}
        @pointerleave=${on.leave}
      >
        ${sr < 0 ? nothing : svg`<rect class="cf-selected" x=${at.left + sc * width} y=${at.top + sr * height} width=${width} height=${height}></rect>`}
      </svg>
    </div>
    ${magnifier(view)}
  `;
}

/** @param {HTMLCanvasElement} canvas @param {MatrixView} view @param {ReturnType<typeof layout>} at */
function paint(canvas, view, at) {
  const context = canvas.getContext?.('2d');
  if (!context) return;
  const colour = (/** @type {string} */ name) => getComputedStyle(canvas).getPropertyValue(name).trim();
  const { rows, columns, width, height, left, top } = at;
  const most = view.shares ? 1 : largest(view.values);
  const tone = view.shares && byRoot(columns) ? Math.sqrt : (/** @type {number} */ share) => share;
  const hues = {
    share: colour('--role'),
    negative: colour('--cf-negative'),
    positive: colour('--cf-positive'),
    line: colour('--cf-line'),
  };
  canvas.style.setProperty('width', `${at.total.width}px`);
  context.setTransform(2, 0, 0, 2, 0, 0);
  context.clearRect(0, 0, at.total.width, at.total.height);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const value = view.values[r * columns + c];
      const x = left + c * width;
      const y = top + r * height;
      if (view.masked?.(r, c)) {
        context.globalAlpha = 1;
        context.strokeStyle = hues.line;
        context.beginPath();
        context.moveTo(x + 1, y + height - 1);
        context.lineTo(x + width - 1, y + 1);
        context.stroke();
        continue;
      }
      context.globalAlpha = Number.isFinite(value)
        ? 0.05 + 0.75 * tone(Math.min(1, Math.abs(value) / most))
        : 0;
      context.fillStyle = view.shares ? hues.share : value < 0 ? hues.negative : hues.positive;
      context.fillRect(x + 0.5, y + 0.5, width - 1, height - 1);
    }
  }
}

/** What the colours mean. @param {{shares: boolean, role: string, most?: number, maskedMeaning?: string, id: string, root?: boolean}} view */
export function legend({ shares, role, most = 1, maskedMeaning, id, root = false }) {
  return html`
    <p class="cf-legend">
      <span>${shares ? '0' : fixed(-most)}</span>
      <svg class="cf-role-${role}" width="112" height="10" aria-hidden="true">
        <defs>
          <linearGradient id="${id}-ramp">
            ${
              shares
                ? svg`<stop class="cf-stop-share" offset="0" stop-opacity="0.06"></stop><stop class="cf-stop-share" offset="1"></stop>`
                : svg`<stop class="cf-stop-negative" offset="0"></stop><stop class="cf-stop-negative" offset="0.5" stop-opacity="0"></stop><stop class="cf-stop-positive" offset="0.5" stop-opacity="0"></stop><stop class="cf-stop-positive" offset="1"></stop>`
            }
          </linearGradient>
        </defs>
        <g class="cf-fill"><rect width="112" height="10" fill="url(#${id}-ramp)"></rect></g>
      </svg>
      <span>${shares ? '1' : fixed(most)}${root ? ', by square root' : ''}</span>
      ${
        maskedMeaning
          ? html`<svg class="cf-swatch" width="18" height="10" aria-hidden="true">
                <path class="cf-hatch" d="M0 10 10 0M4 10 14 0M8 10 18 0M-4 10 6 0M12 10 22 0"></path></svg
              ><span>${maskedMeaning}</span>`
          : nothing
      }
    </p>
  `;
}
