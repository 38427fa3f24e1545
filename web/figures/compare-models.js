import { html, nothing } from 'lit/html.js';
import { comparisonTable } from '../charts/table.js';
import { withUnit } from '../draw/format.js';
import { quantityText } from '../draw/quantity.js';
import { CONFIG_ROWS, differing, effectiveRow, trainedContext } from '../models/config-rows.js';
import { hardware, models } from '../models/registry.js';
import { toggle } from '../ui/controls.js';
import { chosenControls, chosenOf } from './chosen.js';
import {
  PlanFigure,
  byName,
  explainPath,
  holdPlan,
  inputState,
  letGo,
  modelList,
  openState,
  planOptions,
  readOpen,
  readsSource,
  sourceLink,
  subjectOf,
  workState,
} from './plan-figure.js';

const LEAST = 2;
const MOST = 6;

/** What follows from the configurations. @type {{name: string, title: string}[]} */
const CONSEQUENCES = [
  { name: 'total_params', title: 'Parameters' },
  { name: 'active_params', title: 'Parameters that one token uses' },
  { name: 'weights_bytes', title: 'Weights' },
  { name: 'kv_bytes_per_sequence', title: 'KV cache of the context' },
  { name: 'decode_flops_per_token', title: 'FLOPs of a token at the end of the context' },
];
const ROLES = /** @type {Record<string, string>} */ ({
  kv_bytes_per_sequence: 'k',
  decode_flops_per_token: 'weights',
});

/** <cf-compare-models>: two to six configurations side by side, what differs marked, and what follows from them. */
class CompareModels extends PlanFigure {
  static state = {
    models: {
      type: /** @type {const} */ ('text'),
      default: 'llama-3-1-8b,qwen3-8b,gemma-2-9b,mistral-7b-v0-3',
      most: 400,
    },
    context: {
      type: /** @type {const} */ ('integer'),
      default: 8192,
      min: 2,
      max: 16_777_216,
      label: 'Context, tokens',
    },
    source: inputState.source,
    weights: workState.weights,
    cache: workState.cache,
    find: { type: /** @type {const} */ ('text'), default: '', most: 60 },
    differing: { type: /** @type {const} */ ('boolean'), default: false, label: 'Only what differs' },
    sort: { type: /** @type {const} */ ('text'), default: '', most: 60 },
    ...openState,
  };

  // Several plans; the command line prints one.
  hasCommand = false;

  /** @param {string} name */
  shares(name) {
    return !['find', 'differing', 'sort'].includes(name) && super.shares(name);
  }

  /** @param {any} core @param {Record<string, any>} state */
  async computePlan(core, state) {
    const [all, allHardware] = await Promise.all([models(), hardware()]);
    const ids = chosenOf(state.models, all, { what: 'models', key: 'models', least: LEAST, most: MOST });
    /** @type {Record<string, import('./plan-figure.js').Held>} */
    const held = {};
    try {
      const columns = await Promise.all(
        ids.map(async (id) => {
          const subject = await subjectOf({ model: id, config: '' });
          // The last token of the context is written by a step that sees all of it.
          const work = {
            prompt: state.context - 1,
            generated: 1,
            source: state.source,
            weights: state.weights,
            cache: state.cache,
          };
          held[id] = holdPlan(core, this.kind, planOptions(work, subject));
          const { quantities, understood } = await held[id].result;
          const named = byName(quantities);
          const headWidth = (named.get('head_dim') ?? named.get('text_config.head_dim'))?.value;
          return { id, subject, understood: { ...understood, headWidth }, quantities: named };
        }),
      );
      const { plan, names } = readOpen(state.open);
      const path = held[plan] ? await explainPath(held[plan], names) : [];
      return { models: all, hardware: allHardware, columns, held, path, quantities: new Map() };
    } catch (error) {
      // Those not yet answered are let go when they are.
      for (const one of Object.values(held)) letGo(one);
      throw error;
    }
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { columns } = result;
    const wide = this.chartWidth({ beside: true });
    const { plan, names } = readOpen(state.open);
    return html`
      <div class="cf-controls cf-plan-controls">
        ${chosenControls(this, {
          key: 'models',
          label: 'Models',
          kind: 'model',
          chosen: columns.map((/** @type {any} */ { id, subject }) => ({ id, name: subject.name })),
          options: modelList(result.models),
          least: LEAST,
          most: MOST,
        })}
        ${this.fields(state, ['context', ...(columns.some((/** @type {any} */ { understood }) => readsSource(understood)) ? ['source'] : []), 'weights', 'cache'])}
      </div>
      <div class="cf-controls">
        <span class="cf-number-box"
          ><label for=${this.controlId('find')}>Find a column</label
          ><input
            id=${this.controlId('find')}
            class="cf-find"
            type="search"
            .value=${state.find}
            @input=${(/** @type {any} */ event) => this.setState({ find: event.target.value })}
        /></span>
        ${toggle({ id: this.controlId('differing'), label: 'Only what differs', checked: state.differing, onChange: (differing) => this.setState({ differing }) })}
      </div>
      ${this.#configTable(columns, state)} ${beyondContext(columns, state.context)}
      <div class="cf-plan-body">
        <div>
          ${CONSEQUENCES.map(({ name, title }) => {
            const items = columns.flatMap((/** @type {any} */ { id, subject, quantities }) => {
              const found = quantities.get(name);
              return found
                ? [
                    {
                      name: id,
                      title: subject.name,
                      value: found.value,
                      approximate: found.approximate,
                      role: ROLES[name] ?? 'mlp',
                    },
                  ]
                : [];
            });
            if (items.length === 0) return nothing;
            const unit = columns
              .map((/** @type {any} */ one) => one.quantities.get(name)?.unit)
              .find(Boolean);
            return html`<p class="cf-plan-title">${title}</p>
              ${this.chart(({ barsChart }) =>
                barsChart({
                  title,
                  width: wide,
                  groups: [{ items }],
                  unit,
                  selected: names[0] === name ? plan : undefined,
                  current: () =>
                    readOpen(this.state.open).names[0] === name ? readOpen(this.state.open).plan : undefined,
                  onPick: (id) => this.openQuantity([name], { plan: id, focus: false }),
                  onLeave: () => this.setState({ open: '' }),
                }),
              )}`;
          })}
        </div>
        <div class="cf-plan-side">
          ${this.panel(result)}
          <dl class="cf-chosen-numbers">
            ${columns.map(
              (/** @type {any} */ { id, subject, quantities }) =>
                html`<div>
                  <dt>${subject.name}</dt>
                  <dd>
                    ${this.number(result, 'total_params', { plan: id, quantity: quantities.get('total_params') })},
                    cache
                    ${this.number(result, 'kv_bytes_per_sequence', { plan: id, quantity: quantities.get('kv_bytes_per_sequence') })}
                  </dd>
                </div>`,
            )}
          </dl>
        </div>
      </div>
    `;
  }

  /** @param {any[]} columns @param {Record<string, any>} state */
  #configTable(columns, state) {
    const read = (
      /** @type {any} */ column,
      /** @type {import('../models/config-rows.js').ConfigRow} */ row,
    ) => effectiveRow(column.subject.config, row, column.understood);
    const wanted = state.find.trim().toLowerCase();
    const rows = CONFIG_ROWS.filter((row) => {
      const cells = columns.map((column) => read(column, row));
      // What no model has is no row: it tells nothing of these.
      if (cells.every((cell) => cell === undefined || cell.value === row.absent)) return false;
      if (state.differing && !differing(cells)) return false;
      return !wanted || `${row.title} ${row.keys.join(' ')}`.toLowerCase().includes(wanted);
    });
    if (rows.length === 0)
      return html`<p class="cf-note-line">
        ${wanted ? `No key is called “${state.find}”.` : 'Nothing differs.'}
      </p>`;
    const [column = '', direction = ''] = state.sort.split(' ');
    const sort = direction
      ? {
          column: column === 'model' ? '' : column,
          direction: /** @type {'ascending' | 'descending'} */ (direction),
        }
      : undefined;
    return comparisonTable({
      caption: 'What the configurations say',
      corner: 'Model',
      columns: rows.map(({ name, title, keys }) => ({ name, title, note: keys.join(', ') })),
      rows: columns.map((one) => ({
        name: one.id,
        sortTitle: one.subject.name,
        title: one.subject.entry ? sourceLink(one.subject.entry.source, one.subject.name) : one.subject.name,
        cells: Object.fromEntries(rows.map((row) => [row.name, cellOf(read(one, row))])),
      })),
      sort,
      onSort: (next) => this.setState({ sort: next ? `${next.column || 'model'} ${next.direction}` : '' }),
      reference: columns[0].id,
    });
  }

  provenance() {
    return html`computed now by the core from configurations linked in the table`;
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ columns }, state) {
    const told = columns.map((/** @type {any} */ { subject, quantities }) => {
      const [total, cache] = ['total_params', 'kv_bytes_per_sequence'].map((name) => quantities.get(name));
      return `${subject.name}: ${total ? withUnit(total.value, total.unit) : ''}${cache ? `, cache ${withUnit(cache.value, cache.unit)}` : ''}`;
    });
    return `${told.join('; ')}, at ${state.context} tokens.`;
  }

  /** @param {any} result */
  table({ columns }) {
    return {
      caption: 'Models compared',
      columns: ['', ...columns.map((/** @type {any} */ { subject }) => subject.name)],
      rows: [
        ...CONFIG_ROWS.map((row) => [
          row.title,
          ...columns.map((/** @type {any} */ { subject, understood }) => {
            const { value = '', how = '' } = effectiveRow(subject.config, row, understood) ?? {};
            return how ? `${value}, ${how}` : value;
          }),
        ]),
        ...CONSEQUENCES.map(({ name, title }) => [
          title,
          ...columns.map((/** @type {any} */ { quantities }) =>
            quantities.get(name) ? quantityText(quantities.get(name)).full : '',
          ),
        ]),
        [
          'source',
          ...columns.map(
            (/** @type {any} */ { subject }) => subject.entry?.source.url ?? subject.entry?.source.copy ?? '',
          ),
        ],
      ],
    };
  }
}
customElements.define('cf-compare-models', CompareModels);

/** Models that were made for fewer tokens than are compared. @param {any[]} columns @param {number} context */
function beyondContext(columns, context) {
  const short = columns.flatMap(({ subject }) => {
    const found = trainedContext(subject.config);
    return found && found.value < context ? [`${subject.name} (${withUnit(found.value)})`] : [];
  });
  return short.length
    ? html`<p class="cf-note-line">
        Made for fewer tokens, so that the numbers say what the context would take and no more:
        ${short.join(', ')}.
      </p>`
    : nothing;
}

/** A value with how it came about, where the configuration does not say it. @param {{value: string | number, how?: string} | undefined} found */
function cellOf(found) {
  if (!found?.how) return found?.value;
  const { value, how } = found;
  const text = typeof value === 'number' ? withUnit(value, '', { bare: true }) : value;
  return { value, shown: html`${text}, <span class="cf-quiet">${how}</span>` };
}
