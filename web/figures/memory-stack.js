import { html } from 'lit/html.js';
import { quantityText } from '../draw/quantity.js';
import { segmented } from '../ui/controls.js';
import { PlanFigure, memoryBar, modelState, openState, readOpen, weightFields } from './plan-figure.js';
import {
  beside,
  dashes,
  doubling,
  furtherPlans,
  inputs,
  ofLeader,
  orLetGo,
  speedState,
  subject,
} from './speed.js';

const COUNTS = ['1', '2', '4', '8'];

/** <cf-memory-stack>: what fills a device while a model runs, on one and on several. */
class MemoryStack extends PlanFigure {
  static state = { ...modelState, ...speedState, ...openState };

  /** @param {any} core @param {Record<string, any>} state @param {any} result */
  async extend(core, state, result) {
    return orLetGo(result, async () => {
      const own = { ...(await this.options(state, result.subject)) };
      const counts = COUNTS.filter((count) => Number(count) !== state.devices);
      const asked = Object.fromEntries(
        counts.map((count) => [
          count,
          { ...own, devices: Number(count), tensorParallel: Number(count), pipelineParallel: 1 },
        ]),
      );
      return furtherPlans(core, this, state, result, asked);
    });
  }

  /** Each number of devices with its quantities, the fewest first. @param {any} result @param {Record<string, any>} state */
  #ladder({ plans, quantities }, state) {
    const others = Object.entries(plans).map(([name, plan]) => ({
      name,
      count: Number(name),
      .../** @type {any} */ (plan),
    }));
    return [...others, { name: '', count: state.devices, quantities, error: undefined }].sort(
      (a, b) => a.count - b.count,
    );
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { device } = result;
    const rungs = this.#ladder(result, state);
    const opened = readOpen(state.open);
    const bars = rungs
      .filter(({ error }) => !error)
      .map((rung) =>
        memoryBar(rung.quantities, {
          name: rung.name || 'own',
          title: titleOf(rung.count, rung.name === ''),
        }),
      );
    const impossible = rungs.filter(({ error }) => error);
    this.publishQuantities(result, {
      ...dashes(result, ['usable_bytes', 'sequences_that_fit', 'kv_bytes_per_token', 'left_bytes']),
      hardware: { text: device?.name ?? 'no device', value: device?.name },
    });
    return html`
      ${subject(this, result, state)}
      <div class="cf-controls">
        ${ofLeader(this, () => this.devicePicker(result, state))}
        ${segmented({ name: this.controlId('devices'), label: 'Devices', hideLabel: false, value: String(state.devices), options: COUNTS.map((count) => [count, count]), onChange: (count) => this.setState({ devices: count, pipeline: 1 }) })}
        ${doubling(this, state, 'batch', { label: 'Batch', most: 10 })}
        ${inputs(this, result, state, { least: 7, most: 20 })}
        ${ofLeader(this, () => this.moreFields(state, ['generated', ...weightFields(result), 'cache', 'activations', 'page', 'tiled', 'pipeline', 'memoryFraction', 'overhead']))}
      </div>
      ${beside(
        html`${this.chart(({ stackChart }) =>
          stackChart({
            id: `${this.id || this.localName}-stack`,
            title: `Memory of one device for ${result.subject.name}`,
            width: this.chartWidth({ beside: true }),
            unit: 'B',
            bars,
            selected: opened.names.length ? { name: opened.names[0], bar: opened.plan || 'own' } : undefined,
            current: () => {
              const { names, plan } = readOpen(this.state.open);
              return names.length ? { name: names[0], bar: plan || 'own' } : undefined;
            },
            onPick: (name, bar) =>
              this.openQuantity([name], { plan: bar === 'own' ? '' : bar, focus: false }),
            onLeave: () => this.closeQuantity(),
          }),
        )}
        ${impossible.map(({ count, error }) => html`<p class="cf-note-line">${count} devices: ${error.message}.</p>`)}`,
        this.panel(result),
      )}
      ${this.headline(result, [
        ['device_bytes', 'On the fullest device'],
        ['left_bytes', 'Left of what may be used'],
        ['kv_bytes_per_token', 'Cache of a token'],
        ['sequences_that_fit', 'Sequences that fit'],
        ['devices_needed', 'Devices needed, a power of two'],
      ])}
      ${this.notes({ ...result, leftOut: [] })}
    `;
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ subject, quantities, device }, state) {
    const text = (/** @type {string} */ name) => quantityText(quantities.get(name)).text;
    const left = quantities.get('left_bytes');
    const against = !left
      ? ''
      : left.value < 0
        ? `, ${quantityText({ ...left, value: -left.value }).text} more than ${device.name} has room for`
        : `, ${text('left_bytes')} left of what may be used of ${device.name}`;
    return `${subject.name} for ${state.batch} ${state.batch === 1 ? 'sequence' : 'sequences'} takes ${text('device_bytes')} on the fullest of ${state.devices} ${state.devices === 1 ? 'device' : 'devices'}${against}.`;
  }

  /** @param {any} result @param {any} [state] */
  table(result, state = this.state) {
    const rungs = this.#ladder(result, state).filter(({ error }) => !error);
    const parts = memoryBar(result.quantities, { name: '', title: '' }).segments.map(({ name }) => name);
    const names = [...parts, 'device_bytes', 'left_bytes'];
    const title = (/** @type {string} */ name) =>
      rungs.map(({ quantities }) => quantities.get(name)?.title).find(Boolean);
    return {
      caption: `Memory of one device, in bytes: ${result.subject.name}`,
      columns: ['part', ...rungs.map(({ count, name }) => titleOf(count, name === ''))],
      rows: names
        .filter((name) => title(name))
        .map((name) => [title(name), ...rungs.map(({ quantities }) => quantities.get(name)?.value ?? '–')]),
    };
  }
}

/** @param {number} count @param {boolean} own */
const titleOf = (count, own) =>
  `${count === 1 ? 'one device' : `each of ${count} devices`}${own ? ', chosen' : ''}`;

customElements.define('cf-memory-stack', MemoryStack);
