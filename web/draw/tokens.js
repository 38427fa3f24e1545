import { html, nothing } from 'lit/html.js';

/** A token's text for a label: what is not printable is named. @param {{label: string, text: string}} token */
export const labelOf = (token) => token.label;

/**
 * The tokens in a row. Bytes of one character are dashed, a leading space is a faint dot.
 * @param {{label: string, text: string, kind: string, id: number}[]} tokens
 * @param {{selected?: number, ids?: boolean, hidden?: boolean[], onToken?: (i: number) => void}} [view]
 */
export function tokenStrip(tokens, { selected = -1, ids = false, hidden = [], onToken } = {}) {
  return html`
    <ol class="cf-tokens">
      ${tokens.map((token, i) => {
        const inside = html`<span class="cf-token-text"
            >${token.text.startsWith(' ') ? html`<span class="cf-space" aria-hidden="true">·</span>` : nothing}${token.label}</span
          >${ids ? html`<span class="cf-token-id">${token.id}</span>` : nothing}`;
        const classes = `cf-token cf-token-${token.kind}${i === selected ? ' cf-on' : ''}${hidden[i] ? ' cf-padding' : ''}`;
        return onToken
          ? html`<li>
              <button
                type="button"
                class=${classes}
                aria-pressed=${i === selected}
                @click=${() => onToken(i)}
              >
                ${inside}
              </button>
            </li>`
          : html`<li><span class=${classes}>${inside}</span></li>`;
      })}
    </ol>
  `;
}
