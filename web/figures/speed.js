import { html, nothing } from 'lit/html.js';
import { slider } from '../ui/controls.js';
import { Advice } from './figure.js';
import {
  byName,
  explainPath,
  holdPlan,
  inputState,
  inputsOf,
  letGo,
  readOpen,
  readsSource,
  workState,
} from './plan-figure.js';

/** What figures of memory and speed share: the same work asked for, so that they show one plan; sliders by ratio; further plans beside it. */

/** @type {import('./state.js').Table} */
export const speedState = {
  ...workState,
  ...inputState,
  skipMasked: { type: 'boolean', default: true, label: 'Skip what is masked' },
};

/** What moves a number of sequences or tokens by powers of two. @param {import('./plan-figure.js').PlanFigure} figure @param {Record<string, any>} state @param {string} name @param {{label: string, most: number, least?: number}} view exponents of 2 */
export const doubling = (figure, state, name, { label, most, least = 0 }) =>
  slider({
    id: figure.controlId(`${name}-slider`),
    label,
    value: Math.log2(Math.max(1, state[name])),
    min: least,
    max: most,
    step: 1,
    text: state[name].toLocaleString('en'),
    onInput: (power) => figure.setState({ [name]: 2 ** power }),
  });

/** Whole numbers from one power of two to another, and those half as large again. @param {number} from @param {number} to @param {number} [also] one more that the list shall have */
export function ladder(from, to, also) {
  const steps = [];
  for (let power = from; power <= to; power += 1) {
    steps.push(2 ** power);
    if (power > 0 && power < to) steps.push(1.5 * 2 ** power);
  }
  if (also !== undefined && !steps.includes(also)) steps.push(also);
  return steps.sort((a, b) => a - b);
}

/**
 * Plans beside a figure's own, by name, with their quantities; what is opened in one of them says which. One that cannot be made has an
 * error instead. They are let go of with the result.
 * @param {any} core @param {import('./plan-figure.js').PlanFigure} figure @param {Record<string, any>} state @param {any} result @param {Record<string, object>} asked options by name
 */
export async function furtherPlans(core, figure, state, result, asked) {
  /** @type {Record<string, {quantities?: Map<string, any>, error?: Error}>} */
  const plans = {};
  await Promise.all(
    Object.entries(asked).map(async ([name, options]) => {
      const held = holdPlan(core, figure.kind, options);
      try {
        const { quantities } = await held.result;
        result.held[name] = held;
        plans[name] = { quantities: byName(quantities) };
      } catch (error) {
        letGo(held);
        if (/** @type {any} */ (error).name === 'CoreRestarted') throw error;
        plans[name] = { error: /** @type {Error} */ (error) };
      }
    }),
  );
  const { plan, names } = readOpen(state.open ?? '');
  const held = result.held[plan];
  return { plans, path: plan && held ? await explainPath(held, names) : result.path };
}

/** Lets go of what was held before an error. @template T @param {any} result @param {() => Promise<T>} work @returns {Promise<T>} */
export async function orLetGo(result, work) {
  try {
    return await work();
  } catch (error) {
    for (const [name, held] of Object.entries(result.held)) if (name) letGo(/** @type {any} */ (held));
    throw error;
  }
}

/** Times need a device. @param {any} result */
export function requireDevice({ device }) {
  if (device) return;
  throw new Advice('Without a device there are no times', [
    { label: 'take an H100', patch: { hardware: workState.hardware.default } },
  ]);
}

/** A step of decoding needs a model that writes. @param {any} result @param {string} what of which it is said */
export function requireWriter({ subject, understood }, what) {
  if (understood.generates) return;
  throw new Advice(`${subject.name} does not write token by token, so it has no ${what}`, [
    { label: 'take Llama 3.1 8B', patch: { model: 'llama-3-1-8b', config: '', open: '' } },
  ]);
}

/** Names that prose shows and this plan may lack, each as a dash. @param {any} result @param {string[]} names */
export const dashes = ({ quantities }, names) =>
  Object.fromEntries(
    names.filter((name) => !quantities.has(name)).map((name) => [name, { text: '–', value: null }]),
  );

/** The first figure of a group chooses the model and the machine for all of them. @param {HTMLElement} figure */
function leaderOf(figure) {
  const group = figure.getAttribute('group');
  if (!group) return figure;
  const peers = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[group]')]);
  return peers.find((peer) => peer.getAttribute('group') === group) ?? figure;
}

/** @param {HTMLElement} figure */
export const leads = (figure) => leaderOf(figure) === figure;

/** The choice of the model, or in a figure that follows another what was chosen there. @param {import('./plan-figure.js').PlanFigure} figure @param {any} result @param {Record<string, any>} state */
export function subject(figure, result, state) {
  const leader = leaderOf(figure);
  if (leader === figure) return figure.modelControls(result, state);
  const { subject: chosen, device, problem } = result;
  return html`<p class="cf-quiet cf-follows">
    ${chosen.name}${device ? ` on ${device.name}` : nothing}, as chosen in the
    <a href="#${leader.closest('figure')?.id || leader.id}">first figure</a>.
    ${problem ? html`<span class="cf-error" role="alert">${problem.message}. Shown instead: ${chosen.name}.</span>` : nothing}
  </p>`;
}

/** How much is read: the prompt's slider, and what else the model takes. @param {import('./plan-figure.js').PlanFigure} figure @param {any} result @param {Record<string, any>} state @param {{least: number, most: number}} powers of two of the prompt */
export function inputs(figure, { understood }, state, { least, most }) {
  const taken = inputsOf(understood);
  const others = taken.filter((name) => name in inputState);
  return html`${taken.includes('prompt') ? doubling(figure, state, 'prompt', { label: readsSource(understood) ? 'Decoder’s prompt' : 'Prompt', least, most }) : nothing}
  ${ofLeader(figure, () => figure.fields(state, others))}`;
}

/** The pass that is asked for; a model that does not write has one only. @param {any} result @param {string} asked @returns {string} */
export const passOf = ({ operations }, asked) =>
  operations.some((/** @type {any} */ { phase }) => phase === asked)
    ? asked
    : (operations[0]?.phase ?? asked);

/** What a pass is called. @type {Record<string, string>} */
export const PASSES = { prefill: 'Prefill', decode: 'Decode', forward: 'One pass' };

/** Words by pass. @param {string} pass @param {Record<string, string>} words @param {string} other */
export const inPass = (pass, words, other) => words[pass] ?? other;

/** The passes of a plan, in order. @param {any} result @returns {[string, string][]} */
export const passesOf = ({ operations }) =>
  [...new Set(operations.map((/** @type {any} */ { phase }) => phase))].map((phase) => [
    String(phase),
    PASSES[String(phase)] ?? String(phase),
  ]);

/** Controls that only the leader shows. @param {HTMLElement} figure @param {() => unknown} controls */
export const ofLeader = (figure, controls) => (leads(figure) ? controls() : nothing);

/** What stands beside a drawing: the opened number. @param {unknown} drawing @param {unknown} panel */
export const beside = (drawing, panel) =>
  html`<div class="cf-plan-body">
    <div>${drawing}</div>
    <div class="cf-plan-side">${panel}</div>
  </div>`;

/** The colour of a class of weights. @param {{kind: string, cacheBytes?: number}} operation */
export function roleOf({ kind, cacheBytes = 0 }) {
  if (kind === 'attention') return cacheBytes > 0 ? 'weights' : 'q';
  if (['feed-forward', 'expert', 'shared expert', 'router'].includes(kind)) return 'mlp';
  if (['embedding', 'head', 'position'].includes(kind)) return 'position';
  return 'residual';
}
