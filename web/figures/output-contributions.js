import { html } from 'lit/html.js';
import { fixed } from '../draw/format.js';
import { legend, matrix } from '../draw/matrix.js';
import { Figure } from './figure.js';
import { layerState, runLayer } from './sentence.js';

/** <cf-output-contributions>: one output vector taken apart into what each token added to it. The rows sum to the output exactly. */
class OutputContributions extends Figure {
  static state = {
    ...layerState,
    row: { type: /** @type {const} */ ('integer'), default: 64, min: 1, max: 64, label: 'Output of token' },
  };

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    const run = await runLayer(core, state);
    const t = Math.min(state.row, run.T) - 1;
    const { trace } = run.layer;
    const names = ['contributions', 'contributionSum', 'output', 'contributionLengths'];
    const [parts, sum, output, lengths] = await Promise.all(
      names.map((name) => trace.tensor({ name, at: [t] })),
    );
    await trace.dispose();
    const difference = Math.max(
      ...Array.from(sum.data, (/** @type {number} */ value, /** @type {number} */ c) =>
        Math.abs(value - output.data[c]),
      ),
    );
    return { ...run, t, parts, output: sum, norms: Array.from(lengths.data), difference };
  }

  provenance() {
    return html`computed now by the core from <b>seeded random weights</b>`;
  }

  /** @param {any} run @param {Record<string, any>} _state */
  draw(run, _state) {
    const { labels, parts, output, t, T, norms, masked } = run;
    const C = output.shape[0];
    const top = norms.indexOf(Math.max(...norms));
    const values = { topToken: labels[top], row: labels[t], difference: run.difference };
    queueMicrotask(() =>
      this.publish(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name,
            {
              text:
                typeof value === 'number'
                  ? value === 0
                    ? '0'
                    : value.toExponential(0).replace('-', '\u2212')
                  : String(value),
              value,
            },
          ]),
        ),
      ),
    );
    const columns = Array.from({ length: C }, (_, i) => String(i + 1));
    const data = new Float64Array((T + 1) * C);
    data.set(parts.data);
    data.set(output.data, T * C);
    return html`
      <div class="cf-controls">
        <label for="${this.id}-row">Output of</label>
        <select
          id="${this.id}-row"
          class="cf-select"
          @change=${(/** @type {any} */ event) => this.setState({ row: Number(event.target.value) })}
        >
          ${labels.map((/** @type {string} */ label, /** @type {number} */ i) => html`<option value=${i + 1} ?selected=${i === t}>${i + 1} ${label}</option>`)}
        </select>
      </div>
      ${matrix({
        id: `${this.id}-parts`,
        symbol: 'Δ',
        title: `what each token adds to the output of “${labels[t]}”`,
        letters: 'S × d_model, and the sum',
        role: 'residual',
        shape: [T + 1, C],
        values: data,
        rowLabels: [...labels, 'sum'],
        columnLabels: columns,
        masked: (r) => r < T && masked(t, r),
        selected: null,
        margin: {
          title: 'length',
          values: [
            ...norms.map((/** @type {number} */ norm, /** @type {number} */ s) =>
              masked(t, s) ? '' : fixed(norm, 2),
            ),
            '',
          ],
        },
      })}
      ${legend({ id: `${this.id}-legend`, shares: false, role: 'weights', most: Math.max(...Array.from(data, Math.abs)) })}
      <p class="cf-stage-words">${this.summary(run)}</p>
    `;
  }

  /** @param {any} run */
  summary({ labels, t, norms, difference }) {
    const top = norms.indexOf(Math.max(...norms));
    return `The largest part of the output of ${labels[t]} comes from ${labels[top]}. Added up, the parts differ from the output by at most ${difference === 0 ? '0' : difference.toExponential(1).replace('-', '\u2212')}.`;
  }

  /** @param {any} run */
  table({ labels, parts, output, T }) {
    const C = output.shape[0];
    const row = (/** @type {ArrayLike<number>} */ values) =>
      Array.from(values, (value) => Number(value.toPrecision(6)));
    return {
      caption: 'Contributions and their sum',
      columns: ['token', ...Array.from({ length: C }, (_, i) => String(i + 1))],
      rows: [
        ...Array.from({ length: T }, (_, s) => [labels[s], ...row(parts.data.slice(s * C, (s + 1) * C))]),
        ['sum', ...row(output.data)],
      ],
    };
  }
}
customElements.define('cf-output-contributions', OutputContributions);
