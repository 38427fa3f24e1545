import { html, nothing, svg } from 'lit/html.js';
import { withUnit } from '../draw/format.js';
import { axis, bottomAxis, domainOf } from './axis.js';
import { nearest, pointIn, walkKeys } from './keys.js';
import { digitsWidth, shorten, textWidth } from './labels.js';

/**
 * A few things compared in one quantity: a bar each, its value behind it. On a log scale bars begin at a power of ten, which the axis shows, and
 * what is not above 0 has none.
 * @typedef {{name: string, title: string, value: number, role?: string, approximate?: boolean, faint?: boolean}} BarItem
 * @typedef {object} BarsView
 * @property {string} title its name for those who do not see it
 * @property {number} width pixels, 260 to 1100
 * @property {{title?: string, items: BarItem[]}[]} groups
 * @property {string} [unit] @property {boolean} [binary] @property {'linear' | 'log'} [kind]
 * @property {string} [selected] name of an item @property {() => string | undefined} [current] the selection as asked for last, which the drawing may not show yet
 * @property {(name: string) => void} [onPick] @property {() => void} [onLeave]
 */

const THICK = 16;

/** @param {BarsView} view @param {BarItem} item */
const valueText = ({ unit, binary }, { value, approximate }) =>
  `${approximate ? '~' : ''}${withUnit(value, unit, { binary })}`;

/** @param {BarsView} view */
export function barsChart(view) {
  const { width, groups, kind = 'linear', unit, binary } = view;
  const items = groups.flatMap((group) => group.items);
  const widest = Math.max(0, ...items.map(({ title }) => textWidth(title, 13)));
  // On a narrow page names stand over their bars.
  const above = widest > width * 0.34;
  const left = above ? 1 : Math.ceil(widest) + 12;
  const values = Math.max(0, ...items.map((item) => digitsWidth(valueText(view, item), 13)));
  const right = Math.round(width - values - 12);
  const [low, high] = domainOf(
    items.map(({ value }) => value),
    kind,
  );
  const floor = kind === 'log' ? 10 ** Math.floor(Math.log10(low)) : 0;
  const scale = axis({
    kind,
    domain: [floor, kind === 'log' ? high / 1.3 : high / 1.06],
    range: [left, right],
    unit,
    binary,
  });
  const end = (/** @type {BarItem} */ { value }) =>
    kind === 'log' && !(value > 0) ? left : Math.max(left, scale.scale(value));
  const pitch = above ? 46 : 30;
  let y = 0;
  const heads = [];
  const spines = [];
  /** @type {{item: BarItem, y: number}[]} */
  const rows = [];
  for (const group of groups) {
    if (group.title) {
      heads.push({ title: group.title, y: y + 16 });
      y += 26;
    }
    const begin = y;
    for (const item of group.items) {
      rows.push({ item, y: y + (above ? 24 : (pitch - THICK) / 2) });
      y += pitch;
    }
    spines.push([begin, y]);
    y += 6;
  }
  const height = y + (kind === 'log' ? 28 : 0);
  const find = (/** @type {string | undefined} */ name) => items.findIndex((item) => item.name === name);
  const pick = (/** @type {number} */ i) => items[i] && view.onPick?.(items[i].name);
  const now = items[find(view.selected)];
  return html`
    <div class="cf-chart">
      <svg
        class="cf-plot"
        data-export
        viewBox="0 0 ${width} ${height}"
        width=${width}
        height=${height}
        tabindex="0"
        role="application"
        aria-label="${view.title}. ${items.map((item) => `${item.title} ${valueText(view, item)}`).join(', ')}. Arrow keys walk the bars.${now ? ` Now ${now.title}: ${valueText(view, now)}.` : ''}"
        @click=${(/** @type {MouseEvent} */ event) => {
          const [, py] = pointIn(event, width);
          if (rows.length)
            pick(nearest(rows.map((row) => Math.abs(row.y + THICK / 2 - (above ? 8 : 0) - py))));
        }}
        @keydown=${walkKeys({
          count: items.length,
          at: () => find(view.current?.() ?? view.selected),
          onMove: pick,
          onPin: pick,
          onLeave: view.onLeave,
        })}
      >
        ${kind === 'log' ? bottomAxis(scale, { left, right, top: spines[0]?.[0] ?? 0, bottom: y, width, grid: true }) : nothing}
        ${heads.map((head) => svg`<text class="cf-bar-title" x="0" y=${head.y}>${head.title}</text>`)}
        ${rows.map(({ item, y: top }) => {
          const on = item.name === view.selected ? ' cf-on' : '';
          const name = above ? shorten(item.title, width - 4, 13) : item.title;
          return svg`<g class="cf-marks">
            <text class="cf-bar-name${on}" text-anchor=${above ? 'start' : 'end'} x=${above ? 0 : left - 10} y=${above ? top - 6 : top + THICK / 2 + 4.5}>${name}</text>
            <rect class="cf-segment cf-bar-mark cf-role-${item.role ?? 'residual'}${item.faint ? ' cf-faint' : ''}" data-name=${item.name} x=${left} y=${top} width=${end(item) - left} height=${THICK}></rect>
            <text class="cf-bar-value${on}" x=${end(item) + 8} y=${top + THICK / 2 + 4.5}>${valueText(view, item)}</text>
            ${on ? svg`<rect class="cf-selected" x=${left} y=${top} width=${Math.max(2, end(item) - left)} height=${THICK}></rect>` : nothing}
          </g>`;
        })}
        ${kind === 'log' || above ? nothing : svg`<path class="cf-axis-line" d=${spines.map(([from, to]) => `M${left} ${from}V${to}`).join('')}></path>`}
      </svg>
    </div>
  `;
}
