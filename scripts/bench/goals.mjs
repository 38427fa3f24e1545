// How fast the kernels should be, as ratios within one run: absolute figures move from machine to machine. `least` or `most`, for the
// base and the relaxed variant, neither where a ratio is only shown; a share is of the same engine's measured peak, a factor is against a peer doing the same work beside us.

/** @typedef {{title: string, unit: 'share' | 'factor' | 'ns' | 'ms', base?: number, relaxed?: number, most?: boolean}} Goal */

/** @type {Record<string, Goal>} */
export const goals = {
  'gemm / peak': { title: 'GEMM, share of the peak', unit: 'share', base: 0.85, relaxed: 0.9 },
  'attention dense / peak': {
    title: 'attention, T >= 512, d 64, dense, share of the peak',
    unit: 'share',
    base: 0.75,
    relaxed: 0.75,
  },
  'attention causal / peak': {
    title: 'attention, T >= 512, d 64, causal, share of the peak',
    unit: 'share',
    base: 0.7,
    relaxed: 0.7,
  },
  'attention d128 / peak': {
    title: 'attention, T 2048, d 128, share of the peak',
    unit: 'share',
    base: 0.83,
    relaxed: 0.83,
  },
  'attention dense / ort': {
    title: 'attention against onnxruntime-web',
    unit: 'factor',
    base: 1.7,
    relaxed: 2.2,
  },
  'attention causal / ort': {
    title: 'causal attention against onnxruntime-web',
    unit: 'factor',
    base: 3.5,
    relaxed: 4,
  },
  'attention dense / tfjs': {
    title: 'attention against tfjs-backend-wasm',
    unit: 'factor',
    base: 13,
    relaxed: 16,
  },
  'attention dense / javascript': {
    title: 'attention against JavaScript, plain typed-array loops',
    unit: 'factor',
    base: 20,
    relaxed: 27,
  },
  'attention dense / tuned javascript': {
    title: 'attention against JavaScript, tuned',
    unit: 'factor',
  },
  'sampling / javascript': {
    title: 'sampling, V 151,936, against tuned JavaScript',
    unit: 'factor',
    base: 7,
  },
  'rope / scale': { title: 'RoPE, share of an in-place scale', unit: 'share', base: 0.9 },
  'training / tfjs': {
    title: 'training step of a tiny GPT against tfjs-backend-wasm',
    unit: 'factor',
    base: 10,
    relaxed: 12,
  },
  'training / javascript': {
    title: 'training step of a tiny GPT against JavaScript, plain loops',
    unit: 'factor',
    base: 20,
    relaxed: 25,
  },
  'training / tuned javascript': {
    title: 'training step of a tiny GPT against JavaScript, tuned',
    unit: 'factor',
  },
  plan: { title: 'a whole plan, mean over the registry', unit: 'ms', base: 1, most: true },
  'scalar call': { title: 'one scalar call across the boundary', unit: 'ns', base: 200, most: true },
};
