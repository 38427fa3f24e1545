import { html, nothing } from 'lit/html.js';
import { withUnit } from '../draw/format.js';
import { quantityText } from '../draw/quantity.js';
import { entry } from '../models/registry.js';
import { PlanFigure, modelList, modelState, openState, workState } from './plan-figure.js';
import { beside, dashes, furtherPlans, ladder, ofLeader, orLetGo, requireWriter, subject } from './speed.js';

const CONTEXTS = ladder(10, 20);
const MOST = 4;

/** <cf-kv-growth>: the bytes of one sequence's cache by its length, for a model and up to four others. */
class KvGrowth extends PlanFigure {
  static state = {
    ...modelState,
    ...openState,
    cache: workState.cache,
    hardware: workState.hardware,
    others: /** @type {const} */ ({
      type: 'text',
      default: 'llama-2-7b,gemma-3-27b,mistral-7b-v0-1,deepseek-v3',
      most: 400,
      label: 'Compared with',
    }),
    context: /** @type {const} */ ({
      type: 'integer',
      default: 131_072,
      min: 1,
      max: 16_777_216,
      label: 'Context',
    }),
  };

  /** Where the reader stands, before it is pinned. @type {number | undefined} */
  #here;

  /** @param {Record<string, any>} state @param {any} subject */
  async options({ cache, context }, { config }) {
    return { config, cache, prompt: context, generated: 0 };
  }

  /** @param {any} core @param {Record<string, any>} state @param {any} result */
  async extend(core, state, result) {
    requireWriter(result, 'cache');
    return orLetGo(result, async () => {
      const ids = idsOf(state.others).filter((id) => id !== result.subject.entry?.id);
      const all = /** @type {import('./plan-figure.js').ModelEntry[]} */ (result.models);
      const unknown = ids.filter((id) => !all.some((one) => one.id === id));
      const entries = ids
        .filter((id) => !unknown.includes(id))
        .slice(0, MOST)
        .map((id) => entry(all, id));
      const asked = Object.fromEntries(
        await Promise.all(entries.map(async (one) => [one.id, await this.options(state, one)])),
      );
      const { plans, path } = await furtherPlans(core, this, state, result, asked);
      const known = entries.filter(({ id }) => plans[id].quantities?.has('kv_bytes'));
      const contexts = [...new Set([...CONTEXTS, state.context])].sort((a, b) => a - b);
      const lines = await Promise.all(
        [
          { id: '', name: result.subject.name, config: result.subject.config, quantities: result.quantities },
          ...known.map(({ id, name, config }) => ({ id, name, config, quantities: plans[id].quantities })),
        ].map(async ({ id, name, config, quantities }) => {
          const { table } = await core.sweepPlan({
            plan: { config, cache: state.cache, generated: 0 },
            vary: 'prompt',
            values: contexts,
            quantities: ['kv_bytes'],
          });
          return { id, name, quantities, values: Array.from(table.data) };
        }),
      );
      const without = entries.filter((one) => !known.includes(one));
      return { path, lines, contexts, without, unknown };
    });
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { lines, contexts, without, unknown, device } = result;
    const at = () => this.#here ?? contexts.indexOf(this.state.context);
    this.publishQuantities(result, dashes(result, ['kv_bytes', 'kv_bytes_per_token']));
    return html`
      ${subject(this, result, state)}
      <div class="cf-controls">
        ${lines
          .slice(1)
          .map(
            (/** @type {any} */ { id, name }) =>
              html`<button
                type="button"
                class="cf-button"
                aria-label="Leave out ${name}"
                @click=${() => this.#compare(idsOf(state.others).filter((one) => one !== id))}
              >
                ${name} <span aria-hidden="true">×</span>
              </button>`,
          )}
        ${
          lines.length <= MOST
            ? html`<cf-picker
                class="cf-model-picker"
                .view=${{ label: 'Compare with', options: modelList(result.models), value: '', placeholder: 'another model' }}
                @pick=${(/** @type {CustomEvent} */ event) => this.#compare([...idsOf(state.others), event.detail])}
              ></cf-picker>`
            : nothing
        }
        ${this.fields(state, ['cache', 'context'])} ${ofLeader(this, () => this.devicePicker(result, state))}
      </div>
      ${unknown.length ? html`<p class="cf-note-line">The registry has no ${unknown.join(', ')}.</p>` : nothing}
      ${without.length ? html`<p class="cf-note-line">${without.map((/** @type {any} */ { name }) => name).join(', ')}: no cache that grows with the text, so no line.</p>` : nothing}
      ${beside(
        html`${this.chart(({ lineChart }) =>
            lineChart({
              title: `Bytes of the cache of one sequence by its length, cache in ${state.cache}`,
              width: this.chartWidth({ beside: true }),
              height: 380,
              x: { kind: 'log', base: 2, title: 'tokens in the context', unit: 'tokens' },
              y: { kind: 'log', title: 'cache of one sequence', unit: 'B' },
              xs: contexts,
              series: lines.map((/** @type {any} */ { id, name, values }, /** @type {number} */ i) => ({
                name: id || 'own',
                title: name,
                values,
                role: ['k', 'q', 'v', 'weights', 'mlp'][i],
                strong: i === 0,
              })),
              references: device
                ? [
                    {
                      value: device.memory_bytes,
                      title: `${device.name}, ${withUnit(device.memory_bytes, 'B')}`,
                    },
                  ]
                : [],
              // The numbers stand below.
              listed: this.#here !== undefined,
              selected: at(),
              current: at,
              onPoint: (i) => this.#stand(i),
              onPin: (i) => this.#pin(contexts[i]),
              onLeave: () => this.#stand(undefined),
            }),
          )}
          <p class="cf-plan-title">At ${state.context.toLocaleString('en')} tokens</p>
          <dl class="cf-headline">
            ${lines.map(
              (/** @type {any} */ { id, name, quantities }) =>
                html`<div>
                  <dt>${name}</dt>
                  <dd>
                    ${this.number(result, 'kv_bytes', { plan: id, quantity: quantities.get('kv_bytes') })}
                  </dd>
                </div>`,
            )}
          </dl>`,
        this.panel(result),
      )}
      ${this.notes({ ...result, leftOut: [] })}
    `;
  }

  /** @param {string[]} ids */
  #compare(ids) {
    this.setState({ others: [...new Set(ids)].slice(0, MOST).join(','), open: '' });
  }

  /** @param {number | undefined} here */
  #stand(here) {
    this.#here = here;
    this.redraw();
  }

  /** @param {number} context */
  #pin(context) {
    this.#here = undefined;
    this.setState({ context });
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ lines }, state) {
    const said = lines.map(
      (/** @type {any} */ { name, quantities }) => `${name} ${quantityText(quantities.get('kv_bytes')).text}`,
    );
    return `The cache of one sequence of ${state.context.toLocaleString('en')} tokens: ${said.join(', ')}.`;
  }

  moreProvenance() {
    const others = this.result.lines.length - 1;
    return others ? html` and of ${others} others in the registry` : nothing;
  }

  /** @param {any} result @param {any} [state] */
  table({ lines, contexts }, state = this.state) {
    return {
      caption: `Bytes of the cache of one sequence, cache in ${state.cache}`,
      columns: ['tokens', ...lines.map((/** @type {any} */ { name }) => name)],
      rows: contexts.map((/** @type {number} */ context, /** @type {number} */ i) => [
        context,
        ...lines.map((/** @type {any} */ { values }) => values[i]),
      ]),
    };
  }
}

/** @param {string} text */
const idsOf = (text) =>
  text
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);

customElements.define('cf-kv-growth', KvGrowth);
