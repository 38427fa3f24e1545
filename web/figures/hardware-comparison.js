import { html } from 'lit/html.js';
import { comparisonTable } from '../charts/table.js';
import { withUnit } from '../draw/format.js';
import { quantityText } from '../draw/quantity.js';
import { hardware, models } from '../models/registry.js';
import { chosenControls, chosenOf } from './chosen.js';
import {
  PlanFigure,
  byName,
  deviceList,
  explainPath,
  holdPlan,
  inputState,
  inputsOf,
  letGo,
  memoryBar,
  modelState,
  openState,
  planOptions,
  promptLabel,
  readOpen,
  sourceLink,
  subjectOf,
  weightFields,
  workState,
} from './plan-figure.js';

const LEAST = 2;
const MOST = 8;
const COLUMNS = [
  { name: 'left_bytes', title: 'Left', unit: 'B' },
  { name: 'seconds_per_token', title: 'Time per token', unit: 's' },
  { name: 'tokens_per_second', title: 'Speed of one sequence', unit: '' },
  { name: 'time_to_first_token', title: 'First token', unit: 's' },
  { name: 'sequences_that_fit', title: 'Sequences that fit', unit: '' },
];

const {
  batch,
  prompt,
  generated,
  weights,
  experts,
  cache,
  activations,
  devices,
  pipeline,
  memoryFraction,
  overhead,
  computeUtilisation,
  bandwidthUtilisation,
  linkUtilisation,
} = workState;

/** <cf-hardware-comparison>: one model on several accelerators: whether it fits, what is left, how fast. */
class HardwareComparison extends PlanFigure {
  static state = {
    ...modelState,
    ...inputState,
    ...{ batch, prompt, generated, weights, experts, cache, activations, devices, pipeline },
    ...{ memoryFraction, overhead, computeUtilisation, bandwidthUtilisation, linkUtilisation },
    machines: {
      type: /** @type {const} */ ('text'),
      default: 'nvidia-rtx-4090,nvidia-l40s,nvidia-h100-sxm,amd-instinct-mi300x',
      most: 400,
    },
    sort: { type: /** @type {const} */ ('text'), default: '', most: 60 },
    ...openState,
  };

  // Several plans; the command line prints one.
  hasCommand = false;

  /** @param {string} name */
  shares(name) {
    return name !== 'sort' && super.shares(name);
  }

  /** @param {any} core @param {Record<string, any>} state */
  async computePlan(core, state) {
    const [all, allHardware, subject] = await Promise.all([models(), hardware(), subjectOf(state)]);
    const ids = chosenOf(state.machines, allHardware, {
      what: 'devices',
      key: 'machines',
      least: LEAST,
      most: MOST,
    });
    /** @type {Record<string, import('./plan-figure.js').Held>} */
    const held = {};
    try {
      const rows = await Promise.all(
        ids.map(async (id) => {
          const device = /** @type {import('../models/registry.js').HardwareEntry} */ (
            allHardware.find((one) => one.id === id)
          );
          // What a machine cannot do at all (no link between devices) is said in its row.
          try {
            held[id] = holdPlan(core, this.kind, planOptions(state, subject, device));
            const { quantities, understood, tensors } = await held[id].result;
            return { id, device, understood, tensors, quantities: byName(quantities) };
          } catch (error) {
            const { name, message, fixes = [] } = /** @type {any} */ (error);
            if (
              name === 'CoreRestarted' ||
              fixes.some((/** @type {any} */ { patch }) => !('hardware' in patch))
            )
              throw error;
            if (held[id]) letGo(held[id]);
            delete held[id];
            return { id, device, quantities: new Map(), problem: String(message) };
          }
        }),
      );
      // Where no machine can do it, the reason is the figure's.
      if (rows.every(({ problem }) => problem)) throw new RangeError(rows[0].problem);
      const { plan, names } = readOpen(state.open);
      const path = held[plan] ? await explainPath(held[plan], names) : [];
      const { understood, tensors } = /** @type {any} */ (rows.find(({ problem }) => !problem));
      return {
        ...{ models: all, hardware: allHardware, subject, understood, tensors, rows, held, path },
        quantities: new Map(),
      };
    } catch (error) {
      for (const one of Object.values(held)) letGo(one);
      throw error;
    }
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { rows } = result;
    const { plan, names } = readOpen(state.open);
    const drawn = rows.filter((/** @type {any} */ { problem }) => !problem);
    const fitting = rows.filter(
      (/** @type {any} */ row) => (row.quantities.get('left_bytes')?.value ?? -1) >= 0,
    );
    queueMicrotask(() =>
      this.publish({
        fitting: { text: String(fitting.length), value: fitting.length },
        compared: { text: String(rows.length), value: rows.length },
      }),
    );
    return html`
      ${this.modelControls(result, state)}
      <div class="cf-controls">
        ${this.fields(state, ['batch', ...inputsOf(result.understood), ...weightFields(result), 'cache', 'devices'], { prompt: promptLabel(result.understood) })}
        ${this.moreFields(state, ['pipeline', 'activations', 'memoryFraction', 'overhead', 'computeUtilisation', 'bandwidthUtilisation', 'linkUtilisation'])}
      </div>
      <div class="cf-controls cf-plan-controls">
        ${chosenControls(this, {
          key: 'machines',
          label: 'Devices',
          kind: 'device',
          chosen: rows.map((/** @type {any} */ { id, device }) => ({ id, name: device.name })),
          options: deviceList(result.hardware).slice(1),
          least: LEAST,
          most: MOST,
        })}
      </div>
      <div class="cf-plan-body">
        <div>
          ${this.chart(({ stackChart }) =>
            stackChart({
              id: this.controlId('memory'),
              title: `Memory of ${result.subject.name}`,
              width: this.chartWidth({ beside: true }),
              unit: 'B',
              bars: drawn.map((/** @type {any} */ { id, device, quantities }) =>
                memoryBar(quantities, { name: id, title: device.name }),
              ),
              selected: names[0] ? { name: names[0], bar: plan } : undefined,
              current: () => {
                const now = readOpen(this.state.open);
                return now.names[0] ? { name: now.names[0], bar: now.plan } : undefined;
              },
              onPick: (name, bar) => this.openQuantity([name], { plan: bar, focus: false }),
              onLeave: () => this.setState({ open: '' }),
            }),
          )}
        </div>
        <div class="cf-plan-side">${this.panel(result)}</div>
      </div>
      ${this.#speeds(result, state)}
    `;
  }

  /** @param {any} result @param {Record<string, any>} state */
  #speeds(result, state) {
    const [column = '', direction = ''] = state.sort.split(' ');
    const sort = direction
      ? {
          column: column === 'device' ? '' : column,
          direction: /** @type {'ascending' | 'descending'} */ (direction),
        }
      : undefined;
    return html`${comparisonTable({
      caption: `${result.subject.name} on ${result.rows.length} kinds of device${state.devices > 1 ? `, ${state.devices} of each kind together` : ', one of each kind by itself'}`,
      corner: 'Device',
      columns: [{ name: 'fits', title: 'Fits' }, ...COLUMNS],
      rows: result.rows.map((/** @type {any} */ { id, device, quantities, problem }) => ({
        name: id,
        sortTitle: device.name,
        title: sourceLink(device.source, device.name),
        cells: {
          fits: problem
            ? { value: null, shown: html`<span class="cf-cell-words">${problem}</span>` }
            : (quantities.get('left_bytes')?.value ?? -1) >= 0
              ? 'yes'
              : 'no',
          ...Object.fromEntries(
            COLUMNS.map(({ name }) => {
              const found = quantities.get(name);
              return [
                name,
                found
                  ? {
                      value: found.value,
                      approximate: found.approximate,
                      shown: this.number(result, name, { plan: id, quantity: found }),
                    }
                  : null,
              ];
            }),
          ),
        },
      })),
      sort,
      onSort: (next) => this.setState({ sort: next ? `${next.column || 'device'} ${next.direction}` : '' }),
      selected: readOpen(state.open).plan || undefined,
    })}`;
  }

  moreProvenance() {
    return html` and the datasheets linked in the table`;
  }

  /** @param {any} result */
  summary({ subject, rows }) {
    const told = rows.map((/** @type {any} */ { device, quantities }) => {
      const left = quantities.get('left_bytes');
      const speed = quantities.get('tokens_per_second');
      const fits = left
        ? left.value >= 0
          ? `${withUnit(left.value, 'B')} left`
          : `${withUnit(-left.value, 'B')} missing`
        : 'no plan';
      return `${device.name}: ${fits}${speed ? `, ${withUnit(speed.value, speed.unit)}` : ''}`;
    });
    return `${subject.name}. ${told.join('; ')}.`;
  }

  /** @param {any} result */
  table({ subject, rows }) {
    return {
      caption: `${subject.name} on several devices`,
      columns: ['device', ...COLUMNS.map(({ title }) => title), 'source'],
      rows: rows.map((/** @type {any} */ { device, quantities }) => [
        device.name,
        ...COLUMNS.map(({ name }) => (quantities.get(name) ? quantityText(quantities.get(name)).full : '')),
        device.source.url ?? device.source.copy ?? '',
      ]),
    };
  }
}
customElements.define('cf-hardware-comparison', HardwareComparison);
