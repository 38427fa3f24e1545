// What figures of plans do with the answers of the core, with a core of few quantities.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaves, open, settled } from './page.mjs';
import { planCore, registry } from './plan-core.mjs';

const FIGURES = ['model-planner', 'parameter-treemap', 'compare-models', 'hardware-comparison'];
const contents = `${FIGURES.map((name) => `import './web/figures/${name}.js';`).join('\n')}
  export * from './web/figures/plan-figure.js';
  export { matching } from './web/ui/picker.js';`;

/** @param {string} body @param {{hash?: string, latency?: () => Promise<void>}} [options] */
async function pageOf(body, { hash = '', latency } = {}) {
  const { core, asked } = planCore({ latency });
  const page = await open(body, contents, {
    address: `tools/planner.html${hash}`,
    load: async () => core,
    prepare: (window) => {
      window.clearformerRegistry = registry;
      window.TextDecoder = TextDecoder; // jsdom has none
    },
  });
  await leaves(page.document);
  const figure = (/** @type {string} */ id) => page.document.getElementById(id);
  return { ...page, asked, core, figure };
}

const PLANNER = '<cf-model-planner id="planner"></cf-model-planner>';
const words = (/** @type {Element} */ element) => element.textContent?.replace(/\s+/g, ' ') ?? '';
/** Lets computations and drawings happen. */
async function calm() {
  for (let i = 0; i < 8; i += 1) await settled();
}
const config = (/** @type {object} */ more = {}) =>
  JSON.stringify({
    model_type: 'llama',
    hidden_size: 64,
    num_hidden_layers: 2,
    num_key_value_heads: 4,
    ...more,
  });
const alert = (/** @type {Element} */ figure) =>
  words(figure.querySelector('[role=alert]') ?? figure.ownerDocument.createElement('p'));

test('the default state is computed, without a press of a button', async () => {
  const { figure, errors } = await pageOf(PLANNER);
  assert.deepEqual(errors, []);
  assert.match(words(figure('planner')), /Weights 1\.07 GB/);
});

test('figures that ask the same share one plan, and it is disposed when the last lets go', async () => {
  const three = ['a', 'b', 'c']
    .map((id) => `<cf-parameter-treemap id="${id}" group="g"></cf-parameter-treemap>`)
    .join('');
  const { asked, figure, exported } = await pageOf(three);
  assert.equal(asked.plans.length, 1);
  assert.equal(asked.living, 1);
  figure('a').setState({ model: 'qwen3-8b' });
  await calm();
  assert.equal(asked.plans.length, 2);
  assert.equal(asked.living, 1, 'the plan before is gone');
  for (const id of ['a', 'b']) figure(id).remove();
  await calm();
  assert.equal(asked.living, 1);
  figure('c').remove();
  await calm();
  assert.equal(asked.living, 0);
  assert.equal(exported.plansHeld(), 0);
});

test('opening a number asks for no further plan', async () => {
  const { asked, figure } = await pageOf(PLANNER);
  figure('planner').setState({ open: 'total_params' });
  await calm();
  assert.equal(asked.plans.length, 1);
  assert.match(words(figure('planner').querySelector('.cf-opened')), /Why 537 M params\? Parameters/);
});

test('a number opens down to the key of the configuration by its buttons, and closes to where it was opened', async () => {
  const { figure, document } = await pageOf(PLANNER);
  const planner = figure('planner');
  const first = planner.querySelector('[data-quantity=total_params] button');
  first.focus();
  first.click();
  await calm();
  assert.equal(document.activeElement.textContent.trim(), '537\u00a0M\u00a0params');
  document.activeElement.click();
  await calm();
  assert.equal(planner.state.open, 'total_params > attention_params');
  assert.match(words(planner.querySelector('.cf-opened')), /= hidden_size × num_hidden_layers/);
  assert.match(words(planner.querySelector('.cf-opened')), /config hidden_size/);
  for (let depth = 0; depth < 2; depth += 1) {
    document.activeElement.dispatchEvent(
      new planner.ownerDocument.defaultView.KeyboardEvent('keydown', { key: 'Escape', bubbles: true }),
    );
    await calm();
  }
  assert.equal(planner.state.open, '');
  assert.equal(document.activeElement, planner.querySelector('[data-quantity=total_params] button'));
});

test('a path that the plan does not have is shown as far as it goes', async () => {
  const { figure } = await pageOf(
    '<cf-model-planner id="planner" open="total_params > nothing > more"></cf-model-planner>',
  );
  assert.match(words(figure('planner').querySelector('.cf-opened')), /Parameters/);
});

test('a pasted configuration is computed at once, and its name said', async () => {
  const { figure } = await pageOf(PLANNER);
  figure('planner').takeConfig(config());
  await calm();
  assert.match(words(figure('planner')), /Parameters 8,192 params/);
  assert.match(words(figure('planner').querySelector('.cf-provenance')), /the configuration that you gave/);
});

test('bad JSON keeps the last plan and says line and column', async () => {
  const { figure } = await pageOf(PLANNER);
  figure('planner').takeConfig('{\n  "hidden_size": 64\n  "num_hidden_layers": 2\n}');
  await calm();
  assert.match(alert(figure('planner')), /line 2, column 20: a comma is missing\./);
  assert.match(words(figure('planner')), /Weights 1\.07 GB/);
});

test('a number in quotes is one click from being a number', async () => {
  const { figure } = await pageOf(PLANNER);
  figure('planner').takeConfig(config({ hidden_size: '64' }));
  await calm();
  assert.match(alert(figure('planner')), /hidden_size must be a number, got a text/);
  figure('planner').querySelector('.cf-fix').click();
  await calm();
  assert.equal(figure('planner').querySelector('.cf-error'), null);
  assert.match(words(figure('planner')), /Parameters 8,192 params/);
});

test('a configuration that is no transformer shows the sentence of the core', async () => {
  const { figure } = await pageOf(PLANNER);
  figure('planner').takeConfig('{"model_type": "resnet", "depths": [3, 4]}');
  await calm();
  assert.match(alert(figure('planner')), /does not look like a transformer/);
});

test('a link with a bad configuration leaves the controls, and says what is wrong', async () => {
  const { figure } = await pageOf(PLANNER, { hash: '#planner:config=%7B%22a%22' });
  assert.equal(figure('planner').dataset.state, 'ready');
  assert.match(alert(figure('planner')), /line 1, column 5: .*Shown instead: Llama 3\.1 8B/);
  assert.ok(figure('planner').querySelector('textarea'));
});

test('a model that the registry lacks is told, with one that it has', async () => {
  const { figure } = await pageOf(PLANNER, { hash: '#planner:model=lama' });
  assert.match(alert(figure('planner')), /there is no "lama".*take Llama 3\.1 8B/);
});

test('what was assumed is a click from being written into the configuration', async () => {
  const { figure, document } = await pageOf(PLANNER);
  figure('planner').takeConfig(config({ num_key_value_heads: undefined }));
  await calm();
  const note = figure('planner').querySelector('.cf-note-assumed');
  assert.match(words(note), /Assumed num_key_value_heads = 1: one head of keys/);
  note.querySelector('button').click();
  await calm();
  assert.equal(JSON.parse(figure('planner').state.config).num_key_value_heads, 1);
  const text = figure('planner').querySelector('textarea');
  assert.equal(text, document.activeElement);
  assert.equal(text.value.slice(text.selectionStart, text.selectionEnd), '1', 'its value is selected');
  assert.equal(figure('planner').querySelector('.cf-note-assumed'), null);
});

test('keys that were not needed and what times leave out are there, folded', async () => {
  const { figure } = await pageOf(PLANNER);
  const folded = [...figure('planner').querySelectorAll('.cf-folded')];
  assert.deepEqual(
    folded.map(({ open: shown }) => shown),
    [false, false],
  );
  assert.match(words(folded[0]), /1 key that was not needed use_cache/);
  assert.match(words(folded[1]), /Sampling takes no time/);
});

test('a source that is not verified is marked beside its link', async () => {
  const { figure } = await pageOf('<cf-model-planner id="planner" model="qwen3-8b"></cf-model-planner>');
  const provenance = figure('planner').querySelector('.cf-provenance');
  assert.equal(provenance.querySelector('a').href, 'https://models.invalid/qwen3-8b/config.json');
  assert.match(words(provenance), /Qwen3 8B unverified/);
});

test('devices that stages do not divide are told, with the nearest number', async () => {
  const { figure } = await pageOf(PLANNER);
  figure('planner').setState({ devices: 5, pipeline: 2 });
  await calm();
  assert.match(
    alert(figure('planner')),
    /5 devices cannot be shared out to 2 pipeline stages\..*take 6 devices/,
  );
});

test('a dropped file of weights is counted beside the plan, and the address does not change', async () => {
  const { figure, window } = await pageOf(PLANNER);
  const header = JSON.stringify({
    'model.embed_tokens.weight': { dtype: 'BF16', shape: [8, 4], data_offsets: [0, 64] },
  });
  const bytes = new Uint8Array(8 + header.length + 64);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  const before = window.location.href;
  const weights = {
    name: 'model.safetensors',
    size: bytes.length,
    slice: (from, to) => ({ arrayBuffer: async () => bytes.slice(from, to).buffer }),
  };
  await figure('planner').takeFiles([weights]);
  const told = words(figure('planner').querySelector('.cf-inspected'));
  assert.match(told, /32 parameters in 1 tensors, 64 bytes/);
  assert.match(told, /The plan of Llama 3\.1 8B counts 536,870,912 parameters: 536,870,880 more/);
  assert.equal(window.location.href, before);
});

test('a file that is too long for a configuration is refused with its length', async () => {
  const { figure } = await pageOf(PLANNER);
  await figure('planner').takeFiles([{ name: 'tokenizer.json', size: 2_000_000, text: async () => '{}' }]);
  assert.match(alert(figure('planner')), /tokenizer\.json has 2000000 bytes/);
});

test('models compared mark what differs, and leaving one out is refused below two', async () => {
  const { figure, asked } = await pageOf(
    '<cf-compare-models id="compare" models="llama-3-1-8b,qwen3-8b"></cf-compare-models>',
  );
  const marked = [...figure('compare').querySelectorAll('.cf-differs')].map(words);
  assert.deepEqual(
    marked.map((one) => one.replace(/^.*differs: /, '').trim()),
    ['qwen3', '36'],
  );
  assert.equal(
    [...figure('compare').querySelectorAll('.cf-chosen button')].every(({ disabled }) => disabled),
    true,
  );
  assert.equal(asked.living, 2);
  figure('compare').setState({ models: 'llama-3-1-8b' });
  await calm();
  assert.match(alert(figure('compare')), /2 to 6 models are compared, got 1/);
  assert.equal(asked.living, 2, 'the drawing that stays keeps its plans');
});

test('a number of one of several models opens by that model', async () => {
  const { figure } = await pageOf(
    '<cf-compare-models id="compare" models="llama-3-1-8b,qwen3-8b" open="total_params@qwen3-8b > attention_params"></cf-compare-models>',
  );
  assert.match(words(figure('compare').querySelector('.cf-opened')), /604 M params/);
});

test('machines compared say whether it fits, in the order asked for', async () => {
  const { figure } = await pageOf(
    '<cf-hardware-comparison id="machines" machines="nvidia-h100-sxm,nvidia-rtx-4090" batch="8" sort="left_bytes ascending"></cf-hardware-comparison>',
  );
  const rows = [...figure('machines').querySelectorAll('tbody tr')].map((row) => [
    words(row.querySelector('th')).trim(),
    words(row.querySelector('td')).trim(),
  ]);
  assert.deepEqual(rows, [
    ['NVIDIA RTX 4090', 'no'],
    ['NVIDIA H100 SXM', 'yes'],
  ]);
});

test('every plan is let go when its figure leaves the page', async () => {
  const { asked, document, exported } = await pageOf(
    FIGURES.map(
      (name) =>
        `<cf-${name} id="${name}" models="llama-3-1-8b,qwen3-8b" machines="nvidia-h100-sxm,nvidia-rtx-4090"></cf-${name}>`,
    ).join(''),
  );
  assert.ok(asked.living > 0);
  document.body.replaceChildren();
  await calm();
  assert.equal(asked.living, 0);
  assert.equal(exported.plansHeld(), 0);
});

test('a path of opened numbers survives being written and read', async () => {
  const { exported } = await pageOf('');
  for (const [names, plan] of [
    [['a'], ''],
    [['flops prefill model.layers.{i}.mlp.up_proj', 'b'], 'llama-3-1-8b'],
    [[], ''],
  ]) {
    assert.equal(
      JSON.stringify(exported.readOpen(exported.writeOpen(names, plan))),
      JSON.stringify({ plan, names }),
    );
  }
});

test('the picker finds by the parts of name, family and vendor, in any order', async () => {
  const { exported } = await pageOf('');
  const options = [
    { value: 'llama-3-1-8b', label: 'Llama 3.1 8B', group: 'Llama 3', find: 'Meta' },
    { value: 'qwen3-8b', label: 'Qwen3 8B', group: 'Qwen3', find: 'Alibaba' },
  ];
  const found = (query) => [...exported.matching(options, query)].map(({ value }) => value);
  assert.deepEqual(found('8b llama'), ['llama-3-1-8b']);
  assert.deepEqual(found('alibaba'), ['qwen3-8b']);
  assert.deepEqual(found('8B'), ['llama-3-1-8b', 'qwen3-8b']);
  assert.deepEqual(found('405'), []);
});

test('the picker is walked by arrows, takes with Enter and leaves with Esc', async () => {
  const { figure, window } = await pageOf(PLANNER);
  const field = figure('planner').querySelector('.cf-model-picker input');
  const key = (/** @type {string} */ name) =>
    field.dispatchEvent(new window.KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  key('ArrowDown');
  assert.equal(field.getAttribute('aria-expanded'), 'true');
  key('ArrowDown');
  key('Escape');
  assert.equal(field.getAttribute('aria-expanded'), 'false');
  assert.equal(field.value, 'Llama 3.1 8B');
  key('ArrowDown');
  key('ArrowDown');
  const active = window.document.getElementById(field.getAttribute('aria-activedescendant'));
  assert.match(words(active), /Qwen3 8B/);
  key('Enter');
  await calm();
  assert.equal(figure('planner').state.model, 'qwen3-8b');
  assert.equal(field.value, 'Qwen3 8B');
});

/** What stands under a field, after something was typed into it. @param {any} figure @param {string} name @param {string} text */
async function typed(figure, name, text) {
  const field = figure.querySelector(`#planner-${name}`);
  field.value = text;
  field.dispatchEvent(new figure.ownerDocument.defaultView.Event('input', { bubbles: true }));
  field.dispatchEvent(new figure.ownerDocument.defaultView.Event('change', { bubbles: true }));
  await calm();
  return figure.querySelector(`#planner-${name}-problem`);
}

for (const [text, nearest] of [
  ['-3', 1],
  ['1.5', 2],
  ['0', 1],
  ['99999999', 65_536],
]) {
  test(`${text} sequences are refused under the field, the plan stays, and ${nearest} is one click away`, async () => {
    const { figure, asked } = await pageOf(PLANNER);
    const planner = figure('planner');
    const plans = asked.plans.length;
    const problem = await typed(planner, 'batch', String(text));
    assert.match(
      words(problem),
      /Sequences at once must be a whole number from 1 to 65,536, got \S+\. take \d+/,
    );
    assert.ok(words(problem).includes(String(text).replace('-', '\u2212')));
    assert.equal(planner.querySelector('#planner-batch').getAttribute('aria-invalid'), 'true');
    assert.equal(planner.state.batch, 1);
    assert.equal(asked.plans.length, plans, 'nothing else was planned');
    problem.querySelector('button').click();
    await calm();
    assert.equal(planner.state.batch, nearest);
    assert.equal(planner.querySelector('#planner-batch-problem'), null);
    assert.equal(planner.querySelector('#planner-batch').value, String(nearest));
  });
}

test('a field that was refused takes the next number that will do', async () => {
  const { figure } = await pageOf(PLANNER);
  await typed(figure('planner'), 'batch', '-3');
  assert.equal(await typed(figure('planner'), 'batch', '4'), null);
  assert.equal(figure('planner').state.batch, 4);
});

test('the formats of weights stand in groups, each once', async () => {
  const { figure, exported } = await pageOf(PLANNER);
  const list = figure('planner').querySelector('#planner-weights');
  assert.deepEqual(
    [...list.querySelectorAll('optgroup option')].map(({ value }) => value),
    [...exported.WEIGHT_FORMATS],
  );
  assert.equal(list.querySelectorAll('optgroup').length, 4);
  assert.equal(list.value, 'bf16');
});

test('more tokens than the configuration has positions for are counted, and said', async () => {
  const { figure } = await pageOf(PLANNER);
  figure('planner').setState({
    config: config({ max_position_embeddings: 2048 }),
    prompt: 1792,
    generated: 256,
  });
  await calm();
  assert.doesNotMatch(words(figure('planner')), /Beyond its context/);
  figure('planner').setState({ generated: 257 });
  await calm();
  assert.match(
    words(figure('planner')),
    /Beyond its context: 2,049\stokens are asked for, and max_position_embeddings = 2048/,
  );
});

test('a peak of the reader’s own is an input, a datasheet is cited', async () => {
  const { figure, asked } = await pageOf(PLANNER);
  assert.equal(asked.plans.at(-1).hardware.origin, 'cited');
  figure('planner').setState({ peak: 500 });
  await calm();
  const { hardware } = asked.plans.at(-1);
  assert.deepEqual([hardware.origin, hardware.flops], ['input', 5e14]);
});
