import { seeded } from '../random.mjs';

const { tensor } = seeded(23);
/** Given numbers. */
const numbers = (shape, ...data) => ({ shape, data: Float64Array.from(data) });

export default {
  smartResize: {
    sizes: numbers([2, 2], 100, 300, 1080, 1920),
    factor: 28,
    minPixels: 3136,
    maxPixels: 1003520,
    trace: true,
  },
  anyres: { sizes: numbers([1, 2], 480, 640), pinpoints: numbers([2, 2], 336, 672, 672, 672), trace: true },
  conv2d: {
    image: tensor(2, 5, 6),
    weight: tensor(3, 2, 3, 2),
    bias: tensor(3),
    stride: 2,
    padding: 1,
    trace: true,
  },
  interpolate: {
    x: tensor(2, 4, 5),
    out: [3, 7],
    mode: 'bicubic',
    alignCorners: false,
    antialias: true,
    trace: true,
  },
  posEmbedInterpolate: {
    posEmbed: tensor(7, 4),
    from: [2, 3],
    to: [3, 4],
    mode: 'bicubic',
    clsToken: true,
    alignCorners: false,
    antialias: false,
    trace: true,
  },
  patchEmbed: { image: tensor(2, 4, 6), weight: tensor(5, 2, 2, 2), bias: tensor(5), trace: true },
  tubeletEmbed: { video: tensor(2, 4, 4, 6), weight: tensor(5, 2, 2, 2, 3), bias: tensor(5), trace: true },
  maeMasking: { tokens: tensor(8, 3), noise: tensor(8), maskRatio: 0.75, trace: true },
  maeLoss: {
    image: tensor(3, 4, 4),
    pred: tensor(4, 12),
    mask: numbers([4], 1, 0, 1, 1),
    patch: 2,
    normPixLoss: true,
    trace: true,
  },
};
