import { html, nothing, render } from 'lit/html.js';
import { load } from '../core/index.js';
import { actions } from '../ui/actions.js';
import { defaults, kebab, parse, readAddress, writeAddress } from './state.js';

/**
 * An error that a figure can help with: a sentence, and changes of state that would mend it.
 */
export class Advice extends Error {
  /** @param {string} message @param {{label: string, patch: Record<string, any>}[]} [fixes] */
  constructor(message, fixes = []) {
    super(message);
    this.fixes = fixes;
  }
}

/** The drawings of web/charts, once they are here. @type {typeof import('../charts/charts.js') | undefined} */
let charts;

/** @param {() => void} task */
const whenIdle = (task) =>
  'requestIdleCallback' in globalThis ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 200);

/** Browsers refuse too many changes of the address in a row, so it follows when the reader pauses. @type {ReturnType<typeof setTimeout> | undefined} */
let addressTimer;
/** @param {() => void} write */
function writeSoon(write) {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(write, 150);
}

/** Figures by group: those of one group share equally named state. @type {Map<string, Set<Figure>>} */
const groups = new Map();

/**
 * The base of every figure: properties -> compute -> draw. A figure says its state table, compute(core, state) and draw(result, state);
 * the rest is here: life cycle, address, sharing, errors in place, table, export, links.
 */
export class Figure extends HTMLElement {
  /** @type {import('./state.js').Table} */
  static state = {};

  /** @type {Record<string, any>} */
  state = {};
  /** The state it starts from: defaults and attributes. @type {Record<string, any>} */
  #start = {};
  /** @type {any} */
  result;
  /** @type {Record<string, {text: string, value: any}>} */
  published = {};
  #turn = 0;
  /** @type {{message: string, fixes: {label: string, patch: Record<string, any>}[]} | undefined} */
  #error;
  /** @type {string[]} */
  #notes = [];
  #tableShown = false;
  #message = '';
  #live = false;
  /** The charts that the page brought: each stands in its place until there is code to draw it. @type {Element[]} */
  #brought = [];
  #chartsAsked = 0;
  #chartsProblem = '';
  #messagesPlaced = false;
  /** @type {IntersectionObserver | undefined} */
  #observer;
  #near = false;
  #stale = false;

  get stateTable() {
    return /** @type {typeof Figure} */ (this.constructor).state;
  }

  connectedCallback() {
    if (this.#live) return;
    this.dataset.state = 'loading';
    const group = this.getAttribute('group');
    if (group) groups.set(group, (groups.get(group) ?? new Set()).add(this));
    this.#start = { ...defaults(this.stateTable), ...this.#fromAttributes() };
    this.state = { ...this.#start };
    this.#readAddress();
    addEventListener('hashchange', this.#hashChanged);
    document.addEventListener('cf-theme', this.#themeChanged);
    if ('IntersectionObserver' in globalThis) {
      this.#observer = new IntersectionObserver(
        (entries) => {
          this.#near = entries[entries.length - 1].isIntersecting;
          if (this.#near) this.#catchUp();
        },
        { rootMargin: '300px' },
      );
      this.#observer.observe(this);
    }
    this.#ask();
  }

  /** Asks for a computation: at once where it can be seen, else when the page has nothing better to do. */
  #ask() {
    this.#stale = true;
    if (this.#near || !this.#observer) this.#catchUp();
    else whenIdle(() => this.#catchUp());
  }

  #catchUp() {
    if (!this.#stale) return;
    this.#stale = false;
    this.refresh();
  }

  disconnectedCallback() {
    this.#observer?.disconnect();
    removeEventListener('hashchange', this.#hashChanged);
    document.removeEventListener('cf-theme', this.#themeChanged);
    groups.get(this.getAttribute('group') ?? '')?.delete(this);
    this.release(this.result);
  }

  /** A canvas holds colours of its own. */
  #themeChanged = () => {
    if (this.result) this.#draw();
  };

  // What a figure says of itself.
  /** @param {any} _core @param {Record<string, any>} _state @returns {Promise<any>} */
  async compute(_core, _state) {
    throw new Error(`${this.localName}: compute is missing`);
  }
  /** @param {any} _result @param {Record<string, any>} _state @returns {unknown} */
  draw(_result, _state) {
    return nothing;
  }
  /** One or two sentences for those who do not see the drawing. @param {any} _result @param {Record<string, any>} _state */
  summary(_result, _state) {
    return '';
  }
  /** The numbers as a table. @param {any} _result @param {Record<string, any>} _state @returns {{caption: string, columns: string[], rows: (string | number)[][]} | undefined} */
  table(_result, _state) {
    return undefined;
  }
  /** Whether a command line prints the same; then command() says which. */
  hasCommand = false;
  /** Lets go of what a result holds in the core. @param {any} _result */
  release(_result) {}
  /** Where the numbers come from. @returns {unknown} */
  provenance() {
    return 'computed now by the core';
  }

  // State.
  #fromAttributes() {
    /** @type {Record<string, any>} */
    const given = {};
    for (const [name, rule] of Object.entries(this.stateTable)) {
      const text = this.getAttribute(kebab(name));
      if (text === null) continue;
      const { value, problem } = parse(name, rule, text);
      given[name] = value;
      if (problem) this.#notes.push(problem);
    }
    return given;
  }

  #readAddress() {
    const figures = readAddress(location.hash);
    const peers = [...this.#peers()];
    const sources = [...peers, this];
    for (const source of sources) {
      for (const [name, text] of Object.entries(figures[source.id] ?? {})) {
        const rule = Object.hasOwn(this.stateTable, name) ? this.stateTable[name] : undefined;
        if (!rule) {
          if (source === this)
            this.#notes.push(`The address names "${name}", which this figure does not have; it is left out.`);
          continue;
        }
        const { value, problem } = parse(name, rule, text);
        this.state[name] = value;
        if (problem && source === this) this.#notes.push(problem);
      }
    }
  }

  #hashChanged = () => {
    const figures = readAddress(location.hash);
    if (!figures[this.id] && ![...this.#peers()].some((peer) => figures[peer.id])) return;
    this.#notes = [];
    this.state = { ...this.#start };
    this.#readAddress();
    this.refresh();
  };

  /** The other figures of the group on the page, also those not yet started. @returns {Iterable<Figure>} */
  #peers() {
    const group = this.getAttribute('group');
    if (!group) return [];
    const all = /** @type {Figure[]} */ ([...document.querySelectorAll('[group]')]);
    return all.filter((other) => other !== this && other.getAttribute('group') === group);
  }

  /** @param {Record<string, any>} patch */
  setState(patch) {
    this.#notes = [];
    this.#take(patch);
    for (const peer of groups.get(this.getAttribute('group') ?? '') ?? []) {
      if (peer === this) continue;
      const shared = Object.fromEntries(
        Object.entries(patch).filter(
          ([name]) => name in peer.stateTable && /** @type {any} */ (peer).shares(name),
        ),
      );
      if (Object.keys(shared).length) peer.#take(shared);
    }
    writeSoon(() => this.#writeAddress());
  }

  /** Whether a key is shared with the figures of the group. @param {string} name */
  shares(name) {
    return !['cell', 'stage', 'head', 'row', 'step'].includes(name);
  }

  /** @param {Record<string, any>} patch */
  #take(patch) {
    for (const [name, value] of Object.entries(patch)) {
      const rule = Object.hasOwn(this.stateTable, name) ? this.stateTable[name] : undefined;
      if (!rule) continue;
      const checked = parse(name, rule, String(value));
      this.state[name] = checked.value;
      if (checked.problem) this.#notes.push(checked.problem);
    }
    this.#ask();
  }

  reset() {
    this.setState({ ...this.#start });
    this.#message = '';
  }

  #writeAddress() {
    const parts = [];
    /** Keys that an earlier figure of the same group has already said. @type {Set<string>} */
    const said = new Set();
    for (const figure of /** @type {NodeListOf<Figure>} */ (document.querySelectorAll('[data-state]'))) {
      if (!(figure instanceof Figure) || !figure.id) continue;
      const group = figure.getAttribute('group');
      const state = { ...figure.state };
      for (const name of Object.keys(state)) {
        if (!group || !figure.shares(name)) continue;
        if (said.has(`${group} ${name}`)) state[name] = figure.#start[name];
        else if (state[name] !== figure.#start[name]) said.add(`${group} ${name}`);
      }
      const part = writeAddress(figure.id, figure.stateTable, state, figure.#start);
      if (part) parts.push(part);
    }
    history.replaceState(
      null,
      '',
      parts.length ? `#${parts.join(';')}` : location.pathname + location.search,
    );
  }

  // Computing and drawing.
  /** @param {boolean} [again] @returns {Promise<void>} */
  async refresh(again = true) {
    const turn = ++this.#turn;
    try {
      const core = await load();
      const result = await this.compute(core, { ...this.state });
      if (turn !== this.#turn) {
        this.release(result);
        return;
      }
      const old = this.result;
      this.result = result;
      this.#error = undefined;
      this.#draw();
      if (old && old !== result) this.release(old);
      if (this.#chartsAsked) await this.#loadCharts();
      if (this.dataset.state !== 'ready') this.dataset.state = 'ready';
    } catch (error) {
      if (turn !== this.#turn) return;
      const { name, message, fixes = [] } = /** @type {any} */ (error);
      if (name === 'CoreRestarted' && again) {
        this.result = undefined;
        return this.refresh(false);
      }
      this.#error = { message: sentence(message), fixes };
      this.#draw();
      if (!this.result) this.dataset.state = 'error';
    }
  }

  /**
   * A chart. The code that draws comes after the page; until it is here, what the page brought stays where it was.
   * @param {(all: typeof import('../charts/charts.js')) => unknown} drawn
   */
  chart(drawn) {
    if (charts) return drawn(charts);
    this.#chartsAsked += 1;
    return this.#brought[this.#chartsAsked - 1] ?? nothing;
  }

  async #loadCharts() {
    try {
      charts ??= await import('../charts/charts.js');
      this.#chartsProblem = '';
    } catch (error) {
      this.#chartsProblem = /** @type {Error} */ (error).message;
    }
    this.#draw();
  }

  /** @param {Record<string, {text: string, value: any}>} values */
  publish(values) {
    this.published = values;
    document.dispatchEvent(new CustomEvent('cf-publish', { detail: { figure: this.id, values } }));
  }

  /** Draws what there is again, for a change that needs no computing. */
  redraw() {
    this.#draw();
  }

  #draw() {
    const { result, state } = this;
    if (!result) {
      // Nothing computed yet: what the page brought stays, with the sentences under it.
      let below = /** @type {HTMLElement | null} */ (this.querySelector(':scope > .cf-below'));
      if (!below) {
        below = document.createElement('div');
        below.className = 'cf-below';
        this.append(below);
      }
      render(this.#messages(), below);
      return;
    }
    if (!this.#live) {
      this.#live = true;
      this.#brought = [...this.querySelectorAll('.cf-chart')];
      this.replaceChildren();
    }
    this.#chartsAsked = 0;
    this.#messagesPlaced = false;
    const table = this.#tableShown ? this.table(result, state) : undefined;
    const body = this.draw(result, state);
    render(
      html`
        <div class="cf-body">${body}</div>
        ${this.#messagesPlaced ? nothing : this.#messages()}
        <div class="cf-end">
          <p class="cf-provenance">${this.provenance()}</p>
          ${actions(this, { message: this.#message, tableShown: this.#tableShown })}
        </div>
        ${table ? tableView(table) : nothing}
        <p class="cf-hidden" aria-live="polite">${this.summary(result, state)}</p>
      `,
      this,
    );
  }

  /** What was wrong with what it was given, and ways on. */
  #messages() {
    return html`
      ${this.#notes.map((note) => html`<p class="cf-note-line" role="status">${note}</p>`)}
      ${
        this.#error
          ? html`<p class="cf-error" role="alert">
              ${this.#error.message}
              ${this.#error.fixes.map(
                ({ label, patch }) =>
                  html`<button type="button" class="cf-fix" @click=${() => this.setState(patch)}>
                    ${label}
                  </button>`,
              )}
            </p>`
          : nothing
      }
      ${
        this.#chartsProblem
          ? html`<p class="cf-error" role="alert">
              The drawing shows what the page came with, because the code that draws is missing:
              ${sentence(this.#chartsProblem)}
              <button type="button" class="cf-fix" @click=${() => this.refresh()}>try again</button>
            </p>`
          : nothing
      }
    `;
  }

  /** The same, placed by a figure whose controls are far from its end. */
  messages() {
    this.#messagesPlaced = true;
    return this.#messages();
  }

  toggleTable() {
    this.#tableShown = !this.#tableShown;
    this.#draw();
  }

  /** A word under the actions: "Link copied". @param {string} message */
  say(message) {
    this.#message = message;
    this.#draw();
  }

  /** The address of this page in this state. */
  link() {
    this.#writeAddress();
    return location.href;
  }

  embedCode() {
    const attributes = Object.entries(this.state)
      .filter(([name, value]) => value !== this.stateTable[name].default)
      .map(
        ([name, value]) =>
          ` ${kebab(name)}="${String(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"`,
      )
      .join('');
    const root = new URL(document.documentElement.dataset.root ?? './', location.href).href;
    return `<script src="${root}assets/embed/${this.localName.replace('cf-', '')}.js" defer></script>\n<${this.localName}${attributes}></${this.localName}>`;
  }
}

/** A message as a sentence: a capital after the function's name is not needed, a full stop is. @param {string} message */
const sentence = (message) => (/[.!?]$/.test(message) ? message : `${message}.`);

/** @param {{caption: string, columns: string[], rows: (string | number)[][]}} table */
const tableView = ({ caption, columns, rows }) => html`
  <div class="cf-table" tabindex="0" role="region" aria-label=${caption}>
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`;
