import { html } from 'lit/html.js';
import { withUnit } from '../draw/format.js';
import { PlanFigure, modelState, openState, readOpen } from './plan-figure.js';

/** @typedef {import('../charts/treemap.js').Part} Part */
/** @typedef {{name: string, kind: string, quantity: string, shape: number[], repeat: number, params: number}} Row */

/** How a class of tensors is coloured. @type {Record<string, string>} */
const ROLES = {
  attention: 'weights',
  'feed-forward': 'mlp',
  expert: 'mlp',
  'shared expert': 'mlp',
  router: 'position',
  position: 'position',
};

/** The part of a name that says what a tensor is: q_proj of model.layers.{i}.self_attn.q_proj.weight. @param {string} name */
export const shortName = (name) => {
  const parts = name.split('.').filter((part) => !/^\{\w\}$/.test(part) && part !== 'weight');
  const last = parts.at(-1) ?? name;
  return last === 'bias' ? `${parts.at(-2) ?? ''} bias`.trim() : last;
};

/** The class of a part, as the plan names its sum. @param {string} kind */
export const classQuantity = (kind) => `${kind.replace(/[ -]/g, '_')}_params`;

/** <cf-parameter-treemap>: where the parameters of a model are, class by class and tensor by tensor. */
class ParameterTreemap extends PlanFigure {
  static state = { ...modelState, ...openState };

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const [opened] = readOpen(state.open).names;
    const parts = partsOf(result.tensors);
    const [largest] = [...parts].sort((a, b) => sumOf(b) - sumOf(a));
    const total = this.quantity(result, 'total_params');
    const share = largest && total ? sumOf(largest) / total.value : 0;
    this.publishQuantities(result, {
      largestClass: { text: largest?.title ?? '–', value: largest?.title },
      largestShare: { text: `${Math.round(share * 100)} %`, value: share },
    });
    return html`
      ${this.modelControls(result, state)}
      <div class="cf-plan-body">
        <div>
          ${this.chart(({ treemapChart }) =>
            treemapChart({
              title: `Parameters of ${result.subject.name}`,
              width: this.chartWidth({ beside: true }),
              unit: 'params',
              root: { name: 'total_params', title: result.subject.name, children: parts },
              selected: opened,
              current: () => readOpen(this.state.open).names[0],
              onPick: (name) => this.openQuantity([name], { focus: false }),
              onLeave: () => this.setState({ open: '' }),
            }),
          )}
          <p class="cf-stage-words">
            ${result.subject.name} has ${this.number(result, 'total_params')}.
            ${this.quantity(result, 'active_params')?.value === total?.value ? 'One token uses all of them.' : html`One token uses ${this.number(result, 'active_params')} of them.`}
          </p>
        </div>
        <div class="cf-plan-side">${this.panel(result)}</div>
      </div>
    `;
  }

  /** @param {any} result */
  summary(result) {
    const shares = partsOf(result.tensors).map((part) => `${part.title} ${withUnit(sumOf(part), 'params')}`);
    return `Parameters of ${result.subject.name}: ${shares.join(', ')}.`;
  }

  /** @param {any} result */
  table(result) {
    return {
      caption: `Tensors of ${result.subject.name}`,
      columns: ['tensor', 'class', 'shape', 'how many', 'parameters'],
      rows: result.tensors.map((/** @type {Row} */ row) => [
        row.name,
        row.kind,
        row.shape.join(' × '),
        row.repeat,
        row.params,
      ]),
    };
  }
}
customElements.define('cf-parameter-treemap', ParameterTreemap);

/** @param {Part} part @returns {number} */
const sumOf = ({ value = 0, children }) =>
  children ? children.reduce((sum, child) => sum + sumOf(child), 0) : value;

/** Tensors by class. Those of a class that explain themselves by one quantity are one part. @param {Row[]} tensors @returns {Part[]} */
function partsOf(tensors) {
  /** @type {Map<string, Map<string, Part & {value: number}>>} */
  const classes = new Map();
  for (const { name, kind, quantity, repeat, params } of tensors) {
    const inside = classes.get(kind) ?? new Map();
    const part = inside.get(quantity) ?? {
      name: quantity,
      title: `${shortName(name)}${repeat > 1 ? ` × ${repeat}` : ''}`,
      value: 0,
    };
    part.value += params;
    classes.set(kind, inside.set(quantity, part));
  }
  return [...classes].map(([kind, inside]) => ({
    name: classQuantity(kind),
    title: kind,
    role: ROLES[kind] ?? 'residual',
    children: [...inside.values()],
  }));
}
