import { html, nothing } from 'lit/html.js';
import { explain } from '../draw/explain.js';
import { fixed, short } from '../draw/format.js';
import { byRoot, legend, matrix } from '../draw/matrix.js';
import { tokenStrip } from '../draw/tokens.js';
import { numberBox, segmented, slider, textInput, toggle } from '../ui/controls.js';
import { Figure } from './figure.js';
import { stages } from './stages.js';
import { layerState, namer, overridesOf, overridesText, runLayer } from './sentence.js';

/** <cf-attention-stepper>: the reader's sentence through one attention layer, stage by stage, every number open to its arithmetic. */
class AttentionStepper extends Figure {
  static state = {
    ...layerState,
    head: { type: /** @type {const} */ ('integer'), default: 1, min: 1, max: 16, label: 'Head' },
    stage: {
      type: /** @type {const} */ ('choice'),
      default: 'weights',
      options: stages.map(({ name }) => name),
      label: 'Stage',
    },
    cell: { type: /** @type {const} */ ('text'), default: '', most: 400 },
    overrides: { type: /** @type {const} */ ('text'), default: '', most: 600 },
  };

  #all = false;
  /** What the mouse rests on, explained until it leaves. @type {{cell: {tensor: string, index: number[]}, chain?: any[]} | null} */
  #look = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #playing;

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    const run = await runLayer(core, state);
    const head = Math.min(state.head, state.heads) - 1;
    const about = new Map(
      (await run.layer.trace.tensors()).map((/** @type {any} */ tensor) => [tensor.name, tensor]),
    );
    const stage = stages.find(({ name }) => name === state.stage) ?? stages[0];
    const names = stage.matrices(state).map(({ tensor }) => tensor);
    const read = async (/** @type {any} */ trace, /** @type {string} */ name) => {
      const perHead = about.get(name).letters.startsWith('H');
      return trace.tensor({ name, ...(perHead && { at: [head] }) });
    };
    const parts =
      stage.name === 'weights' ? [state.rope ? 'qRotated' : 'q', state.rope ? 'kRotated' : 'k'] : [];
    const wanted = [...new Set([...names, ...parts, 'weights', 'headOutputs'])];
    const trail = this.#trail(state.cell, stage, run, head, about);
    const [chain, ...values] = await Promise.all([
      chainOf(run.layer.trace, trail[trail.length - 1]),
      ...wanted.map((name) => read(run.layer.trace, name)),
    ]);
    const tensors = new Map(wanted.map((name, i) => [name, values[i]]));

    // What the reader's changes have moved.
    let before;
    if (state.overrides) {
      const plain = await runLayer(core, { ...state, overrides: '' }, run.tokens);
      before = new Map(
        await Promise.all(
          names.map(
            async (name) => /** @type {[string, any]} */ ([name, await read(plain.layer.trace, name)]),
          ),
        ),
      );
      await plain.layer.trace.dispose();
    }

    return {
      ...run,
      head,
      about,
      stage,
      tensors,
      before,
      trail,
      chain,
      name: namer(run.labels, about, run.layer.embeddingRows),
    };
  }

  /** The cells opened so far, ending with the one explained. */
  #trail(
    /** @type {string} */ text,
    /** @type {any} */ stage,
    /** @type {any} */ run,
    /** @type {number} */ head,
    /** @type {Map<string, any>} */ about,
  ) {
    const cells = text
      .split('>')
      .map((part) => /^(\w+):([\d,]+)$/.exec(part))
      .filter((found) => found !== null)
      .map(([, tensor, index]) => ({ tensor, index: index.split(',').map(Number) }))
      .filter(({ tensor, index }) => {
        const shape = about.get(tensor)?.shape;
        return shape?.length === index.length && index.every((i, axis) => i < shape[axis]);
      });
    return cells.length ? cells : [stage.start(run.T, head)];
  }

  /** @param {any} result */
  release(result) {
    result?.layer.trace.dispose().catch(() => {});
  }

  disconnectedCallback() {
    clearInterval(this.#playing);
    super.disconnectedCallback();
  }

  provenance() {
    return html`computed now by the core from <b>seeded random weights</b>, rounded to two decimals`;
  }

  /** @param {any} run @param {Record<string, any>} state */
  draw(run, state) {
    const { layer, labels, head, stage, trail } = run;
    this.#publish(run, state);
    queueMicrotask(() => this.querySelectorAll('.cf-segments .cf-on').forEach(keepInView));
    const on = trail.at(-1);
    return html`
      ${this.#controls(run, state)} ${this.#stageTabs(stage)}
      <p class="cf-stage-words">${stage.words(state)}</p>
      <div class="cf-two ${this.#isWide(run, state) ? 'cf-wide' : ''}">
        <div class="cf-matrices">
          ${stage.matrices(state).map((/** @type {any} */ each) => this.#matrix(run, state, each))}
          ${
            stage.name === 'weights' || stage.name === 'masked' || stage.name === 'scaled'
              ? legend({
                  id: `${this.id}-legend`,
                  shares: stage.name === 'weights',
                  root: stage.name === 'weights' && byRoot(run.T),
                  role: 'weights',
                  most: this.#most(run, stage),
                  maskedMeaning: state.mask === 'causal' || run.valid ? this.#maskMeaning(run, state) : '',
                })
              : legend({
                  id: `${this.id}-legend`,
                  shares: false,
                  role: 'weights',
                  most: this.#most(run, stage),
                })
          }
          ${stage.name === 'weights' ? this.#sum(run) : nothing} ${this.#whatIf(run, state, on)}
        </div>
        ${explain({
          chain: this.#look?.chain ?? run.chain,
          trail: this.#look?.chain ? [this.#look.cell] : trail,
          name: run.name,
          all: this.#all,
          open: (cell) => this.setState({ cell: [...trail, cell].map(write).join('>') }),
          back: (i) =>
            this.setState({
              cell: trail
                .slice(0, i + 1)
                .map(write)
                .join('>'),
            }),
          copy: () => this.#copy(on),
          toggleAll: () => {
            this.#all = !this.#all;
            this.redraw();
          },
        })}
      </div>
      <span class="cf-hidden">${labels.length} tokens, head ${head + 1} of ${layer.heads}</span>
    `;
  }

  /** @param {any} run @param {Record<string, any>} state */
  #controls(run, state) {
    const set = (/** @type {Record<string, any>} */ patch) => this.setState(patch);
    const id = this.id;
    return html`
      <div class="cf-controls">
        ${textInput({ id: `${id}-text`, label: 'Sentence', value: state.text, count: `${run.T} of 64 tokens`, most: 400, onInput: (text) => set({ text, cell: '', overrides: '' }) })}
        ${tokenStrip(run.tokens, { hidden: run.valid?.map((/** @type {number} */ v) => !v) })}
      </div>
      <div class="cf-controls">
        ${segmented({
          name: `${id}-mask`,
          label: 'Mask',
          value: state.mask,
          options: [
            ['causal', 'Causal'],
            ['both', 'Both ways'],
          ],
          onChange: (mask) => set({ mask }),
        })}
        ${segmented({ name: `${id}-head`, label: 'Head', hideLabel: false, value: String(run.head + 1), options: Array.from({ length: run.layer.heads }, (_, i) => /** @type {[string, string]} */ ([String(i + 1), String(i + 1)])), onChange: (head) => set({ head, cell: this.#moved(run, Number(head) - 1) }) })}
        ${slider({ id: `${id}-temperature`, label: 'Temperature', value: Math.log10(state.temperature), min: -1, max: 1, step: 0.02, text: fixed(state.temperature, 2), onInput: (log) => set({ temperature: Math.round(10 ** log * 100) / 100 }) })}
        <details class="cf-more">
          <summary>More</summary>
          <div>
            ${numberBox({ id: `${id}-heads`, label: 'Heads', value: state.heads, min: 1, max: 16, onChange: (heads) => set({ heads, cell: '' }) })}
            ${numberBox({ id: `${id}-width`, label: 'd_model', value: state.dModel, min: 2, max: 64, onChange: (dModel) => set({ dModel, cell: '', overrides: '' }) })}
            ${toggle({ id: `${id}-scaled`, label: '÷ √d_k', checked: state.scaled, onChange: (scaled) => set({ scaled }) })}
            ${toggle({ id: `${id}-rope`, label: 'RoPE', checked: state.rope, onChange: (rope) => set({ rope, cell: '' }) })}
            ${numberBox({ id: `${id}-padding`, label: 'Padding at the end', value: state.padding, min: 0, max: Math.max(0, run.T - 1), onChange: (padding) => set({ padding }) })}
            ${numberBox({ id: `${id}-seed`, label: 'Seed', value: state.seed, min: 0, max: 4294967295, onChange: (seed) => set({ seed }) })}
          </div>
        </details>
      </div>
    `;
  }

  /** The cell at the same place in another head. */
  #moved(/** @type {any} */ run, /** @type {number} */ head) {
    const { tensor, index } = run.trail[0];
    return run.about.get(tensor).letters.startsWith('H')
      ? write({ tensor, index: [head, ...index.slice(1)] })
      : '';
  }

  /** @param {any} stage */
  #stageTabs(stage) {
    const i = stages.indexOf(stage);
    const go = (/** @type {number} */ to) => this.setState({ stage: stages[to].name, cell: '' });
    return html`
      <div class="cf-controls cf-stage">
        <button
          type="button"
          class="cf-button"
          ?disabled=${i === 0}
          @click=${() => go(i - 1)}
          aria-label="Previous stage"
        >
          ‹
        </button>
        <button
          type="button"
          class="cf-button"
          @click=${() => this.#play()}
          aria-pressed=${this.#playing !== undefined}
        >
          ${this.#playing === undefined ? 'Play' : 'Pause'}
        </button>
        <button
          type="button"
          class="cf-button"
          ?disabled=${i === stages.length - 1}
          @click=${() => go(i + 1)}
          aria-label="Next stage"
        >
          ›
        </button>
        ${segmented({ name: `${this.id}-stage`, label: 'Stage', value: stage.name, options: stages.map(({ name, title }) => /** @type {[string, string]} */ ([name, title])), onChange: (name) => this.setState({ stage: name, cell: '' }) })}
      </div>
    `;
  }

  #play() {
    if (this.#playing !== undefined) {
      clearInterval(this.#playing);
      this.#playing = undefined;
      this.redraw();
      return;
    }
    const next = () => {
      const i = stages.findIndex(({ name }) => name === this.state.stage);
      if (i === stages.length - 1) return this.#play();
      this.setState({ stage: stages[i + 1].name, cell: '' });
    };
    this.#playing = setInterval(next, 2500);
    this.setState({ stage: stages[0].name, cell: '' });
  }

  /** Whether a matrix needs the whole width, so that the arithmetic goes under it. @param {any} run @param {Record<string, any>} state */
  #isWide(run, state) {
    return run.stage
      .matrices(state)
      .some((/** @type {any} */ { tensor }) => run.tensors.get(tensor).shape[1] > 10);
  }

  /** @param {any} run @param {any} stage */
  #most(run, stage) {
    const values = stage
      .matrices(this.state)
      .flatMap((/** @type {any} */ { tensor }) => Array.from(run.tensors.get(tensor).data));
    return Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  }

  /** @param {any} run @param {Record<string, any>} state */
  #maskMeaning(run, state) {
    const reasons = [
      ...(state.mask === 'causal' ? ['a token cannot see what comes after it'] : []),
      ...(run.valid ? ['padding is never seen'] : []),
    ];
    return `masked: ${reasons.join('; ')}`;
  }

  /** @param {any} run @param {Record<string, any>} state @param {any} each */
  #matrix(run, state, { tensor, columns }) {
    const about = run.about.get(tensor);
    const { shape, data } = run.tensors.get(tensor);
    const perHead = about.letters.startsWith('H');
    const letters = about.letters.split(' ').slice(perHead ? 1 : 0);
    const shares = tensor === 'weights';
    const overKeys = letters[1] === 'S';
    const [first] = run.trail;
    const here = (/** @type {any} */ cell) =>
      cell.tensor === tensor && (!perHead || cell.index[0] === run.head);
    const shown = [...run.trail].reverse().find(here) ?? (here(first) ? first : undefined);
    const selected = shown
      ? /** @type {[number, number]} */ (perHead ? shown.index.slice(1) : shown.index)
      : null;
    const ties = this.#ties(run, tensor);
    const old = run.before?.get(tensor);
    const changed = old
      ? new Set(
          Array.from(data.keys()).filter(
            (i) =>
              Math.abs(
                /** @type {any} */ (data)[/** @type {number} */ (i)] - old.data[/** @type {number} */ (i)],
              ) > 1e-9,
          ),
        )
      : undefined;
    const stageMasks = tensor === 'weights' || tensor === 'masked' || tensor === 'exponentials';
    return matrix({
      id: `${this.id}-${tensor}`,
      symbol: about.symbol,
      title: columns ?? about.title.replace(' entry', ''),
      letters: letters
        .map((/** @type {string} */ letter) => ({ C: 'd_model', D: 'd_k' })[letter] ?? letter)
        .join(' × '),
      role: about.role,
      shape,
      values: data,
      rowLabels:
        letters[0] === 'T'
          ? run.labels
          : letters[0] === 'U'
            ? run.labels
            : Array.from({ length: shape[0] }, (_, i) => String(i + 1)),
      columnLabels: overKeys ? run.labels : Array.from({ length: shape[1] }, (_, i) => String(i + 1)),
      shares,
      masked: stageMasks ? run.masked : undefined,
      selected,
      ...ties,
      lines:
        tensor === 'concatenated'
          ? Array.from({ length: run.layer.heads - 1 }, (_, i) => (i + 1) * run.D)
          : undefined,
      margin: shares
        ? {
            title: 'nats',
            values: Array.from(
              run.layer.entropy.data.slice(run.head * run.T, (run.head + 1) * run.T),
              (value) => fixed(/** @type {number} */ (value), 2),
            ),
          }
        : undefined,
      changed,
      current: () => this.#asked(tensor, perHead),
      onLook: (cell) => this.#lookAt(cell && { tensor, index: perHead ? [run.head, ...cell] : [...cell] }),
      onCell: (r, c) =>
        this.setState({ cell: write({ tensor, index: perHead ? [run.head, r, c] : [r, c] }) }),
    });
  }

  /** @param {{tensor: string, index: number[]} | null} cell */
  async #lookAt(cell) {
    if ((cell && write(cell)) === (this.#look && write(this.#look.cell))) return;
    const { layer } = this.result;
    const look = cell && { cell };
    this.#look = look;
    if (look) {
      const chain = await chainOf(layer.trace, look.cell).catch(() => undefined);
      if (this.#look !== look || !chain) return;
      this.#look = { ...look, chain };
    }
    this.redraw();
  }

  /** The cell of a matrix that was asked for last, drawn or not. @param {string} tensor @param {boolean} perHead @returns {[number, number] | null} */
  #asked(tensor, perHead) {
    const found = new RegExp(`(?:^|>)${tensor}:([\\d,]+)$`).exec(this.state.cell);
    const index = found?.[1]
      .split(',')
      .map(Number)
      .slice(perHead ? 1 : 0);
    return index?.length === 2 ? [index[0], index[1]] : null;
  }

  /** The rows and columns that the selected number was made from. */
  #ties(/** @type {any} */ run, /** @type {string} */ tensor) {
    const { tensor: from, index } = run.trail.at(-1);
    const [h, t, s] = index;
    if (['scores', 'scaled', 'masked', 'weights', 'exponentials'].includes(from) && h === run.head) {
      if (tensor === 'q' || tensor === 'qRotated') return { row: t, tie: 'q' };
      if (tensor === 'k' || tensor === 'kRotated') return { row: s, tie: 'k' };
    }
    if (from === 'headOutputs' && h === run.head) {
      if (tensor === 'weights') return { row: t, tie: 'weights' };
      if (tensor === 'v') return { column: s, tie: 'v' };
    }
    if (['q', 'k', 'v'].includes(from) && tensor === 'x') return { row: t, tie: 'residual' };
    return {};
  }

  /** What the selected row was made from, and what it adds up to, under the matrix and in line with it. @param {any} run */
  #sum(run) {
    const { tensor, index } = run.trail[0];
    if (run.T > 16 || tensor !== 'weights') return nothing;
    const [, t, s] = index;
    const features = Array.from({ length: run.D }, (_, i) => String(i + 1));
    const slice = (/** @type {string} */ name, /** @type {number} */ row, /** @type {number} */ width) =>
      run.tensors.get(name).data.slice(row * width, (row + 1) * width);
    const open = (/** @type {string} */ name, /** @type {number} */ row) => (/** @type {number} */ i) =>
      this.setState({
        cell: [...run.trail, { tensor: name, index: [run.head, row, i] }].map(write).join('>'),
      });
    const q = run.tensors.has('qRotated') ? 'qRotated' : 'q';
    const k = q === 'q' ? 'k' : 'kRotated';
    const strip = (/** @type {any} */ view) =>
      matrix({
        symbol: '',
        title: '',
        letters: '',
        selected: null,
        shape: [1, view.values.length],
        alignWith: run.labels,
        ...view,
        onCell: (/** @type {number} */ _, /** @type {number} */ i) => view.open(i),
      });
    return html`
      <div class="cf-sum">
        <p class="cf-matrix-title">
          <b class="cf-role-q">query of ${run.labels[t]}</b> meets
          <b class="cf-role-k">key of ${run.labels[s]}</b>
        </p>
        ${strip({ id: `${this.id}-q`, role: 'q', rowLabels: ['q'], columnLabels: features, values: slice(q, t, run.D), open: open(q, t) })}
        ${strip({ id: `${this.id}-k`, role: 'k', rowLabels: ['k'], columnLabels: [], values: slice(k, s, run.D), open: open(k, s) })}
      </div>
      <div class="cf-sum">
        <p class="cf-matrix-title">
          <i class="cf-role-v">O</i> <b>row ${t + 1} = Σ weights × values</b>
          <span class="cf-shape">[1 × d_k] = [1 × ${run.D}]</span>
        </p>
        ${strip({ id: `${this.id}-row`, role: 'weights', shares: true, rowLabels: [run.labels[t]], columnLabels: run.labels, values: slice('weights', t, run.T), masked: (/** @type {number} */ _, /** @type {number} */ c) => run.masked(t, c), open: (/** @type {number} */ c) => this.setState({ cell: write({ tensor: 'weights', index: [run.head, t, c] }) }) })}
        ${strip({ id: `${this.id}-out`, role: 'v', rowLabels: ['output'], columnLabels: features, values: slice('headOutputs', t, run.D), open: open('headOutputs', t) })}
      </div>
    `;
  }

  /** "What if this number were another": everything after it is computed again. @param {any} run @param {Record<string, any>} state @param {any} at */
  #whatIf(run, state, at) {
    const page = run.chain.at(-1);
    const overrides = overridesOf(state.overrides);
    const mine = (/** @type {any} */ o) => o.tensor === at.tensor && o.index.join() === at.index.join();
    if (
      at.tensor.startsWith('contribution') ||
      (run.masked(at.index.at(-2) ?? 0, at.index.at(-1) ?? 0) &&
        ['masked', 'mask', 'exponentials', 'weights'].includes(at.tensor))
    )
      return nothing;
    const set = (/** @type {number} */ value) =>
      this.setState({
        overrides: overridesText([
          ...overrides.filter((o) => !mine(o)),
          { ...at, value: Math.round(value * 100) / 100 },
        ]),
      });
    const reach = Math.max(3, Math.ceil(Math.abs(page.value) * 2));
    return html`
      <div class="cf-controls cf-what-if">
        ${slider({ id: `${this.id}-what-if`, label: html`What if <b>${run.name(at)}</b> were`, value: page.value, min: -reach, max: reach, step: 0.01, text: short(page.value), onInput: set })}
        ${
          overrides.length
            ? html`<span
                  >${overrides.length} ${overrides.length === 1 ? 'number' : 'numbers'} set by you; what moved
                  is marked
                  <svg width="9" height="9" aria-hidden="true">
                    <path class="cf-changed" d="M1 1h7v7z"></path></svg></span
                ><button type="button" class="cf-button" @click=${() => this.setState({ overrides: '' })}>
                  Undo all
                </button>`
            : nothing
        }
      </div>
    `;
  }

  async #copy(/** @type {any} */ cell) {
    const { code } = await this.result.layer.trace.numpy(cell);
    try {
      await navigator.clipboard.writeText(code);
      this.say('NumPy code copied');
    } catch {
      this.say(code);
    }
  }

  /** @param {any} run @param {Record<string, any>} state */
  #publish(run, state) {
    const last = run.T - 1;
    const row = Array.from(run.tensors.get('weights').data.slice(last * run.T, run.T * run.T));
    const top = row.indexOf(Math.max(.../** @type {number[]} */ (row)));
    const entropy = run.layer.entropy.data[run.head * run.T + last];
    const values = {
      tokens: run.T,
      heads: run.layer.heads,
      dHead: run.D,
      dModel: state.dModel,
      sqrtD: `√${run.D}`,
      lastToken: run.labels[last],
      topToken: run.labels[top],
      topWeight: `${fixed(100 * /** @type {number} */ (row[top]), 1)} %`,
      entropyLast: short(entropy),
      effectiveKeysLast: fixed(run.layer.effectiveKeys.data[run.head * run.T + last], 2),
      temperature: fixed(state.temperature, 2),
    };
    queueMicrotask(() =>
      this.publish(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, { text: String(value), value }]),
        ),
      ),
    );
  }

  /** @param {any} run */
  summary(run) {
    const page = run.chain.at(-1);
    return `${run.stage.title}. ${run.name(run.trail.at(-1))} is ${short(page.value)}. ${page.rule}`;
  }

  /** @param {any} run */
  table(run) {
    const { tensor } = run.stage.matrices(this.state).at(-1);
    const about = run.about.get(tensor);
    const { shape, data } = run.tensors.get(tensor);
    const columns = about.letters.endsWith('S')
      ? run.labels
      : Array.from({ length: shape[1] }, (_, i) => String(i + 1));
    return {
      caption: `${about.symbol}, ${about.title}${about.letters.startsWith('H') ? `, head ${run.head + 1}` : ''}`,
      columns: ['', ...columns],
      rows: Array.from({ length: shape[0] }, (_, r) => [
        run.labels[r] ?? String(r + 1),
        ...Array.from(data.slice(r * shape[1], (r + 1) * shape[1]), (value) =>
          Number(/** @type {number} */ (value).toPrecision(6)),
        ),
      ]),
    };
  }
}

/** A weight comes with the score, the scaling, the mask and the exponential it was made from, at the same place. */
const PATH = ['scores', 'scaled', 'masked', 'exponentials', 'weights'];

/**
 * The explanation of a cell, after those of the same place that led to it.
 * @param {any} trace @param {{tensor: string, index: number[]}} cell @returns {Promise<any[]>}
 */
const chainOf = (trace, cell) => {
  const before = PATH.slice(0, Math.max(0, PATH.indexOf(cell.tensor)));
  return Promise.all([...before, cell.tensor].map((tensor) => trace.explain({ tensor, index: cell.index })));
};

/** Scrolls a row of choices, not the page, to the one chosen. @param {Element} choice */
function keepInView(choice) {
  const row = /** @type {HTMLElement} */ (choice.parentElement);
  const { offsetLeft, offsetWidth } = /** @type {HTMLElement} */ (choice);
  if (offsetLeft < row.scrollLeft || offsetLeft + offsetWidth > row.scrollLeft + row.clientWidth)
    row.scrollLeft = offsetLeft - 20;
}

/** @param {{tensor: string, index: number[]}} cell */
const write = ({ tensor, index }) => `${tensor}:${index.join(',')}`;

customElements.define('cf-attention-stepper', AttentionStepper);
