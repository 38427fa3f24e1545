import { seeded } from '../random.mjs';

const { tensor } = seeded(23);
const chances = (...shape) => {
  const { data } = tensor(...shape);
  return { shape, data: data.map(Math.abs) };
};
const preferences = {
  policyChosen: tensor(3),
  policyRejected: tensor(3),
  referenceChosen: tensor(3),
  referenceRejected: tensor(3),
  beta: 0.2,
  trace: true,
};
const ratios = { ratio: chances(6), advantages: tensor(6), clip: 0.2, trace: true };
const steps = [0, 1, 5, 10, 50, 100, 120];

export default {
  crossEntropy: {
    logits: tensor(4, 5),
    targets: [1, -100, 0, 2],
    labelSmoothing: 0.1,
    ignoreIndex: -100,
    trace: true,
  },
  distillation: {
    student: tensor(4, 5),
    teacher: tensor(4, 5),
    temperature: 2,
    trace: true,
  },
  dpo: preferences,
  grpoAdvantages: { rewards: tensor(2, 4), deviation: 'sample', eps: 1e-4, trace: true },
  ppoObjective: ratios,
  optimizerStep: {
    name: 'adamw',
    learningRate: 0.01,
    betas: [0.9, 0.99],
    eps: 1e-8,
    weightDecay: 0.1,
    parameters: [{ name: 'w', tensor: tensor(2, 3) }],
    gradients: [{ name: 'w', tensor: tensor(2, 3) }],
    state: [
      { name: 'w.mean', tensor: tensor(2, 3) },
      { name: 'w.square', tensor: chances(2, 3) },
    ],
    step: 2,
    trace: true,
  },
  optimizerPath: {
    name: 'rmsprop',
    learningRate: 0.01,
    alpha: 0.9,
    momentum: 0.5,
    weights: tensor(5),
    gradients: [
      { name: 'first', tensor: tensor(5) },
      { name: 'second', tensor: tensor(5) },
    ],
    trace: true,
  },
  clipGradientNorm: {
    gradients: [
      { name: 'a', tensor: tensor(3) },
      { name: 'b', tensor: tensor(2, 2) },
    ],
    maxNorm: 0.5,
    eps: 1e-6,
    trace: true,
  },
  cosineSchedule: { steps, warmup: 10, total: 100, cycles: 0.5, trace: true },
  linearSchedule: { steps, warmup: 10, total: 100, trace: true },
  inverseSqrtSchedule: { steps, warmup: 10, timescale: 20, trace: true },
  noamSchedule: { steps, warmup: 10, dModel: 64, scale: 1, trace: true },
  cosineMinimumSchedule: {
    steps,
    warmup: 10,
    total: 100,
    highest: 6e-4,
    lowest: 6e-5,
    trace: true,
  },
  wsdSchedule: {
    steps,
    warmup: 10,
    stableUntil: 50,
    total: 100,
    decay: 'linear',
    lowest: 0.1,
    trace: true,
  },
};
