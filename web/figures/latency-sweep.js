import { html } from 'lit/html.js';
import { quantityText } from '../draw/quantity.js';
import { PlanFigure, modelState, openState, weightFields } from './plan-figure.js';
import {
  dashes,
  doubling,
  inputs,
  ladder,
  ofLeader,
  requireDevice,
  requireWriter,
  speedState,
  subject,
} from './speed.js';

const GAP = 32;
const LEAST_PAIR = 700;

/** <cf-latency-sweep>: throughput and the time per token against the batch, the time to the first token against the prompt. */
class LatencySweep extends PlanFigure {
  static state = { ...modelState, ...speedState, ...openState };

  /** Where the reader stands in a chart, before it is pinned. @type {{of: 'batch' | 'prompt', at: number} | undefined} */
  #here;

  /** @param {any} core @param {Record<string, any>} state @param {any} result */
  async extend(core, state, result) {
    requireDevice(result);
    requireWriter(result, 'step of decoding');
    const plan = await this.options(state, result.subject);
    const batches = ladder(0, 10, state.batch);
    const prompts = ladder(7, 17, state.prompt);
    const [byBatch, byPrompt] = await Promise.all([
      core.sweepPlan({
        plan,
        vary: 'batch',
        values: batches,
        quantities: ['tokens_per_second_total', 'seconds_per_token'],
      }),
      core.sweepPlan({ plan, vary: 'prompt', values: prompts, quantities: ['time_to_first_token'] }),
    ]);
    const column = (/** @type {any} */ { table }, /** @type {number} */ k) =>
      Array.from({ length: table.shape[0] }, (_, i) => table.data[i * table.shape[1] + k]);
    return {
      batches,
      prompts,
      throughput: column(byBatch, 0),
      perToken: column(byBatch, 1),
      firstToken: column(byPrompt, 0),
    };
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { batches, prompts, throughput, perToken, firstToken, quantities } = result;
    const all = this.chartWidth();
    const pair = all >= LEAST_PAIR;
    const width = pair ? Math.floor((all - GAP) / 2) : all;
    const marks = [
      ['compute_bound_batch', 'products turn'],
      ['sequences_that_fit', 'memory is full'],
    ]
      .filter(([name]) => quantities.get(name)?.value >= 1)
      .map(([name, words]) => ({
        value: quantities.get(name).value,
        title: `${words}: ${quantityText(quantities.get(name)).text}`,
        role: name === 'sequences_that_fit' ? 'error' : 'ink',
      }));
    const at = (/** @type {'batch' | 'prompt'} */ of, /** @type {number[]} */ xs) =>
      this.#here?.of === of ? this.#here.at : xs.indexOf(state[of]);
    const chart = (
      /** @type {'batch' | 'prompt'} */ of,
      /** @type {number[]} */ xs,
      /** @type {Record<string, any>} */ view,
    ) =>
      this.chart(({ lineChart }) =>
        lineChart({
          height: 270,
          xs,
          selected: at(of, xs),
          current: () => at(of, xs),
          onPoint: (i) => this.#stand({ of, at: i }),
          onPin: (i) => this.#pin(of, xs[i]),
          onLeave: () => this.#stand(undefined),
          ...{ title: '', width, x: {}, y: {}, series: [] },
          ...view,
        }),
      );
    const batchAxis = { kind: /** @type {const} */ ('log'), base: /** @type {const} */ (2), title: 'batch' };
    this.publishQuantities(result, {
      ...dashes(result, ['compute_bound_batch', 'sequences_that_fit']),
      batch: { text: String(state.batch), value: state.batch },
      prompt: { text: state.prompt.toLocaleString('en'), value: state.prompt },
    });
    return html`
      ${subject(this, result, state)}
      <div class="cf-controls">
        ${ofLeader(this, () => this.devicePicker(result, state))}
        ${doubling(this, state, 'batch', { label: 'Batch', most: 10 })}
        ${inputs(this, result, state, { least: 7, most: 17 })}
        ${ofLeader(this, () => this.moreFields(state, ['generated', ...weightFields(result), 'cache', 'activations', 'devices', 'pipeline', 'computeUtilisation', 'bandwidthUtilisation', 'linkUtilisation', 'memoryFraction', 'price']))}
      </div>
      <div class="cf-sweeps">
        ${chart('batch', batches, {
          title: 'Tokens per second of all sequences, by batch',
          x: batchAxis,
          y: { kind: 'log', title: 'tokens per second, all sequences', unit: 'tokens/s' },
          series: [{ name: 'throughput', title: '', values: throughput, role: 'q', strong: true }],
          marks,
        })}
        ${chart('batch', batches, {
          title: 'Time per token of one sequence, by batch',
          x: batchAxis,
          y: { kind: 'log', title: 'time per token', unit: 's' },
          series: [{ name: 'perToken', title: '', values: perToken, role: 'k', strong: true }],
          marks,
          marksAt: 'top',
        })}
        ${chart('prompt', prompts, {
          title: `Time to the first token by prompt, at batch ${state.batch}`,
          x: { kind: 'log', base: 2, title: `tokens of the prompt, batch ${state.batch}` },
          y: { kind: 'log', title: 'time to the first token', unit: 's' },
          series: [{ name: 'firstToken', title: '', values: firstToken, role: 'v', strong: true }],
        })}
        <div>
          ${this.headline(result, [
            ['seconds_per_token', 'Time per token'],
            ['tokens_per_second', 'Tokens per second of one sequence'],
            ['tokens_per_second_total', 'Of all sequences'],
            ['time_to_first_token', 'Time to the first token'],
            ['compute_bound_batch', 'Products turn at batch'],
            ['sequences_that_fit', 'Sequences that fit'],
            ['usd_per_million_tokens', 'A million tokens written'],
          ])}
          ${this.panel(result)}
        </div>
      </div>
      ${this.notes(result)}
    `;
  }

  /** @param {{of: 'batch' | 'prompt', at: number} | undefined} here */
  #stand(here) {
    this.#here = here;
    this.redraw();
  }

  /** @param {'batch' | 'prompt'} of @param {number} value */
  #pin(of, value) {
    this.#here = undefined;
    this.setState({ [of]: value });
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ subject, quantities, device }, state) {
    const text = (/** @type {string} */ name) => quantityText(quantities.get(name)).text;
    const turn = quantities.get('compute_bound_batch');
    return `${subject.name} on ${device.name} at batch ${state.batch}: ${text('seconds_per_token')} per token, ${text('tokens_per_second_total')} of all sequences. ${turn ? `From batch ${turn.value} on the products of a step, taken together, wait for arithmetic.` : 'The products, taken together, wait for memory at any batch.'}`;
  }

  /** @param {any} result @param {any} [state] */
  table({ subject, batches, prompts, throughput, perToken, firstToken }, state = this.state) {
    return {
      caption: `${subject.name}: by batch at a prompt of ${state.prompt}, by prompt at batch ${state.batch}`,
      columns: ['varied', 'value', 'tokens per second', 'seconds per token', 'seconds to the first token'],
      rows: [
        ...batches.map((/** @type {number} */ batch, /** @type {number} */ i) => [
          'batch',
          batch,
          throughput[i],
          perToken[i],
          '',
        ]),
        ...prompts.map((/** @type {number} */ prompt, /** @type {number} */ i) => [
          'prompt',
          prompt,
          '',
          '',
          firstToken[i],
        ]),
      ],
    };
  }
}

customElements.define('cf-latency-sweep', LatencySweep);
