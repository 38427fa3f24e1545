/** <cf-term name="softmax">: a word with its meaning, from glossary.json. */
import glossary from './glossary.json';
import { attachNote } from './note.js';

class Term extends HTMLElement {
  connectedCallback() {
    const entry = /** @type {Record<string, {term: string, text: string}>} */ (glossary)[
      this.getAttribute('name') ?? ''
    ];
    if (!entry) return;
    let button = this.querySelector('button');
    if (!button) {
      button = document.createElement('button');
      button.type = 'button';
      button.append(...this.childNodes);
      this.append(button);
    }
    attachNote(button, () => document.createTextNode(entry.text));
  }
}
customElements.define('cf-term', Term);
