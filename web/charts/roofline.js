import { html, nothing, svg } from 'lit/html.js';
import { withUnit } from '../draw/format.js';
import { axis, bottomAxis, domainOf, leftAxis, leftRoom } from './axis.js';
import { nearest, pointIn, walkKeys } from './keys.js';
import { textWidth } from './labels.js';
import { ground, labelPoints } from './point-labels.js';

/**
 * The roofline of a machine, both axes by powers of ten: a slope as steep as its memory is fast, a ceiling as high as it computes, and the operations under it.
 * Filled points are bound by compute, open ones by memory; their area is their weight.
 * @typedef {{name: string, title: string, bandwidth: number, compute: number, faint?: boolean}} Roof bytes and FLOP per second
 * @typedef {{name: string, title: string, intensity: number, performance: number, weight?: number, bound: 'memory' | 'compute', role?: string}} Operation FLOP per byte, FLOP per second; both above 0
 * @typedef {object} RooflineView
 * @property {string} title its name for those who do not see it
 * @property {number} width pixels, 260 to 1100 @property {number} [height]
 * @property {Roof[]} roofs @property {Operation[]} points
 * @property {string} [weightTitle] what the area means: "share of the time"
 * @property {string} [selected] name of a point @property {() => string | undefined} [current] the selection as asked for last, which the drawing may not show yet
 * @property {(name: string) => void} [onPick] @property {() => void} [onLeave]
 */

const PER_BYTE = 'FLOP/B';
const LARGEST = 13;
const SMALLEST = 4.5;

/** @param {RooflineView} view */
function layout({ width, height = Math.round(Math.max(340, Math.min(440, width * 0.56))), roofs, points }) {
  const ridges = roofs.map(({ bandwidth, compute }) => compute / bandwidth);
  const [x0, x1] = domainOf([...points.map(({ intensity }) => intensity), ...ridges], 'log');
  const highest = roofs.map(({ compute }) => compute);
  const [y0, y1] = domainOf([...points.map(({ performance }) => performance), ...highest], 'log');
  const top = 34;
  const bottom = height - 44;
  const right = width - 14;
  const y = axis({ kind: 'log', domain: [y0 / 1.6, y1 * 1.5], range: [bottom, top], unit: 'FLOP/s' });
  const left = Math.ceil(leftRoom(y));
  const x = axis({ kind: 'log', domain: [x0 / 1.4, x1 * 2.2], range: [left, right], unit: PER_BYTE });
  return {
    points,
    width,
    height,
    left,
    right,
    top,
    bottom,
    x,
    y,
    domain: { x0: x0 / 1.4, x1: x1 * 2.2, y0: y0 / 1.6 },
  };
}

/** @param {RooflineView} view */
export function rooflineChart(view) {
  const at = layout(view);
  const { width, height, left, right, top, bottom, x, y } = at;
  const heaviest = Math.max(...view.points.map(({ weight = 1 }) => weight), 0) || 1;
  const points = [...view.points]
    .sort((a, b) => a.intensity - b.intensity || a.performance - b.performance)
    .map((point) => ({
      ...point,
      x: x.scale(point.intensity),
      y: y.scale(point.performance),
      r: Math.max(SMALLEST, LARGEST * Math.sqrt((point.weight ?? 0.15 * heaviest) / heaviest)),
    }));
  const find = (/** @type {string | undefined} */ name) => points.findIndex((point) => point.name === name);
  const pick = (/** @type {number} */ i) => points[i] && view.onPick?.(points[i].name);
  const now = points[find(view.selected)];
  const roofs = outermost(view.roofs);
  const grounds = roofs.map((roof) => roofGround(roof, at));
  const labels = labelPoints(points, {
    bounds: { left: left + 1, right: width, top: top - 6, bottom },
    lines: grounds.flatMap(({ lines }) => lines),
    words: grounds.flatMap(({ words }) => words),
    chosen: view.selected,
  });
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
        aria-label=${spoken(view, now)}
        @click=${(/** @type {MouseEvent} */ event) => {
          const [px, py] = pointIn(event, width);
          if (points.length)
            pick(nearest(points.map((point) => Math.hypot(point.x - px, point.y - py) - point.r)));
        }}
        @keydown=${walkKeys({
          count: points.length,
          at: () => find(view.current?.() ?? view.selected),
          onMove: pick,
          onPin: pick,
          onLeave: view.onLeave,
        })}
      >
        ${leftAxis(y, { left, right, top, title: 'performance, FLOP/s' })}
        ${bottomAxis(x, { left, right, top, bottom, width, title: 'arithmetic intensity, FLOP per byte', grid: true })}
        ${roofs.map((roof) => roofLine(roof, at))}
        <g>
          ${[...points]
            .sort((a, b) => b.r - a.r)
            .map(
              (point) =>
                svg`<circle class="cf-operation cf-bound-${point.bound} cf-role-${point.role ?? 'residual'}" data-name=${point.name} cx=${point.x} cy=${point.y} r=${point.r}></circle>`,
            )}
        </g>
        ${labels.map(({ leader }) => (leader ? svg`<path class="cf-tie-line" d="M${leader[0]} ${leader[1]}L${leader[2]} ${leader[3]}"></path>` : nothing))}
        ${labels.map((label) => svg`<text class="cf-operation-name${label.name === view.selected ? ' cf-on' : ''}" text-anchor=${label.anchor} x=${label.x} y=${label.y}>${label.title}</text>`)}
        ${now ? svg`<circle class="cf-selected" cx=${now.x} cy=${now.y} r=${now.r + 3.5}></circle>` : nothing}
      </svg>
      <ul class="cf-key">
        <li>${sample('memory')}bound by memory</li>
        <li>${sample('compute')}bound by compute</li>
        ${view.weightTitle ? html`<li>area: ${view.weightTitle}</li>` : nothing}
      </ul>
    </div>
  `;
}

/** @typedef {Roof & {slopeOver: boolean, ceilingOver: boolean}} Placed whether its words stand over it */

/** Words stand over the highest slope and ceiling and under the others, so that neighbours do not write into each other. @param {Roof[]} roofs @returns {Placed[]} */
function outermost(roofs) {
  const fastest = Math.max(...roofs.map(({ bandwidth }) => bandwidth));
  const highest = Math.max(...roofs.map(({ compute }) => compute));
  return roofs.map((roof) => ({
    ...roof,
    slopeOver: roof.bandwidth === fastest,
    ceilingOver: roof.compute === highest,
  }));
}

/** @param {'memory' | 'compute'} bound */
const sample = (bound) =>
  html`<svg width="14" height="14" aria-hidden="true">
    <circle class="cf-operation cf-bound-${bound} cf-role-residual" cx="7" cy="7" r="5"></circle>
  </svg>`;

/** @param {RooflineView} view @param {Operation | undefined} now */
function spoken(view, now) {
  const roofs = view.roofs.map(
    ({ title, bandwidth, compute }) =>
      `${title}: ${withUnit(bandwidth, 'B/s')}, ${withUnit(compute, 'FLOP/s')}`,
  );
  const memory = view.points.filter(({ bound }) => bound === 'memory').length;
  const here = now
    ? ` Now ${now.title}: ${withUnit(now.intensity)} FLOP per byte, ${withUnit(now.performance, 'FLOP/s')}, bound by ${now.bound}.`
    : '';
  return `${view.title}. ${roofs.join('; ')}. ${memory} of ${view.points.length} operations are bound by memory. Arrow keys walk the points.${here}`;
}

/** Where a slope enters the plot, at its left side or at its floor, and where it meets its ceiling. @param {Roof} roof @param {ReturnType<typeof layout>} at */
function slopeOf({ bandwidth, compute }, { x, y, domain, points }) {
  const from = Math.max(domain.x0, domain.y0 / bandwidth);
  const start = [x.scale(from), y.scale(from * bandwidth)];
  const knee = [x.scale(compute / bandwidth), y.scale(compute)];
  // Its words stand where they are farthest from the points.
  const along = [0.5, 0.38, 0.62, 0.26, 0.74].map((share) => [
    start[0] + (knee[0] - start[0]) * share,
    start[1] + (knee[1] - start[1]) * share,
  ]);
  const clearance = along.map(([px, py]) =>
    Math.min(
      120,
      ...points.map((point) => Math.hypot(x.scale(point.intensity) - px, y.scale(point.performance) - py)),
    ),
  );
  const middle = along[nearest(clearance.map((distance) => -distance))];
  return { start, knee, middle, angle: Math.atan2(knee[1] - start[1], knee[0] - start[0]) };
}

/** Slope up to the ridge, ceiling from there on, and their words. @param {Placed} roof @param {ReturnType<typeof layout>} at */
function roofLine(roof, at) {
  const { name, bandwidth, faint } = roof;
  const { right, bottom } = at;
  const { start, knee, middle, angle } = slopeOf(roof, at);
  const long = Math.hypot(knee[0] - start[0], knee[1] - start[1]);
  const ridge = ridgeText(roof, knee[0], right);
  const slope = withUnit(bandwidth, 'B/s');
  const flat = ceilingText(roof, right - knee[0]);
  return svg`<g class="cf-roof${faint ? ' cf-faint' : ''}" data-name=${name}>
    ${faint ? nothing : svg`<path class="cf-ridge" d="M${knee[0]} ${knee[1]}V${bottom}"></path><text class="cf-ridge-text" text-anchor=${ridge.back ? 'end' : 'start'} x=${ridge.x} y=${bottom - 7}>${ridge.text}</text>`}
    <path class="cf-roof-line" d="M${start[0]} ${start[1]}L${knee[0]} ${knee[1]}H${right}"></path>
    ${long > textWidth(slope) + 20 ? svg`<text class="cf-roof-text" text-anchor="middle" transform="translate(${middle[0]} ${middle[1]}) rotate(${(angle * 180) / Math.PI}) translate(0 ${roof.slopeOver ? -7 : 16})">${slope}</text>` : nothing}
    <text class="cf-roof-text" text-anchor="end" x=${right} y=${knee[1] + (roof.ceilingOver ? -7 : 16)}>${flat}</text>
  </g>`;
}

/** What stands at the foot of a ridge: at its right, or where the plot ends at its left. @param {Roof} roof @param {number} x @param {number} right */
function ridgeText({ compute, bandwidth }, x, right) {
  const text = withUnit(compute / bandwidth, PER_BYTE);
  const wide = textWidth(text);
  const back = x + 5 + wide > right + 10;
  return { text, wide, back, x: back ? x - 5 : x + 5 };
}

/** What stands on a ceiling: the machine too, where there is room. @param {Roof} roof @param {number} room */
function ceilingText({ title, compute }, room) {
  const value = withUnit(compute, 'FLOP/s');
  const whole = `${title}, ${value}`;
  return textWidth(whole, 12.5) <= room - 4 ? whole : value;
}

/** The ground that a roof takes: its lines, and its words. @param {Placed} roof @param {ReturnType<typeof layout>} at */
function roofGround(roof, at) {
  const { left, right, bottom, y, domain } = at;
  const { knee, middle, angle } = slopeOf(roof, at);
  const lines = [];
  for (let px = left; px <= right; px += 6) {
    const intensity = domain.x0 * (domain.x1 / domain.x0) ** ((px - left) / (right - left));
    lines.push(ground(px, y.scale(Math.min(roof.compute, roof.bandwidth * intensity)), 3));
  }
  const half = textWidth(withUnit(roof.bandwidth, 'B/s')) / 2;
  const aside = roof.slopeOver ? -11 : 12;
  const along = [-1, -0.6, -0.2, 0.2, 0.6, 1].map((share) =>
    ground(
      middle[0] + share * half * Math.cos(angle) - aside * Math.sin(angle),
      middle[1] + share * half * Math.sin(angle) + aside * Math.cos(angle),
      8,
    ),
  );
  const top = roof.ceilingOver ? knee[1] - 20 : knee[1];
  const words = [
    ...along,
    { left: right - textWidth(ceilingText(roof, right - knee[0])), right, top, bottom: top + 20 },
  ];
  if (!roof.faint) {
    const ridge = ridgeText(roof, knee[0], right);
    const edge = ridge.x + (ridge.back ? -ridge.wide : ridge.wide);
    words.push({ left: Math.min(edge, knee[0]), right: Math.max(edge, knee[0]), top: bottom - 20, bottom });
  }
  return { lines, words };
}
