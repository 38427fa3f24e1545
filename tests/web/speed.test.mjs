// Figures of memory, speed and training: what they ask the core, and that what they show is what it answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaves, open, settled } from './page.mjs';
import { registry, speedCore } from './speed-core.mjs';

const FIGURES = ['memory-stack', 'kv-growth', 'flops-table', 'roofline', 'latency-sweep', 'training-planner'];
const imports = `${FIGURES.map((name) => `import './web/figures/${name}.js';`).join('\n')}
export { plansHeld } from './web/figures/plan-figure.js';`;

/** A page with one figure. @param {string} name @param {string} [attributes] @param {any} [options] */
async function figure(name, attributes = '', options = {}) {
  const { asked, core } = speedCore(options);
  const page = await open(`<cf-${name} id="f" ${attributes}></cf-${name}>`, imports, {
    address: options.address ?? 'tools/page.html',
    load: async () => core,
    prepare: (window) => (window.clearformerRegistry = registry),
  });
  await leaves(page.document);
  const element = page.document.getElementById('f');
  const all = (/** @type {string} */ selector) => [...element.querySelectorAll(selector)];
  const set = async (/** @type {any} */ patch) => {
    const before = element.result;
    element.setState(patch);
    for (let turns = 0; turns < 200 && element.result === before; turns += 1) await settled();
    await settled();
  };
  const press = (/** @type {string} */ key) =>
    element
      .querySelector('svg[tabindex="0"]')
      .dispatchEvent(new page.window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return { ...page, element, asked, all, set, press };
}
const words = (/** @type {any} */ element) =>
  element.textContent.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
const until = async (/** @type {() => any} */ condition) => {
  for (let turns = 0; turns < 500; turns += 1) {
    if (condition()) return;
    await settled();
  }
  throw new Error(`it never came true: ${condition}`);
};

for (const name of FIGURES) {
  test(`${name} is drawn without an error, says what it shows and has every number as a table`, async () => {
    const { element, errors, all } = await figure(name);
    assert.equal(element.dataset.state, 'ready', words(element));
    assert.deepEqual(errors, []);
    assert.deepEqual(all('[role=alert]'), []);
    const { columns, rows } = element.table(element.result, element.state);
    assert.ok(rows.length > 3);
    for (const row of rows) assert.equal(row.length, columns.length);
    assert.match(element.summary(element.result, element.state), /^\S.*\.$/s);
    const text = words(element) + element.summary(element.result, element.state) + JSON.stringify(rows);
    assert.doesNotMatch(text, /NaN|undefined|\[object|Infinity/);
    assert.deepEqual(all('[style]'), []);
  });

  test(`${name} lets go of every plan when it leaves the page`, async () => {
    const { element, asked, exported, set } = await figure(name);
    await set({
      [name === 'kv-growth' ? 'context' : name === 'training-planner' ? 'microBatch' : 'batch']: 8,
    });
    assert.ok(asked.living > 0);
    element.remove();
    await until(() => asked.living === 0);
    assert.equal(exported.plansHeld(), 0);
  });

  test(`${name} with an encoder says what it cannot show, or shows what it can`, async () => {
    const { element, errors } = await figure(name, 'model="bert-base-uncased"');
    await settled();
    assert.deepEqual(errors, []);
    assert.doesNotMatch(words(element), /NaN|undefined|\[object|Infinity/);
  });
}

test('figures of running a model that share a page share one plan', async () => {
  const { asked, core } = speedCore();
  const names = ['memory-stack', 'flops-table', 'roofline', 'latency-sweep'];
  const page = await open(
    names.map((name) => `<cf-${name} id="${name}" group="plan"></cf-${name}>`).join(''),
    imports,
    {
      address: 'tools/page.html',
      load: async () => core,
      prepare: (window) => (window.clearformerRegistry = registry),
    },
  );
  await leaves(page.document);
  // Those of the memory figure for other numbers of devices are its own.
  assert.equal(asked.plans.filter(({ tensorParallel }) => tensorParallel === 1).length, 1);
  page.document.getElementById('roofline').setState({ batch: 16 });
  await until(() => names.every((name) => page.document.getElementById(name).state.batch === 16));
});

// Memory.
test('the memory of a device is drawn as the plan says it, on one device and on several', async () => {
  const { element, all } = await figure('memory-stack', 'batch="4"');
  const bars = all('g[data-bar]');
  assert.deepEqual(
    bars.map((bar) => bar.getAttribute('data-bar')),
    ['own', '2', '4', '8'],
  );
  const { quantities, plans } = element.result;
  const widths = (/** @type {any} */ bar) =>
    [...bar.querySelectorAll('.cf-segment')].map((one) => Number(one.getAttribute('width')));
  const scale = widths(bars[0])[0] / quantities.get('device_weights_bytes').value;
  bars.forEach((bar, i) => {
    const of = i === 0 ? quantities : plans[['', '2', '4', '8'][i]].quantities;
    const names = [...bar.querySelectorAll('.cf-segment')].map((one) => one.getAttribute('data-name'));
    names.forEach((name, k) => assert.ok(Math.abs(widths(bar)[k] - of.get(name).value * scale) < 1e-6, name));
  });
});

test('a part of another number of devices opens in the plan of that number, and the link says which', async () => {
  const { element, press, asked } = await figure('memory-stack');
  press('ArrowRight');
  press('ArrowDown');
  await until(() => element.querySelector('.cf-opened'));
  assert.match(element.state.open, /^device_weights_bytes@2$/);
  await until(
    () =>
      element.result.path[0]?.value ===
      element.result.plans['2'].quantities.get('device_weights_bytes').value,
  );
  assert.ok(asked.explained.includes('device_weights_bytes'));
  press('Escape');
  await until(() => !element.querySelector('.cf-opened'));
});

test('a number of devices that a model cannot be shared out to is said, not drawn', async () => {
  const { all, element } = await figure('memory-stack', 'model="odd"');
  assert.equal(all('g[data-bar]').length, 2);
  assert.match(words(element), /4 devices: plan: 6 heads cannot be shared out to 4 devices\./);
});

// The cache.
test('a line of the cache passes through what the plan says, and a window bends it', async () => {
  const { element, asked } = await figure('kv-growth');
  const { lines, contexts } = element.result;
  assert.equal(lines.length, 5);
  const ratio = ({ values }) => values.at(-1) / values[contexts.indexOf(2 ** 19)];
  const by = (/** @type {string} */ id) => lines.find((/** @type {any} */ one) => one.id === id);
  assert.equal(ratio(by('')), 2);
  assert.equal(ratio(by('mistral-7b-v0-1')), 1);
  for (const { values, quantities } of lines)
    assert.equal(values[contexts.indexOf(element.state.context)], quantities.get('kv_bytes').value);
  assert.ok(asked.sweeps.every(({ plan, vary }) => plan.generated === 0 && vary === 'prompt'));
});

test('models are taken out of the comparison and put into it, four at most', async () => {
  const { element, all, set } = await figure('kv-growth');
  all('button')
    .find((one) => one.getAttribute('aria-label') === 'Leave out Llama 2 7B')
    .click();
  await until(() => element.result.lines.length === 4);
  await set({ others: 'llama-2-7b,mistral-7b-v0-1,gemma-3-27b,deepseek-v3,odd' });
  assert.equal(element.result.lines.length, 5);
  await set({ others: 'bert-base-uncased' });
  assert.equal(element.result.lines.length, 1);
  assert.match(words(element), /BERT base: no cache/);
  await set({ others: 'no-such-model,odd' });
  assert.equal(element.result.lines.length, 2);
  assert.match(words(element), /The registry has no no-such-model\./);
});

// Operations.
test('the table has every operation of the pass, and its sums are the plan’s', async () => {
  const { element, all, set } = await figure('flops-table');
  const rows = all('.cf-compare tbody tr');
  const here = element.result.operations.filter(({ phase }) => phase === 'prefill');
  assert.equal(rows.length, here.length);
  const sum = here.reduce((total, { flops }) => total + flops, 0);
  assert.equal(element.result.quantities.get('prefill_flops').value, sum);
  const button = all('.cf-compare tbody tr:first-child button')[0];
  assert.match(words(button), /TFLOP$/);
  await set({ counted: 'MAC' });
  assert.match(words(all('.cf-compare tbody tr:first-child button')[0]), /MAC$/);
  const exported = element.table(element.result, element.state);
  assert.equal(exported.columns[2], 'MACs');
  assert.equal(exported.rows[0][2], here[0].flops / 2);
});

test('leaving out what is masked halves attention, nearly, and nothing else', async () => {
  const { element, set } = await figure('flops-table');
  const flops = () =>
    Object.fromEntries(
      element.result.operations
        .filter(({ phase }) => phase === 'prefill')
        .map(({ name, flops }) => [name, flops]),
    );
  const skipped = flops();
  await set({ skipMasked: false });
  const whole = flops();
  assert.ok(whole.attention / skipped.attention > 1.99);
  for (const name of Object.keys(whole)) if (name !== 'attention') assert.equal(whole[name], skipped[name]);
});

test('a cell of the table opens the operation’s own quantity', async () => {
  const { element, all } = await figure('flops-table');
  all('.cf-compare tbody tr:first-child button')[0].click();
  await until(() => element.querySelector('.cf-opened'));
  assert.equal(element.state.open, 'flops prefill model.layers.{i}.self_attn.q_proj');
});

// The roofline.
test('each operation that computes is a point, and its place is what the plan says', async () => {
  const { element, all } = await figure('roofline', 'phase="prefill"');
  const here = element.result.operations.filter(({ phase, flops }) => phase === 'prefill' && flops > 0);
  assert.equal(all('.cf-operation[data-name]').length, here.length);
  for (const { name, bound } of here) {
    const point = all('.cf-operation[data-name]').find((one) => one.getAttribute('data-name') === name);
    assert.ok(point.classList.contains(`cf-bound-${bound}`), name);
  }
  assert.match(words(element), /not drawn, but in the times: norms/);
});

test('the batch moves products to the right and leaves attention where it is', async () => {
  const { element, set } = await figure('roofline');
  const intensity = (/** @type {string} */ name) =>
    element.result.operations.find((one) => one.phase === 'decode' && one.name === name).intensity;
  const before = [intensity('lm_head'), intensity('attention')];
  await set({ batch: 64 });
  assert.ok(intensity('lm_head') > 30 * before[0]);
  assert.ok(Math.abs(intensity('attention') - before[1]) < 1e-9);
});

test('measuring happens when asked for, is marked, assumes nothing, and is in no link', async () => {
  const { element, all, asked } = await figure('roofline');
  const press = (/** @type {RegExp} */ label) =>
    all('button')
      .find((one) => label.test(one.textContent))
      .click();
  assert.equal(asked.measured, 0);
  press(/Measure this device/);
  await until(() => element.result.measured);
  assert.equal(asked.measured, 1);
  const { hardware, computeUtilisation, bandwidthUtilisation } = asked.plans.at(-1);
  assert.deepEqual([hardware.flops, hardware.bandwidth], [2e10, 1e10]);
  assert.deepEqual([computeUtilisation, bandwidthUtilisation], [1, 1]);
  assert.match(words(element.querySelector('.cf-provenance')), /measured/);
  assert.match(words(element), /Measured on this device now, in one thread/);
  assert.doesNotMatch(element.embedCode() + element.link(), /2e10|20000000000|measured/);
  press(/Back to NVIDIA H100 SXM/);
  await until(() => !element.result.measured);
  assert.doesNotMatch(words(element.querySelector('.cf-provenance')), /measured/);
});

// Sweeps.
test('the curves are the plan at each batch and prompt, and the reader’s own lies on them', async () => {
  const { element, asked } = await figure('latency-sweep', 'batch="5" prompt="1000"');
  const { batches, prompts, perToken, throughput, firstToken, quantities } = element.result;
  assert.deepEqual(asked.sweeps.map(({ vary }) => vary).sort(), ['batch', 'prompt']);
  assert.equal(perToken[batches.indexOf(5)], quantities.get('seconds_per_token').value);
  assert.equal(throughput[batches.indexOf(5)], quantities.get('tokens_per_second_total').value);
  assert.equal(firstToken[prompts.indexOf(1000)], quantities.get('time_to_first_token').value);
  perToken.forEach((value, i) => assert.ok(i === 0 || value >= perToken[i - 1]));
});

test('arrows walk a curve, and Enter makes where they stand the batch', async () => {
  const { element, press } = await figure('latency-sweep');
  press('ArrowRight');
  press('ArrowRight');
  assert.equal(element.state.batch, 1);
  press('Enter');
  await until(() => element.state.batch === 3);
});

test('the batch at which products turn is marked', async () => {
  const { all } = await figure('latency-sweep');
  assert.ok(all('.cf-mark text').some((one) => /products turn: ~230/.test(words(one))));
});

// Training.
test('recomputation changes the activations and nothing else of the memory', async () => {
  const { element, all } = await figure('training-planner');
  assert.equal(all('g[data-bar]').length, 3);
  const { quantities, plans } = element.result;
  for (const name of ['training_weights_bytes', 'gradient_bytes', 'master_bytes', 'optimizer_bytes'])
    assert.equal(plans.full.quantities.get(name).value, quantities.get(name).value);
  assert.ok(
    plans.full.quantities.get('training_activation_bytes').value <
      quantities.get('training_activation_bytes').value,
  );
});

test('what is trained, and what of it is shared out, reaches the core as it is called there', async () => {
  const { asked, set } = await figure('training-planner');
  assert.equal(asked.trainings[0].adapters, undefined);
  assert.equal(asked.trainings[0].weights, 'bf16');
  await set({ method: 'qlora', rank: 8, zero: '2' });
  const last = asked.trainings.at(-1);
  assert.deepEqual([last.weights, { ...last.adapters }, last.zero], ['nf4-dq', { rank: 8 }, 2]);
  await set({ method: 'lora' });
  const { weights, adapters } = asked.trainings.at(-1);
  assert.deepEqual([weights, { ...adapters }], ['bf16', { rank: 8 }]);
});

test('no cost is shown until the reader gives a price', async () => {
  const { element, set } = await figure('training-planner');
  assert.equal(element.result.quantities.has('training_usd'), false);
  assert.match(words(element), /No price is assumed/);
  await set({ price: 2 });
  assert.match(words(element), /Cost \$/);
});

test('a step that is too small for its devices says so, keeps the drawing and offers a way on', async () => {
  const { element, all } = await figure('training-planner');
  element.setState({ dataParallel: 128 });
  await until(() => element.querySelector('[role=alert]'));
  assert.match(
    words(element.querySelector('[role=alert]')),
    /128 devices .* at least 128 sequences, got 64\./,
  );
  assert.equal(all('g[data-bar]').length, 3);
  all('.cf-fix')[0].click();
  await until(() => !element.querySelector('[role=alert]'));
  assert.equal(element.state.globalBatch, 128);
});

test('a part of another recomputation opens in that plan', async () => {
  const { element, press } = await figure('training-planner');
  press('End');
  await until(() => element.result.path[0]);
  assert.equal(element.state.open, 'training_overhead_bytes@full');
});
