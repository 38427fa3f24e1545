import { html, nothing } from 'lit/html.js';
import { quantityText } from '../draw/quantity.js';
import { segmented } from '../ui/controls.js';
import { Advice } from './figure.js';
import {
  PlanFigure,
  deviceOf,
  hardwareOf,
  modelState,
  openState,
  readOpen,
  workState,
} from './plan-figure.js';
import { defaults } from './state.js';
import { beside, dashes, doubling, furtherPlans, orLetGo } from './speed.js';

/** The parts of a device's memory, as the plan names them. @type {[string, string, string, boolean][]} */
const PARTS = [
  ['training_weights_bytes', 'weights', 'mlp', false],
  ['gradient_bytes', 'gradients', 'q', false],
  ['master_bytes', 'float32 copy', 'mlp', true],
  ['optimizer_bytes', 'optimizer', 'weights', false],
  ['training_activation_bytes', 'activations', 'residual', false],
  ['training_overhead_bytes', 'runtime', 'ink', false],
];
const RECOMPUTED = ['none', 'selective', 'full'];
const TITLES = /** @type {Record<string, string>} */ ({
  none: 'nothing recomputed',
  selective: 'attention recomputed',
  full: 'layers recomputed',
});
const METHODS = /** @type {Record<string, string>} */ ({ full: 'All weights', lora: 'LoRA', qlora: 'QLoRA' });
const OPTIMIZERS = ['adamw', 'adamw8bit', 'adafactor', 'sgd', 'momentum', 'muon'];

/** @param {string} label @param {number} initial @param {number} max @param {number} [min] */
const whole = (label, initial, max, min = 1) =>
  /** @type {const} */ ({ type: 'integer', default: initial, min, max, label });
/** @param {string} label @param {number} initial @param {number} min @param {number} max */
const real = (label, initial, min, max) =>
  /** @type {const} */ ({ type: 'number', default: initial, min, max, label });
/** @param {string} label @param {string} initial @param {string[]} options */
const choice = (label, initial, options) =>
  /** @type {const} */ ({ type: 'choice', default: initial, options, label });

/** <cf-training-planner>: the memory of one device while a model is trained, and the compute, time, energy and cost of the run. */
class TrainingPlanner extends PlanFigure {
  kind = /** @type {const} */ ('trainingPlan');

  static state = {
    ...modelState,
    ...openState,
    hardware: workState.hardware,
    method: choice('What is trained', 'full', Object.keys(METHODS)),
    rank: whole('Rank of the adapters', 16, 4096),
    recomputation: choice('Recomputation', 'none', RECOMPUTED),
    zero: choice('ZeRO stage', '0', ['0', '1', '2', '3']),
    dataParallel: whole('Data parallel', 1, 65_536),
    tensorParallel: whole('Tensor parallel', 1, 1024),
    pipelineParallel: whole('Pipeline stages', 1, 1024),
    optimizer: choice('Optimizer', 'adamw', OPTIMIZERS),
    weights: choice('Weights in', 'bf16', ['bf16', 'fp16', 'fp32']),
    gradients: choice('Gradients in', 'bf16', ['bf16', 'fp16', 'fp32']),
    master: /** @type {const} */ ({
      type: 'boolean',
      default: true,
      label: 'A float32 copy of what is trained',
    }),
    sequence: whole('Sequence', 2048, 16_777_216),
    microBatch: whole('Micro-batch', 1, 65_536),
    globalBatch: whole('Sequences of a step, all devices', 64, 16_777_216),
    tokens: real('Tokens of the run', 1e9, 1, 1e18),
    memoryFraction: workState.memoryFraction,
    overhead: workState.overhead,
    utilisation: real('Share of the FLOP/s reached', 0.4, 0.001, 1),
    peak: workState.peak,
    price: workState.price,
    tiled: workState.tiled,
  };

  /** @param {Record<string, any>} state @param {any} subject */
  async options(state, subject) {
    const device = await deviceOf(state.hardware);
    const { method, rank, zero, overhead, weights, globalBatch, microBatch, dataParallel } = state;
    const least = microBatch * dataParallel;
    if (globalBatch < least) {
      throw new Advice(
        `${dataParallel} devices that work on ${microBatch} ${microBatch === 1 ? 'sequence' : 'sequences'} each need a step of at least ${least} sequences, got ${globalBatch}`,
        [{ label: `take ${least}`, patch: { globalBatch: least } }],
      );
    }
    const asIs =
      'recomputation dataParallel tensorParallel pipelineParallel optimizer gradients master sequence microBatch globalBatch tokens memoryFraction utilisation price tiled'.split(
        ' ',
      );
    return {
      config: subject.config,
      ...Object.fromEntries(asIs.map((name) => [name, state[name]])),
      weights: method === 'qlora' ? 'nf4-dq' : weights,
      zero: Number(zero),
      overhead: overhead * 1e9,
      ...(method === 'full' ? {} : { adapters: { rank } }),
      ...(device ? { hardware: hardwareOf(device, { activations: 'bf16', peak: state.peak }) } : {}),
    };
  }

  /** @param {any} subject */
  async usual(subject) {
    return this.options({ ...defaults(TrainingPlanner.state), hardware: '' }, subject);
  }

  /** @param {any} core @param {Record<string, any>} state @param {any} result */
  async extend(core, state, result) {
    return orLetGo(result, async () => {
      const own = await this.options(state, result.subject);
      const others = RECOMPUTED.filter((one) => one !== state.recomputation);
      return furtherPlans(
        core,
        this,
        state,
        result,
        Object.fromEntries(others.map((recomputation) => [recomputation, { ...own, recomputation }])),
      );
    });
  }

  /** The quantities of the plan with a kind of recomputation. @param {any} result @param {Record<string, any>} state @param {string} recomputation @returns {Map<string, any> | undefined} */
  #of({ plans, quantities }, state, recomputation) {
    return recomputation === state.recomputation ? quantities : plans[recomputation]?.quantities;
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { quantities } = result;
    const usable = quantities.get('training_usable_bytes');
    const bars = RECOMPUTED.filter((one) => this.#of(result, state, one)).map((one) => ({
      name: one,
      title: `${TITLES[one]}${one === state.recomputation ? ', chosen' : ''}`,
      segments: PARTS.flatMap(([name, title, role, faint]) => {
        const found = this.#of(result, state, one)?.get(name);
        return found
          ? [{ name, title, role, faint, value: found.value, approximate: found.approximate }]
          : [];
      }),
      ...(usable ? { capacity: usable.value, capacityTitle: 'may be used' } : {}),
    }));
    const selected = () => {
      const { names, plan } = readOpen(this.state.open);
      return names.length ? { name: names[0], bar: plan || this.state.recomputation } : undefined;
    };
    this.#publish(result, state);
    const set = (/** @type {string} */ name) => (/** @type {any} */ value) =>
      this.setState({ [name]: value, open: '' });
    const adapters = state.method !== 'full';
    return html`
      ${this.modelControls(result, state)}
      <div class="cf-controls">
        ${this.devicePicker(result, state)}
        ${segmented({ name: this.controlId('method'), label: 'Trained', hideLabel: false, value: state.method, options: Object.entries(METHODS), onChange: set('method') })}
        ${segmented({
          name: this.controlId('recomputation'),
          label: 'Recomputed',
          hideLabel: false,
          value: state.recomputation,
          options: [
            ['none', 'Nothing'],
            ['selective', 'Attention'],
            ['full', 'Layers'],
          ],
          onChange: set('recomputation'),
        })}
        ${segmented({ name: this.controlId('zero'), label: 'ZeRO', hideLabel: false, value: state.zero, options: ['0', '1', '2', '3'].map((one) => [one, one]), onChange: set('zero') })}
        ${doubling(this, state, 'dataParallel', { label: 'Data parallel', most: 12 })}
        ${doubling(this, state, 'sequence', { label: 'Sequence', least: 7, most: 17 })}
        ${doubling(this, state, 'microBatch', { label: 'Micro-batch', most: 6 })}
        ${this.fields(state, ['optimizer', 'tokens', ...(adapters ? ['rank'] : [])])}
        ${this.moreFields(
          state,
          [
            'globalBatch',
            'tensorParallel',
            'pipelineParallel',
            ...(state.method === 'qlora' ? [] : ['weights']),
            'gradients',
            'master',
            'tiled',
            'utilisation',
            'memoryFraction',
            'overhead',
            'peak',
            'price',
          ],
          'More: splits, formats, assumptions, price',
        )}
      </div>
      ${beside(
        this.chart(({ stackChart }) =>
          stackChart({
            id: `${this.id || this.localName}-stack`,
            title: `Memory of one device while ${result.subject.name} is trained`,
            width: this.chartWidth({ beside: true }),
            unit: 'B',
            bars,
            selected: selected(),
            current: selected,
            onPick: (name, bar) =>
              this.openQuantity([name], { plan: bar === this.state.recomputation ? '' : bar, focus: false }),
            onLeave: () => this.closeQuantity(),
          }),
        ),
        this.panel(result),
      )}
      ${this.headline(result, [
        ['training_device_bytes', 'One device'],
        ['training_states_bytes', 'Weights, gradients, copy and states'],
        ['trainable_params', 'Trained parameters'],
        ['training_flops', 'Compute of the run'],
        ['training_flops_6nd', '6 × parameters × tokens'],
        ['training_steps', 'Steps'],
        ['training_seconds', 'Time'],
        ['training_device_hours', 'Device hours'],
        ['training_kwh', 'Energy of the devices, kWh'],
        ['training_usd', 'Cost'],
      ])}
      <p class="cf-stage-words">${this.#fit(result)}</p>
      ${state.price > 0 || !result.device ? nothing : html`<p class="cf-quiet">No price is assumed: enter yours under More, and the cost stands here.</p>`}
      ${this.notes(result)}
    `;
  }

  /** Whether it fits, each number of it opening. @param {any} result */
  #fit(result) {
    const left = this.quantity(result, 'training_left_bytes');
    if (!left) return nothing;
    const fits = left.value >= 0;
    const ways = this.quantity(result, 'zero3_devices');
    return html`
      ${this.fit(result, 'training_left_bytes')}
      ${!fits && ways ? html`With ZeRO stage 3 it takes ${this.number(result, 'zero3_devices')} such devices.` : nothing}
    `;
  }

  /** @param {any} result @param {Record<string, any>} state */
  #publish(result, state) {
    const { quantities, device } = result;
    const say = (/** @type {string} */ text, /** @type {any} */ value = text) => ({ text, value });
    const of = (/** @type {string} */ recomputation) => {
      const found = this.#of(result, state, recomputation)?.get('training_flops');
      return found ? say(quantityText(found).text, found.value) : say('–', null);
    };
    const left = quantities.get('training_left_bytes');
    const devices = state.dataParallel * state.tensorParallel * state.pipelineParallel;
    this.publishQuantities(result, {
      ...dashes(result, [
        'training_usable_bytes',
        'optimizer_bytes',
        'training_seconds',
        'training_device_hours',
        'training_kwh',
        'training_activation_bytes',
      ]),
      hardware: say(device?.name ?? 'no device'),
      devices: say(devices === 1 ? 'one device' : `${devices.toLocaleString('en')} devices`, devices),
      zero: say(state.zero),
      flopsNone: of('none'),
      flopsFull: of('full'),
      fit: left
        ? say(
            left.value < 0
              ? `${quantityText({ ...left, value: -left.value }).text} are missing`
              : `${quantityText(left).text} are left`,
            left.value,
          )
        : say('without a device nothing can be missing', null),
    });
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ subject, quantities, device }, state) {
    const text = (/** @type {string} */ name) => quantityText(quantities.get(name)).text;
    const left = quantities.get('training_left_bytes');
    const fit = !left
      ? ''
      : left.value < 0
        ? `, ${quantityText({ ...left, value: -left.value }).text} more than may be used of ${device.name}`
        : `, ${text('training_left_bytes')} left of what may be used of ${device.name}`;
    return `Training ${subject.name}${state.method === 'full' ? '' : ` with ${METHODS[state.method]}`} takes ${text('training_device_bytes')} on one device${fit}, and ${text('training_flops')} in all.`;
  }

  /** @param {any} result @param {any} [state] */
  table(result, state = this.state) {
    const kinds = RECOMPUTED.filter((one) => this.#of(result, state, one));
    const names = [
      ...PARTS.map(([name]) => name),
      'training_device_bytes',
      'training_left_bytes',
      'training_flops',
      'training_flops_6nd',
      'training_seconds',
      'training_kwh',
      'training_usd',
    ];
    const known = names.filter((name) => kinds.some((one) => this.#of(result, state, one)?.has(name)));
    return {
      caption: `Training ${result.subject.name}: one device's memory, and the run`,
      columns: ['quantity', 'unit', ...kinds.map((one) => TITLES[one])],
      rows: known.map((name) => {
        const cells = kinds.map((one) => this.#of(result, state, one)?.get(name));
        const some = cells.find(Boolean);
        return [some.title, some.unit, ...cells.map((cell) => cell?.value ?? '–')];
      }),
    };
  }
}

customElements.define('cf-training-planner', TrainingPlanner);
