import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import { html, nothing, svg } from 'lit/html.js';
import { withUnit } from '../draw/format.js';
import { pointIn, walkKeys } from './keys.js';
import { shorten, textWidth } from './labels.js';

/**
 * A whole divided into areas, two or three levels deep. Names stand where they fit; what is too small to be seen is listed under the drawing.
 * A part without children counts with its value, one with children with their sum.
 * @typedef {{name: string, title: string, value?: number, role?: string, children?: Part[]}} Part names are unique in the whole; a role holds for all inside
 * @typedef {object} TreemapView
 * @property {string} title its name for those who do not see it
 * @property {number} width pixels, 260 to 1100 @property {number} [height]
 * @property {Part} root @property {string} [unit] @property {boolean} [binary]
 * @property {string} [selected] name of a part @property {() => string | undefined} [current] the selection as asked for last, which the drawing may not show yet
 * @property {(name: string) => void} [onPick] @property {() => void} [onLeave]
 * @typedef {import('d3-hierarchy').HierarchyRectangularNode<Part>} Node
 */

const HEAD = 22;
const LEAST_SIDE = 2.5;

/** @param {Node} node */
const size = (node) => ({ width: node.x1 - node.x0, height: node.y1 - node.y0 });
/** @param {Node} node @returns {string} */
const roleOf = (node) => node.data.role ?? (node.parent ? roleOf(node.parent) : 'residual');
/** Whether a group has room for its name over its parts. @param {Node} node */
const hasHead = (node) =>
  node.depth > 0 && Boolean(node.children) && size(node).width > 56 && size(node).height > HEAD * 2.2;

/** @param {TreemapView} view @returns {Node} */
function layout({ root, width, height = Math.round(Math.max(300, Math.min(420, width * 0.46))) }) {
  const tree = hierarchy(root)
    .sum((part) => (part.children?.length ? 0 : Math.max(0, part.value ?? 0)))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const rectangular = /** @type {Node} */ (/** @type {unknown} */ (tree));
  return treemap()
    .tile(treemapSquarify.ratio(1.3))
    .size([width, height])
    .paddingTop((node) => (hasHead(/** @type {any} */ (node)) ? HEAD : 0))(/** @type {any} */ (rectangular));
}

/** @param {TreemapView} view @param {Node} node */
const valueText = ({ unit, binary }, node) => withUnit(node.value ?? 0, unit, { binary });
/** @param {Node} node @param {Node} whole */
const share = (node, whole) => {
  const percent = (100 * (node.value ?? 0)) / (whole.value || 1);
  return `${withUnit(percent)}\u00a0%`;
};

/** @param {TreemapView} view */
export function treemapChart(view) {
  const whole = layout(view);
  const nodes = whole.descendants().filter((node) => node.depth > 0);
  const isSmall = (/** @type {Node} */ node) =>
    Math.min(size(node).width, size(node).height) < LEAST_SIDE && !node.children;
  const leaves = nodes.filter((node) => !node.children);
  const groups = nodes.filter((node) => node.children);
  const find = (/** @type {string | undefined} */ name) => nodes.findIndex((node) => node.data.name === name);
  const chosen = nodes[find(view.selected)];
  const pick = (/** @type {number} */ i) => nodes[i] && view.onPick?.(nodes[i].data.name);
  const { width, height } = size(whole);
  const small = leaves.filter((node) => isSmall(node) && (node.value ?? 0) > 0);
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
        aria-label=${spoken(view, whole, chosen)}
        @click=${(/** @type {MouseEvent} */ event) => {
          const node = nodeAt(whole, pointIn(event, width));
          if (node) view.onPick?.(node.data.name);
        }}
        @keydown=${walkKeys({
          count: nodes.length,
          at: () => find(view.current?.() ?? view.selected),
          onMove: pick,
          onPin: pick,
          onLeave: view.onLeave,
          next: (key, at) => step(key, at, nodes),
        })}
      >
        <g class="cf-areas">
          ${leaves.map((node) => svg`<rect class="cf-area cf-role-${roleOf(node)}" data-name=${node.data.name} x=${node.x0} y=${node.y0} width=${size(node).width} height=${size(node).height}></rect>`)}
          ${groups.filter(hasHead).map((node) => svg`<rect class="cf-area-head cf-role-${roleOf(node)}" data-name=${node.data.name} x=${node.x0} y=${node.y0} width=${size(node).width} height=${HEAD}></rect>`)}
        </g>
        <g class="cf-area-lines">
          ${[...leaves].map((node) => svg`<rect x=${node.x0} y=${node.y0} width=${size(node).width} height=${size(node).height}></rect>`)}
          ${groups.map((node) => svg`<rect class="cf-area-group" x=${node.x0} y=${node.y0} width=${size(node).width} height=${size(node).height}></rect>`)}
        </g>
        ${groups.filter(hasHead).map((node) => headText(view, node))}
        ${leaves.map((node) => leafText(view, node))}
        ${chosen ? svg`<rect class="cf-selected" x=${chosen.x0 + 1} y=${chosen.y0 + 1} width=${Math.max(1, size(chosen).width - 2)} height=${Math.max(1, size(chosen).height - 2)}></rect>` : nothing}
      </svg>
      ${
        small.length
          ? html`<p class="cf-chart-note">
              Too small to draw:
              ${small.map((node, i) => html`${i ? ', ' : ''}<button type="button" class="cf-link" @click=${() => view.onPick?.(node.data.name)}>${node.data.title}</button> ${valueText(view, node)} (${share(node, whole)})`)}
            </p>`
          : nothing
      }
    </div>
  `;
}

/** @param {TreemapView} view @param {Node} whole @param {Node | undefined} now */
function spoken(view, whole, now) {
  const groups = (whole.children ?? []).map((node) => `${node.data.title} ${share(node, whole)}`).join(', ');
  const here = now
    ? ` Now ${now.data.title}: ${valueText(view, now)}, ${share(now, whole)} of ${whole.data.title}.`
    : '';
  return `${view.title}, ${valueText(view, whole)}: ${groups}. Arrow keys walk the parts, Page Up leads to the whole a part belongs to, Page Down into it.${here}`;
}

/** The deepest part at a point: a group where its head is. @param {Node} whole @param {[number, number]} point @returns {Node | undefined} */
function nodeAt(whole, [x, y]) {
  const inside = (/** @type {Node} */ node) => node.x0 <= x && x <= node.x1 && node.y0 <= y && y <= node.y1;
  return whole
    .descendants()
    .filter((node) => node.depth > 0 && inside(node))
    .at(-1);
}

/**
 * Arrows lead to the nearest part of the same kind in their direction, Page Up and Down between a group and its parts.
 * @param {string} key @param {number} at @param {Node[]} nodes
 */
function step(key, at, nodes) {
  const here = nodes[at];
  if (!here) return nodes.findIndex((node) => !node.children);
  if (key === 'PageUp') return here.parent && here.parent.depth > 0 ? nodes.indexOf(here.parent) : at;
  if (key === 'PageDown') return here.children ? nodes.indexOf(here.children[0]) : at;
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!direction) return undefined;
  const [dx, dy] = direction;
  const middle = (/** @type {Node} */ node) => [(node.x0 + node.x1) / 2, (node.y0 + node.y1) / 2];
  const [cx, cy] = middle(here);
  const edge = dx > 0 ? here.x1 : dx < 0 ? -here.x0 : dy > 0 ? here.y1 : -here.y0;
  const near = (/** @type {Node} */ node) =>
    dx > 0 ? node.x0 : dx < 0 ? -node.x1 : dy > 0 ? node.y0 : -node.y1;
  let best = at;
  let least = Infinity;
  nodes.forEach((node, i) => {
    if (i === at || Boolean(node.children) !== Boolean(here.children)) return;
    if (near(node) < edge - 0.5) return;
    const [x, y] = middle(node);
    // What lies beside counts before what lies askew.
    const aside = dx
      ? Math.max(0, node.y0 - cy, cy - node.y1) * 4 + Math.abs(y - cy) * 0.1
      : Math.max(0, node.x0 - cx, cx - node.x1) * 4 + Math.abs(x - cx) * 0.1;
    const distance = near(node) - edge + aside;
    if (distance < least) {
      least = distance;
      best = i;
    }
  });
  return best;
}

/** @param {TreemapView} view @param {Node} node */
function headText(view, node) {
  const value = valueText(view, node);
  const room = size(node).width - 16;
  const title = shorten(node.data.title, room, 12.5);
  const both = textWidth(node.data.title, 13) + textWidth(value, 12.5) + 12 <= room;
  return svg`<text class="cf-area-title" x=${node.x0 + 8} y=${node.y0 + 15.5}>${title}</text>
    ${both ? svg`<text class="cf-area-value" text-anchor="end" x=${node.x1 - 8} y=${node.y0 + 15.5}>${value}</text>` : nothing}`;
}

/** @param {TreemapView} view @param {Node} node */
function leafText(view, node) {
  const { width, height } = size(node);
  const value = valueText(view, node);
  const room = width - 14;
  if (height < 22 || textWidth(node.data.title, 12.5) > room) {
    return height >= 20 && textWidth(value, 12) <= room && height < 22
      ? svg`<text class="cf-area-value" x=${node.x0 + 8} y=${node.y0 + 15}>${value}</text>`
      : nothing;
  }
  const two = height >= 42 && textWidth(value, 12.5) <= room;
  const beside = !two && textWidth(node.data.title, 12.5) + textWidth(value, 12.5) + 10 <= room;
  return svg`<text class="cf-area-name" x=${node.x0 + 8} y=${node.y0 + (two ? 18 : Math.min(18, height / 2 + 4.5))}>${node.data.title}</text>
    ${two ? svg`<text class="cf-area-value" x=${node.x0 + 8} y=${node.y0 + 35}>${value}</text>` : nothing}
    ${beside ? svg`<text class="cf-area-value" text-anchor="end" x=${node.x1 - 8} y=${node.y0 + Math.min(18, height / 2 + 4.5)}>${value}</text>` : nothing}`;
}
