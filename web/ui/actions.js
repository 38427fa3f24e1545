import { html, nothing } from 'lit/html.js';

const KINDS = ['SVG', 'PNG', 'CSV', 'Markdown', 'JSON'];

/** The quiet row under a figure: link, embed, export, table, reset. @param {any} figure @param {{message: string, tableShown: boolean}} view */
export function actions(figure, { message, tableShown }) {
  const copy = async (/** @type {string} */ text, /** @type {string} */ done) => {
    try {
      await navigator.clipboard.writeText(text);
      figure.say(done);
    } catch {
      figure.say(text);
    }
  };
  const name = figure.id || figure.localName;
  const exported = async (/** @type {string} */ kind) => {
    try {
      const { saveFigure } = await import('./export.js');
      await saveFigure(figure, kind, name);
    } catch (error) {
      figure.say(`${/** @type {Error} */ (error).message}.`);
    }
  };
  const command = async () =>
    copy(await figure.command(), 'Command copied; it runs in the folder of the project');
  return html`
    <div class="cf-actions" role="group" aria-label="Figure">
      <button type="button" @click=${() => copy(figure.link(), 'Link copied')}>Link</button>
      <button type="button" @click=${() => copy(figure.embedCode(), 'Embed code copied')}>Embed</button>
      <details class="cf-menu" @keydown=${closeOnEscape} @focusout=${closeOutside}>
        <summary>Export</summary>
        <div>
          ${figure.hasCommand ? html`<button type="button" @click=${command}>Command</button>` : nothing}
          ${KINDS.map((kind) => html`<button type="button" @click=${() => exported(kind)}>${kind}</button>`)}
        </div>
      </details>
      <button type="button" aria-pressed=${tableShown} @click=${() => figure.toggleTable()}>Table</button>
      <button type="button" @click=${() => figure.reset()}>Reset</button>
      <span class="cf-said" role="status">${message}</span>
    </div>
  `;
}

/** @param {KeyboardEvent} event */
function closeOnEscape(event) {
  if (event.key !== 'Escape') return;
  const details = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  details.open = false;
  details.querySelector('summary')?.focus();
}

/** @param {FocusEvent} event */
function closeOutside(event) {
  const details = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (!details.contains(/** @type {Node | null} */ (event.relatedTarget))) details.open = false;
}
