import { ticks as roundNumbers } from 'd3-array';
import { nothing, svg } from 'lit/html.js';
import { count, isCounted, unitStep, withUnit } from '../draw/format.js';
import { shorten, textWidth } from './labels.js';

/**
 * A scale with its ticks. Linear ticks are round numbers of the unit's step (GB, GiB, ms), and the last one says the unit; a log axis has powers
 * of its base, or 1, 2, 5 times these where fewer than two powers fit.
 * @typedef {object} AxisView
 * @property {'linear' | 'log'} [kind]
 * @property {[number, number]} domain in the unit; of a log axis, above 0
 * @property {[number, number]} range in pixels
 * @property {string} [unit] @property {boolean} [binary] bytes in steps of 1024
 * @property {2 | 10} [base] of a log axis
 * @typedef {{value: number, at: number, text: string}} Tick
 * @typedef {{scale: (value: number) => number, ticks: Tick[], minor: number[], unit: string, binary: boolean}} Axis
 */

const LEAST_WIDTH = 260;
const MOST_WIDTH = 1100;

/** Values to pixels, in proportion to what `of` makes of them; all in the middle where the domain has no length. @param {(value: number) => number} of @param {[number, number]} domain @param {[number, number]} range */
function scaleOf(of, domain, [start, end]) {
  const [low, high] = domain.map(of);
  return (/** @type {number} */ value) => {
    const share = high === low ? 0.5 : (of(value) - low) / (high - low);
    return start * (1 - share) + end * share;
  };
}

/** @param {AxisView} view @returns {Axis} */
export function axis({ kind = 'linear', domain, range, unit = '', binary = false, base = 10 }) {
  const scale = scaleOf(kind === 'log' ? Math.log : Number, domain, range);
  const across = range[1] > range[0];
  const length = Math.abs(range[1] - range[0]);
  const tick = (/** @type {number} */ value, /** @type {string} */ text) => ({
    value,
    at: scale(value),
    text,
  });
  if (kind === 'linear') {
    const values = linearTicks(domain, unit, binary, length / (across ? 90 : 52));
    const { factor } = unitStep(Math.max(...domain.map(Math.abs)), unit, { binary, compact: true });
    const ticks = values.map((value, i) => {
      const last = i === values.length - 1;
      return tick(value, last ? withLastUnit(value, factor, unit, binary) : plain(value / factor, unit));
    });
    return { scale, ticks: across ? thinned(ticks) : ticks, minor: [], unit, binary };
  }
  const { powers, minor } = logTicks(domain, base);
  const written = (/** @type {number} */ value) =>
    base === 2 && isCounted(unit) && Number.isInteger(value)
      ? count(value, ',')
      : // Powers of ten of seconds are no round numbers of minutes.
        unit === 's' && base === 10 && value >= 60 && value < 1e6
        ? `${count(value, ',')}\u00a0s`
        : withUnit(value, unit, { binary, compact: true, bare: true });
  const ticks = powers.map((value) => tick(value, written(value)));
  return {
    scale,
    ticks: across ? thinned(ticks) : every(ticks, Math.ceil((ticks.length * 24) / Math.max(24, length))),
    minor: minor.map((value) => scale(value)),
    unit,
    binary,
  };
}

/** @param {number} value @param {string} unit */
const plain = (value, unit) => withUnit(value, unit === 'USD' ? unit : '', { compact: true, bare: true });

/** @param {number} value @param {number} factor @param {string} unit @param {boolean} binary */
const withLastUnit = (value, factor, unit, binary) =>
  `${plain(value / factor, unit)}\u00a0${unitStep(factor, unit, { binary, compact: true }).symbol}`.trim();

/** @param {[number, number]} domain @param {string} unit @param {boolean} binary @param {number} about how many there is room for */
function linearTicks(domain, unit, binary, about) {
  const { factor } = unitStep(Math.max(...domain.map(Math.abs)), unit, { binary, compact: true });
  const [low, high] = domain.map((value) => value / factor);
  return roundNumbers(low, high, Math.max(2, Math.floor(about))).map((value) => value * factor);
}

/** The powers of the base in a domain, and the multiples between them. @param {[number, number]} domain @param {number} base */
function logTicks([low, high], base) {
  const between = [];
  const first = Math.floor(Math.log(low) / Math.log(base)) - 1;
  const last = Math.ceil(Math.log(high) / Math.log(base)) + 1;
  for (let power = first; power <= last; power += 1) {
    for (let times = 1; times < base; times += 1) {
      // The power is rounded, so that 10^-3 is 0.001 and not a neighbour.
      const value = times * Number((base ** power).toPrecision(15));
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) between.push({ value, times });
    }
  }
  const powers = between.filter(({ times }) => times === 1);
  const shown = powers.length >= 2 ? powers : between.filter(({ times }) => [1, 2, 5].includes(times));
  const values = new Set(shown.map(({ value }) => value));
  return {
    powers: [...values],
    minor: between.map(({ value }) => value).filter((value) => !values.has(value)),
  };
}

/** @template T @param {T[]} list @param {number} step @returns {T[]} */
const every = (list, step) => (step <= 1 ? list : list.filter((_, i) => i % step === 0));

/** Fewer ticks until their texts stand apart. @param {Tick[]} ticks */
function thinned(ticks) {
  for (let step = 1; step < ticks.length; step += 1) {
    const left = every(ticks, step);
    const clear = left.every(
      (tick, i) =>
        i === 0 || tick.at - left[i - 1].at > (textWidth(tick.text) + textWidth(left[i - 1].text)) / 2 + 10,
    );
    if (clear) return left;
  }
  return ticks.slice(0, 1);
}

/** From the least to the largest, with room to spare, and never empty; of a log axis only what is above 0. @param {number[]} values @param {'linear' | 'log'} [kind] @returns {[number, number]} */
export function domainOf(values, kind = 'linear') {
  const finite = values.filter((value) => Number.isFinite(value) && (kind === 'linear' || value > 0));
  if (finite.length === 0) return kind === 'log' ? [1, 10] : [0, 1];
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  if (kind === 'log') return [low / 1.3, high * 1.3];
  if (low === 0 && high === 0) return [0, 1];
  const spare = 0.06 * (Math.max(0, high) - Math.min(0, low));
  return [low < 0 ? low - spare : 0, high > 0 ? high + spare : 0];
}

/** The axis under a plot. @param {Axis} axis @param {{left: number, right: number, top: number, bottom: number, width: number, title?: string, grid?: boolean, hidden?: [number, number]}} at hidden: where other words stand instead of the ticks' */
export function bottomAxis(
  { ticks, minor },
  { left, right, top, bottom, width, title, grid = false, hidden = [-99, -99] },
) {
  const words = shorten(title ?? '', width);
  const half = textWidth(words) / 2;
  const middle = Math.max(half, Math.min(width - half, (left + right) / 2));
  return svg`<g class="cf-axis">
    ${grid ? ticks.map(({ at }) => svg`<path class="cf-grid-line" d="M${at} ${top}V${bottom}"></path>`) : nothing}
    <path class="cf-axis-line" d="M${left} ${bottom}H${right}"></path>
    ${minor.map((at) => svg`<path class="cf-tick" d="M${at} ${bottom}v3"></path>`)}
    ${ticks.map(({ at, text }) => {
      const half = textWidth(text) / 2;
      const x = Math.max(half + 1, Math.min(width - half - 1, at));
      return svg`<path class="cf-tick" d="M${at} ${bottom}v5"></path>${x + half < hidden[0] - 3 || x - half > hidden[1] + 3 ? svg`<text class="cf-tick-text" text-anchor="middle" x=${x} y=${bottom + 18}>${text}</text>` : nothing}`;
    })}
    ${title ? svg`<text class="cf-axis-title" text-anchor="middle" x=${middle} y=${bottom + 37}>${words}</text>` : nothing}
  </g>`;
}

/** The axis at the left of a plot: hairlines across it, its title over it. @param {Axis} axis @param {{left: number, right: number, top: number, title?: string}} at */
export function leftAxis({ ticks, minor }, { left, right, top, title }) {
  return svg`<g class="cf-axis">
    ${ticks.map(
      ({ at, text }) =>
        svg`<path class="cf-grid-line" d="M${left} ${at}H${right}"></path><text class="cf-tick-text" text-anchor="end" x=${left - 8} y=${at + 4.3}>${text}</text>`,
    )}
    ${minor.map((at) => svg`<path class="cf-tick" d="M${left - 3} ${at}h3"></path>`)}
    ${title ? svg`<text class="cf-axis-title" x="0" y=${top - 14}>${shorten(title, right + 10)}</text>` : nothing}
  </g>`;
}

/** How much room the texts of an axis at the left need. @param {Axis} axis */
export const leftRoom = ({ ticks }) => Math.max(20, ...ticks.map(({ text }) => textWidth(text))) + 10;

/**
 * Tells the width that a chart in an element may have, now and whenever it changes.
 * @param {Element} element @param {(width: number) => void} callback whole pixels, 260 to 1100
 * @returns {() => void} ends it
 */
export function measured(element, callback) {
  let told = 0;
  const tell = (/** @type {number} */ width) => {
    const next = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, Math.floor(width || 640)));
    if (next === told) return;
    told = next;
    callback(next);
  };
  tell(element.clientWidth);
  if (!('ResizeObserver' in globalThis)) return () => {};
  const observer = new ResizeObserver((entries) => {
    const { width } = entries[entries.length - 1].contentRect;
    if (width > 0) tell(width);
  });
  observer.observe(element);
  return () => observer.disconnect();
}
