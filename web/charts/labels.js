/** How wide text is in the interface face, close enough to decide whether it fits, without a page to measure it on. */
const WIDTHS = /** @type {[RegExp, number][]} */ ([
  [/[ijl.,:;'|!·()[\]\u00a0 ]/, 0.3],
  [/[ftr\u2009/-]/, 0.4],
  [/[mwMW@%]/, 0.88],
  [/[A-Z0-9~+=×−–]/, 0.65],
]);

/** In pixels. @param {string} text @param {number} [size] font size in pixels */
export const textWidth = (text, size = 12.5) =>
  [...text].reduce((sum, letter) => sum + (WIDTHS.find(([kind]) => kind.test(letter))?.[1] ?? 0.58), 0) *
  size;

/** In pixels, in the digits' face, where every letter is as wide. @param {string} text @param {number} [size] */
export const digitsWidth = (text, size = 12.5) => [...text].length * size * 0.602;

/**
 * Moves places apart until neighbours keep a distance, between two ends, in their order and as little as needed.
 * @param {number[]} places @param {number} distance @param {number} low @param {number} high
 * @returns {number[]} in the order given
 */
export function spread(places, distance, low, high) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b] || a - b);
  // Neighbours too close become a group around their common middle, as often as groups meet.
  /** @type {{members: number[], middle: number}[]} */
  const groups = [];
  const half = (/** @type {number[]} */ members) => ((members.length - 1) * distance) / 2;
  const within = (/** @type {number[]} */ members, /** @type {number} */ middle) =>
    Math.max(low + half(members), Math.min(high - half(members), middle));
  for (const i of order) {
    let group = { members: [i], middle: within([i], places[i]) };
    for (let last = groups.at(-1); last; last = groups.at(-1)) {
      if (last.middle + half(last.members) + distance <= group.middle - half(group.members) + 1e-9) break;
      groups.pop();
      const members = [...last.members, ...group.members];
      const wish = members.reduce((sum, member, k) => sum + places[member] - k * distance + half(members), 0);
      group = { members, middle: within(members, wish / members.length) };
    }
    groups.push(group);
  }
  const placed = places.slice();
  for (const { members, middle } of groups) {
    members.forEach((member, k) => {
      placed[member] = middle - half(members) + k * distance;
    });
  }
  return placed;
}

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */

/** @param {Box} a @param {Box} b */
export const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Text that is cut where it would be wider. @param {string} text @param {number} width pixels @param {number} [size] */
export function shorten(text, width, size = 12.5) {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length && textWidth(`${letters.join('')}…`, size) > width) letters.pop();
  return letters.length ? `${letters.join('').trimEnd()}…` : '';
}
