import { html, nothing } from 'lit/html.js';
import { exactWithUnit, withUnit } from '../draw/format.js';
import {
  PlanFigure,
  inputState,
  inputsOf,
  memoryBar,
  modelState,
  openState,
  promptLabel,
  readOpen,
  weightFields,
  workState,
} from './plan-figure.js';

/** Rows of a file's table before the rest is summed up. */
const MOST_ROWS = 14;

/** <cf-model-planner>: a configuration, a machine and some work: parameters, memory, FLOPs and time, each of which opens. */
class ModelPlanner extends PlanFigure {
  static state = { ...modelState, ...workState, ...inputState, ...openState };

  /** @param {any} result @param {Record<string, any>} state */
  draw(result, state) {
    this.publishQuantities(result, {
      fits: { text: fitWords(this, result), value: this.quantity(result, 'left_bytes')?.value },
    });
    const several = state.devices > 1;
    return html`
      ${this.modelControls(result, state)}
      <div class="cf-controls">
        ${this.fields(state, ['batch', ...inputsOf(result.understood), ...weightFields(result), ...(result.understood.generates ? ['cache'] : [])], { prompt: promptLabel(result.understood) })}
        <span class="cf-together"
          >${this.devicePicker(result, state)} ${this.fields(state, ['devices'])}</span
        >
        ${this.moreFields(state, [
          'pipeline',
          'activations',
          'page',
          'tiled',
          'memoryFraction',
          'overhead',
          'computeUtilisation',
          'bandwidthUtilisation',
          'linkUtilisation',
          'peak',
          'price',
        ])}
      </div>
      <div class="cf-plan-body">
        <div>
          ${this.headline(result, [
            ['total_params', 'Parameters'],
            ['active_params', 'Used by one token'],
            ['weights_bytes', 'Weights'],
            ['kv_bytes_per_token', 'Cache of a token'],
            ['decode_flops_per_token', 'Work per token written'],
            ['prefill_flops', result.understood.generates ? 'Work to read the prompt' : 'Work of a pass'],
            ...(result.understood.generates
              ? []
              : [/** @type {[string, string]} */ (['prefill_seconds', 'Time of a pass'])]),
            ['time_to_first_token', 'Time to the first token'],
            ['tokens_per_second', 'Speed of one sequence'],
            ...(state.batch > 1 || several
              ? [/** @type {[string, string]} */ (['tokens_per_second_total', 'Speed of all'])]
              : []),
            ['images_per_second', 'Images per second'],
            ['usd_per_million_tokens', 'Cost of a million tokens'],
          ])}
          <p class="cf-plan-title">
            ${several ? 'Memory of the fullest device' : result.device ? `Memory of one ${result.device.name}` : 'Memory'}
          </p>
          ${this.chart(({ stackChart }) =>
            stackChart({
              id: this.controlId('memory'),
              title: 'Memory',
              width: this.chartWidth({ beside: true }),
              unit: 'B',
              bars: [memoryBar(result.quantities, { name: 'device', title: result.subject.name })],
              selected: state.open ? { name: readOpen(state.open).names[0] } : undefined,
              current: () => ({ name: readOpen(this.state.open).names[0] }),
              onPick: (name) => this.openQuantity([name], { focus: false }),
              onLeave: () => this.setState({ open: '' }),
            }),
          )}
          <p class="cf-stage-words">${this.#fit(result)}</p>
          ${this.inspected ? inspectedView(this.inspected, this.quantity(result, 'total_params'), result.subject.name) : nothing}
        </div>
        <div class="cf-plan-side">${this.panel(result)} ${this.notes(result)}</div>
      </div>
    `;
  }

  /** Whether it fits, each number of it opening. @param {any} result */
  #fit(result) {
    const left = this.quantity(result, 'left_bytes');
    if (!left) return nothing;
    const fits = left.value >= 0;
    const room = this.quantity(result, 'sequences_that_fit');
    const needed = this.quantity(result, 'devices_needed');
    return html`
      ${this.fit(result, 'left_bytes')}
      ${fits && room ? html`There is room for ${this.number(result, 'sequences_that_fit')} such sequences at once.` : nothing}
      ${fits ? nothing : 'The times say what it would take if it fitted.'}
      ${!fits && needed ? html`The least power of two of such devices that is enough is ${this.number(result, 'devices_needed')}.` : nothing}
    `;
  }

  /** @param {any} result */
  summary(result) {
    const told = ['total_params', 'weights_bytes', 'tokens_per_second'].flatMap((name) => {
      const one = this.quantity(result, name);
      return one ? [`${one.title}: ${withUnit(one.value, one.unit)}.`] : [];
    });
    return `${result.subject.name}. ${told.join(' ')} ${fitWords(this, result)}`;
  }
}
customElements.define('cf-model-planner', ModelPlanner);

/** Whether it fits, as a sentence. @param {PlanFigure} figure @param {any} result */
function fitWords(figure, result) {
  const left = figure.quantity(result, 'left_bytes');
  if (!left) return '';
  const { name } = result.device ?? { name: 'the device' };
  return left.value >= 0
    ? `It fits ${name}: ${withUnit(left.value, 'B')} are left.`
    : `It does not fit ${name}: ${withUnit(-left.value, 'B')} are missing.`;
}

/**
 * What a file of weights holds, beside what the plan counts.
 * @param {NonNullable<PlanFigure['inspected']>} inspected @param {import('../draw/quantity.js').Quantity | undefined} total @param {string} model
 */
function inspectedView({ name, counted, index }, total, model) {
  if (index) {
    return html`<section class="cf-inspected" aria-label="The file ${name}">
      <p class="cf-plan-title">${name}</p>
      <p>
        ${index.tensors.length} tensors in ${index.files.length}
        files${index.bytes === undefined ? '' : `, ${exactWithUnit(index.bytes, 'B')}`}${index.params === undefined ? '' : `, ${exactWithUnit(index.params, 'params')}`}.
        An index names tensors without their shapes; drop the .safetensors files themselves to have them
        counted.
      </p>
    </section>`;
  }
  if (!counted) return nothing;
  const rest = counted.groups.slice(MOST_ROWS);
  const sum = (/** @type {'params' | 'bytes'} */ key) => rest.reduce((all, group) => all + group[key], 0);
  const same = total && total.value === counted.params;
  return html`
    <section class="cf-inspected" aria-label="The file ${name}">
      <p class="cf-plan-title">${name}</p>
      <p>
        ${exactWithUnit(counted.params, 'params')} in ${counted.tensors} tensors,
        ${exactWithUnit(counted.bytes, 'B')}, counted on this device from the header.
        ${
          total
            ? same
              ? `The plan of ${model} counts the same.`
              : `The plan of ${model} counts ${exactWithUnit(total.value, 'params')}: ${exactWithUnit(Math.abs(total.value - counted.params))} ${counted.params > total.value ? 'fewer' : 'more'}.`
            : nothing
        }
      </p>
      <div class="cf-table" tabindex="0" role="region" aria-label="Tensors of ${name}">
        <table>
          <thead>
            <tr>
              ${['tensor', 'format', 'shape', 'how many', 'parameters', 'bytes'].map((one) => html`<th scope="col">${one}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${counted.groups.slice(0, MOST_ROWS).map(
              (group) =>
                html`<tr>
                  <th scope="row">${group.pattern}</th>
                  <td>${group.dtype}</td>
                  <td>${group.shapes}</td>
                  <td>${group.repeat}</td>
                  <td>${exactWithUnit(group.params)}</td>
                  <td>${exactWithUnit(group.bytes)}</td>
                </tr>`,
            )}
            ${
              rest.length
                ? html`<tr>
                    <th scope="row">${rest.length} more</th>
                    <td></td>
                    <td></td>
                    <td></td>
                    <td>${exactWithUnit(sum('params'))}</td>
                    <td>${exactWithUnit(sum('bytes'))}</td>
                  </tr>`
                : nothing
            }
          </tbody>
        </table>
      </div>
    </section>
  `;
}
