import { html, nothing } from 'lit/html.js';
import { exact, short } from './format.js';
import { subscript } from './matrix.js';

/**
 * The arithmetic of one number, as the core tells it. `chain` holds the explanations from the first to the one asked for: a weight comes with
 * the score, the scaling, the mask and the exponential it was made from, at the same place.
 * @typedef {{tensor: string, index: number[]}} Cell
 * @typedef {{chain: any[], trail: Cell[], name: (cell: Cell) => string, open: (cell: Cell) => void, back: (i: number) => void, copy: () => void, all: boolean, toggleAll: () => void}} ExplainView
 */

const MOST_TERMS = 12;

/** @param {ExplainView} view */
export function explain(view) {
  const last = view.chain.at(-1);
  return html`
    <section class="cf-explain" aria-label="How this number came about">
      ${
        view.trail.length > 1
          ? html`<p class="cf-trail">
              ${view.trail.slice(0, -1).map((cell, i) => html`<button type="button" @click=${() => view.back(i)}>${view.name(cell)}</button> › `)}${view.name(last)}
            </p>`
          : nothing
      }
      <p class="cf-why">
        <b>Why <span title=${exact(last.value)}>${short(last.value)}</span>?</b>
        <span class="cf-shape">${view.name(last)}</span>
      </p>
      <p class="cf-rule">${last.rule}</p>
      ${view.chain.map((page, i) => block(page, view, view.chain[i - 1], i === view.chain.length - 1))}
      <p class="cf-explain-end">
        ${last.isInput && !last.overridden ? 'Nothing went into it: here the way back ends. ' : 'Every underlined number opens, down to the embedding. '}
        <button type="button" class="cf-link" @click=${view.copy}>Copy as NumPy</button>
      </p>
    </section>
  `;
}

/** One explanation: its vectors as columns, then a line for each step, the first with the other numbers that went in. @param {any} page @param {ExplainView} view @param {any} before the block above, whose value is one of the operands @param {boolean} last */
function block(page, view, before, last) {
  const vectors = page.operands.filter((/** @type {any} */ operand) => operand.vector);
  const scalars = page.operands.filter(
    (/** @type {any} */ operand) => !operand.vector && !(before && sameCell(operand.terms[0], before)),
  );
  const products = page.steps.find((/** @type {any} */ step) => step.vector && vectors.length > 0);
  const others = page.steps.filter((/** @type {any} */ step) => step !== products);
  const inputs = scalars.map(
    (/** @type {any} */ operand) =>
      html`<span class="cf-in" title=${operand.name}
        >${subscript(operand.symbol)} = ${term(operand.terms[0], operand.role, view)}</span
      >`,
  );
  return html`
    ${vectors.length ? vectorTable(vectors, products, view) : nothing}
    <dl class="cf-steps">
      ${others.map(
        (/** @type {any} */ step, /** @type {number} */ i) =>
          html`<div>
            <dt>${step.label} ${i === 0 ? inputs : nothing}</dt>
            <dd class=${last && i === others.length - 1 ? 'cf-result' : ''} title=${exact(step.values[0])}>
              = ${short(step.values[0])}
            </dd>
          </div>`,
      )}
      ${
        page.isInput
          ? html`<div>
              <dt>${page.overridden ? 'set by you' : 'input'}</dt>
              <dd class="cf-result" title=${exact(page.value)}>= ${short(page.value)}</dd>
            </div>`
          : nothing
      }
    </dl>
  `;
}

/** @param {Cell} a @param {Cell} b */
const sameCell = (a, b) => a.tensor === b.tensor && a.index.join() === b.index.join();

/** @param {any[]} vectors @param {any} products @param {ExplainView} view */
function vectorTable(vectors, products, view) {
  const length = vectors[0].terms.length;
  const rows = Array.from({ length }, (_, i) => i);
  const hidden = !view.all && length > MOST_TERMS;
  const shown = hidden ? rows.filter((i) => i < 6 || i >= length - 4) : rows;
  return html`
    <table class="cf-terms">
      ${shown.map(
        (i) => html`
          ${
            hidden && i === length - 4
              ? html`<tr>
                  <td colspan=${vectors.length * 2 + 1}>
                    <button type="button" class="cf-link" @click=${view.toggleAll}>
                      ${length - 10} more terms
                    </button>
                  </td>
                </tr>`
              : nothing
          }
          <tr>
            ${vectors.map(
              (operand, j) =>
                html`${j ? html`<td class="cf-quiet">×</td>` : nothing}
                  <td>${term(operand.terms[i], operand.role, view)}</td>`,
            )}
            ${
              products
                ? html`<td class="cf-quiet">=</td>
                    <td title=${exact(products.values[i] ?? products.values[0])}>
                      ${short(products.values[i] ?? products.values[0])}
                    </td>`
                : nothing
            }
          </tr>
        `,
      )}
    </table>
  `;
}

/** @param {{tensor: string, index: number[], value: number}} at @param {string} role @param {ExplainView} view */
function term(at, role, view) {
  if (at.tensor === '')
    return html`<span class="cf-constant" title=${exact(at.value)}>${short(at.value)}</span>`;
  return html`<button
    type="button"
    class="cf-term cf-role-${role}"
    title="${view.name(at)}: ${exact(at.value)}"
    @click=${() => view.open(at)}
  >
    ${short(at.value)}
  </button>`;
}
