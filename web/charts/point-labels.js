import { overlap, textWidth } from './labels.js';

/**
 * Names beside points: right at them where there is room, else farther off with a hairline, else not at all. The chosen point is named first and in any case, then
 * the others by their size. Names keep clear of each other, of points, lines and words; hairlines of names, words and each other.
 * @typedef {import('./labels.js').Box} Box
 * @typedef {{name: string, title: string, x: number, y: number, r: number}} Point
 * @typedef {[number, number, number, number]} Leader from x, y to x, y
 * @typedef {{name: string, title: string, x: number, y: number, anchor: 'start' | 'middle' | 'end', box: Box, leader?: Leader}} Label
 */

/** @param {Point[]} points @param {{bounds: Box, lines: Box[], words: Box[], chosen?: string}} around @returns {Label[]} */
export function labelPoints(points, { bounds, lines, words, chosen }) {
  const dots = points.map((point) => ground(point.x, point.y, point.r + 1));
  const order = [...points].sort(
    (a, b) => Number(b.name === chosen) - Number(a.name === chosen) || b.r - a.r || a.x - b.x,
  );
  /** @type {Label[]} */
  const labels = [];
  for (const point of order) {
    const own = dots[points.indexOf(point)];
    const others = [
      ...lines,
      ...words,
      ...dots.filter((dot) => dot !== own),
      ...labels.map(({ box }) => box),
    ];
    const inside = places(point).filter(
      ({ box }) =>
        box.left > bounds.left &&
        box.right < bounds.right &&
        box.top > bounds.top &&
        box.bottom < bounds.bottom,
    );
    const place =
      inside.find(
        ({ box, leader }) =>
          !others.some((other) => overlap(box, other)) &&
          !labels.some((other) => other.leader && crosses(other.leader, box)) &&
          (!leader || isFree(leader, labels, words)),
      ) ?? (point.name === chosen ? inside[0] : undefined);
    if (place) labels.push(place);
  }
  return labels;
}

/** @param {Leader} leader @param {Label[]} labels @param {Box[]} words */
const isFree = (leader, labels, words) =>
  !words.some((box) => crosses(leader, box)) &&
  !labels.some((other) => crosses(leader, other.box) || (other.leader && meet(leader, other.leader)));

/** Where the name of a point may stand, the best place first. @param {Point} point @returns {Label[]} */
function places(point) {
  const far = point.r + 5;
  const near = far * 0.75;
  /** @type {[number, number, Label['anchor'], boolean][]} */
  const tries = [
    [far, 4.5, 'start', false],
    [-far, 4.5, 'end', false],
    [near, near + 8, 'start', false],
    [near, -near, 'start', false],
    [-near, near + 8, 'end', false],
    [-near, -near, 'end', false],
    [0, far + 10, 'middle', false],
    [0, -far, 'middle', false],
  ];
  for (const reach of [14, 28, 44, 62, 84, 108]) {
    tries.push([0, -far - reach, 'middle', true], [0, far + reach + 10, 'middle', true]);
    for (const turn of [0.12, 0.25, 0.38, -0.12, -0.25, -0.38, 0.18, 0.32, -0.18, -0.32]) {
      const dx = (far + reach) * Math.cos(turn * Math.PI);
      const dy = (far + reach) * Math.sin(turn * Math.PI) + 4.5;
      tries.push([dx, dy, 'start', true], [-dx, dy, 'end', true]);
    }
  }
  const wide = textWidth(point.title, 12.5);
  return tries.map(([dx, dy, anchor, tied]) => {
    const [x, y] = [point.x + dx, point.y + dy];
    const left = x - (anchor === 'end' ? wide : anchor === 'middle' ? wide / 2 : 0);
    const box = { left: left - 2, right: left + wide + 2, top: y - 11, bottom: y + 4 };
    // A name above or below is met at its foot or head, one aside at its middle.
    const edge = anchor !== 'middle' ? -4.5 : dy < 0 ? 7 : -14;
    const leader = tied ? tie(point, x, y + edge) : undefined;
    return { name: point.name, title: point.title, x, y, anchor, box, leader };
  });
}

/** From the edge of a point to just before its name. @param {Point} point @param {number} x @param {number} y @returns {Leader} */
function tie(point, x, y) {
  const long = Math.hypot(x - point.x, y - point.y);
  const [from, to] = [(point.r + 1) / long, 1 - 3.5 / long];
  const [dx, dy] = [x - point.x, y - point.y];
  return [point.x + dx * from, point.y + dy * from, point.x + dx * to, point.y + dy * to];
}

/** Whether a leader passes through a box. @param {Leader} leader @param {Box} box */
const crosses = ([x0, y0, x1, y1], box) =>
  Array.from({ length: 17 }, (_, i) => i / 16).some((share) =>
    overlap(ground(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, 1), box),
  );

/** Whether two leaders cross. @param {Leader} a @param {Leader} b */
function meet([ax, ay, bx, by], [cx, cy, dx, dy]) {
  /** On which side of the line from p to q a point lies. @type {(px: number, py: number, qx: number, qy: number, x: number, y: number) => number} */
  const side = (px, py, qx, qy, x, y) => Math.sign((qx - px) * (y - py) - (qy - py) * (x - px));
  return (
    side(ax, ay, bx, by, cx, cy) !== side(ax, ay, bx, by, dx, dy) &&
    side(cx, cy, dx, dy, ax, ay) !== side(cx, cy, dx, dy, bx, by)
  );
}

/** The square around a point. @param {number} x @param {number} y @param {number} r @returns {Box} */
export const ground = (x, y, r) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r });
