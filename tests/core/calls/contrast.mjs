import { seeded } from '../random.mjs';

const { tensor } = seeded(19);

export default {
  clipLoss: { imageEmbeds: tensor(3, 4), textEmbeds: tensor(3, 4), temperature: 0.1, trace: true },
  siglipLoss: {
    imageEmbeds: tensor(3, 4),
    textEmbeds: tensor(3, 4),
    logitScale: 5,
    logitBias: -3,
    trace: true,
  },
  ntXent: { z1: tensor(3, 4), z2: tensor(3, 4), temperature: 0.3, trace: true },
  zeroShot: { imageEmbeds: tensor(2, 4), textEmbeds: tensor(5, 4), logitScale: 20, trace: true },
  exponentialMovingAverage: { target: tensor(5), students: tensor(3, 5), momentum: 0.9, trace: true },
  momentumSchedule: { steps: [0, 30, 100], total: 100, start: 0.99, end: 1, trace: true },
  jepaLoss: {
    pred: tensor(3, 6),
    target: tensor(3, 6),
    beta: 0.5,
    targetNorm: 'layer_norm',
    eps: 1e-6,
    trace: true,
  },
  dinoLoss: {
    student: tensor(3, 5),
    teacher: tensor(3, 5),
    center: tensor(5),
    studentTemp: 0.2,
    teacherTemp: 0.05,
    centerMomentum: 0.8,
    trace: true,
  },
  byolLoss: { p: tensor(3, 4), z: tensor(3, 4), trace: true },
};
