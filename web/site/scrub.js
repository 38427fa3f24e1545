/** <cf-scrub figure="id" name="temperature">: an input of a figure, in the prose: drag it, or use the arrow keys. */
const PIXELS_PER_STEP = 6;

class Scrub extends HTMLElement {
  #update = () => this.#show();
  /** @type {{x: number, value: number} | undefined} */
  #drag;

  get #figure() {
    return /** @type {any} */ (document.getElementById(this.getAttribute('figure') ?? ''));
  }
  get #name() {
    return this.getAttribute('name') ?? '';
  }

  connectedCallback() {
    document.addEventListener('cf-publish', this.#update);
    this.addEventListener('keydown', this.#key);
    this.addEventListener('pointerdown', this.#down);
    this.addEventListener('pointermove', this.#move);
    this.addEventListener('pointerup', this.#up);
    this.addEventListener('pointercancel', this.#up);
    this.#show();
  }

  disconnectedCallback() {
    document.removeEventListener('cf-publish', this.#update);
  }

  #show() {
    const figure = this.#figure;
    const rule = figure?.stateTable?.[this.#name];
    if (!rule) return;
    const value = figure.state[this.#name];
    const text = rule.type === 'integer' ? String(value) : String(Number(value.toFixed(2)));
    if (this.textContent !== text) this.textContent = text;
    this.tabIndex = 0;
    for (const [name, content] of Object.entries({
      role: 'slider',
      'aria-label': rule.label ?? this.#name,
      'aria-valuemin': rule.min,
      'aria-valuemax': rule.max,
      'aria-valuenow': value,
    })) {
      this.setAttribute(name, String(content));
    }
  }

  /** @param {number} value */
  #set(value) {
    const figure = this.#figure;
    const { min, max, step = 1 } = figure.stateTable[this.#name];
    const snapped = Math.round(Math.min(max, Math.max(min, value)) / step) * step;
    figure.setState({ [this.#name]: Number(snapped.toFixed(6)) });
    this.#show();
  }

  #key = (/** @type {KeyboardEvent} */ event) => {
    const rule = this.#figure?.stateTable?.[this.#name];
    const direction = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[
      event.key
    ];
    if (!rule || (!direction && event.key !== 'Home' && event.key !== 'End')) return;
    event.preventDefault();
    if (event.key === 'Home') this.#set(rule.min);
    else if (event.key === 'End') this.#set(rule.max);
    else this.#set(this.#figure.state[this.#name] + /** @type {number} */ (direction) * (rule.step ?? 1));
  };
  #down = (/** @type {PointerEvent} */ event) => {
    if (!this.#figure?.stateTable) return;
    this.#drag = { x: event.clientX, value: this.#figure.state[this.#name] };
    this.setPointerCapture(event.pointerId);
  };
  #move = (/** @type {PointerEvent} */ event) => {
    if (!this.#drag) return;
    const steps = Math.round((event.clientX - this.#drag.x) / PIXELS_PER_STEP);
    this.#set(this.#drag.value + steps * (this.#figure.stateTable[this.#name].step ?? 1));
  };
  #up = () => {
    this.#drag = undefined;
  };
}
customElements.define('cf-scrub', Scrub);
