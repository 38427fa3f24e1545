import { seeded } from '../random.mjs';

const { tensor } = seeded(17);

export default {
  quantizeAbsmax: {
    x: tensor(3, 10),
    bits: 4,
    qmax: 7,
    granularity: 'group',
    group: 4,
    rounding: 'half_to_even',
    trace: true,
  },
  quantizeZeroPoint: {
    x: tensor(3, 10),
    bits: 4,
    granularity: 'row',
    group: 4,
    range: 'min/max including 0',
    rounding: 'half_to_even',
    isSigned: true,
    trace: true,
  },
  quantizeGgml: { x: tensor(2, 64), format: 'q4_0', block: 32, trace: true },
  quantizeCodeTable: {
    x: tensor(3, 10),
    table: 'nf4',
    block: 8,
    doubleQuantization: true,
    scaleBlock: 3,
    trace: true,
  },
  floatFormats: { x: tensor(3, 4), trace: true },
  roundToFloat: { x: tensor(3, 4), format: 'fp8_e4m3', overflow: 'saturate', trace: true },
  quantizationError: { x: tensor(3, 4), y: tensor(3, 4), trace: true },
};
