/** <cf-cite name="vaswani2017">[1]</cf-cite>: a reference, shown beside the text and linked to the list. */
import { attachNote } from './note.js';

class Cite extends HTMLElement {
  connectedCallback() {
    const id = `ref-${this.getAttribute('name')}`;
    let link = this.querySelector('a');
    if (!link) {
      link = document.createElement('a');
      link.href = `#${id}`;
      link.append(...this.childNodes);
      this.append(link);
    }
    link.setAttribute('aria-label', `Reference ${this.textContent}`);
    attachNote(link, () =>
      document.createTextNode(
        document.getElementById(id)?.textContent?.trim().replace(/\s+/g, ' ') ?? 'This reference is missing.',
      ),
    );
  }
}
customElements.define('cf-cite', Cite);
