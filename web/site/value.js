/** <cf-value figure="id" name="topWeight">: a number in the prose that a figure publishes. */
class Value extends HTMLElement {
  #update = (/** @type {Event} */ event) => {
    const { figure, values } = /** @type {CustomEvent} */ (event).detail;
    if (figure === this.getAttribute('figure')) this.#show(values);
  };

  connectedCallback() {
    document.addEventListener('cf-publish', this.#update);
    const figure = /** @type {any} */ (document.getElementById(this.getAttribute('figure') ?? ''));
    if (figure?.published) this.#show(figure.published);
  }

  disconnectedCallback() {
    document.removeEventListener('cf-publish', this.#update);
  }

  /** @param {Record<string, {text: string}>} values */
  #show(values) {
    const found = values[this.getAttribute('name') ?? ''];
    if (found && this.textContent !== found.text) this.textContent = found.text;
  }
}
customElements.define('cf-value', Value);
