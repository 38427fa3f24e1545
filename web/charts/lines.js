import { html, nothing, svg } from 'lit/html.js';
import { exactWithUnit, isCounted, withUnit } from '../draw/format.js';
import { axis, bottomAxis, domainOf, leftAxis, leftRoom } from './axis.js';
import { nearest, pointIn, walkKeys } from './keys.js';
import { digitsWidth, overlap, shorten, spread, textWidth } from './labels.js';

/**
 * Lines over a common x, each named where it ends; dashed lines to compare with; a cursor that walks the points. Where a value is not finite (or,
 * on a log axis, not above 0) the line has a gap.
 * @typedef {{kind?: 'linear' | 'log', title?: string, unit?: string, binary?: boolean, base?: 2 | 10, domain?: [number, number]}} LineAxis
 * @typedef {import('./labels.js').Box} Box
 * @typedef {object} LineView
 * @property {string} title its name for those who do not see it
 * @property {number} width pixels, 260 to 1100 @property {number} [height]
 * @property {LineAxis} x @property {LineAxis} y
 * @property {number[]} xs ascending
 * @property {{name: string, title: string, values: ArrayLike<number>, role?: string, dashed?: boolean, strong?: boolean}[]} series as many values as xs
 * @property {{value: number, title: string, role?: string}[]} [references] values of y
 * @property {{value: number, title: string, role?: string}[]} [marks] values of x; those outside the plot are not drawn @property {'top' | 'bottom'} [marksAt] where they are named
 * @property {boolean} [listed] whether a narrow chart lists the values under it; true unless the figure shows them anyway
 * @property {number} [selected] index of xs; the values there are shown
 * @property {() => number} [current] the selection as asked for last, which the drawing may not show yet
 * @property {(index: number) => void} [onPoint] another point was reached, by pointer or key @property {(index: number) => void} [onPin] a click or Enter; what pinned means the figure decides
 * @property {() => void} [onLeave] the mouse has left, or Esc
 */

const LABEL_ROOM = 0.34;
const LINE_GAP = 17;
/** In a plot less wide, values stand under the chart. */
const NARROW = 340;

/** @param {LineView} view */
function layout(view) {
  const { width, xs, series, references = [] } = view;
  const height = view.height ?? Math.round(Math.max(280, Math.min(400, width * 0.5)));
  const widest = Math.max(0, ...series.map(({ title }) => textWidth(title, 13)));
  const direct = series.length === 1 || widest + 18 <= width * LABEL_ROOM;
  const right = width - (direct ? Math.min(widest, width * LABEL_ROOM) + 18 : 14);
  const top = view.y.title ? 34 : 14;
  const bottom = height - (view.x.title ? 44 : 26);
  const values = [
    ...series.flatMap((one) => Array.from(one.values)),
    ...references.map(({ value }) => value),
  ];
  const yDomain = view.y.domain ?? domainOf(values, view.y.kind);
  const y = axis({ ...view.y, domain: yDomain, range: [bottom, top] });
  const left = Math.ceil(leftRoom(y));
  const ends = xs.length ? [xs[0], xs[xs.length - 1]] : [1, 10];
  const xDomain = view.x.domain ?? /** @type {[number, number]} */ (ends);
  const x = axis({ ...view.x, domain: xDomain, range: [left, right] });
  const drawn = (/** @type {number} */ value) =>
    Number.isFinite(value) && (view.y.kind !== 'log' || value > 0);
  return { width, height, left, right, top, bottom, x, y, direct, drawn };
}

/** @param {LineView} view @param {number} i */
const xText = ({ x, xs }, i) =>
  // Powers of two are known by all their digits.
  x.base === 2 && isCounted(x.unit ?? '')
    ? exactWithUnit(xs[i], x.unit)
    : withUnit(xs[i], x.unit, { binary: x.binary });
/** @param {LineView} view @param {number} value */
const yText = ({ y }, value) => withUnit(value, y.unit, { binary: y.binary });

/** @param {LineView} view */
function spoken(view) {
  const i = view.selected ?? -1;
  const here =
    i >= 0 && i < view.xs.length
      ? ` Now ${xText(view, i)}: ${view.series.map(({ title, values }) => `${title} ${yText(view, values[i])}`).join(', ')}.`
      : '';
  return `${view.title}. Arrow keys walk the points.${here}`;
}

/** @param {LineView} view */
export function lineChart(view) {
  const at = layout(view);
  const { width, height, left, right, top, bottom, x, y, direct, drawn } = at;
  const places = view.xs.map((value) => x.scale(value));
  const path = (/** @type {ArrayLike<number>} */ values) =>
    runs(Array.from(values), drawn)
      .map((run) => run.map((i) => `${rounded(places[i])},${rounded(y.scale(values[i]))}`).join('L'))
      // A point by itself is a dot: a line that is closed at once.
      .map((points) => `M${points}${points.includes('L') ? '' : 'Z'}`)
      .join('');
  const chosen = view.selected ?? -1;
  const cursorAt = chosen in places ? cursorWord(view, chosen, places[chosen], right) : undefined;
  const hidden = /** @type {[number, number] | undefined} */ (
    cursorAt && [cursorAt.middle - cursorAt.half, cursorAt.middle + cursorAt.half]
  );
  const besideCursor = cursorValues(view, at, places);
  const take = (/** @type {PointerEvent} */ event) => {
    const [px] = pointIn(event, width);
    const i = nearest(places.map((place) => Math.abs(place - px)));
    if (places.length && i !== (view.current?.() ?? view.selected)) view.onPoint?.(i);
  };
  return html`
    <div class="cf-chart">
      ${direct ? nothing : legend(view)}
      <svg
        class="cf-plot cf-plot-scrub"
        data-export
        viewBox="0 0 ${width} ${height}"
        width=${width}
        height=${height}
        tabindex="0"
        role="application"
        aria-label=${spoken(view)}
        @pointerdown=${take}
        @pointermove=${take}
        @click=${(/** @type {PointerEvent} */ event) => {
          const [px] = pointIn(event, width);
          if (places.length) view.onPin?.(nearest(places.map((place) => Math.abs(place - px))));
        }}
        @pointerleave=${(/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && view.onLeave?.()}
        @keydown=${walkKeys({
          count: view.xs.length,
          at: () => view.current?.() ?? view.selected ?? -1,
          onMove: (i) => view.onPoint?.(i),
          onPin: view.onPin,
          onLeave: view.onLeave,
        })}
      >
        ${leftAxis(y, { left, right, top, title: view.y.title })}
        ${bottomAxis(x, { left, right, top, bottom, width, title: view.x.title, hidden })}
        ${markLines(view, at)}
        <g>
          ${view.series.map(
            ({ name, values, role = 'ink', dashed, strong }) =>
              svg`<path
                class="cf-line cf-role-${role}${strong ? ' cf-strong' : ''}${dashed ? ' cf-dashed' : ''}"
                data-name=${name}
                d=${path(values)}
              ></path>`,
          )}
        </g>
        ${direct ? endLabels(view, at, places) : nothing} ${cursor(view, at, places, besideCursor)}
        ${(view.references ?? []).filter(({ value }) => drawn(value)).map((reference) => referenceLine(reference, at, besideCursor.boxes))}
      </svg>
      ${right - left < NARROW && view.xs.length && view.listed !== false ? values(view, at) : nothing}
    </div>
  `;
}

/** Indices that follow one another without a gap. @param {number[]} values @param {(value: number) => boolean} drawn */
function runs(values, drawn) {
  /** @type {number[][]} */
  const found = [];
  values.forEach((value, i) => {
    if (!drawn(value)) return;
    const last = found.at(-1);
    if (last && last.at(-1) === i - 1) last.push(i);
    else found.push([i]);
  });
  return found;
}

/** A place to a thousandth of a pixel. @param {number} place */
const rounded = (place) => Math.round(place * 1000) / 1000;

/**
 * A level with its name over the line, or under it where values stand in the way, or at its other end where they do so there too.
 * @param {{value: number, title: string, role?: string}} reference @param {ReturnType<typeof layout>} at @param {Box[]} taken
 */
function referenceLine({ value, title, role = 'ink' }, { left, right, top, y }, taken) {
  const height = y.scale(value);
  const words = shorten(title, right - left - 12);
  const wide = textWidth(words);
  const bases = [height - 6, height + 15].filter((base) => base > top + 1);
  const ways = [left + 6, right - 6 - wide].flatMap((x) => bases.map((base) => ({ x, base })));
  const { x, base } =
    ways.find(
      (way) =>
        !taken.some((box) =>
          overlap(box, {
            left: way.x - 6,
            right: way.x + wide + 6,
            top: way.base - 14,
            bottom: way.base + 6,
          }),
        ),
    ) ?? ways[0];
  return svg`<g class="cf-reference cf-role-${role}">
    <path d="M${left} ${height}H${right}"></path>
    <text x=${x} y=${base}>${words}</text>
  </g>`;
}

/** Upright lines, named at one end, one name over the other. @param {LineView} view @param {ReturnType<typeof layout>} at */
function markLines({ marks = [], marksAt = 'bottom' }, { left, right, top, bottom, x }) {
  return marks
    .map((mark) => ({ ...mark, place: x.scale(mark.value) }))
    .filter(({ place }) => place >= left - 0.5 && place <= right + 0.5)
    .map(({ place, title, role = 'ink' }, i) => {
      const room = { before: place - left - 6, after: right - place - 6 };
      const back = textWidth(title) > room.after && room.before > room.after;
      const words = shorten(title, back ? room.before : room.after);
      return svg`<g class="cf-reference cf-mark cf-role-${role}">
        <path d="M${place} ${top}V${bottom}"></path>
        <text text-anchor=${back ? 'end' : 'start'} x=${place + (back ? -6 : 6)} y=${marksAt === 'top' ? top + 14 + i * LINE_GAP : bottom - 8 - i * LINE_GAP}>${words}</text>
      </g>`;
    });
}

/** The name of each line where it ends. @param {LineView} view @param {ReturnType<typeof layout>} at @param {number[]} places */
function endLabels({ series }, { right, top, bottom, width, y, drawn }, places) {
  const ends = series
    .map((one) => ({ ...one, last: Array.from(one.values).findLastIndex(drawn) }))
    .filter(({ last }) => last >= 0)
    .map((one) => ({ ...one, x: places[one.last], y: y.scale(one.values[one.last]) }));
  const heights = spread(
    ends.map((end) => end.y),
    LINE_GAP,
    top + 4,
    bottom - 4,
  );
  return ends.map(
    (end, k) =>
      svg`<g class="cf-line-label cf-role-${end.role ?? 'ink'}${end.strong ? ' cf-strong' : ''}">
        ${Math.abs(heights[k] - end.y) > 2 ? svg`<path class="cf-leader" d="M${end.x + 3} ${end.y}L${right + 10} ${heights[k]}"></path>` : nothing}
        <text x=${right + 13} y=${heights[k] + 4.5}>${shorten(end.title, width - right - 13, 13)}</text>
      </g>`,
  );
}

/** The x of the cursor as it stands on the axis. @param {LineView} view @param {number} i @param {number} px @param {number} right */
function cursorWord(view, i, px, right) {
  const word = xText(view, i);
  const half = textWidth(word, 13) / 2;
  const middle = Math.max(half, Math.min(right + 10 - half, px));
  return { word, middle, half };
}

/** The values at the selected x, or at the last, in words. @param {LineView} view @param {ReturnType<typeof layout>} at */
function values(view, { drawn }) {
  const i = view.selected !== undefined && view.selected in view.xs ? view.selected : view.xs.length - 1;
  return html`<ul class="cf-key" aria-hidden="true">
    <li class="cf-key-head">
      ${view.x.title && !view.x.unit ? `${view.x.title}: ` : nothing}${xText(view, i)}
    </li>
    ${view.series
      .filter((one) => drawn(one.values[i]))
      .map((one) => html`<li>${one.title} <span class="cf-value">${yText(view, one.values[i])}</span></li>`)}
  </ul>`;
}

/** What stands beside the cursor: a value for each series, kept apart, and the ground they take. @param {LineView} view @param {ReturnType<typeof layout>} at @param {number[]} places */
function cursorValues(view, { left, right, top, bottom, y, drawn }, places) {
  const i = view.selected ?? -1;
  if (!(i >= 0 && i < places.length)) return { points: [], boxes: [], onLeft: false };
  const px = places[i];
  const shown = view.series.filter(({ values }) => drawn(values[i]));
  const texts = shown.map(({ values }) => yText(view, values[i]));
  const widest = Math.max(0, ...texts.map((text) => digitsWidth(text)));
  // Lines mostly rise: at the left of the cursor the space above them is free, at the right that below, unless they run level.
  const onLeft = px - widest - 12 > left;
  const next = places.findIndex((place) => place > px + 9 + widest / 2);
  const isLevel = (/** @type {ArrayLike<number>} */ values) =>
    next > 0 && drawn(values[next]) && Math.abs(y.scale(values[next]) - y.scale(values[i])) < 9;
  const heights = spread(
    shown.map(({ values }) => y.scale(values[i]) - (onLeft ? 7 : isLevel(values) ? 11 : 0)),
    15,
    top + 5,
    bottom - 6,
  );
  const points = shown.map(({ role = 'ink', name, values }, k) => ({
    role,
    name,
    y: y.scale(values[i]),
    text: texts[k],
    height: heights[k],
  }));
  const edge = onLeft ? px - 9 - widest : px + 9;
  const boxes =
    right - left < NARROW
      ? []
      : heights.map((at) => ({ left: edge, right: edge + widest, top: at - 8, bottom: at + 8 }));
  return { points, boxes, onLeft };
}

/**
 * The selected x: a line, a dot on each series, and the values beside it.
 * @param {LineView} view @param {ReturnType<typeof layout>} at @param {number[]} places @param {ReturnType<typeof cursorValues>} beside
 */
function cursor(view, { left, right, top, bottom }, places, { points, onLeft }) {
  const i = view.selected ?? -1;
  if (!(i >= 0 && i < places.length)) return nothing;
  const px = places[i];
  const { word, middle } = cursorWord(view, i, px, right);
  return svg`<g class="cf-cursor">
    <path class="cf-cursor-line" d="M${px} ${top}V${bottom}"></path>
    ${points.map((point) => svg`<circle class="cf-dot cf-role-${point.role}" data-name=${point.name} cx=${px} cy=${point.y} r="4"></circle>`)}
    ${right - left < NARROW ? nothing : points.map((point) => svg`<text class="cf-value" text-anchor=${onLeft ? 'end' : 'start'} x=${px + (onLeft ? -9 : 9)} y=${point.height + 4.5}>${point.text}</text>`)}
    <text class="cf-cursor-text" text-anchor="middle" x=${middle} y=${bottom + 18}>${word}</text>
  </g>`;
}

/** Where the names are too long for the line ends. @param {LineView} view */
const legend = ({ series }) =>
  html`<ul class="cf-key">
    ${series.map(
      ({ title, role = 'ink', dashed, strong }) =>
        html`<li>
          <svg width="22" height="10" aria-hidden="true">
            <path
              class="cf-line cf-role-${role}${strong ? ' cf-strong' : ''}${dashed ? ' cf-dashed' : ''}"
              d="M0 5H22"
            ></path></svg
          >${title}
        </li>`,
    )}
  </ul>`;
