import { html, nothing } from 'lit/html.js';
import '../ui/picker.js';
import { Advice } from './figure.js';

/** A few of the registry's entries, named in the state with commas between. @param {string} text */
export const listOf = (text) => [
  ...new Set(
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  ),
];

/**
 * The ids that a text names. Throws Advice where the registry lacks one, or there are too few or too many.
 * @param {string} text @param {{id: string, name: string}[]} all @param {{what: string, key: string, least: number, most: number}} rule
 */
export function chosenOf(text, all, { what, key, least, most }) {
  const ids = listOf(text);
  const unknown = ids.filter((id) => !all.some((one) => one.id === id));
  if (unknown.length) {
    throw new Advice(`the registry has no ${unknown.map((id) => `"${id}"`).join(', ')}`, [
      { label: 'leave it out', patch: { [key]: ids.filter((id) => !unknown.includes(id)).join(',') } },
    ]);
  }
  if (ids.length < least) throw new Advice(`${least} to ${most} ${what} are compared, got ${ids.length}`);
  if (ids.length > most) {
    throw new Advice(`${least} to ${most} ${what} are compared, got ${ids.length}`, [
      { label: `take the first ${most}`, patch: { [key]: ids.slice(0, most).join(',') } },
    ]);
  }
  return ids;
}

/** @param {string} text @param {string} id */
const chosenWith = (text, id) => [...new Set([...listOf(text), id])].join(',');
/** @param {string} text @param {string} id */
const chosenWithout = (text, id) =>
  listOf(text)
    .filter((one) => one !== id)
    .join(',');

/**
 * What is compared, each with a button that leaves it out, and a list to add from.
 * @param {import('./plan-figure.js').PlanFigure} figure
 * @param {{key: string, label: string, kind: 'model' | 'device', chosen: {id: string, name: string}[], options: any[], least: number, most: number}} view key: of the state
 */
export const chosenControls = (figure, { key, label, kind, chosen, options, least, most }) => html`
  <ul class="cf-chosen" aria-label=${label}>
    ${chosen.map(
      ({ id, name }) =>
        html`<li>
          ${name}
          <button
            type="button"
            aria-label="Leave out ${name}"
            ?disabled=${chosen.length <= least}
            @click=${() => figure.setState({ [key]: chosenWithout(figure.state[key], id), open: '' })}
          >
            ×
          </button>
        </li>`,
    )}
  </ul>
  ${
    chosen.length < most
      ? html`<cf-picker
          class="cf-${kind}-picker"
          .view=${{ label: 'Add', options, value: '', placeholder: `a ${kind}` }}
          @pick=${(/** @type {CustomEvent} */ event) => figure.setState({ [key]: chosenWith(figure.state[key], event.detail) })}
        ></cf-picker>`
      : nothing
  }
`;
