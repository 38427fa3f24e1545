import { html } from 'lit/html.js';
import { count, fixed } from '../draw/format.js';
import { tokenStrip } from '../draw/tokens.js';
import { slider } from '../ui/controls.js';
import { Figure } from './figure.js';
import { layerState, runLayer, tokensOf } from './sentence.js';

/** <cf-kv-cache>: the same sentence decoded one token at a time, with the keys and values of earlier tokens kept. */
class KvCache extends Figure {
  static state = {
    ...layerState,
    step: { type: /** @type {const} */ ('integer'), default: 64, min: 1, max: 64, label: 'Token' },
  };

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    const tokens = await tokensOf(core, state);
    const run = await runLayer(core, { ...state, overrides: '' }, tokens); // the same checks, and the same advice
    await run.layer.trace.dispose();
    const { dModel, heads, seed, scaled, temperature, rope } = state;
    const decoded = await core.cachedDecode({
      tokens: tokens.map((/** @type {any} */ token) => token.id),
      dModel,
      heads,
      seed,
      scaled,
      temperature,
      rope,
    });
    return { tokens, ...decoded, dModel };
  }

  provenance() {
    return html`counted and compared now by the core, <b>seeded random weights</b>`;
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw({ tokens, steps, maxDifference, dModel }, state) {
    const i = Math.min(state.step, steps.length) - 1;
    const step = steps[i];
    const share = 1 - step.multiplyAddsCached / step.multiplyAddsFull;
    const values = {
      savedShare: `${fixed(100 * share, 0)} %`,
      maxDifference: difference(maxDifference),
      step: i + 1,
    };
    queueMicrotask(() =>
      this.publish(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, { text: String(value), value }]),
        ),
      ),
    );
    const most = steps.at(-1).multiplyAddsFull;
    return html`
      <div class="cf-controls">
        ${slider({ id: `${this.id}-step`, label: 'Token', value: i + 1, min: 1, max: steps.length, step: 1, text: String(i + 1), onInput: (value) => this.setState({ step: value }) })}
      </div>
      ${tokenStrip(tokens.slice(0, i + 1), { selected: i, onToken: (at) => this.setState({ step: at + 1 }) })}
      <dl class="cf-cache">
        <div>
          <dt>Projected now</dt>
          <dd>
            1 row each of <span class="cf-role-q">q</span>, <span class="cf-role-k">k</span>,
            <span class="cf-role-v">v</span>, for “${tokens[i].label}”
          </dd>
        </div>
        <div>
          <dt>Read from the cache</dt>
          <dd>
            ${i} ${i === 1 ? 'row' : 'rows'} each of <span class="cf-role-k">k</span> and
            <span class="cf-role-v">v</span>
          </dd>
        </div>
        <div>
          <dt>Cache after this step</dt>
          <dd>${count(step.cacheFloats)} numbers <span class="cf-quiet">= 2 × ${i + 1} × ${dModel}</span></dd>
        </div>
        <div>
          <dt>Multiply-adds, with cache</dt>
          <dd>${bar(step.multiplyAddsCached, most, 'v')} ${count(step.multiplyAddsCached)}</dd>
        </div>
        <div>
          <dt>Multiply-adds, all again</dt>
          <dd>${bar(step.multiplyAddsFull, most, 'residual')} ${count(step.multiplyAddsFull)}</dd>
        </div>
        <div>
          <dt>Largest difference from the full pass</dt>
          <dd>${difference(step.maxDifference)}</dd>
        </div>
      </dl>
      ${state.mask === 'both' ? html`<p class="cf-note-line">The figures above look both ways. A cache needs the causal mask: if earlier tokens could see later ones, their rows would change with every new token. Here the mask is causal.</p>` : ''}
    `;
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ steps }, state) {
    const step = steps[Math.min(state.step, steps.length) - 1];
    return `Step ${step.token + 1} of ${steps.length}: ${step.multiplyAddsCached} multiply-adds with the cache, ${step.multiplyAddsFull} without.`;
  }

  /** @param {any} result */
  table({ tokens, steps }) {
    return {
      caption: 'Decoding with a cache',
      columns: [
        'token',
        'multiply-adds with cache',
        'all again',
        'numbers in the cache',
        'largest difference',
      ],
      rows: steps.map((/** @type {any} */ step, /** @type {number} */ i) => [
        tokens[i].label,
        step.multiplyAddsCached,
        step.multiplyAddsFull,
        step.cacheFloats,
        step.maxDifference,
      ]),
    };
  }
}

/** @param {number} value */
const difference = (value) => (value === 0 ? '0' : value.toExponential(1).replace('-', '\u2212'));

/** @param {number} value @param {number} most @param {string} role */
const bar = (value, most, role) =>
  html`<svg
    class="cf-bar cf-role-${role}"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    width="160"
    height="10"
    aria-hidden="true"
  >
    <rect width=${(100 * value) / most} height="10"></rect>
  </svg>`;

customElements.define('cf-kv-cache', KvCache);
