import { seeded } from '../random.mjs';

const { tensor } = seeded(17);

export default {
  lora: {
    x: tensor(3, 8),
    weight: tensor(6, 8),
    a: tensor(2, 8),
    b: tensor(6, 2),
    alpha: 16,
    scaling: 'alpha/sqrt(r)',
    trace: true,
  },
  loraUnmerge: {
    merged: tensor(6, 8),
    a: tensor(2, 8),
    b: tensor(6, 2),
    alpha: 16,
    scaling: 'alpha/r',
    trace: true,
  },
  dora: {
    x: tensor(3, 8),
    weight: tensor(6, 8),
    a: tensor(2, 8),
    b: tensor(6, 2),
    magnitude: tensor(6),
    alpha: 16,
    scaling: 'alpha/r',
    trace: true,
  },
  doraUnmerge: {
    merged: tensor(6, 8),
    norms: tensor(6),
    magnitude: tensor(6),
    a: tensor(2, 8),
    b: tensor(6, 2),
    alpha: 16,
    scaling: 'alpha/r',
    trace: true,
  },
  svd: { a: tensor(5, 4), rank: 2, trace: true },
};
