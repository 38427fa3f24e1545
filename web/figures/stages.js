/**
 * The stages of one attention layer, as the stepper walks them: what each shows, says, and opens first.
 * @typedef {{name: string, title: string, words: (state: Record<string, any>) => string, matrices: (state: Record<string, any>) => {tensor: string, columns?: string}[], start: (T: number, head: number) => {tensor: string, index: number[]}}} Stage
 */

/** The place that a stage opens with: the last token looking at the second. @param {string} tensor @returns {Stage['start']} */
const lastRow = (tensor) => (T, head) => ({ tensor, index: [head, T - 1, Math.min(1, T - 1)] });

/** @type {Stage[]} */
export const stages = [
  {
    name: 'embed',
    title: 'Embed',
    words: () =>
      'Each token is looked up in a table and becomes a row of numbers. Equal tokens get equal rows, wherever they stand.',
    matrices: () => [{ tensor: 'x', columns: 'token vectors' }],
    start: (T) => ({ tensor: 'x', index: [T - 1, 0] }),
  },
  {
    name: 'project',
    title: 'Q, K, V',
    words: ({ rope }) =>
      rope
        ? 'Three matrices turn each row into a query, a key and a value; RoPE then turns queries and keys by their position.'
        : 'Three matrices turn each row into a query, a key and a value. This head owns a slice of their columns.',
    matrices: ({ rope }) => [
      { tensor: rope ? 'qRotated' : 'q', columns: rope ? 'queries, rotated' : 'queries' },
      { tensor: rope ? 'kRotated' : 'k', columns: rope ? 'keys, rotated' : 'keys' },
      { tensor: 'v', columns: 'values' },
    ],
    start: (T, head) => ({ tensor: 'q', index: [head, T - 1, 0] }),
  },
  {
    name: 'scores',
    title: 'Scores',
    words: () => 'Every query meets every key: their dot product says how well they match.',
    matrices: ({ rope }) => [
      { tensor: rope ? 'qRotated' : 'q', columns: 'queries' },
      { tensor: rope ? 'kRotated' : 'k', columns: 'keys' },
      { tensor: 'scores', columns: 'raw scores' },
    ],
    start: lastRow('scores'),
  },
  {
    name: 'scaled',
    title: 'Scale',
    words: ({ scaled }) =>
      scaled
        ? 'Divided by the square root of the head width, so that scores do not grow with it, and by the temperature.'
        : 'Scaling is off: the raw scores go on, divided by the temperature only.',
    matrices: () => [{ tensor: 'scaled', columns: 'scaled scores' }],
    start: lastRow('scaled'),
  },
  {
    name: 'masked',
    title: 'Mask',
    words: ({ mask }) =>
      mask === 'causal'
        ? 'Keys after the query get minus infinity: after the softmax that is a weight of exactly zero.'
        : 'No future is hidden: every token may look at every other.',
    matrices: () => [{ tensor: 'masked', columns: 'masked scores' }],
    start: lastRow('masked'),
  },
  {
    name: 'weights',
    title: 'Softmax',
    words: () => 'Each row becomes shares that sum to one. At the right, how spread the row is: its entropy.',
    matrices: () => [{ tensor: 'weights', columns: 'weights' }],
    start: lastRow('weights'),
  },
  {
    name: 'values',
    title: 'Mix',
    words: () => 'Each output row is the sum of all value rows, weighted by its row of attention.',
    matrices: () => [
      { tensor: 'weights', columns: 'weights' },
      { tensor: 'v', columns: 'values' },
      { tensor: 'headOutputs', columns: 'head output' },
    ],
    start: (T, head) => ({ tensor: 'headOutputs', index: [head, T - 1, 0] }),
  },
  {
    name: 'join',
    title: 'Heads',
    words: () => 'The heads are set side by side; nothing has mixed them yet.',
    matrices: () => [{ tensor: 'concatenated', columns: 'all heads' }],
    start: (T) => ({ tensor: 'concatenated', index: [T - 1, 0] }),
  },
  {
    name: 'output',
    title: 'Output',
    words: () => 'W_O mixes the heads; the result is added to the row that came in.',
    matrices: () => [
      { tensor: 'output', columns: 'attention output' },
      { tensor: 'residual', columns: 'after the residual sum' },
    ],
    start: (T) => ({ tensor: 'residual', index: [T - 1, 0] }),
  },
];
