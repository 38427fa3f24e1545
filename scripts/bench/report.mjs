// From times to the tables that are read: what each contender does, and the ratios that the goals are about.
import { goals } from './goals.mjs';
import { PEAK_WORK, STAGES } from './suite.mjs';

/** @typedef {import('./suite.mjs').Figures} Figures */

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * The median over processes of a ratio within each; nothing where a process lacks a part of it.
 * @param {Figures[][]} processes @param {string} title @param {(ms: Record<string, number>, work: number) => number} ratio
 */
function over(processes, title, ratio) {
  const values = processes.map((groups) => {
    const group = groups.find((one) => one.title === title);
    return group ? ratio(group.ms, group.work) : NaN;
  });
  return values.length && values.every(Number.isFinite) ? median(values) : undefined;
}

/**
 * What a goal is measured by: a share of the peak of the same engine, a ratio to a peer, or something else of one group.
 * @typedef {{group: string, peer?: string, of?: (ms: Record<string, number>, variant: string, work: number) => number}} Measure
 */
const DENSE = 'attention 512, 64, 8';
const TRAINING = 'training step, 4 layers, d 64, context 64, batch 16';
const MEASURES = /** @type {Record<string, Measure>} */ ({
  'gemm / peak': { group: 'GEMM 512 x 512 x 512' },
  'attention dense / peak': { group: DENSE },
  'attention causal / peak': { group: `${DENSE} causal` },
  'attention d128 / peak': { group: 'attention 2048, 128, 8' },
  'attention dense / ort': { group: DENSE, peer: 'ort' },
  'attention causal / ort': { group: `${DENSE} causal`, peer: 'ort' },
  'attention dense / tfjs': { group: DENSE, peer: 'tfjs' },
  'attention dense / javascript': { group: DENSE, peer: 'javascript, plain' },
  'attention dense / tuned javascript': { group: DENSE, peer: 'javascript, tuned' },
  'sampling / javascript': { group: 'sampling from 151936', peer: 'javascript, tuned' },
  'rope / scale': {
    group: 'RoPE 32 x 4096 x 128',
    of: (ms, variant) => ms[`scale ${variant}`] / ms[variant],
  },
  'training / tfjs': { group: TRAINING, peer: 'tfjs' },
  'training / javascript': { group: TRAINING, peer: 'javascript, plain' },
  'training / tuned javascript': { group: TRAINING, peer: 'javascript, tuned' },
  plan: { group: 'plans', of: (ms, _, work) => ms.registry / work },
  'scalar call': { group: 'boundary', of: (ms) => ms['scalar call'] * 1e6 },
});

/** @param {Figures[][]} all @param {Measure} measure @param {string} variant */
function measured(all, { group, peer, of }, variant) {
  if (of) return over(all, group, (ms, work) => of(ms, variant, work));
  return peer ? against(all, group, peer, variant) : shareOfPeak(all, group, variant);
}

/** @param {Figures[][]} all @param {string} title @param {string} name a contender @param {string} variant whose peak is meant */
const shareOfPeak = (all, title, variant, name = variant) =>
  over(all, title, (ms, work) => work / ms[name] / (PEAK_WORK / ms[`peak ${variant}`]));
const against = (all, title, peer, variant) => over(all, title, (ms) => ms[peer] / ms[variant]);

/**
 * Why a goal was missed, in figures of the same run: what the stages take by themselves, or how far the peer is from the peak.
 * @param {Figures[][]} all @param {Measure} measure @param {string} variant
 */
function breakdown(all, { group, peer, of }, variant) {
  const percent = (/** @type {number | undefined} */ x) =>
    `${(100 * (x ?? NaN)).toFixed(x && x < 0.1 ? 1 : 0)} %`;
  const own = shareOfPeak(all, group, variant);
  if (of || own === undefined) return undefined;
  if (peer) {
    const theirs = shareOfPeak(all, group, variant, peer) ?? NaN;
    return `ours is at ${percent(own)} of the peak, ${peer} at ${percent(theirs)}; at the peak the ratio would be ${show('factor', 1 / theirs)}`;
  }
  const packed = shareOfPeak(all, group, variant, `packed before ${variant}`);
  if (packed !== undefined)
    return `with the right factor packed before, the product by itself is at ${percent(packed)} of the peak`;
  const stages = STAGES.map((stage) => over(all, group, (ms) => ms[`${stage} ${variant}`] / ms[variant]));
  if (stages.some((share) => share === undefined)) return undefined;
  const [scores, sum] = ['scores', 'weighted sum'].map((stage) =>
    percent(
      over(
        all,
        group,
        (ms, work) => work / 2 / ms[`${stage} ${variant}`] / (PEAK_WORK / ms[`peak ${variant}`]),
      ),
    ),
  );
  const rest = 1 - stages.reduce((total, share) => (total ?? 0) + (share ?? 0), 0);
  const streaming = percent(shareOfPeak(all, group, variant, `streaming ${variant}`));
  return (
    `of the time ${STAGES.map((stage, i) => `${percent(stages[i])} ${stage}`).join(', ')}, each by itself and in cache, and ${percent(rest)} the rest; ` +
    `the scores by themselves run at ${scores} of the peak, the weighted sum at ${sum}; without writing the weights to memory all is at ${streaming}`
  );
}

const show = (unit, x) =>
  x === undefined
    ? '-'
    : unit === 'share'
      ? `${(100 * x).toFixed(0)} %`
      : unit === 'ns'
        ? `${x.toFixed(0)} ns`
        : unit === 'ms'
          ? `${x.toFixed(2)} ms`
          : `${x.toFixed(x < 10 ? 1 : 0)} x`;

/** What a contender does in a second, in the unit of its group. */
function rate({ title, work }, name, ms) {
  if (name.startsWith('peak ')) return `${(PEAK_WORK / ms / 1e6).toFixed(1)} GFLOP/s`;
  if (title === 'plans') return `${((1000 * work) / ms).toFixed(0)} plans/s`;
  if (title === 'boundary') return '';
  const perSecond = work / ms / 1e6;
  if (/^(?:GEMM|attention|training)/.test(title) && !STAGES.some((stage) => name.startsWith(stage)))
    return `${perSecond.toFixed(1)} GFLOP/s`;
  if (title.startsWith('attention')) return '';
  return title.startsWith('RoPE') ? `${perSecond.toFixed(1)} GB/s` : `${perSecond.toFixed(2)} G/s`;
}

/** @param {{machine: any, figures: Record<string, Figures[][]>}} all */
export function report({ machine, figures }) {
  const engines = Object.keys(figures);
  const lines = [
    `${machine.processor}, ${machine.cores} cores, ${machine.date.slice(0, 10)}; ${engines.map((name) => `${name} ${machine.engines[name]}`).join(', ')}; one thread, float32; processor time of that thread`,
  ];
  for (const engine of engines) {
    lines.push('', `== ${engine}: medians of ${figures[engine].length} processes`);
    for (const group of figures[engine][0]) {
      lines.push('', group.title);
      for (const name of Object.keys(group.ms)) {
        const ms = over(figures[engine], group.title, (times) => times[name]) ?? NaN;
        const time = ms < 0.01 ? `${(ms * 1e6).toFixed(0)} ns` : `${ms.toFixed(3)} ms`;
        lines.push(`  ${name.padEnd(24)} ${time.padStart(12)}  ${rate(group, name, ms).padStart(16)}`);
      }
    }
  }
  lines.push('', "Goals (a share of the same engine's peak, or how many times faster than a peer):", '');
  const columns = engines.flatMap((engine) => ['base', 'relaxed'].map((variant) => ({ engine, variant })));
  const row = (/** @type {string} */ title, /** @type {string[]} */ cells) =>
    title.padEnd(62) + cells.map((cell) => cell.padStart(18)).join('');
  lines.push(row('', ['base', 'relaxed', ...columns.map(({ engine, variant }) => `${engine} ${variant}`)]));
  const reasons = [];
  for (const [name, goal] of Object.entries(goals)) {
    const sign = goal.most ? '<=' : '>=';
    const cells = [goal.base, goal.relaxed].map((x) =>
      x === undefined ? '' : `${sign} ${show(goal.unit, x)}`,
    );
    const shown = goal.base === undefined && goal.relaxed === undefined;
    for (const { engine, variant } of columns) {
      const target = goal[variant];
      const x =
        shown || target !== undefined ? measured(figures[engine], MEASURES[name], variant) : undefined;
      const met = x === undefined || target === undefined || (goal.most ? x <= target : x >= target);
      cells.push(`${show(goal.unit, x)}${met ? '' : ' (!)'}`);
      const why = met ? undefined : breakdown(figures[engine], MEASURES[name], variant);
      if (why) reasons.push(`(!) ${engine} ${variant}, ${goal.title}: ${why}.`);
    }
    lines.push(row(goal.title, cells));
  }
  lines.push(
    '',
    '(!): below the goal. A dash: not measured by this variant or engine. No goal: shown beside the others.',
  );
  for (const engine of engines) {
    const peaks = figures[engine]
      .flat()
      .filter(({ ms }) => ms['peak base'])
      .map(({ ms }) => PEAK_WORK / ms['peak base'] / 1e6);
    const [least, most] = [Math.min(...peaks), Math.max(...peaks)];
    if (most > 1.1 * least)
      lines.push(
        `${engine}: the machine was busy. The base peak, measured with each group, moved from ${least.toFixed(1)} to ${most.toFixed(1)} GFLOP/s; shares of it move as much.`,
      );
    if (!('peak relaxed' in (figures[engine][0].find(({ ms }) => 'peak base' in ms)?.ms ?? {})))
      lines.push(
        `${engine} ${machine.engines[engine]} does not validate relaxed SIMD (Node has it from version 22 on), so nothing of its relaxed column was run.`,
      );
  }
  lines.push('', ...reasons);
  return lines.join('\n');
}
