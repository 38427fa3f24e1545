// From times to the tables that are read: what each contender does, and the ratios that the goals are about.
import { goals } from './goals.mjs';
import { PEAK_WORK } from './suite.mjs';

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

/** What each goal is measured by. @type {Record<string, (processes: Figures[][], variant: string) => number | undefined>} */
const measures = {
  'gemm / peak': (all, variant) => shareOfPeak(all, 'GEMM 512 x 512 x 512', variant),
  'attention dense / peak': (all, variant) => shareOfPeak(all, 'attention 512, 64, 8', variant),
  'attention causal / peak': (all, variant) => shareOfPeak(all, 'attention 512, 64, 8 causal', variant),
  'attention d128 / peak': (all, variant) => shareOfPeak(all, 'attention 2048, 128, 8', variant),
  'attention dense / ort': (all, variant) => against(all, 'attention 512, 64, 8', 'ort', variant),
  'attention causal / ort': (all, variant) => against(all, 'attention 512, 64, 8 causal', 'ort', variant),
  'attention dense / tfjs': (all, variant) => against(all, 'attention 512, 64, 8', 'tfjs', variant),
  'attention dense / javascript': (all, variant) =>
    against(all, 'attention 512, 64, 8', 'javascript', variant),
  'sampling / javascript': (all, variant) => against(all, 'sampling from 151936', 'javascript', variant),
  'rope / scale': (all, variant) =>
    over(all, 'RoPE 32 x 4096 x 128', (ms) => ms[`scale ${variant}`] / ms[variant]),
  'scalar call': (all) => over(all, 'boundary', (ms) => ms['scalar call'] * 1e6),
};

const shareOfPeak = (all, title, variant) =>
  over(all, title, (ms, work) => work / ms[variant] / (PEAK_WORK / ms[`peak ${variant}`]));
const against = (all, title, peer, variant) => over(all, title, (ms) => ms[peer] / ms[variant]);

const show = (unit, x) =>
  x === undefined
    ? '-'
    : unit === 'share'
      ? `${(100 * x).toFixed(0)} %`
      : unit === 'ns'
        ? `${x.toFixed(0)} ns`
        : `${x.toFixed(x < 10 ? 1 : 0)} x`;

/** What a contender does in a second, in the unit of its group. */
function rate({ title, work }, name, ms) {
  if (name.startsWith('peak ')) return `${(PEAK_WORK / ms / 1e6).toFixed(1)} GFLOP/s`;
  if (title === 'boundary') return '';
  const perSecond = work / ms / 1e6;
  if (/^(?:GEMM|attention)/.test(title)) return `${perSecond.toFixed(1)} GFLOP/s`;
  return title.startsWith('RoPE') ? `${perSecond.toFixed(1)} GB/s` : `${perSecond.toFixed(2)} G/s`;
}

/** @param {{machine: any, figures: Record<string, Figures[][]>}} all */
export function report({ machine, figures }) {
  const engines = Object.keys(figures);
  const lines = [
    `${machine.processor}, ${machine.cores} cores, ${machine.date.slice(0, 10)}; ${engines.map((name) => `${name} ${machine.engines[name]}`).join(', ')}; one thread, float32`,
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
  const columns = engines.flatMap((engine) => [`${engine} base`, `${engine} relaxed`]);
  lines.push(
    [''.padEnd(58), 'base', 'relaxed', ...columns]
      .map((text) => text.padStart(17))
      .join('')
      .slice(0),
  );
  for (const [name, goal] of Object.entries(goals)) {
    const sign = goal.most ? '<=' : '>=';
    const cells = [goal.base, goal.relaxed].map((x) =>
      x === undefined ? '' : `${sign} ${show(goal.unit, x)}`,
    );
    for (const engine of engines) {
      for (const variant of ['base', 'relaxed']) {
        const x = goal[variant] === undefined ? undefined : measures[name]?.(figures[engine], variant);
        const target = goal[variant];
        const met = x === undefined || (goal.most ? x <= target : x >= target);
        cells.push(`${show(goal.unit, x)}${met ? '' : ' (!)'}`);
      }
    }
    lines.push(goal.title.padEnd(58) + cells.map((cell) => cell.padStart(17)).join(''));
  }
  lines.push('', 'A dash: not measured yet, or not by this engine. (!): below the goal.');
  return lines.join('\n');
}
