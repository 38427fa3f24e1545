import { seeded } from '../random.mjs';

const { tensor } = seeded(12);

export default {
  sinusoidalPositions: { length: 5, dim: 6, layout: 'concatenated', trace: true },
  rope: {
    x: tensor(2, 4, 8),
    positions: [0, 3, 9, 50],
    theta: 1000,
    pairing: 'interleaved',
    rotaryDim: 4,
    scaling: { type: 'yarn', factor: 4, maxPositionEmbeddings: 64 },
    trace: true,
  },
  ropePairings: {
    x: tensor(4, 6),
    positions: [0, 3, 9, 50],
    permutation: [0, 2, 4, 1, 3, 5],
    theta: 1000,
    trace: true,
  },
  ropeRelative: { q: tensor(1, 8), k: tensor(1, 8), theta: [1000, 1000], m: [5, 9], n: [3, 7] },
  ropeFrequencies: {
    dim: 8,
    theta: 500,
    scaling: { type: 'longrope', maxPositionEmbeddings: 64, shortFactor: [1, 1, 2, 3] },
    trace: true,
  },
  ropeWavelengths: { dim: 32, thetas: [10000, 500000], count: 5, context: 4096 },
  yarnSoftmaxScale: { qkHeadDim: 64, factor: 4, mscaleAllDim: 0.7 },
  rope2d: {
    x: tensor(2, 12, 8),
    gridHeight: 2,
    gridWidth: 6,
    scheme: 'qwen2vl',
    theta: 100,
    spatialMergeSize: 2,
    trace: true,
  },
  ropeMultimodal: {
    x: tensor(2, 3, 12),
    positions: { shape: [3, 3], data: Float64Array.from([0, 1, 2, 0, 3, 5, 0, 2, 4]) },
    sections: [2, 2, 2],
    theta: 100,
    interleaved: true,
    trace: true,
  },
  relativeBuckets: {
    relativePosition: { shape: [4], data: Float64Array.from([-90, -3, 0, 12]) },
    bidirectional: true,
    numBuckets: 16,
    maxDistance: 50,
    trace: true,
  },
  relativeBias: {
    table: tensor(8, 2),
    queries: 3,
    keys: 5,
    bidirectional: false,
    maxDistance: 20,
    queryOffset: 1,
    trace: true,
  },
};
