import { html } from 'lit/html.js';
import { tokenStrip } from '../draw/tokens.js';
import { textInput } from '../ui/controls.js';
import { Figure } from './figure.js';
import { sentenceState, tokensOf } from './sentence.js';

/** <cf-token-strip>: what the tokenizer makes of a text: pieces, their ids, the bytes they stand for. */
class TokenStrip extends Figure {
  static state = {
    text: sentenceState.text,
    cell: { type: /** @type {const} */ ('integer'), default: 2, min: 1, max: 64, label: 'Token' },
  };

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    return { tokens: await tokensOf(core, state) };
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw({ tokens }, state) {
    const i = Math.min(state.cell, tokens.length) - 1;
    const token = tokens[i];
    const values = {
      tokens: tokens.length,
      bytes: tokens.filter((/** @type {any} */ each) => each.kind === 'byte').length,
    };
    queueMicrotask(() =>
      this.publish(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, { text: String(value), value }]),
        ),
      ),
    );
    return html`
      <div class="cf-controls">
        ${textInput({ id: `${this.id}-text`, label: 'Sentence', value: state.text, count: `${tokens.length} of 64 tokens`, most: 400, onInput: (text) => this.setState({ text }) })}
      </div>
      ${tokenStrip(tokens, { ids: true, selected: i, onToken: (at) => this.setState({ cell: at + 1 }) })}
      <p class="cf-stage-words">
        Token ${i + 1}, <b>${token.label}</b>: id ${token.id},
        ${token.kind === 'byte' ? 'a single byte' : `${token.bytes.length} bytes`}
        <span class="cf-shape"
          >${token.bytes.map((/** @type {number} */ byte) => byte.toString(16).padStart(2, '0')).join(' ')}</span
        >${token.text.startsWith(' ') ? '; the space before it belongs to it' : ''}.
      </p>
    `;
  }

  shares(/** @type {string} */ name) {
    return name === 'text';
  }

  /** @param {any} result */
  summary({ tokens }) {
    return `${tokens.length} tokens: ${tokens.map((/** @type {any} */ token) => token.label).join(', ')}.`;
  }

  /** @param {any} result */
  table({ tokens }) {
    return {
      caption: 'Tokens',
      columns: ['position', 'token', 'id', 'kind', 'bytes'],
      rows: tokens.map((/** @type {any} */ token, /** @type {number} */ i) => [
        i + 1,
        token.label,
        token.id,
        token.kind,
        token.bytes.join(' '),
      ]),
    };
  }
}
customElements.define('cf-token-strip', TokenStrip);
