/** Seeded numbers for tests, from mulberry32. @param {number} seed */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    /** A number between two. */
    between: (low, high) => low + (high - low) * next(),
    /** A whole number from 0 to count - 1. */
    below: (count) => Math.floor(count * next()),
    /** One of a list. */
    pick: (list) => list[Math.floor(list.length * next())],
    /** A tensor of numbers from -2 to 2. */
    tensor: (...shape) => ({
      shape,
      data: Float64Array.from(
        { length: shape.reduce((product, extent) => product * extent, 1) },
        () => 4 * next() - 2,
      ),
    }),
    /** A permutation of 0 .. count - 1. */
    permutation: (count) => {
      const order = Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; --i) {
        const j = Math.floor((i + 1) * next());
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    },
  };
}

/** The index of an offset into a shape. @param {number} offset @param {number[]} shape */
export function indexAt(offset, shape) {
  const index = [];
  for (const extent of [...shape].reverse()) {
    index.unshift(offset % extent);
    offset = Math.floor(offset / extent);
  }
  return index;
}

/** The offset of an index into a shape. @param {number[]} index @param {number[]} shape */
export const offsetOf = (index, shape) => index.reduce((offset, i, axis) => offset * shape[axis] + i, 0);
