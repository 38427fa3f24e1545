import { html } from 'lit/html.js';
import { fixed, short } from '../draw/format.js';
import { byRoot, legend, matrix } from '../draw/matrix.js';
import { segmented, textInput } from '../ui/controls.js';
import { Figure } from './figure.js';
import { layerState, runLayer } from './sentence.js';

/** <cf-attention-matrix>: the weights of one head alone, small enough to embed. */
class AttentionMatrix extends Figure {
  static state = {
    ...layerState,
    head: { type: /** @type {const} */ ('integer'), default: 1, min: 1, max: 16, label: 'Head' },
    cell: { type: /** @type {const} */ ('text'), default: '', most: 20 },
  };

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    const run = await runLayer(core, state);
    const head = Math.min(state.head, state.heads) - 1;
    const weights = await run.layer.trace.tensor({ name: 'weights', at: [head] });
    await run.layer.trace.dispose();
    const found = /^(\d+),(\d+)$/.exec(state.cell);
    const cell = /** @type {[number, number]} */ (
      found ? [Math.min(Number(found[1]), run.T - 1), Math.min(Number(found[2]), run.T - 1)] : [run.T - 1, 0]
    );
    return { ...run, head, weights, cell };
  }

  provenance() {
    return html`computed now by the core from <b>seeded random weights</b>`;
  }

  /** @param {any} run @param {Record<string, any>} state */
  draw(run, state) {
    const { labels, weights, head, cell, T } = run;
    return html`
      <div class="cf-controls">
        ${textInput({ id: `${this.id}-text`, label: 'Sentence', value: state.text, count: `${T} of 64 tokens`, most: 400, onInput: (text) => this.setState({ text }) })}
        ${segmented({
          name: `${this.id}-mask`,
          label: 'Mask',
          value: state.mask,
          options: [
            ['causal', 'Causal'],
            ['both', 'Both ways'],
          ],
          onChange: (mask) => this.setState({ mask }),
        })}
        ${segmented({ name: `${this.id}-head`, label: 'Head', hideLabel: false, value: String(head + 1), options: Array.from({ length: run.layer.heads }, (_, i) => /** @type {[string, string]} */ ([String(i + 1), String(i + 1)])), onChange: (value) => this.setState({ head: value }) })}
      </div>
      ${matrix({
        id: `${this.id}-weights`,
        symbol: 'A',
        title: 'weights',
        letters: 'T × S',
        role: 'weights',
        shape: weights.shape,
        values: weights.data,
        rowLabels: labels,
        columnLabels: labels,
        shares: true,
        masked: run.masked,
        selected: cell,
        margin: {
          title: 'nats',
          values: Array.from(run.layer.entropy.data.slice(head * T, (head + 1) * T), (value) =>
            fixed(/** @type {number} */ (value), 2),
          ),
        },
        onCell: (r, c) => this.setState({ cell: `${r},${c}` }),
      })}
      ${legend({
        id: `${this.id}-legend`,
        shares: true,
        root: byRoot(T),
        role: 'weights',
        maskedMeaning: state.mask === 'causal' ? 'masked: a token cannot see what comes after it' : '',
      })}
      <p class="cf-stage-words">${this.summary(run)}</p>
    `;
  }

  /** @param {any} run */
  summary({ labels, weights, cell, T, masked }) {
    const [t, s] = cell;
    return masked(t, s)
      ? `${labels[t]} may not see ${labels[s]}.`
      : `${labels[t]} gives ${labels[s]} ${short(weights.data[t * T + s])} of its attention.`;
  }

  /** @param {any} run */
  table({ labels, weights, T }) {
    return {
      caption: 'Attention weights',
      columns: ['', ...labels],
      rows: labels.map((/** @type {string} */ label, /** @type {number} */ t) => [
        label,
        ...Array.from(weights.data.slice(t * T, (t + 1) * T), (value) =>
          Number(/** @type {number} */ (value).toPrecision(6)),
        ),
      ]),
    };
  }
}
customElements.define('cf-attention-matrix', AttentionMatrix);
