/**
 * <cf-picker>: one of many, found by typing: a combobox with a list in groups. Arrows walk, Enter takes, Esc leaves it as it was.
 * Set label, options and value; it says 'pick' with the value in detail.
 */
import { html, nothing, render } from 'lit/html.js';

/** @typedef {{value: string, label: string, group?: string, hint?: string, find?: string}} PickerOption find: words beside the label that lead to it */

let made = 0;

/** What is typed, in parts, all of which must be found somewhere. @param {PickerOption[]} options @param {string} query */
export function matching(options, query) {
  const parts = query
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter(Boolean);
  const text = (/** @type {PickerOption} */ { label, group = '', find = '', value }) =>
    `${label} ${group} ${find} ${value}`.toLowerCase();
  return options.filter((option) => parts.every((part) => text(option).includes(part)));
}

class Picker extends HTMLElement {
  #id = `cf-picker-${(made += 1)}`;
  /** @type {{label: string, options: PickerOption[], value: string, placeholder: string}} */
  #view = { label: '', options: [], value: '', placeholder: '' };
  #open = false;
  #query = '';
  #at = 0;

  /** @param {{label: string, options: PickerOption[], value: string, placeholder?: string}} view */
  set view(view) {
    const same =
      this.#view.options === view.options &&
      this.#view.value === view.value &&
      this.#view.label === view.label &&
      this.#view.placeholder === (view.placeholder ?? '');
    this.#view = { placeholder: '', ...view };
    if (!same) this.#draw();
  }

  /** What the page brought stays until there is something to show. */
  #live = false;

  connectedCallback() {
    if (this.#view.label) this.#draw();
  }

  get #shown() {
    return this.#query ? matching(this.#view.options, this.#query) : this.#view.options;
  }

  get #chosen() {
    return this.#view.options.find(({ value }) => value === this.#view.value);
  }

  #show() {
    if (this.#open) return;
    this.#open = true;
    this.#query = '';
    this.#at = Math.max(
      0,
      this.#view.options.findIndex(({ value }) => value === this.#view.value),
    );
    this.#draw();
    this.#field.select();
  }

  #hide() {
    if (!this.#open) return;
    this.#open = false;
    this.#query = '';
    this.#draw();
    this.#field.value = this.#chosen?.label ?? '';
  }

  /** @param {PickerOption | undefined} option */
  #take(option) {
    if (!option) return;
    this.#view = { ...this.#view, value: option.value };
    this.#hide();
    this.dispatchEvent(new CustomEvent('pick', { detail: option.value, bubbles: true }));
  }

  get #field() {
    return /** @type {HTMLInputElement} */ (this.querySelector('input'));
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const most = this.#shown.length - 1;
    const moves = /** @type {Record<string, number>} */ ({
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 8,
      PageUp: -8,
    });
    if (event.key in moves) {
      event.preventDefault();
      if (!this.#open) {
        this.#show();
        return;
      }
      this.#at = Math.max(0, Math.min(most, this.#at + moves[event.key]));
      this.#draw();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (this.#open) this.#take(this.#shown[this.#at]);
      else this.#show();
    } else if (event.key === 'Escape' && this.#open) {
      event.stopPropagation();
      this.#hide();
    }
  };

  #draw() {
    if (!this.isConnected) return;
    if (!this.#live) {
      this.#live = true;
      this.replaceChildren();
    }
    const shown = this.#open ? this.#shown : [];
    const { label, placeholder } = this.#view;
    const option = (/** @type {number} */ i) => `${this.#id}-${i}`;
    render(
      html`
        <label for=${this.#id}>${label}</label>
        <div class="cf-picker-field">
          <input
            id=${this.#id}
            type="text"
            role="combobox"
            autocomplete="off"
            spellcheck="false"
            aria-autocomplete="list"
            aria-expanded=${this.#open ? 'true' : 'false'}
            aria-controls="${this.#id}-list"
            aria-activedescendant=${this.#open && shown.length ? option(this.#at) : nothing}
            placeholder=${placeholder}
            .value=${this.#open && this.#query ? this.#query : (this.#chosen?.label ?? '')}
            @click=${() => this.#show()}
            @keydown=${this.#key}
            @input=${(/** @type {any} */ event) => {
              this.#open = true;
              this.#query = event.target.value;
              this.#at = 0;
              this.#draw();
            }}
            @blur=${() => this.#hide()}
          />
          <ul id="${this.#id}-list" role="listbox" aria-label=${label} ?hidden=${!this.#open}>
            ${shown.map((one, i) => {
              const head = one.group && one.group !== shown[i - 1]?.group ? one.group : '';
              return html`${head ? html`<li role="presentation" class="cf-picker-group">${head}</li>` : nothing}
                <li
                  id=${option(i)}
                  role="option"
                  class=${i === this.#at ? 'cf-on' : ''}
                  aria-selected=${one.value === this.#view.value ? 'true' : 'false'}
                  @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()}
                  @click=${() => this.#take(one)}
                >
                  <span>${one.label}</span
                  >${one.hint ? html`<span class="cf-quiet">${one.hint}</span>` : nothing}
                </li>`;
            })}
            ${this.#open && shown.length === 0 ? html`<li role="presentation" class="cf-picker-group">Nothing matches “${this.#query}”.</li>` : nothing}
          </ul>
        </div>
      `,
      this,
    );
    if (this.#open) this.querySelector('li.cf-on')?.scrollIntoView?.({ block: 'nearest' });
  }
}
customElements.define('cf-picker', Picker);
