import { html } from 'lit/html.js';
import { comparisonTable } from '../charts/table.js';
import { count, withUnit } from '../draw/format.js';
import { quantityText } from '../draw/quantity.js';
import { segmented, toggle } from '../ui/controls.js';
import { PlanFigure, inPerCent, modelState, openState } from './plan-figure.js';
import { dashes, doubling, inPass, inputs, passOf, passesOf, speedState, subject } from './speed.js';

const COLUMNS = [
  'title',
  'shape',
  'flops',
  'share',
  'weight_bytes',
  'cache_bytes',
  'activation_bytes',
  'intensity',
];

/** <cf-flops-table>: every operation of a prompt or of one step of decoding, with what it computes and what it moves. */
class FlopsTable extends PlanFigure {
  static state = {
    ...modelState,
    ...speedState,
    ...openState,
    pass: /** @type {import('./state.js').Rule} */ ({
      type: 'choice',
      default: 'prefill',
      options: ['prefill', 'decode'],
      label: 'Pass',
    }),
    counted: /** @type {import('./state.js').Rule} */ ({
      type: 'choice',
      default: 'FLOP',
      options: ['FLOP', 'MAC'],
      label: 'Counted in',
    }),
    sort: /** @type {import('./state.js').Rule} */ ({
      type: 'choice',
      default: '',
      options: ['', ...COLUMNS],
    }),
    down: /** @type {const} */ ({ type: 'boolean', default: false }),
  };

  /** @param {string} name */
  shares(name) {
    return !['pass', 'counted', 'sort', 'down'].includes(name) && super.shares(name);
  }

  /** @param {any} _core @param {Record<string, any>} state @param {any} result */
  async extend(_core, state, result) {
    return { pass: passOf(result, state.pass) };
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    const { pass, operations, quantities } = result;
    const macs = state.counted === 'MAC';
    const here = operations.filter((/** @type {any} */ { phase }) => phase === pass);
    const flops = quantities.get(`${pass}_flops`)?.value ?? 0;
    const cell = (
      /** @type {any} */ one,
      /** @type {string} */ what,
      /** @type {number} */ value,
      /** @type {string} */ unit,
    ) =>
      value
        ? {
            value,
            shown: this.number(result, `${what} ${pass} ${one.name}`, {
              quantity: {
                name: `${what} ${pass} ${one.name}`,
                title: one.title,
                value,
                unit,
                origin: 'computed',
              },
            }),
          }
        : { value: 0, shown: '–' };
    const rows = here.map((/** @type {any} */ one) => ({
      name: one.name,
      title: one.title,
      sortTitle: one.title,
      cells: {
        shape: shapeOf(one, result.tensors),
        flops: cell(one, 'flops', macs ? one.flops / 2 : one.flops, state.counted),
        share: one.flops
          ? { value: one.flops / flops, shown: `${withUnit((100 * one.flops) / flops)}\u00a0%` }
          : { value: 0, shown: '–' },
        weight_bytes: cell(one, 'weight_bytes', one.weightBytes, 'B'),
        cache_bytes: cell(one, 'cache_bytes', one.cacheBytes, 'B'),
        activation_bytes: cell(one, 'activation_bytes', one.activationBytes, 'B'),
        intensity: one.flops ? one.intensity : { value: 0, shown: '–' },
      },
    }));
    const share = quantities.get('prefill_attention_share') ?? quantities.get('forward_attention_share');
    this.publishQuantities(result, {
      attentionShare: share
        ? { text: `${withUnit(100 * share.value)}\u00a0%`, value: share.value }
        : { text: '–', value: null },
      ...dashes(result, ['prefill_flops', 'decode_flops']),
    });
    const sum = quantities.get(`${pass}_flops`);
    return html`
      ${subject(this, result, state)}
      <div class="cf-controls">
        ${segmented({
          name: this.controlId('pass'),
          label: 'Pass',
          value: pass,
          options: passesOf(result),
          onChange: (next) => this.setState({ pass: next, open: '' }),
        })}
        ${segmented({
          name: this.controlId('counted'),
          label: 'Counted in',
          value: state.counted,
          options: [
            ['FLOP', 'FLOPs'],
            ['MAC', 'MACs'],
          ],
          onChange: (counted) => this.setState({ counted }),
        })}
        ${toggle({ id: this.controlId('skipMasked'), label: 'Skip what is masked', checked: state.skipMasked, onChange: (skipMasked) => this.setState({ skipMasked }) })}
        ${doubling(this, state, 'batch', { label: 'Batch', most: 12 })}
        ${inputs(this, result, state, { least: 4, most: 20 })}
      </div>
      ${comparisonTable({
        caption: `${inPass(pass, { decode: 'One step of decoding', prefill: 'The whole prompt' }, 'One pass')}, all layers together; ${macs ? 'one MAC is 2 FLOPs' : '2 FLOPs per multiply-accumulate'}`,
        corner: 'operation',
        columns: [
          { name: 'shape', title: 'weights', note: '[in × out] of x W, and how many' },
          { name: 'flops', title: macs ? 'MACs' : 'FLOPs' },
          { name: 'share', title: 'share' },
          { name: 'weight_bytes', title: 'weights read' },
          { name: 'cache_bytes', title: 'cache' },
          { name: 'activation_bytes', title: 'activations' },
          { name: 'intensity', title: 'FLOP per byte' },
        ],
        rows,
        sort: state.sort
          ? {
              column: state.sort === 'title' ? '' : state.sort,
              direction: state.down ? 'descending' : 'ascending',
            }
          : undefined,
        onSort: (sort) =>
          this.setState({
            sort: sort ? sort.column || 'title' : '',
            down: sort?.direction === 'descending',
          }),
        missing: '–',
      })}
      ${this.panel(result)}
      <dl class="cf-headline">
        <div>
          <dt>Sum of ${macs ? 'MACs' : 'FLOPs'}</dt>
          <dd>
            ${this.number(result, `${pass}_flops`, { quantity: sum && macs ? { ...sum, value: sum.value / 2, unit: 'MAC' } : sum })}
          </dd>
        </div>
        ${[
          ['weight_bytes', 'Weights read'],
          ['cache_bytes', 'Cache read and written'],
          ['activation_bytes', 'Activations read and written'],
          ['attention_share', 'Attention’s share'],
        ]
          .filter(([name]) => quantities.has(`${pass}_${name}`))
          .map(
            ([name, label]) =>
              html`<div>
                <dt>${label}</dt>
                <dd>
                  ${this.number(result, `${pass}_${name}`, { quantity: inPerCent(/** @type {any} */ (this.quantity(result, `${pass}_${name}`))) })}
                </dd>
              </div>`,
          )}
      </dl>
      ${this.notes({ ...result, leftOut: [] })}
    `;
  }

  /** @param {any} result @param {Record<string, any>} state */
  summary({ subject, operations, quantities, pass }, state) {
    const here = operations.filter((/** @type {any} */ { phase }) => phase === pass);
    const sum = quantities.get(`${pass}_flops`);
    const most = here.toSorted((/** @type {any} */ a, /** @type {any} */ b) => b.flops - a.flops)[0];
    return `${here.length} operations of ${inPass(pass, { decode: 'one step of decoding', prefill: `${state.prompt} tokens` }, 'one pass')} with ${subject.name} sum to ${sum ? quantityText(sum).text : 'nothing'}; the largest is ${most.title}.`;
  }

  /** @param {any} result @param {any} [state] */
  table({ subject, operations, pass, tensors }, state = this.state) {
    const macs = state.counted === 'MAC';
    return {
      caption: `Operations: ${subject.name}, ${pass}, batch ${state.batch}, prompt ${state.prompt}`,
      columns: [
        'operation',
        'weights',
        macs ? 'MACs' : 'FLOPs',
        'weight bytes',
        'cache bytes',
        'activation bytes',
        'FLOP per byte',
      ],
      rows: operations
        .filter((/** @type {any} */ { phase }) => phase === pass)
        .map((/** @type {any} */ one) => [
          one.title,
          shapeOf(one, tensors),
          macs ? one.flops / 2 : one.flops,
          one.weightBytes,
          one.cacheBytes,
          one.activationBytes,
          one.intensity,
        ]),
    };
  }
}

/** The matrix that an operation multiplies with as x W, [in × out], and in how many copies; nothing for attention and norms. Plans have it as files store it, [out × in], and tables by rows. @param {{name: string}} operation @param {any[]} tensors */
function shapeOf({ name }, tensors) {
  const found = tensors.find(
    (one) => one.shape.length === 2 && (one.name === `${name}.weight` || one.name === name),
  );
  if (!found) return '';
  const shape = `[${found.shape
    .toReversed()
    .map((/** @type {number} */ extent) => count(extent, ','))
    .join(' × ')}]`;
  return found.repeat > 1 ? `${count(found.repeat, ',')} × ${shape}` : shape;
}

customElements.define('cf-flops-table', FlopsTable);
