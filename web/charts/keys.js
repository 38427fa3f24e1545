/**
 * How a reader goes through a chart: one Tab stop, arrows walk, Enter and Space pin, Esc leaves; a pointer takes the nearest.
 * @typedef {object} Walk
 * @property {number} count how many there are
 * @property {() => number} at where the reader stands; less than 0 for nowhere yet
 * @property {(at: number) => void} onMove
 * @property {(at: number) => void} [onPin] @property {() => void} [onLeave]
 * @property {(key: string, at: number) => number | undefined} [next] where another key leads
 */

/** @param {Walk} walk */
export const walkKeys = ({ count, at, onMove, onPin, onLeave, next }) => {
  return (/** @type {KeyboardEvent} */ event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || count === 0) return;
    if (event.key === 'Escape') {
      /** @type {HTMLElement} */ (event.currentTarget).blur();
      onLeave?.();
      return;
    }
    const here = at();
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const pinned = Math.max(0, here);
      if (onPin) onPin(pinned);
      else onMove(pinned);
      return;
    }
    const goal = next?.(event.key, here) ?? along(event.key, here, count);
    if (goal === undefined) return;
    event.preventDefault();
    onMove(Math.max(0, Math.min(count - 1, goal)));
  };
};

/** @param {string} key @param {number} here @param {number} count @returns {number | undefined} */
function along(key, here, count) {
  const page = Math.max(2, Math.round(count / 8));
  const moves = /** @type {Record<string, number>} */ ({
    ArrowLeft: here - 1,
    ArrowUp: here - 1,
    ArrowRight: here + 1,
    ArrowDown: here + 1,
    PageUp: here - page,
    PageDown: here + page,
    Home: 0,
    End: count - 1,
  });
  return moves[key];
}

/** Where a pointer is in the units of a drawing that is `width` of them wide. @param {MouseEvent} event @param {number} width @returns {[number, number]} */
export function pointIn(event, width) {
  const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
  const scale = box.width ? box.width / width : 1;
  return [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
}

/** The index of the least distance. @param {number[]} distances */
export const nearest = (distances) =>
  distances.reduce((best, distance, i) => (distance < distances[best] ? i : best), 0);
