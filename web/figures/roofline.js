import { html, nothing } from 'lit/html.js';
import { load } from '../core/index.js';
import { withUnit } from '../draw/format.js';
import { segmented } from '../ui/controls.js';
import { PlanFigure, hardwareOf, modelState, openState, readOpen, weightFields } from './plan-figure.js';
import {
  beside,
  dashes,
  doubling,
  inPass,
  inputs,
  ofLeader,
  passOf,
  passesOf,
  requireDevice,
  roleOf,
  speedState,
  subject,
} from './speed.js';

const MILLISECONDS = 200;

/** <cf-roofline>: the operations of a plan under the roofline of a device. */
class Roofline extends PlanFigure {
  static state = {
    ...modelState,
    ...speedState,
    ...openState,
    phase: /** @type {import('./state.js').Rule} */ ({
      type: 'choice',
      default: 'decode',
      options: ['prefill', 'decode'],
      label: 'Phase',
    }),
  };

  /** What this device did when the reader asked; never in a link. @type {{flops: number, bandwidth: number} | undefined} */
  #measured;
  #measuring = false;
  #problem = '';

  /** @param {string} name */
  shares(name) {
    return name !== 'phase' && super.shares(name);
  }

  /** @param {Record<string, any>} state @param {any} subject */
  async options(state, subject) {
    const options = /** @type {any} */ (await super.options(state, subject));
    if (!this.#measured || !options.hardware) return options;
    const { flops, bandwidth } = this.#measured;
    // What was measured was reached: nothing is assumed of it. Memory is not measured, and no time depends on it.
    return {
      ...options,
      hardware: {
        ...{ name: 'this device, measured', memory: options.hardware.memory, flops, bandwidth },
        origin: 'measured',
      },
      computeUtilisation: 1,
      bandwidthUtilisation: 1,
      ...{ devices: 1, tensorParallel: 1, pipelineParallel: 1, price: 0 },
    };
  }

  /** @param {any} _core @param {Record<string, any>} state @param {any} result */
  async extend(_core, state, result) {
    requireDevice(result);
    return { measured: this.#measured, phase: passOf(result, state.phase) };
  }

  async #measure() {
    this.#measuring = true;
    this.#problem = '';
    this.redraw();
    try {
      const core = /** @type {any} */ (await load());
      const { flops, bandwidth } = await core.measureDevice({ milliseconds: MILLISECONDS });
      this.#measured = { flops, bandwidth };
    } catch (error) {
      this.#problem = /** @type {Error} */ (error).message;
    }
    this.#measuring = false;
    await this.refresh();
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { measured, device, operations, quantities, phase } = result;
    const here = operations.filter((/** @type {any} */ one) => one.phase === phase);
    const total = here.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.seconds, 0);
    const points = here
      .filter((/** @type {any} */ { flops, seconds }) => flops > 0 && seconds > 0)
      .map((/** @type {any} */ one) => ({
        name: one.name,
        title: one.title,
        intensity: one.intensity,
        performance: one.flops / one.seconds,
        weight: one.seconds / total,
        bound: one.bound,
        role: roleOf(one),
      }));
    const without = here.filter((/** @type {any} */ { flops }) => flops === 0);
    const split = state.devices > 1 && !measured;
    const reached = {
      name: 'reached',
      title: measured
        ? 'this device, measured'
        : `${split ? `${state.devices} × ` : ''}${device.name}, reached`,
      compute: quantities.get('reached_flops').value,
      bandwidth: quantities.get('reached_bandwidth').value,
    };
    const { flops: peak, bandwidth } = hardwareOf(device, state);
    const sheet = {
      name: 'datasheet',
      title: `${device.name}, datasheet`,
      compute: peak,
      bandwidth,
      faint: true,
    };
    this.#publish(result, { peak, bandwidth });
    const { names } = readOpen(state.open);
    return html`
      ${subject(this, result, state)}
      <div class="cf-controls">
        ${segmented({
          name: this.controlId('phase'),
          label: 'Phase',
          value: phase,
          options: passesOf(result),
          onChange: (phase) => this.setState({ phase, open: '' }),
        })}
        ${doubling(this, state, 'batch', { label: 'Batch', most: 12 })}
        ${inputs(this, result, state, { least: 4, most: 20 })}
        ${ofLeader(this, () => this.devicePicker(result, state))}
        <button type="button" class="cf-button" ?disabled=${this.#measuring} @click=${() => this.#measure()}>
          ${this.#measuring ? 'Measuring …' : measured ? 'Measure again' : 'Measure this device'}
        </button>
        ${measured ? html`<button type="button" class="cf-button" @click=${() => this.#forget()}>Back to ${device.name}</button>` : nothing}
        ${ofLeader(this, () => this.moreFields(state, ['generated', ...weightFields(result), 'cache', 'activations', 'tiled', 'skipMasked', 'devices', 'pipeline', 'computeUtilisation', 'bandwidthUtilisation', 'linkUtilisation', 'peak']))}
      </div>
      ${this.#problem ? html`<p class="cf-error" role="alert">${this.#problem}.</p>` : nothing}
      ${measured ? html`<p class="cf-note-line"><b>Measured</b> on this device now, in one thread, ${MILLISECONDS} ms each: ${withUnit(measured.flops, 'FLOP/s')} of float32 multiply-adds, ${withUnit(measured.bandwidth, 'B/s')} of a copy through memory.</p>` : nothing}
      ${beside(
        html`${this.chart(({ rooflineChart }) =>
          rooflineChart({
            title: `Roofline of ${inPass(phase, { decode: 'decoding', prefill: 'prefill' }, 'one pass')} with ${result.subject.name}`,
            width: this.chartWidth({ beside: true }),
            roofs: measured || split ? [reached] : [sheet, reached],
            points,
            weightTitle: `share of the ${inPass(phase, { decode: 'step’s', prefill: 'prompt’s' }, 'pass’s')} time`,
            selected: operationOf(names),
            current: () => operationOf(readOpen(this.state.open).names),
            onPick: (name) => this.openQuantity([`seconds ${phase} ${name}`], { focus: false }),
            onLeave: () => this.closeQuantity(),
          }),
        )}
        ${without.length ? html`<p class="cf-chart-note">Without arithmetic that counts, so not drawn, but in the times: ${without.map((/** @type {any} */ { title }) => title).join(', ')}.</p>` : nothing}
        ${split ? html`<p class="cf-chart-note">All ${state.devices} devices together: what they compute and move, and what they reach.</p>` : nothing}`,
        this.panel(result),
      )}
      ${this.headline(result, [
        [
          `${phase}_seconds`,
          phase === 'decode' ? 'One step' : phase === 'prefill' ? 'The prompt' : 'The pass',
        ],
        [`${phase}_flops`, 'Arithmetic'],
        [`${phase}_weight_bytes`, 'Weights read'],
        [`${phase}_cache_bytes`, 'Cache read and written'],
        ['compute_bound_batch', 'Products turn at batch'],
      ])}
      ${this.notes(result)}
    `;
  }

  #forget() {
    this.#measured = undefined;
    this.refresh();
  }

  /** @param {any} result @param {{peak: number, bandwidth: number}} sheet */
  #publish(result, { peak, bandwidth }) {
    const { operations, device } = result;
    const decoding = operations.filter(
      (/** @type {any} */ { phase, flops }) => phase === 'decode' && flops > 0,
    );
    const waiting = decoding.filter((/** @type {any} */ { bound }) => bound === 'memory');
    const attention = decoding.find((/** @type {any} */ { cacheBytes }) => cacheBytes > 0);
    const say = (/** @type {string} */ text, /** @type {any} */ value = text) => ({ text, value });
    this.publishQuantities(result, {
      ...dashes(result, [
        'decode_flops',
        'decode_weight_bytes',
        'decode_cache_bytes',
        'seconds_per_token',
        'compute_bound_batch',
      ]),
      hardware: say(device.name),
      peak: say(withUnit(peak, 'FLOP/s'), peak),
      bandwidth: say(withUnit(bandwidth, 'B/s'), bandwidth),
      ridge: say(withUnit(peak / bandwidth, 'FLOP/B'), peak / bandwidth),
      waiting: say(`${waiting.length} of ${decoding.length}`, waiting.length),
      attentionIntensity: attention
        ? say(withUnit(attention.intensity, 'FLOP/B'), attention.intensity)
        : say('–', null),
    });
  }

  moreProvenance() {
    return this.result.measured ? html`; the device <b>measured</b> here, now` : super.moreProvenance();
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ subject, operations, measured, device, phase }, state) {
    const here = operations.filter((/** @type {any} */ one) => one.phase === phase && one.flops > 0);
    const waiting = here.filter((/** @type {any} */ { bound }) => bound === 'memory').length;
    return `${inPass(phase, { decode: 'Decoding', prefill: 'Prefill' }, 'One pass')} with ${subject.name} at batch ${state.batch} on ${measured ? 'this device' : device.name}: ${waiting} of ${here.length} operations wait for memory.`;
  }

  /** @param {any} result @param {any} [state] */
  table({ subject, operations, phase }, state = this.state) {
    return {
      caption: `Operations of ${phase}: ${subject.name}, batch ${state.batch}`,
      columns: ['operation', 'FLOPs', 'bytes', 'FLOP per byte', 'waits for', 'seconds'],
      rows: operations
        .filter((/** @type {any} */ one) => one.phase === phase)
        .map((/** @type {any} */ one) => [
          one.title,
          one.flops,
          one.bytes,
          one.intensity,
          one.bound === 'compute' ? 'arithmetic' : 'memory',
          one.seconds,
        ]),
    };
  }
}

/** The operation that an opened number belongs to. @param {string[]} names */
const operationOf = ([first = '']) => /^\w+ (?:prefill|decode|forward) (.+)$/.exec(first)?.[1];

customElements.define('cf-roofline', Roofline);
