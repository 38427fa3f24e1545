import { html, nothing, svg } from 'lit/html.js';
import { withUnit } from '../draw/format.js';
import { axis, bottomAxis } from './axis.js';
import { nearest, pointIn, walkKeys } from './keys.js';
import { digitsWidth, shorten, textWidth } from './labels.js';

/**
 * Horizontal stacked bars on one scale, each against what it may not exceed. What is over the capacity is hatched; what is left is outlined and named.
 * @typedef {{name: string, title: string, value: number, role?: string, faint?: boolean, approximate?: boolean}} Segment values are 0 or more
 * @typedef {{name: string, title: string, segments: Segment[], capacity?: number, capacityTitle?: string}} Bar
 * @typedef {object} StackView
 * @property {string} id unique on the page @property {string} title its name for those who do not see it
 * @property {number} width pixels, 260 to 1100
 * @property {string} unit @property {boolean} [binary]
 * @property {Bar[]} bars
 * @property {{name: string, bar?: string}} [selected] without a bar, in the first that has the name
 * @property {() => {name: string, bar?: string} | undefined} [current] the selection as asked for last, which the drawing may not show yet
 * @property {(name: string, bar: string) => void} [onPick] @property {() => void} [onLeave]
 */

const BAR = 38;
const ROW = 17;
/** From a leader to its text. */
const BESIDE = 6;

/** @typedef {Segment & {bar: string, from: number, to: number}} Placed */

/** @param {Bar} bar @returns {Placed[]} */
function placed(bar) {
  let from = 0;
  return bar.segments.map((segment) => {
    const to = from + Math.max(0, segment.value);
    const place = { ...segment, bar: bar.name, from, to };
    from = to;
    return place;
  });
}

/** @param {StackView} view @param {number} value @param {boolean} [approximate] */
const text = ({ unit, binary }, value, approximate = false) =>
  `${approximate ? '~' : ''}${withUnit(value, unit, { binary })}`;

/** @param {StackView} view */
export function stackChart(view) {
  const { width, bars } = view;
  const stacks = bars.map((bar) => {
    const segments = placed(bar);
    return { bar, segments, total: segments.at(-1)?.to ?? 0 };
  });
  const most = Math.max(...stacks.flatMap(({ bar, total }) => [total, bar.capacity ?? 0])) || 1;
  const left = 1;
  const right = width - 14;
  const scale = axis({
    domain: [0, most * 1.0001],
    range: [left, right],
    unit: view.unit,
    binary: view.binary,
  });
  let y = 0;
  const rows = stacks.map((stack) => {
    const row = drawBar(view, stack, scale.scale, y, right);
    y += row.height;
    return row;
  });
  const height = y + 30;
  const all = stacks.flatMap(({ segments }) => segments);
  const chosen = indexOf(all, view.selected);
  const pick = (/** @type {number} */ i) => all[i] && view.onPick?.(all[i].name, all[i].bar);
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
        aria-label=${spoken(view, stacks, all[chosen])}
        @click=${(/** @type {MouseEvent} */ event) => {
          const [px, py] = pointIn(event, width);
          const row = nearest(rows.map((one) => Math.abs(one.top + BAR / 2 - py)));
          const segments = stacks[row]?.segments ?? [];
          const distance = (/** @type {Placed} */ { from, to }) =>
            Math.max(scale.scale(from) - px, px - scale.scale(to), 0) + (to > from ? 0 : 1e-3);
          const one = segments[nearest(segments.map(distance))];
          if (one) view.onPick?.(one.name, one.bar);
        }}
        @keydown=${walkKeys({
          count: all.length,
          at: () => indexOf(all, view.current?.() ?? view.selected),
          onMove: pick,
          onPin: pick,
          onLeave: view.onLeave,
          next: (key, at) => overTo(key, at, all, bars),
        })}
      >
        <defs>
          <pattern
            id="${view.id}-over"
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <path class="cf-over-hatch" d="M1.5 0v6"></path>
          </pattern>
        </defs>
        ${bottomAxis(scale, { left, right, top: 0, bottom: y + 4, width })}
        ${rows.map(({ drawing }) => drawing)}
      </svg>
    </div>
  `;
}

/** @param {Placed[]} all @param {{name: string, bar?: string} | undefined} selected */
const indexOf = (all, selected) =>
  selected
    ? all.findIndex(({ name, bar }) => name === selected.name && (!selected.bar || bar === selected.bar))
    : -1;

/** Up and down lead to the segment of the same name, or else place, of the neighbouring bar. @param {string} key @param {number} at @param {Placed[]} all @param {Bar[]} bars */
function overTo(key, at, all, bars) {
  const by = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : 0;
  if (!by || bars.length < 2 || at < 0) return undefined;
  const here = bars.findIndex(({ name }) => name === all[at].bar);
  const target = bars[here + by];
  if (!target || target.segments.length === 0) return at;
  const first = all.findIndex(({ bar }) => bar === target.name);
  const same = target.segments.findIndex(({ name }) => name === all[at].name);
  const place = at - all.findIndex(({ bar }) => bar === bars[here].name);
  return first + (same >= 0 ? same : Math.min(place, target.segments.length - 1));
}

/** @param {StackView} view @param {{bar: Bar, segments: Placed[], total: number}[]} stacks @param {Placed | undefined} now */
function spoken(view, stacks, now) {
  const sums = stacks.map(({ bar, total }) => {
    const against =
      bar.capacity === undefined
        ? ''
        : total > bar.capacity
          ? `, ${text(view, total - bar.capacity)} more than ${text(view, bar.capacity)}`
          : `, ${text(view, bar.capacity - total)} left of ${text(view, bar.capacity)}`;
    return `${bar.title}: ${text(view, total)}${against}.`;
  });
  const here = now ? ` Now ${now.title}: ${text(view, now.value, now.approximate)}.` : '';
  return `${view.title}. ${sums.join(' ')} Arrow keys walk the parts.${here}`;
}

/**
 * @param {StackView} view @param {{bar: Bar, segments: Placed[], total: number}} stack @param {(value: number) => number} scale
 * @param {number} y where the row begins @param {number} right
 */
function drawBar(view, { bar, segments, total }, scale, y, right) {
  const { capacity } = bar;
  const over = capacity !== undefined && total > capacity;
  const limit = over ? capacity : total;
  const sum = text(
    view,
    total,
    segments.some(({ approximate }) => approximate),
  );
  // On a narrow page the sum stands under the title.
  const below = textWidth(bar.title, 13.5) + digitsWidth(sum, 13) + 16 > right ? 18 : 0;
  const title = shorten(bar.title, view.width - 4, 13.5);
  const top = y + 26 + below + (capacity === undefined ? 0 : 20);
  // Names inside where they fit, else under the bar.
  const inside = (/** @type {Placed} */ one) => {
    const room = scale(Math.min(one.to, limit)) - scale(Math.min(one.from, limit)) - 14;
    const value = text(view, one.value, one.approximate);
    return room >= Math.max(textWidth(one.title, 13), textWidth(value, 12.5)) ? value : undefined;
  };
  const under = [];
  for (const one of segments) {
    if (inside(one) !== undefined) continue;
    const value = text(view, one.value, one.approximate);
    under.push({
      ...{ title: one.title, value, from: scale(one.from), to: scale(one.to) },
      ...{ role: one.role ?? 'residual', faint: one.faint },
    });
  }
  const { placed: turned, touching } = arrange(under, right);
  // Where lines would run through words, the words stand in rows behind a patch of their colour instead.
  const key = touching ? inKey(under, right) : [];
  const rows = touching ? key : turned;
  const depth = rows.reduce((most, { row }) => Math.max(most, row + 1), 0);

  function leftLabel() {
    return `${text(view, Number(capacity) - total)} left`;
  }
  function leftInside() {
    return scale(Number(capacity)) - scale(total) >= textWidth(leftLabel(), 12.5) + 14;
  }

  const selected = segments.find(
    ({ name, bar: own }) => view.selected?.name === name && (!view.selected.bar || view.selected.bar === own),
  );
  const drawing = svg`<g data-bar=${bar.name}>
    <text class="cf-bar-title" x="0" y=${y + 16}>${title}</text>
    <text class="cf-bar-sum${over ? ' cf-role-error' : ''}" text-anchor=${below ? 'start' : 'end'} x=${below ? 0 : right} y=${y + 16 + below}>${sum}</text>
    ${capacity !== undefined && !over && capacity > total ? svg`<rect class="cf-left" x=${scale(total)} y=${top + 0.5} width=${scale(capacity) - scale(total)} height=${BAR - 1}></rect>` : nothing}
    ${capacity !== undefined && !over && capacity > total && leftInside() ? svg`<text class="cf-left-text" text-anchor="middle" x=${(scale(total) + scale(capacity)) / 2} y=${top + BAR / 2 + 4.5}>${leftLabel()}</text>` : nothing}
    <g class="cf-marks">
      ${segments.map((one) => svg`<rect class="cf-segment cf-role-${one.role ?? 'residual'}${one.faint ? ' cf-faint' : ''}" data-name=${one.name} x=${scale(one.from)} y=${top} width=${scale(one.to) - scale(one.from)} height=${BAR}></rect>`)}
    </g>
    ${over ? svg`<rect class="cf-over-capacity-ground" x=${scale(capacity)} y=${top} width=${scale(total) - scale(capacity)} height=${BAR}></rect><rect class="cf-over-capacity" fill="url(#${view.id}-over)" x=${scale(capacity)} y=${top} width=${scale(total) - scale(capacity)} height=${BAR}></rect>` : nothing}
    ${segments.map((one) => {
      const value = inside(one);
      return value === undefined
        ? nothing
        : svg`<text class="cf-segment-title" x=${scale(one.from) + 8} y=${top + 16}>${one.title}</text><text class="cf-segment-value" x=${scale(one.from) + 8} y=${top + 31}>${value}</text>`;
    })}
    ${touching ? key.map((label) => keyLabel(label, top + BAR)) : turned.map((label) => underLabel(label, top + BAR))}
    ${capacity === undefined ? nothing : capacityMark(view, bar, total, scale(capacity), top, right, !over && leftInside())}
    ${selected ? svg`<rect class="cf-selected" x=${scale(selected.from)} y=${top} width=${Math.max(2, scale(selected.to) - scale(selected.from))} height=${BAR}></rect>` : nothing}
  </g>`;
  return { drawing, top, height: top - y + BAR + 12 + depth * ROW + (depth ? 8 : 0) };
}

/**
 * The capacity, named at one side of its line over the bar; at the other what is over it, or what is left where that does not fit into the bar.
 * @param {StackView} view @param {Bar} bar @param {number} total @param {number} x @param {number} top @param {number} right @param {boolean} leftInside
 */
function capacityMark(view, bar, total, x, top, right, leftInside) {
  const capacity = Number(bar.capacity);
  const name = [bar.capacityTitle, text(view, capacity)].filter(Boolean).join(', ');
  const over = total > capacity;
  const rest = over
    ? `${text(view, total - capacity)} over`
    : leftInside
      ? ''
      : `${text(view, capacity - total)} left`;
  const restClass = over ? 'cf-over-text' : 'cf-left-text';
  const room = { before: x - 6, after: right + 10 - x - 6 };
  const [before, after] = over ? [name, rest] : [rest, name];
  const apart = textWidth(before) <= room.before && textWidth(after) <= room.after;
  const label = (/** @type {string} */ words, /** @type {boolean} */ atEnd, /** @type {string} */ kind) =>
    words &&
    svg`<text class=${kind} text-anchor=${atEnd ? 'end' : 'start'} x=${x + (atEnd ? -6 : 6)} y=${top - 7}>${words}</text>`;
  const both = [name, rest].filter(Boolean).join(', ');
  const back = room.before > room.after;
  return svg`<g class="cf-capacity">
    <path d="M${x} ${top - 18}V${top + BAR + 4}"></path>
    ${
      apart
        ? [label(before, true, over ? '' : restClass), label(after, false, over ? restClass : '')]
        : label(both, back, over ? 'cf-over-text' : '')
    }
  </g>`;
}

/** @typedef {{title: string, value: string, from: number, to: number, role: string, faint?: boolean}} Under */

/** @typedef {Under & {text: string, wide: number, middle: number, back: boolean, x: number}} Turned text at the right of its leader, or back at the left */

/** A label on each side of its leader where there is room for it; where there is none on either, cut, on the larger. @param {Under} label @param {number} right @returns {Turned[]} */
function sidesOf(label, right) {
  const middle = (label.from + label.to) / 2;
  const room = { ahead: right + 10 - middle - BESIDE, back: middle - BESIDE };
  const whole = textWidth(`${label.title} ${label.value}`, 12.5);
  const fitting = [false, true].filter((back) => whole <= (back ? room.back : room.ahead));
  return (fitting.length ? fitting : [room.back > room.ahead]).map((back) => {
    const most = (back ? room.back : room.ahead) - textWidth(` ${label.value}`, 12.5);
    const text = `${shorten(label.title, most, 12.5)} ${label.value}`;
    const wide = textWidth(text, 12.5);
    return { ...label, text, wide, middle, back, x: back ? middle - BESIDE - wide : middle + BESIDE };
  });
}

/**
 * Labels under a bar, each beside its leader and as high as it can be without touching another label or leader. Of all ways to choose sides,
 * and of both to begin, the one in which fewest touch, then the flattest, then the one with most text at the right of its leader.
 * @param {Under[]} labels @param {number} right
 */
function arrange(labels, right) {
  const ways = labels
    .toReversed()
    .map((label) => sidesOf(label, right))
    .reduce(
      (all, sides) => all.flatMap((way) => sides.map((side) => [...way, side])),
      /** @type {Turned[][]} */ ([[]]),
    );
  /** @type {ReturnType<typeof inRows> | undefined} */
  let best;
  for (const way of ways) {
    const [back, ahead] = [way.filter((one) => one.back).reverse(), way.filter((one) => !one.back)];
    for (const order of [
      [...back, ...ahead],
      [...ahead, ...back],
    ]) {
      const tried = inRows(order);
      if (!best || isBetter(tried, best)) best = tried;
    }
  }
  return best ?? { placed: [], touching: 0 };
}

const PATCH = 10;
/** The same without leaders, one behind the other, as many to a row as fit. @param {Under[]} labels @param {number} right */
function inKey(labels, right) {
  let [x, row] = [0, 0];
  return labels.map((label) => {
    const text = `${shorten(label.title, right - PATCH - 8 - textWidth(` ${label.value}`, 12.5), 12.5)} ${label.value}`;
    const wide = PATCH + 6 + textWidth(text, 12.5);
    if (x > 0 && x + wide > right + 10) [x, row] = [0, row + 1];
    const place = { ...label, text, x, row };
    x += wide + 14;
    return place;
  });
}

/** @param {Under & {text: string, x: number, row: number}} label @param {number} y where the bar ends */
function keyLabel({ text: words, x, row, role, faint }, y) {
  const base = y + 20 + row * ROW;
  return svg`<g class="cf-under-key"><rect class="cf-patch cf-role-${role}${faint ? ' cf-faint' : ''}" x=${x} y=${base - PATCH + 1} width=${PATCH} height=${PATCH}></rect><text x=${x + PATCH + 6} y=${base + 1}>${words}</text></g>`;
}

/** @param {ReturnType<typeof inRows>} a @param {ReturnType<typeof inRows>} b */
const isBetter = (a, b) =>
  a.touching !== b.touching
    ? a.touching < b.touching
    : a.depth !== b.depth
      ? a.depth < b.depth
      : a.turned < b.turned;

/** Each label in the first row where it is clear of those before it, or else in one more; how many are clear in none. @param {Turned[]} order */
function inRows(order) {
  /** @type {(Turned & {row: number})[]} */
  const placed = [];
  const crosses = (/** @type {number} */ place, /** @type {Turned} */ one) =>
    place > one.x - 3 && place < one.x + one.wide + 3;
  let touching = 0;
  for (const label of order) {
    const clear = (/** @type {number} */ row) =>
      placed.every((other) => {
        if (other.row === row)
          return label.x + label.wide + 8 < other.x || other.x + other.wide + 8 < label.x;
        return other.row < row ? !crosses(label.middle, other) : !crosses(other.middle, label);
      });
    let row = 0;
    while (row <= placed.length && !clear(row)) row += 1;
    if (!clear(row)) touching += 1;
    placed.push({ ...label, row });
  }
  const depth = Math.max(0, ...placed.map(({ row }) => row));
  return { placed, touching, depth, turned: order.filter(({ back }) => back).length };
}

/** @param {{text: string, x: number, middle: number, row: number, back: boolean}} label @param {number} y where the bar ends */
function underLabel({ text: words, x, middle, row, back }, y) {
  const base = y + 20 + row * ROW;
  return svg`<g class="cf-under"><path d="M${middle} ${y + 1}V${base - 3.5}h${back ? -3 : 3}"></path><text x=${x} y=${base + 1}>${words}</text></g>`;
}
