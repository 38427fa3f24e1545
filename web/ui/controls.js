import { html, nothing } from 'lit/html.js';

/**
 * One of a few choices, all visible: radio semantics, arrow keys.
 * @param {{name: string, label: string, hideLabel?: boolean, value: string, options: [string, string][], onChange: (value: string) => void}} view
 */
export const segmented = ({ name, label, hideLabel = true, value, options, onChange }) => html`
  <fieldset class="cf-segmented">
    <legend class=${hideLabel ? 'cf-hidden' : ''}>${label}</legend>
    <span class="cf-segments">
      ${options.map(
        ([option, text]) =>
          html`<label class=${option === value ? 'cf-on' : ''}
            ><input
              type="radio"
              name=${name}
              .value=${option}
              .checked=${option === value}
              @change=${() => onChange(option)}
            />${text}</label
          >`,
      )}
    </span>
  </fieldset>
`;

/**
 * A number on a line. `log` spaces it by ratio.
 * @param {{id: string, label: unknown, value: number, min: number, max: number, step: number, text: string, onInput: (value: number) => void}} view
 */
export const slider = ({ id, label, value, min, max, step, text, onInput }) => html`
  <span class="cf-slider">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="range"
      min=${min}
      max=${max}
      step=${step}
      .value=${String(value)}
      aria-valuetext=${text}
      @input=${(/** @type {any} */ event) => onInput(Number(event.target.value))}
    />
    <output for=${id}>${text}</output>
  </span>
`;

/** Digits that a box of the usual width shows. */
const LONG = 9;

/**
 * A number to type or step. With onInput it is followed while it is typed. What is wrong with it stands under it, with the nearest that would do.
 * @param {{id: string, label: string, value: number | string, min: number, max: number, step?: number | 'any', problem?: {message: string, nearest: number, onTake: () => void}, onChange: (value: string) => void, onInput?: (value: string) => void}} view
 */
export const numberBox = ({ id, label, value, min, max, step = 1, problem, onChange, onInput }) => html`
  <span class="cf-number-box ${problem ? 'cf-refused' : ''} ${String(value).length > LONG ? 'cf-long' : ''}"
    ><label for=${id}>${label}</label
    ><input
      id=${id}
      type="number"
      min=${min}
      max=${max}
      step=${step}
      aria-invalid=${problem ? 'true' : nothing}
      aria-describedby=${problem ? `${id}-problem` : nothing}
      .value=${String(value)}
      @input=${(/** @type {any} */ event) => event.target.value !== '' && onInput?.(event.target.value)}
      @change=${(/** @type {any} */ event) => onChange(event.target.value)}
    />${
      problem
        ? html`<span class="cf-field-problem" id="${id}-problem" role="alert"
            >${problem.message}
            <button type="button" class="cf-fix" @click=${problem.onTake}>
              take ${problem.nearest}
            </button></span
          >`
        : nothing
    }</span
  >
`;

/** @param {{id: string, label: string, checked: boolean, onChange: (checked: boolean) => void}} view */
export const toggle = ({ id, label, checked, onChange }) => html`
  <label class="cf-toggle" for=${id}
    ><input
      id=${id}
      type="checkbox"
      .checked=${checked}
      @change=${(/** @type {any} */ event) => onChange(event.target.checked)}
    />${label}</label
  >
`;

/** The reader's own text. @param {{id: string, label: string, value: string, count: string, most: number, onInput: (text: string) => void}} view */
export const textInput = ({ id, label, value, count, most, onInput }) => html`
  <span class="cf-text-input">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="text"
      maxlength=${most}
      autocomplete="off"
      spellcheck="false"
      .value=${value}
      @input=${(/** @type {any} */ event) => onInput(event.target.value)}
    />
    <span class="cf-count">${count || nothing}</span>
  </span>
`;

/**
 * One of a list that is too long to show, in groups or not.
 * @param {{id: string, label: string, value: string, options?: [string, string][], groups?: [string, [string, string][]][], onChange: (value: string) => void}} view
 */
export const select = ({ id, label, value, options = [], groups = [], onChange }) => {
  const listed = (/** @type {[string, string][]} */ list) =>
    list.map(
      ([option, text]) =>
        html`<option value=${option} ?selected=${option === value} .selected=${option === value}>
          ${text}
        </option>`,
    );
  return html`
    <span class="cf-choice"
      ><label for=${id}>${label}</label
      ><select
        id=${id}
        class="cf-select"
        @change=${(/** @type {any} */ event) => onChange(event.target.value)}
      >
        ${listed(options)}
        ${groups.map(([title, list]) => html`<optgroup label=${title}>${listed(list)}</optgroup>`)}
      </select></span
    >
  `;
};

/**
 * A text to paste or type, or a file to choose; dropping files is for what stands around it.
 * @param {{id: string, label: string, value: string, rows?: number, accept: string, placeholder?: string, onInput: (text: string) => void, onFiles: (files: File[]) => void, beside?: unknown}} view beside: what stands beside the button
 */
export const textOrFile = ({
  id,
  label,
  value,
  rows = 8,
  accept,
  placeholder = '',
  onInput,
  onFiles,
  beside = nothing,
}) => html`
  <div class="cf-text-or-file">
    <label for=${id}>${label}</label>
    <textarea
      id=${id}
      rows=${rows}
      spellcheck="false"
      autocomplete="off"
      autocapitalize="off"
      placeholder=${placeholder}
      .value=${value}
      @input=${(/** @type {any} */ event) => onInput(event.target.value)}
    ></textarea>
    <span class="cf-beside"
      ><label class="cf-button cf-file"
        >Choose a file<input
          type="file"
          multiple
          accept=${accept}
          @change=${(/** @type {any} */ event) => {
            onFiles([...event.target.files]);
            event.target.value = '';
          }} /></label
      >${beside}</span
    >
  </div>
`;
