import { html, nothing } from 'lit/html.js';
import { exactWithUnit, withUnit } from '../draw/format.js';
import { addressOf, originText, quantityPanel, quantityText, quantityValue } from '../draw/quantity.js';
import { trainedContext } from '../models/config-rows.js';
import { MOST_BYTES, valueOf, writeConfig } from '../models/config-values.js';
import { quantised } from '../models/quantised.js';
import { asHardware, entry, hardware, models } from '../models/registry.js';
import { numberBox, select, textOrFile, toggle } from '../ui/controls.js';
import '../ui/picker.js';
import { Advice, Figure } from './figure.js';
import { defaults, kebab, parse } from './state.js';

/**
 * What figures of the estimator share: which model, which work, on what; one plan for all that ask the same; numbers that open; what was
 * assumed. A figure adds what it draws.
 * @typedef {import('../models/registry.js').ModelEntry} ModelEntry
 * @typedef {import('../models/registry.js').HardwareEntry} HardwareEntry
 * @typedef {import('../draw/quantity.js').Quantity} Quantity
 * @typedef {import('../draw/quantity.js').Explanation} Explanation
 * @typedef {'plan' | 'trainingPlan'} Kind
 * @typedef {{config: Record<string, any>, name: string, text: string, entry?: ModelEntry, twice?: {key: string, value: string}[]}} Subject text: the configuration as it stands; twice: keys that it says twice
 * @typedef {{message: string, fixes: {label: string, patch: Record<string, any>}[]}} Problem
 * @typedef {{key: string, holders: number, result: Promise<any>, explained: Map<string, Promise<Explanation>>}} Held
 */

/** Needed where somebody types, pastes or drops; until then they do not weigh on the page. */
const configText = () => import('../models/config-text.js');
const weightFiles = () => import('../models/safetensors.js');

/** The longest configuration that an address carries, in characters. */
export const MOST_CONFIG = 200_000;
const NONE = 'none';
const MANY = 1e6;
const DEFAULT_MODEL = 'llama-3-1-8b';

/** Formats that weights are published in, as the core names them, in groups, with a word where the name says too little. @type {[string, [string, string?][]][]} */
const WEIGHT_GROUPS = [
  ['32 and 16 bits', [['fp32'], ['bf16'], ['fp16']]],
  [
    '8 bits; tables of tokens stay in 16',
    [['fp8'], ['int8', 'a scale too small to count'], ['mxfp8', 'a scale for 32']],
  ],
  [
    '4 bits; tables of tokens stay in 16',
    [
      ['int4', 'no scale'],
      ['int4-g128', 'a scale for 128'],
      ['nf4', 'a scale for 64'],
      ['nf4-dq', 'its scales in 8 bits'],
      ['mxfp4', 'a scale for 32'],
      ['nvfp4', 'a scale for 16'],
    ],
  ],
  ['GGUF; tables of tokens too', 'q8_0 q6_k q5_k q4_k q4_0 q3_k q2_k iq4_xs'.split(' ').map((one) => [one])],
];
export const WEIGHT_FORMATS = WEIGHT_GROUPS.flatMap(([, formats]) => formats.map(([name]) => name));
export const CACHE_FORMATS = 'fp32 bf16 fp16 fp8 int8 int4 q8_0 q4_0'.split(' ');
export const ACTIVATION_FORMATS = 'fp32 bf16 fp16 fp8'.split(' ');

/** @param {string} label @param {number} initial @param {number} max @param {number} [min] */
const whole = (label, initial, max, min = 1) => ({
  type: /** @type {const} */ ('integer'),
  default: initial,
  min,
  max,
  label,
});
/** @param {string} label @param {number} initial @param {number} min @param {number} max */
const real = (label, initial, min, max) => ({
  type: /** @type {const} */ ('number'),
  default: initial,
  min,
  max,
  label,
});
/** @param {string} label @param {string} initial @param {string[]} options */
const choice = (label, initial, options) => ({
  type: /** @type {const} */ ('choice'),
  default: initial,
  options,
  label,
});
/** Formats of weights, and the choice of none of its own. */
const AS_OTHERS = '';

/** Which model: an entry of the registry, or where there is one, a configuration as text. @type {import('./state.js').Table} */
export const modelState = {
  model: { type: 'text', default: DEFAULT_MODEL, most: 100, label: 'Model' },
  config: { type: 'text', default: '', most: MOST_CONFIG, label: 'config.json' },
};

/** The opened number: names from the first to the one shown, joined by ' > '; behind the first, where a figure has several plans, '@' and which. @type {import('./state.js').Table} */
export const openState = { open: { type: 'text', default: '', most: 1000 } };

/** What is asked of it. Figures take what they need: the options of a plan are those that are in their state. @type {import('./state.js').Table} */
export const workState = {
  batch: whole('Sequences at once', 1, 65_536),
  prompt: whole('Tokens of the prompt', 1024, 16_777_216),
  generated: whole('Tokens written', 256, 16_777_216, 0),
  weights: choice('Weights in', 'bf16', WEIGHT_FORMATS),
  experts: choice('Experts in', AS_OTHERS, [AS_OTHERS, ...WEIGHT_FORMATS]),
  cache: choice('Cache in', 'bf16', CACHE_FORMATS),
  activations: choice('Activations in', 'bf16', ACTIVATION_FORMATS),
  page: whole('Tokens of a cache page', 1, 1024),
  tiled: { type: 'boolean', default: true, label: 'Attention in tiles' },
  hardware: { type: 'text', default: 'nvidia-h100-sxm', most: 100, label: 'Device' },
  devices: whole('Devices', 1, 1024),
  pipeline: whole('Pipeline stages', 1, 1024),
  memoryFraction: real('Share of the memory that may be used', 0.9, 0.01, 1),
  overhead: real('Runtime on each device, GB', 1, 0, 1000),
  computeUtilisation: real('Share of the FLOP/s reached', 0.5, 0.001, 1),
  bandwidthUtilisation: real('Share of the bandwidth reached', 0.7, 0.001, 1),
  linkUtilisation: real('Share of the link reached', 0.7, 0.001, 1),
  peak: real('TFLOP/s of a device, 0: as its datasheet says', 0, 0, 1_000_000),
  price: real('USD per device and hour', 0, 0, 10_000),
};

/** What else is asked of models that read a source or images. @type {import('./state.js').Table} */
export const inputState = {
  source: whole('Tokens the encoder reads', 512, 16_777_216),
  images: whole('Images', 1, 65_536),
  imageSize: whole('Pixels a side, 0: as configured', 0, 16_384, 0),
};

/** Whether an encoder reads and a decoder writes. @param {{modelType: string, usedKeys: string[], generates: boolean}} understood */
export const readsSource = ({ modelType, usedKeys, generates }) =>
  generates && (/t5$|^t5|encoder-decoder/.test(modelType) || usedKeys.includes('num_decoder_layers'));

/** What the prompt of a model is called. @param {any} understood */
export const promptLabel = (understood) =>
  readsSource(understood) ? 'Tokens the decoder begins with' : undefined;

/** The formats of weights that a model has use for. @param {any} result */
export const weightFields = ({ tensors = [] }) => [
  'weights',
  ...(tensors.some((/** @type {any} */ { kind }) => kind === 'expert') ? ['experts'] : []),
];

/** Of these, what a model takes, by the keys that were read of its configuration. @param {{modelType: string, usedKeys: string[], generates: boolean}} understood */
export function inputsOf(understood) {
  const { usedKeys, generates } = understood;
  const sees = usedKeys.some((key) => /(?:^|\.)(?:image_size|input_size)$/.test(key));
  return [
    ...(readsSource(understood) ? ['source'] : []),
    ...(generates || !sees ? ['prompt'] : []),
    ...(generates ? ['generated'] : []),
    ...(sees ? ['images', 'imageSize'] : []),
  ];
}

/** State that is an option of core.plan as it stands. */
const AS_IT_STANDS =
  'batch prompt generated source images prefixCached weights cache activations page tiled skipMasked headOnLast absorbed devices expertParallel memoryFraction computeUtilisation bandwidthUtilisation linkUtilisation price'.split(
    ' ',
  );

// -- Plans, shared ---------------------------------------------------------------------------------------------------------------

/** @type {Map<string, Held>} */
const plans = new Map();

/** A plan of the core, computed once for all figures that ask the same. Whoever takes one lets it go. @param {any} core @param {Kind} kind @param {object} options @returns {Held} */
export function holdPlan(core, kind, options) {
  const key = `${kind} ${JSON.stringify(options)}`;
  const held = plans.get(key) ?? { key, holders: 0, result: core[kind](options), explained: new Map() };
  if (held.holders === 0) {
    plans.set(key, held);
    held.result.catch(() => forget(held));
  }
  held.holders += 1;
  return held;
}

/** What is forgotten is computed again when next asked for. @param {Held} held */
function forget(held) {
  if (plans.get(held.key) === held) plans.delete(held.key);
}

/** @param {Held} held */
export function letGo(held) {
  held.holders -= 1;
  if (held.holders > 0) return;
  forget(held);
  // The instance that it lived in may be gone, and it with it.
  held.result.then(({ plan }) => plan.dispose()).catch(() => {});
}

/** How many plans are held: none once every figure has let go. */
export const plansHeld = () => plans.size;

/** How a quantity came about, asked once. @param {Held} held @param {string} quantity @returns {Promise<Explanation>} */
export function explain(held, quantity) {
  const known = held.explained.get(quantity) ?? held.result.then(({ plan }) => plan.explain({ quantity }));
  held.explained.set(quantity, known);
  known.catch((error) => {
    held.explained.delete(quantity);
    if (error.name === 'CoreRestarted') forget(held);
  });
  return known;
}

/** Explanations from the first name on, as far as the plan has them. @param {Held} held @param {string[]} names */
export async function explainPath(held, names) {
  /** @type {Explanation[]} */
  const path = [];
  for (const name of names) {
    try {
      path.push(await explain(held, name));
    } catch (error) {
      if (/** @type {any} */ (error).name === 'CoreRestarted') throw error;
      return path;
    }
  }
  return path;
}

const BETWEEN = ' > ';
/** @param {string} open @returns {{plan: string, names: string[]}} */
export function readOpen(open) {
  const [first = '', ...rest] = open.split(BETWEEN);
  const at = first.lastIndexOf('@');
  const names = [at < 0 ? first : first.slice(0, at), ...rest].filter(Boolean);
  return { plan: at < 0 ? '' : first.slice(at + 1), names };
}
/** @param {string[]} names @param {string} [plan] */
export const writeOpen = ([first, ...rest], plan = '') =>
  first === undefined ? '' : [plan ? `${first}@${plan}` : first, ...rest].join(BETWEEN);

// -- The model and the machine -----------------------------------------------------------------------------------------------------

/** The configuration that a state means. Throws Advice where the text is none or the registry lacks the model. @param {Record<string, any>} state @returns {Promise<Subject>} */
export async function subjectOf({ model, config: text }) {
  if (text.trim()) {
    const { readConfig, saidTwice } = await configText();
    try {
      const config = readConfig(text);
      const { _name_or_path: path, model_type: type } = config;
      const name = [path, type].find((one) => typeof one === 'string' && one) ?? 'your configuration';
      return { config, name, text, twice: saidTwice(text) };
    } catch (error) {
      throw await adviceOn(error, { config: text });
    }
  }
  const found = await fromRegistry(models(), model, { model: DEFAULT_MODEL });
  return { config: found.config, name: found.name, text: writeConfig(found.config), entry: found };
}

/** @template {{id: string, name: string}} Entry @param {Promise<Entry[]>} entries @param {string} id @param {Record<string, string>} patch what would mend it */
async function fromRegistry(entries, id, patch) {
  const all = await entries;
  try {
    return entry(all, id);
  } catch (error) {
    const [name] = Object.values(patch);
    throw new Advice(/** @type {Error} */ (error).message, [
      { label: `take ${all.find((one) => one.id === name)?.name ?? name}`, patch },
    ]);
  }
}

/** The device that a state means, or none. @param {string} id @returns {Promise<HardwareEntry | undefined>} */
export const deviceOf = async (id) =>
  id === NONE || !id ? undefined : fromRegistry(hardware(), id, { hardware: workState.hardware.default });

/** An error with what would mend it: the nearest value that does, numbers in quotes as numbers. @param {unknown} error @param {{config: string}} from */
async function adviceOn(error, { config }) {
  const { name, message, fixes = [] } = /** @type {any} */ (error);
  if (name === 'CoreRestarted' || fixes.length || !config) return error;
  const { mended, saidOfNull, withoutQuotedNumbers } = await configText();
  const plain = withoutQuotedNumbers(config);
  if (plain) {
    const [first, ...others] = plain.values;
    const what = others.length ? `${plain.values.length} numbers` : first;
    return new Advice(message, [{ label: `write ${what} without quotes`, patch: { config: plain.text } }]);
  }
  if (name === 'ConfigError') return error;
  const near = mended(config, message, entry(await models(), DEFAULT_MODEL));
  return new Advice(
    saidOfNull(config, message),
    near ? [{ label: near.label, patch: { config: near.text } }] : [],
  );
}

/** The options of a plan that a state asks for. @param {Record<string, any>} state @param {Subject} subject @param {HardwareEntry} [device] */
export function planOptions(state, subject, device) {
  /** @type {Record<string, any>} */
  const options = { config: subject.config };
  for (const name of AS_IT_STANDS) if (name in state) options[name] = state[name];
  if (state.imageSize) options.imageSize = state.imageSize;
  if (state.experts) options.weightsByClass = [{ kind: 'expert', format: state.experts }];
  if ('overhead' in state) options.overhead = state.overhead * 1e9;
  if (device) options.hardware = hardwareOf(device, state);
  if (!('devices' in state)) return options;
  const { devices, pipeline = 1 } = state;
  if (devices % pipeline !== 0) {
    throw new Advice(`${devices} devices cannot be shared out to ${pipeline} pipeline stages`, [
      {
        label: `take ${Math.ceil(devices / pipeline) * pipeline} devices`,
        patch: { devices: Math.ceil(devices / pipeline) * pipeline },
      },
      { label: 'take 1 stage', patch: { pipeline: 1 } },
    ]);
  }
  return { ...options, tensorParallel: devices / pipeline, pipelineParallel: pipeline };
}

/** A device as the core takes it, with the reader's own peak where there is one. @param {HardwareEntry} device @param {Record<string, any>} state */
export function hardwareOf(device, { activations, peak = 0 }) {
  if (peak > 0) {
    const name = `${device.name}, its peak changed`;
    return {
      ...asHardware({ ...device, flops: { bf16: 1 } }),
      ...{ name, flops: peak * 1e12, origin: /** @type {const} */ ('input') },
    };
  }
  try {
    return asHardware(device, activations);
  } catch {
    throw new Advice(
      `the vendor of ${device.name} publishes no FLOP/s for ${activations}, so there are no times; under More you can give your own`,
      [{ label: 'plan without a device', patch: { hardware: NONE } }],
    );
  }
}

/** Models as the picker lists them, family by family. @type {WeakMap<ModelEntry[], import('../ui/picker.js').PickerOption[]>} */
const listed = new WeakMap();
/** @param {ModelEntry[]} all */
export function modelList(all) {
  const known =
    listed.get(all) ??
    [...all]
      .sort(
        (a, b) =>
          a.family.localeCompare(b.family, 'en', { numeric: true }) ||
          a.name.localeCompare(b.name, 'en', { numeric: true }),
      )
      .map(({ id, name, family, vendor, date }) => ({
        value: id,
        label: name,
        group: family,
        find: vendor,
        hint: date?.slice(0, 4),
      }));
  listed.set(all, known);
  return known;
}

/** @type {WeakMap<HardwareEntry[], import('../ui/picker.js').PickerOption[]>} */
const devicesListed = new WeakMap();
/** @param {HardwareEntry[]} all */
export function deviceList(all) {
  const known = devicesListed.get(all) ?? [
    { value: NONE, label: 'no device' },
    ...[...all]
      .sort(
        (a, b) => a.vendor.localeCompare(b.vendor) || a.name.localeCompare(b.name, 'en', { numeric: true }),
      )
      .map(({ id, name, vendor, memory_as_printed: memory }) => ({
        value: id,
        label: name,
        group: vendor,
        hint: /^\d+ G/.exec(memory)?.[0] && memory.split(' ').slice(0, 2).join(' '),
      })),
  ];
  devicesListed.set(all, known);
  return known;
}

/** A source as a link, with what is not verified said so. @param {import('../models/registry.js').Source} source @param {string} words */
export function sourceLink({ url, copy, verified }, words) {
  const address = addressOf(url ?? undefined) ?? addressOf(copy ?? undefined);
  return html`${address ? html`<a href=${address.href} rel="noopener">${words}</a>` : words}${verified ? nothing : html` <span class="cf-unverified">unverified</span>`}`;
}

/** Whether a note is about a key with a value that a reader can set, rather than a word about something else. @param {string} key @param {string} value */
const isChangeable = (key, value) => /^[\w.]+$/.test(key) && typeof valueOf(value) !== 'string';

// -- Figures of plans --------------------------------------------------------------------------------------------------------------

const WIDEST = 1100;
const NARROWEST = 260;
/** From this width on, what is opened stands beside the drawing, as wide as said in figures.css. */
const TWO_COLUMNS = 860;
const BESIDE = 336 + 32;

/** A figure whose numbers come from plans. */
export class PlanFigure extends Figure {
  /** What the core is asked for. @type {Kind} */
  kind = 'plan';
  hasCommand = true;
  /** What dropped files of weights hold; stays on the device and out of the address. @type {{name: string, counted?: import('../models/safetensors.js').Counted, index?: import('../models/safetensors.js').ShardIndex} | undefined} */
  inspected;
  #fileProblem = '';
  /** Where the focus goes after the next drawing: to the panel, a number, a key of the configuration. @type {'panel' | {name: string} | {key: string} | undefined} */
  #focus;
  #configShown = false;
  #wide = 0;
  /** What was typed and would not do, by the name of the state it is about; `at` is what stands there instead. @type {Map<string, {text: string, at: any, message: string, nearest: number}>} */
  #refused = new Map();
  /** @type {ResizeObserver | undefined} */
  #resize;

  connectedCallback() {
    this.classList.add('cf-plan-figure');
    super.connectedCallback();
    this.addEventListener('keydown', this.#closeOnEscape);
    this.addEventListener('dragover', this.#dragged);
    this.addEventListener('dragleave', this.#left);
    this.addEventListener('drop', this.#dropped);
    if (!('ResizeObserver' in globalThis) || this.#resize) return;
    this.#resize = new ResizeObserver(() => {
      if (Math.abs(this.clientWidth - this.#wide) < 1) return;
      this.#wide = this.clientWidth;
      if (this.result) this.redraw();
    });
    this.#resize.observe(this);
  }

  disconnectedCallback() {
    this.#resize?.disconnect();
    this.#resize = undefined;
    super.disconnectedCallback();
  }

  /** @param {string} name */
  shares(name) {
    return name !== 'open' && super.shares(name);
  }

  /** Pixels for a drawing; before there is a page, as on a desktop. @param {{beside?: boolean}} [options] beside: what is opened stands next to it */
  chartWidth({ beside = false } = {}) {
    const all = this.clientWidth || this.#wide || TWO_COLUMNS;
    const opened = (this.result?.path ?? []).length > 0;
    const room = beside && opened && all >= TWO_COLUMNS ? all - BESIDE : all;
    return Math.round(Math.max(NARROWEST, Math.min(WIDEST, room)));
  }

  // Computing.
  /** What the core computes from. A figure of training has its own. @param {Record<string, any>} state @param {Subject} subject @returns {Promise<object>} */
  async options(state, subject) {
    return planOptions(state, subject, 'hardware' in state ? await deviceOf(state.hardware) : undefined);
  }

  /** Whatever a figure needs beyond the plan. @param {any} _core @param {Record<string, any>} _state @param {any} _result @returns {Promise<object>} */
  async extend(_core, _state, _result) {
    return {};
  }

  /** @param {any} core @param {Record<string, any>} state @returns {Promise<any>} */
  async compute(core, state) {
    try {
      return await this.computePlan(core, state);
    } catch (error) {
      // A link with a bad configuration must not leave the reader without controls.
      const { name, message, fixes = [] } = /** @type {any} */ (error);
      const known = modelState.config.default === state.config && modelState.model.default === state.model;
      if (this.result || known || name === 'CoreRestarted') throw error;
      const instead = { ...state, config: '', model: modelState.model.default, open: '' };
      return { ...(await this.computePlan(core, instead)), problem: { message, fixes } };
    }
  }

  /** @param {any} core @param {Record<string, any>} state */
  async computePlan(core, state) {
    const [subject, allModels, allHardware] = await Promise.all([subjectOf(state), models(), hardware()]);
    /** @type {Held | undefined} */
    let held;
    try {
      held = holdPlan(core, this.kind, await this.options(state, subject));
      const { quantities, ...rest } = await held.result;
      const result = {
        ...rest,
        subject,
        models: allModels,
        hardware: allHardware,
        device: 'hardware' in state ? await deviceOf(state.hardware) : undefined,
        quantities: byName(quantities),
        held: { '': held },
        path: await explainPath(held, readOpen(state.open ?? '').names),
      };
      return { ...result, ...(await this.extend(core, state, result)) };
    } catch (error) {
      if (held) letGo(held);
      throw await adviceOn(error, { config: state.config });
    }
  }

  /** @param {any} result */
  release(result) {
    for (const held of Object.values(result?.held ?? {})) letGo(/** @type {Held} */ (held));
  }

  reset() {
    this.inspected = undefined;
    this.#fileProblem = '';
    this.#refused.clear();
    super.reset();
  }

  // Numbers.
  /** A quantity of the plan, if it has it. @param {any} result @param {string} name @returns {Quantity | undefined} */
  quantity(result, name) {
    return result.quantities.get(name);
  }

  /** The same as text that opens; a dash where the plan has none. @param {any} result @param {string} name @param {{binary?: boolean, plan?: string, quantity?: Quantity}} [options] */
  number(result, name, { binary, plan, quantity = this.quantity(result, name) } = {}) {
    if (!quantity) return html`<span class="cf-quiet">–</span>`;
    return html`<span class="cf-live" data-quantity=${writeOpen([name], plan)}
      >${quantityValue(quantity, { binary, onOpen: (one) => this.openQuantity([one], { plan }) })}</span
    >`;
  }

  /** What is left of the memory that may be used, or what is missing, as a sentence with a number that opens. @param {any} result @param {string} name */
  fit(result, name) {
    const left = this.quantity(result, name);
    if (!left) return nothing;
    return left.value >= 0
      ? html`It fits ${result.device.name}: of the memory that may be used, ${this.number(result, name)} are
        left.`
      : html`It does not fit ${result.device.name}:
        ${this.number(result, name, { quantity: { ...left, value: -left.value } })} more than may be used.`;
  }

  /** Several with their names: the figure's headline. @param {any} result @param {[name: string, label: string, options?: {binary?: boolean, note?: unknown}][]} rows */
  headline(result, rows) {
    return html`<dl class="cf-headline">
      ${rows
        .filter(([name]) => this.quantity(result, name))
        .map(
          ([name, label, { binary, note } = {}]) =>
            html`<div>
              <dt>${label}</dt>
              <dd>
                ${this.number(result, name, { binary })}${note ? html` <span class="cf-quiet">${note}</span>` : nothing}
              </dd>
            </div>`,
        )}
    </dl>`;
  }

  /** Lets prose show the numbers of the plan: every quantity by its name. @param {any} result @param {Record<string, {text: string, value: any}>} [more] */
  publishQuantities(result, more = {}) {
    const values = Object.fromEntries(
      [...result.quantities.values()].map((one) => [
        one.name,
        { text: quantityText(one).text, value: one.value },
      ]),
    );
    const model = { text: result.subject.name, value: result.subject.name };
    queueMicrotask(() => this.publish({ ...values, model, ...more }));
  }

  // Opening.
  /** @param {string[]} names from the first to the one to show @param {{plan?: string, focus?: boolean}} [options] focus: whether it moves into the panel */
  openQuantity(names, { plan, focus = true } = {}) {
    this.#focus = focus ? 'panel' : undefined;
    this.setState({ open: writeOpen(names, plan) });
  }

  closeQuantity() {
    const { plan, names } = readOpen(this.state.open);
    this.#focus = { name: writeOpen(names.slice(0, 1), plan) };
    this.setState({ open: '' });
  }

  /** The opened number, or a word on how to open one. @param {any} result @param {{binary?: boolean}} [options] */
  panel({ path = [] }, { binary } = {}) {
    const { plan } = readOpen(this.state.open ?? '');
    const names = path.map((/** @type {Explanation} */ { name }) => name);
    queueMicrotask(() => this.#moveFocus());
    const datasheets = this.datasheets();
    if (path.length === 0)
      return html`<p class="cf-quiet cf-open-hint">
        Every underlined number opens to the formula and the values that made it.
      </p>`;
    return quantityPanel({
      path: path.map(asAsked),
      binary,
      datasheets,
      onOpen: (name) => this.openQuantity([...names, name], { plan }),
      onBack: (depth) => this.openQuantity(names.slice(0, depth + 1), { plan }),
      onClose: () => this.closeQuantity(),
      onCopy: (text) => this.copy(text, 'Explanation copied'),
    });
  }

  /** Addresses of datasheets, by the names of devices that quantities cite. @returns {Record<string, string>} */
  datasheets() {
    /** @type {HardwareEntry[]} */
    const all = this.result?.hardware ?? [];
    return Object.fromEntries(all.map(({ name, source: { url, copy } }) => [name, url ?? copy ?? '']));
  }

  #moveFocus() {
    const target = this.#focus;
    const panel = this.querySelector('.cf-opened');
    if (!target || (target === 'panel') !== Boolean(panel)) return;
    this.#focus = undefined;
    if (typeof target === 'object' && 'key' in target) {
      const text = /** @type {HTMLTextAreaElement | null} */ (
        this.querySelector('.cf-text-or-file textarea')
      );
      const [before, value] =
        new RegExp(`("${target.key}": *)([^,\\s}]*)`).exec(text?.value ?? '')?.slice(1) ?? [];
      const at = value ? (text?.value.indexOf(before + value) ?? 0) + before.length : 0;
      text?.focus();
      if (value) text?.setSelectionRange(at, at + value.length);
      return;
    }
    if (target === 'panel' && panel) {
      // Where nothing opens any further, the panel itself has the focus: Esc leads back.
      const next = panel.querySelector('.cf-quantities button') ?? panel;
      if (next === panel) panel.setAttribute('tabindex', '-1');
      /** @type {HTMLElement} */ (next).focus();
      return;
    }
    const { name } = /** @type {{name: string}} */ (target);
    const numbers = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[data-quantity]')]);
    numbers
      .find(({ dataset }) => dataset.quantity === name)
      ?.querySelector('button')
      ?.focus();
  }

  #closeOnEscape = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape' && this.state.open && !event.defaultPrevented) this.closeQuantity();
  };

  /** @param {string} text @param {string} done */
  async copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      this.say(done);
    } catch {
      this.say(text);
    }
  }

  // Files.
  #dragged = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.classList.add('cf-dropping');
  };
  #left = () => this.classList.remove('cf-dropping');
  #dropped = (/** @type {DragEvent} */ event) => {
    this.#left();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.takeFiles(files);
  };

  /** A configuration, or weights whose headers are counted. @param {File[]} files */
  async takeFiles(files) {
    this.#fileProblem = '';
    try {
      const weights = files.filter(({ name }) => name.endsWith('.safetensors'));
      if (weights.length) {
        const { countTensors, readHeader } = await weightFiles();
        const tensors = await Promise.all(
          weights.map((file) => readHeader(file.size, (from, to) => file.slice(from, to).arrayBuffer())),
        );
        const name = weights.length === 1 ? weights[0].name : `${weights.length} files`;
        this.inspected = { name, counted: countTensors(tensors.flat()) };
      }
      for (const file of files) if (!weights.includes(file)) await this.#takeText(file);
    } catch (error) {
      this.#fileProblem = /** @type {Error} */ (error).message;
    }
    if (this.result) this.redraw();
  }

  /** @param {File} file */
  async #takeText(file) {
    const isIndex = file.name.endsWith('.index.json');
    if (file.size > (isIndex ? 100 : 1) * MOST_BYTES)
      throw new RangeError(`${file.name} has ${file.size} bytes; a configuration has at most ${MOST_BYTES}`);
    const text = await file.text();
    const index = isIndex ? (await weightFiles()).readShardIndex(readConfigOf(text)) : undefined;
    if (index) this.inspected = { name: file.name, index };
    else await this.takeConfig(text);
  }

  /** @param {string} text pasted, typed or from a file */
  async takeConfig(text) {
    this.#configShown = true;
    this.#fileProblem = '';
    try {
      const { fitting } = await configText();
      this.setState({ config: fitting(text, MOST_CONFIG), open: '' });
    } catch (error) {
      this.#fileProblem = /** @type {Error} */ (error).message;
      this.redraw();
    }
  }

  /** Adds a key to the configuration, so that the reader can change what was assumed. @param {any} result @param {string} key @param {string} value */
  async writeKey(result, key, value) {
    this.#focus = { key: key.split('.').at(-1) ?? key };
    try {
      const { withKey } = await configText();
      await this.takeConfig(withKey(result.subject.text, key, valueOf(value)));
    } catch (error) {
      this.#fileProblem = /** @type {Error} */ (error).message;
      this.redraw();
    }
  }

  // Controls.
  /** An id for a control of this figure. @param {string} name */
  controlId(name) {
    return `${this.id || this.localName}-${name}`;
  }

  /** The model: from the registry, or as text. @param {any} result @param {Record<string, any>} state */
  modelControls(result, state) {
    const { subject, problem } = result;
    return html`
      <div class="cf-controls cf-plan-controls">
        <cf-picker
          class="cf-model-picker"
          .view=${{ label: 'Model', options: modelList(result.models), value: state.config ? '' : state.model, placeholder: state.config ? 'your config.json' : '' }}
          @pick=${(/** @type {CustomEvent} */ event) => this.setState({ model: event.detail, config: '', open: '' })}
        ></cf-picker>
        <details
          class="cf-more"
          ?open=${this.#configShown}
          @toggle=${(/** @type {any} */ event) => (this.#configShown = event.target.open)}
        >
          <summary>Paste, drop or type a config.json</summary>
          <div>
            ${textOrFile({
              id: this.controlId('config'),
              label:
                'config.json, as published or your own; a .safetensors file is counted from its header. Nothing leaves this device.',
              value: state.config,
              accept: '.json,.txt,.safetensors,application/json',
              placeholder: '{ "model_type": "llama", "hidden_size": 4096, … }',
              onInput: (text) => this.takeConfig(text),
              onFiles: (files) => this.takeFiles(files),
              beside: state.config
                ? html`<button
                    type="button"
                    class="cf-button"
                    @click=${() => this.setState({ config: '', open: '' })}
                  >
                    Back to the registry’s model
                  </button>`
                : html`<button type="button" class="cf-button" @click=${() => this.takeConfig(subject.text)}>
                    Change that of ${subject.name}
                  </button>`,
            })}
          </div>
        </details>
      </div>
      ${problem ? html`<p class="cf-error" role="alert">${problem.message}. Shown instead: ${subject.name}.${problem.fixes.map((/** @type {any} */ { label, patch }) => html`<button type="button" class="cf-fix" @click=${() => this.setState(patch)}>${label}</button>`)}</p>` : nothing}
      ${this.#fileProblem ? html`<p class="cf-error" role="alert">${this.#fileProblem}.</p>` : nothing}
      ${this.messages()}
    `;
  }

  /** The device, found by typing. @param {any} result @param {Record<string, any>} state */
  devicePicker(result, state) {
    return html`<cf-picker
      class="cf-device-picker"
      .view=${{ label: workState.hardware.label ?? '', options: deviceList(result.hardware), value: state.hardware }}
      @pick=${(/** @type {CustomEvent} */ event) => this.setState({ hardware: event.detail })}
    ></cf-picker>`;
  }

  /** Takes what was typed, or says why not and keeps what there is. @param {string} name @param {string} text */
  #type(name, text) {
    const rule = this.stateTable[name];
    const { problem } = parse(name, rule, text);
    if (!problem) {
      const was = this.#refused.delete(name);
      if (String(this.state[name]) !== text) this.setState({ [name]: text });
      else if (was) this.redraw();
      return;
    }
    const { min = -Infinity, max = Infinity } = rule;
    const at = this.state[name];
    const read = text.trim() === '' ? NaN : Number(text);
    const near = Number.isFinite(read) ? Math.min(max, Math.max(min, read)) : at;
    const kind = rule.type === 'integer' ? 'a whole number' : 'a number';
    const message = `${rule.label ?? name} must be ${kind} from ${exactWithUnit(min)} to ${exactWithUnit(max)}, got ${text.trim() === '' ? 'nothing' : text.replaceAll('-', '\u2212')}.`;
    this.#refused.set(name, {
      text,
      at,
      message,
      nearest: rule.type === 'integer' ? Math.round(near) : near,
    });
    this.redraw();
  }

  /** What stands under a field. @param {string} name */
  #problemOf(name) {
    const refused = this.#refused.get(name);
    if (!refused || refused.at !== this.state[name]) return undefined;
    const { message, nearest } = refused;
    return { message, nearest, onTake: () => this.#type(name, String(nearest)) };
  }

  /** Controls by the state table: number boxes, lists, switches. @param {Record<string, any>} state @param {string[]} names @param {Record<string, string | undefined>} [labels] where a model calls them something else */
  fields(state, names, labels = {}) {
    return names.map((name) => {
      const rule = this.stateTable[name];
      const id = this.controlId(name);
      const { [name]: value } = state;
      // Nobody counts zeros.
      const label = `${labels[name] ?? rule.label ?? name}${typeof value === 'number' && value >= MANY ? `, ${withUnit(value)}` : ''}`;
      const set = (/** @type {any} */ value) => this.setState({ [name]: value });
      if (rule.type === 'choice')
        return select({
          id,
          label,
          value: state[name],
          ...optionsOf(rule.options ?? []),
          onChange: set,
        });
      if (rule.type === 'boolean') return toggle({ id, label, checked: state[name], onChange: set });
      const { min = 0, max = Infinity, step = rule.type === 'integer' ? 1 : 'any' } = rule;
      const problem = this.#problemOf(name);
      const type = (/** @type {string} */ text) => this.#type(name, text);
      const shown = problem ? (this.#refused.get(name)?.text ?? value) : value;
      return numberBox({ id, label, value: shown, min, max, step, problem, onChange: type, onInput: type });
    });
  }

  /** The same behind a summary. @param {Record<string, any>} state @param {string[]} names @param {string} [summary] */
  moreFields(state, names, summary = 'More: assumptions and formats') {
    return html`<details class="cf-more">
      <summary>${summary}</summary>
      <div>${this.fields(state, names)}</div>
    </details>`;
  }

  // What the reader should know.
  /** What was assumed or does not fit, each a click away from the reader's own value; what was not read, folded. @param {any} result */
  notes(result) {
    const { understood, leftOut = [], subject } = result;
    const { notes: found = [], ignoredKeys = [] } = understood ?? {};
    const twice = (subject.twice ?? []).map((/** @type {{key: string, value: string}} */ { key, value }) => ({
      ...{ kind: 'twice', key, value, why: 'the key stands there twice; the last value counts' },
    }));
    const notes = [...twice, ...found];
    return html`
      ${this.#publishedFormat(subject)} ${this.#beyondContext(result)}
      ${
        notes.length
          ? html`<ul class="cf-plan-notes">
              ${notes.map(
                (/** @type {any} */ { kind, key, value, why }) =>
                  html`<li class="cf-note-${kind}">
                    <b>${kind === 'assumed' ? 'Assumed' : 'Contradiction'}</b
                    >${key ? html` <code>${key}${value === '' ? '' : ` = ${value}`}</code>` : nothing}: ${why}
                    ${kind !== 'twice' && isChangeable(key, value) ? html`<button type="button" class="cf-button" aria-label="Write ${key} into the configuration, to change it" @click=${() => this.writeKey(result, key, value)}>Change it</button>` : nothing}
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      ${
        ignoredKeys.length
          ? html`<details class="cf-more cf-folded">
              <summary>
                ${ignoredKeys.length === 1 ? '1 key that was' : `${ignoredKeys.length} keys that were`} not
                needed
              </summary>
              <p>
                ${ignoredKeys.map((/** @type {string} */ key, /** @type {number} */ i) => html`${i ? ', ' : ''}<code>${key}</code>`)}
              </p>
            </details>`
          : nothing
      }
      ${
        leftOut.length
          ? html`<details class="cf-more cf-folded">
              <summary>What the times leave out</summary>
              <ul>
                ${leftOut.map((/** @type {string} */ one) => html`<li>${one}</li>`)}
              </ul>
            </details>`
          : nothing
      }
    `;
  }

  /** Where a configuration was published in another format than the plan's. @param {Subject} subject */
  #publishedFormat({ config }) {
    const { weights, experts } = this.state;
    const found = this.kind === 'plan' && weights ? quantised(config) : undefined;
    if (!found) return nothing;
    const { says, format } = found;
    const own = found.experts && 'experts' in this.stateTable;
    if (own ? experts === format : weights === format) return nothing;
    const patch = own ? { weights: 'bf16', experts: format } : { weights: format };
    return html`<ul class="cf-plan-notes">
      <li class="cf-note-assumed">
        <b>Assumed</b>
        ${`${own ? 'experts' : 'weights'} in ${own && experts ? experts : weights}: ${says}`}${format ? nothing : '; choose yours under Weights in'}.
        ${
          format
            ? html`<button
                type="button"
                class="cf-button"
                @click=${() => this.setState({ ...patch, open: '' })}
              >
                Take ${format}${own ? ' for the experts' : ''}
              </button>`
            : nothing
        }
      </li>
    </ul>`;
  }

  /** Where more tokens are asked for than the configuration says that the model was made for. @param {any} result */
  #beyondContext({ subject, understood }) {
    const { prompt, generated, source, sequence } = this.state;
    const context = trainedContext(subject.config);
    if (!context || !understood) return nothing;
    const { key, value, original } = context;
    const most = Math.max(
      sequence ?? 0,
      inputsOf(understood).includes('prompt')
        ? (prompt ?? 0) + (understood.generates ? (generated ?? 0) : 0)
        : 0,
      readsSource(understood) ? (source ?? 0) : 0,
    );
    if (most <= value) return nothing;
    return html`<ul class="cf-plan-notes">
      <li class="cf-note-contradiction">
        <b>Beyond its context</b>: ${exactWithUnit(most, 'tokens')} are asked for, and
        <code>${key} = ${value}</code>${
          original ? html`, stretched by rope_scaling from ${exactWithUnit(original)}` : nothing
        }.
        The plan counts what so many would take, not whether the model can use them.
      </li>
    </ul>`;
  }

  /** What the core takes where nothing is said. @param {Subject} subject @returns {Promise<object>} */
  async usual(subject) {
    return planOptions({ ...defaults(workState), ...defaults(inputState), skipMasked: true }, subject);
  }

  /** What prints the same plan on the command line; a configuration of the reader's own is a file there. */
  async command() {
    const { subject, device } = this.result;
    const usual = /** @type {any} */ (await this.usual(subject));
    const options = Object.entries(await this.options({ ...this.state }, subject));
    const written = (/** @type {unknown} */ value) =>
      typeof value === 'object' ? `'${JSON.stringify(value)}'` : String(value);
    const given = options.filter(
      ([name, value]) => !['config', 'hardware'].includes(name) && written(value) !== written(usual[name]),
    );
    if (options.some(([name]) => name === 'hardware')) {
      const { activations = 'bf16', peak = 0 } = this.state;
      given.push(['hardware', device.id]);
      if (peak > 0) given.push(['peak', peak]);
      else if (activations !== 'bf16' && device.flops[activations]) given.push(['compute', activations]);
    }
    const flags = given.map(([name, value]) => ` --${kebab(name)} ${written(value)}`);
    return `npx . ${this.kind === 'plan' ? 'plan' : 'train'} ${subject.entry?.id ?? 'config.json'}${flags.join('')}`;
  }

  provenance() {
    const { subject } = this.result;
    const from = subject.entry
      ? sourceLink(subject.entry.source, `the configuration of ${subject.name}`)
      : 'the configuration that you gave';
    return html`computed now by the core from ${from}${this.moreProvenance()}`;
  }

  /** Further sources, behind a comma. @returns {unknown} */
  moreProvenance() {
    const { device } = this.result;
    return device ? html` and ${sourceLink(device.source, `the datasheet of ${device.name}`)}` : nothing;
  }

  /** Every quantity of the plan, for export and for those who read tables. @param {any} result */
  table(result) {
    return {
      caption: `The plan of ${result.subject.name}`,
      columns: ['quantity', 'value', 'unit', 'comes from', 'name'],
      rows: [...result.quantities.values()].map((one) => [
        one.title,
        one.value,
        one.unit,
        `${one.approximate ? 'estimate, ' : ''}${one.origin === 'computed' && one.source ? `computed: ${one.source}` : originText(one, this.datasheets())}`,
        one.name,
      ]),
    };
  }
}

/** A quantity as its number stood where it was opened: a share in per cent, what is missing as such. @param {Explanation} one @returns {Explanation} */
function asAsked(one) {
  const shown = inPerCent(one);
  if (!/left_bytes$/.test(one.name) || one.value >= 0) return shown;
  return { ...shown, why: `${quantityText({ ...one, value: -one.value }).text} more than may be used` };
}

/** A share of something as it is read. @template {Quantity} Q @param {Q} one @returns {Q} */
export const inPerCent = (one) =>
  one.unit === '' && /_share$/.test(one.name) ? { ...one, value: 100 * one.value, unit: '%' } : one;

/** Options of a list, those of weights in their groups. @param {string[]} options @returns {{options?: [string, string][], groups?: [string, [string, string][]][]}} */
function optionsOf(options) {
  const plain = (/** @type {string} */ one) => /** @type {[string, string]} */ ([one, one || 'the same']);
  if (!WEIGHT_FORMATS.every((one) => options.includes(one))) return { options: options.map(plain) };
  return {
    options: options.filter((one) => !WEIGHT_FORMATS.includes(one)).map(plain),
    groups: WEIGHT_GROUPS.map(([title, list]) => [
      title,
      list.map(([name, word]) => [name, word ? `${name}, ${word}` : name]),
    ]),
  };
}

/** What lies in a device's memory, in the order in which it is drawn. */
const MEMORY = [
  { name: 'device_weights_bytes', title: 'Weights', role: 'mlp' },
  { name: 'device_kv_bytes', title: 'KV cache', role: 'k' },
  { name: 'activation_bytes', title: 'Activations', role: 'residual' },
  { name: 'overhead_bytes', title: 'Runtime', role: 'position' },
];

/** The parts of a device's memory as a bar, against what may be used of it. @param {Map<string, Quantity>} quantities @param {{name: string, title: string}} bar @returns {import('../charts/stack.js').Bar} */
export function memoryBar(quantities, bar) {
  const usable = quantities.get('usable_bytes');
  return {
    ...bar,
    segments: MEMORY.flatMap((part) => {
      const found = quantities.get(part.name);
      return found ? [{ ...part, value: found.value, approximate: found.approximate }] : [];
    }),
    ...(usable && { capacity: usable.value, capacityTitle: 'may be used' }),
  };
}

/** @param {Quantity[]} quantities @returns {Map<string, Quantity>} */
export const byName = (quantities) => new Map(quantities.map((one) => [one.name, one]));

/** An index may be longer than a configuration. @param {string} text */
function readConfigOf(text) {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new SyntaxError(`the index is no JSON: ${/** @type {Error} */ (error).message}`);
  }
}
