import { seeded } from '../random.mjs';

const { tensor, between } = seeded(23);

/** Numbers from 0 to 1. */
const share = (...shape) => {
  const { data } = tensor(...shape);
  return { shape, data: data.map(() => between(0, 1)) };
};

/** Given numbers. */
const numbers = (shape, ...data) => ({ shape, data: Float64Array.from(data) });

/** One encoder layer of width 4 with 6 hidden features. */
const layer = () => ({
  norm1Gamma: tensor(4),
  norm1Beta: tensor(4),
  qkvWeight: tensor(12, 4),
  qkvBias: tensor(12),
  projWeight: tensor(4, 4),
  projBias: tensor(4),
  norm2Gamma: tensor(4),
  norm2Beta: tensor(4),
  fc1Weight: tensor(6, 4),
  fc1Bias: tensor(6),
  fc2Weight: tensor(4, 6),
  fc2Bias: tensor(4),
});

/** One valid call of every function of the vision module. */
export default {
  smartResize: {
    sizes: numbers([2, 2], 100, 300, 1080, 1920),
    factor: 28,
    minPixels: 3136,
    maxPixels: 1003520,
  },
  anyres: { sizes: numbers([1, 2], 480, 640), pinpoints: numbers([2, 2], 336, 672, 672, 672) },
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
  },
};
