import { html } from 'lit/html.js';
import { fixed } from '../draw/format.js';
import { byRoot, legend, matrix } from '../draw/matrix.js';
import { segmented, slider } from '../ui/controls.js';
import { Figure } from './figure.js';
import { layerState, runLayer, tokensOf } from './sentence.js';

/** <cf-softmax-scale>: the same scores through the softmax with and without the division by the square root of the head width. */
class SoftmaxScale extends Figure {
  static state = {
    ...layerState,
    head: { type: /** @type {const} */ ('integer'), default: 1, min: 1, max: 16, label: 'Head' },
  };

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    const tokens = await tokensOf(core, state);
    const head = Math.min(state.head, state.heads) - 1;
    const sides = await Promise.all(
      [true, false].map(async (scaled) => {
        const run = await runLayer(core, { ...state, scaled, overrides: '' }, tokens);
        const weights = await run.layer.trace.tensor({ name: 'weights', at: [head] });
        await run.layer.trace.dispose();
        const rows = (/** @type {string} */ key) =>
          Array.from(
            /** @type {Float64Array} */ (run.layer[key].data).slice(head * run.T, (head + 1) * run.T),
          );
        return { run, weights, entropy: rows('entropy'), keys: rows('effectiveKeys') };
      }),
    );
    return {
      head,
      sides,
      labels: sides[0].run.labels,
      T: sides[0].run.T,
      D: sides[0].run.D,
      heads: state.heads,
    };
  }

  provenance() {
    return html`computed now by the core from <b>seeded random weights</b>`;
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw({ sides, labels, T, D, head, heads }, state) {
    const last = T - 1;
    const values = { entropyScaled: sides[0].entropy[last], entropyUnscaled: sides[1].entropy[last] };
    queueMicrotask(() =>
      this.publish(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, { text: fixed(value, 2), value }]),
        ),
      ),
    );
    return html`
      <div class="cf-controls">
        ${segmented({ name: `${this.id}-head`, label: 'Head', hideLabel: false, value: String(head + 1), options: Array.from({ length: heads }, (_, i) => /** @type {[string, string]} */ ([String(i + 1), String(i + 1)])), onChange: (value) => this.setState({ head: value }) })}
        ${slider({ id: `${this.id}-temperature`, label: 'Temperature', value: Math.log10(state.temperature), min: -1, max: 1, step: 0.02, text: fixed(state.temperature, 2), onInput: (log) => this.setState({ temperature: Math.round(10 ** log * 100) / 100 }) })}
      </div>
      <div class="cf-pair">
        ${sides.map((/** @type {any} */ side, /** @type {number} */ i) =>
          matrix({
            id: `${this.id}-${i}`,
            symbol: 'A',
            title: i === 0 ? `divided by √${D}` : 'not divided',
            letters: 'T × S',
            role: 'weights',
            shape: side.weights.shape,
            values: side.weights.data,
            rowLabels: labels,
            columnLabels: labels,
            shares: true,
            masked: side.run.masked,
            selected: null,
            margin: {
              title: 'nats',
              values: side.entropy.map((/** @type {number} */ value) => fixed(value, 2)),
            },
          }),
        )}
      </div>
      ${legend({
        id: `${this.id}-legend`,
        shares: true,
        root: byRoot(T),
        role: 'weights',
        maskedMeaning: state.mask === 'causal' ? 'masked' : '',
      })}
      <p class="cf-stage-words">${this.summary({ sides, labels, T, D })}</p>
    `;
  }

  /** @param {any} result */
  summary({ sides, labels, T, D }) {
    const last = T - 1;
    return `The row of ${labels[last]} is spread over ${fixed(sides[0].keys[last], 2)} keys when divided by √${D}, and over ${fixed(sides[1].keys[last], 2)} when not.`;
  }

  /** @param {any} result */
  table({ sides, labels }) {
    return {
      caption: 'Entropy of each row, in nats',
      columns: ['token', 'divided', 'not divided'],
      rows: labels.map((/** @type {string} */ label, /** @type {number} */ t) => [
        label,
        ...sides.map((/** @type {any} */ side) => Number(side.entropy[t].toPrecision(6))),
      ]),
    };
  }
}
customElements.define('cf-softmax-scale', SoftmaxScale);
