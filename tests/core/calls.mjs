import { seeded } from './random.mjs';

const { tensor } = seeded(11);

/**
 * One valid call of every function. The tests that hold for all functions go through this list and describe().
 * @type {Record<string, any>}
 */
export const calls = {
  matmul: { a: tensor(2, 3, 4), b: tensor(4, 5) },
  linear: { x: tensor(2, 3), weight: tensor(4, 3), bias: tensor(4) },
  softmax: { x: tensor(3, 6), axis: -1, temperature: 0.7 },
  layerNorm: { x: tensor(3, 6), gamma: tensor(6), beta: tensor(6), eps: 1e-5 },
  rmsNorm: { x: tensor(3, 6), gamma: tensor(6), eps: 1e-6, unitOffset: true },
  groupNorm: { x: tensor(2, 4, 3), groups: 2, eps: 1e-5 },
  l2Normalize: { x: tensor(3, 6), eps: 1e-12 },
  activation: { x: tensor(12), name: 'gelu_tanh' },
  embedding: { tokens: [2, 0, 2], table: tensor(3, 4), positions: tensor(5, 4) },
  attentionMask: { queries: 3, keys: 4, mask: 'causal', queryOffset: 1 },
  attention: {
    q: tensor(4, 3, 8),
    k: tensor(2, 5, 8),
    v: tensor(2, 5, 6),
    scale: 0.4,
    softcap: 20,
    bias: tensor(3, 5),
    alibiSlopes: [0.5, 0.25, 0.125, 0.0625],
    sinks: tensor(4),
    allow: { shape: [3, 5], data: Float64Array.from([1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1]) },
    mask: 'sliding_causal&key_padding',
    window: 3,
    valid: [1, 1, 1, 1, 0],
    maskedRow: 'zeros',
  },
  onlineSoftmax: { q: tensor(1, 1, 4), k: tensor(1, 7, 4), v: tensor(1, 7, 3), block: 2, scale: 0.5 },
  attentionEntropy: { logits: tensor(2, 5), unit: 'bits' },
  multiHeadAttention: {
    query: tensor(3, 8),
    key: tensor(5, 8),
    value: tensor(5, 8),
    heads: 2,
    inProjWeight: tensor(24, 8),
    inProjBias: tensor(24),
    outWeight: tensor(8, 8),
    outBias: tensor(8),
    biasK: tensor(1, 1, 8),
    biasV: tensor(1, 1, 8),
    addZeroAttention: true,
    causal: true,
    keyValid: [1, 1, 1, 0, 1],
  },
  sinusoidalPositions: { length: 5, dim: 6, layout: 'concatenated' },
  rope: { x: tensor(2, 4, 8), positions: [0, 3, 9, 50], theta: 1000, pairing: 'interleaved', rotaryDim: 4 },
  ropePairings: { x: tensor(4, 6), positions: [0, 3, 9, 50], permutation: [0, 2, 4, 1, 3, 5], theta: 1000 },
  ropeRelative: { q: tensor(1, 8), k: tensor(1, 8), theta: [1000, 1000], m: [5, 9], n: [3, 7] },
  tokenize: { text: 'the cat sat' },
  detokenize: { ids: [] },
  attentionLayer: {
    tokens: [3, 1, 3, 2],
    dModel: 8,
    heads: 2,
    seed: 5,
    causal: true,
    valid: [1, 1, 1, 0],
    scaled: true,
    temperature: 1.5,
    rope: true,
    theta: 100,
    overrides: [{ tensor: 'q', index: [0, 0, 0], value: 0.5 }],
  },
  cachedDecode: { tokens: [3, 1, 3, 2], dModel: 8, heads: 2 },
  memory: {},
};

/** Functions that run in single precision where all their tensors are Float32Arrays. The others always run in double. */
export const inBothPrecisions = ['matmul', 'linear', 'softmax', 'attention', 'rope'];

export const isTensor = (value) =>
  typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;

/** The same options with every tensor's data copied into another type of array. */
export const withData = (options, ArrayType) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      isTensor(value) ? { shape: [...value.shape], data: ArrayType.from(value.data) } : value,
    ]),
  );

/** The names of a result's tensors. */
export const tensorNames = (result) => Object.keys(result).filter((name) => isTensor(result[name]));

/** Disposes what a result holds in the core. */
export const release = (result) => result.trace?.dispose();
