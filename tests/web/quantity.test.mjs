// How a quantity is shown and how it opens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactWithUnit, unitStep, withUnit } from '../../web/draw/format.js';
import { addressOf, explanationText, quantityText } from '../../web/draw/quantity.js';
import { seeded } from '../core/random.mjs';
import { open } from './page.mjs';

const plain = (text) => text.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-');

for (const [value, unit, text, exact, options] of /** @type {[number, string, string, string, any?][]} */ ([
  [8030261248, '', '8.03 B', '8,030,261,248'],
  [8030261248, 'params', '8.03 B params', '8,030,261,248 parameters'],
  [131072, 'tokens', '131,072 tokens', '131,072 tokens'],
  [15e12, 'tokens', '15 T tokens', '15,000,000,000,000 tokens'],
  [80e9, 'B', '80 GB', '80,000,000,000 bytes'],
  [80 * 2 ** 30, 'B', '85.9 GB', '85,899,345,920 bytes'],
  [80 * 2 ** 30, 'B', '80 GiB', '85,899,345,920 bytes', { binary: true }],
  [327680, 'B', '328 kB', '327,680 bytes'],
  [512, 'B', '512 B', '512 bytes'],
  [999.6e6, 'B', '1.00 GB', '999,600,000 bytes'],
  [3.35e12, 'B/s', '3.35 TB/s', '3,350,000,000,000 bytes per second'],
  [989.4e12, 'FLOP/s', '989 TFLOP/s', '989,400,000,000,000 FLOP/s'],
  [2 * 8.03e9, 'FLOP', '16.1 GFLOP', '16,060,000,000 FLOP'],
  [4.2e12, 'MAC', '4.2 TMAC', '4,200,000,000,000 MAC'],
  [3.8e25, 'FLOP', '3.80e25 FLOP', '3.8e+25 FLOP'],
  [0.0123, 's', '12.3 ms', '0.0123 seconds'],
  [48e-6, 's', '48 \u00b5s', '0.000048 seconds'],
  [90, 's', '90 s', '90 seconds'],
  [150, 's', '2.5 min', '150 seconds'],
  [5.5e6, 's', '63.7 d', '5,500,000 seconds'],
  [24.36, 'tokens/s', '24.4 tokens/s', '24.36 tokens/s'],
  [1234.5, 'tokens/s', '1,235 tokens/s', '1234.5 tokens/s'],
  [2.5, 'USD', '$2.50', '$2.5'],
  [0.0023, 'USD', '$0.0023', '$0.0023'],
  [5576000, 'USD', '$5.58 M', '$5,576,000'],
  [-3, 'USD', '-$3', '-$3'],
  [700, 'W', '700 W', '700 W'],
  [0, 'B', '0 B', '0 bytes'],
  [-1.5e9, 'B', '-1.5 GB', '-1,500,000,000 bytes'],
  [0.44219, '', '0.442', '0.44219'],
  [Infinity, 's', '\u221e s', 'Infinity seconds'],
])) {
  const asked = options ? ' with binary steps' : '';
  test(`${value} ${unit || 'without a unit'}${asked} is shown as ${text}`, () => {
    const shown = quantityText({ value, unit }, options);
    assert.equal(plain(shown.text), text);
    assert.equal(plain(shown.exact), exact);
  });
}

test('what is approximate begins with ~', () => {
  const { text, exact, full } = quantityText({ value: 1.1e9, unit: 'B', approximate: true });
  assert.equal(plain(text), '~1.1 GB');
  assert.equal(plain(exact), '~1.1 GB');
  assert.equal(plain(full), '~1,100,000,000 bytes');
});

test('a shown value is never off by more than half of its third digit, whatever the unit', () => {
  const random = seeded(11);
  for (const unit of ['B', 'FLOP', 'FLOP/s', 's', 'params', 'USD', '']) {
    for (let i = 0; i < 800; i += 1) {
      const value = 10 ** random.between(-2, 17);
      const { factor } = unitStep(value, unit);
      const digits = /[\d,.]+(e\d+)?/.exec(plain(withUnit(value, unit)))[0].replaceAll(',', '');
      const read = Number(digits) * (digits.includes('e') ? 1 : factor);
      assert.ok(Math.abs(read - value) <= value * 0.005 * (1 + 1e-9), `${value} as ${withUnit(value, unit)}`);
    }
  }
});

test('the exact text gives back the same number', () => {
  const random = seeded(12);
  for (let i = 0; i < 1000; i += 1) {
    const whole = Math.floor(10 ** random.between(0, 15.9));
    assert.equal(Number(plain(exactWithUnit(whole)).replaceAll(',', '')), whole);
    const real = random.between(-1, 1) * 10 ** random.between(-9, 9);
    assert.equal(Number(plain(exactWithUnit(real)).replaceAll(',', '')), real);
  }
});

test('a larger value is never shown in a smaller unit', () => {
  const random = seeded(13);
  for (const unit of ['B', 'FLOP', 's', '']) {
    for (let i = 0; i < 500; i += 1) {
      const value = 10 ** random.between(-6, 18);
      assert.ok(unitStep(value * 1.7, unit).factor >= unitStep(value, unit).factor);
    }
  }
});

// The panel.
const drawing = `
  export { render } from 'lit/html.js';
  export { quantityPanel, quantityValue } from './web/draw/quantity.js';
`;
const MARKUP = '<img src=x onerror="globalThis.hacked=1">';

const term = (name, origin, more = {}) => ({ name, title: name, value: 8, unit: '', origin, ...more });
/** @type {any} */
const cache = {
  ...{ name: 'kv', title: 'KV cache', value: 42949672960, unit: 'B', origin: 'computed' },
  formula: '2 × layers × kv_heads × head_dim × element_bytes × tokens',
  substituted: '2 × 80 × 8 × 128 × 2 × 131,072',
  source: 'https://arxiv.org/abs/2305.13245',
  terms: [
    term('layers', 'config', { value: 80, source: 'num_hidden_layers' }),
    term('head_dim', 'computed', { value: 128 }),
    term('element_bytes', 'assumed', { value: 2, unit: 'B', source: 'BF16 cache' }),
    term('tokens', 'input', { value: 131072, unit: 'tokens' }),
    term('bandwidth', 'cited', { value: 3.35e12, unit: 'B/s', source: 'https://www.nvidia.com/h100' }),
    term('two', 'constant', { value: 2 }),
  ],
};
const headDim = { ...term('head_dim', 'computed', { value: 128 }), formula: 'a ÷ b', terms: [] };

async function panel(view) {
  const page = await open('<div id="place"></div>', drawing);
  const place = page.document.getElementById('place');
  const calls = [];
  const say =
    (name) =>
    (...args) =>
      calls.push([name, ...args]);
  page.exported.render(
    page.exported.quantityPanel({
      ...{ onOpen: say('open'), onBack: say('back'), onClose: say('close'), onCopy: say('copy') },
      ...view,
    }),
    place,
  );
  return { ...page, place, calls };
}
const words = (element) => plain(element.textContent).replace(/\s+/g, ' ').trim();

test('the panel says the value, every digit, the formula and the formula with its values', async () => {
  const { place } = await panel({ path: [cache] });
  assert.equal(words(place.querySelector('.cf-why b')), 'Why 42.9 GB?');
  assert.equal(words(place.querySelector('.cf-exact')), '= 42,949,672,960 bytes');
  assert.deepEqual([...place.querySelectorAll('.cf-formula p')].map(words), [
    `= ${cache.formula}`,
    `= ${cache.substituted}`,
  ]);
});

test('each term says where its value comes from', async () => {
  const { place } = await panel({ path: [cache] });
  const rows = [...place.querySelectorAll('.cf-quantities > div')].map((row) => [
    words(row.querySelector('dt')),
    words(row.querySelector('dd')),
  ]);
  assert.deepEqual(rows, [
    ['layers config num_hidden_layers', '80'],
    ['head_dim', '128'],
    ['element_bytes assumed, BF16 cache', '2 B'],
    ['tokens an input', '131,072 tokens'],
    ['bandwidth cited, nvidia.com', '3.35 TB/s'],
    ['two constant', '2'],
  ]);
});

const datasheets = { 'NVIDIA H100 SXM': 'https://www.nvidia.com/h100.pdf', Old: '' };
for (const [origin, source, expected, address] of /** @type {[string, string, string, string?][]} */ ([
  ['cited', 'NVIDIA H100 SXM', 'x datasheet of NVIDIA H100 SXM', 'https://www.nvidia.com/h100.pdf'],
  ['cited', 'Old', 'x datasheet of Old'],
  ['cited', 'QLoRA, section 3', 'x cited, QLoRA, section 3'],
  ['measured', 'this device, measured', 'x measured on this device, now'],
  ['input', '', 'x an input'],
  ['assumed', 'assumed', 'x assumed'],
  ['assumed', 'assumed; shares differ', 'x assumed, shares differ'],
])) {
  test(`a value that is ${origin} ${source} says so${address ? ', with its address' : ''}`, async () => {
    const { place } = await panel({
      path: [{ ...cache, source: '', terms: [term('x', origin, { source })] }],
      datasheets,
    });
    const row = place.querySelector('.cf-quantities dt');
    assert.equal(words(row), expected);
    assert.equal(row.querySelector('a')?.getAttribute('href'), address);
  });
}

test('an opened estimate shows three digits, and the others on demand and in what is copied', async () => {
  const estimate = { ...cache, value: 0.2332392052169127, unit: 's', approximate: true };
  const { place } = await panel({ path: [estimate] });
  assert.equal(words(place.querySelector('.cf-why b')), 'Why ~233 ms?');
  assert.equal(words(place.querySelector('details:not([open]) .cf-exact')), '~0.2332392052169127 seconds');
  assert.match(explanationText(estimate), /0\.2332392052169127/);
});

test('what is missing is asked for as it was said', async () => {
  const { place } = await panel({ path: [{ ...cache, value: -5e9, why: '5 GB more than may be used' }] });
  assert.equal(words(place.querySelector('.cf-why b')), 'Why 5 GB more than may be used?');
  assert.match(words(place.querySelector('.cf-why-title')), /KV cache: -5 GB/);
});

test('computed terms open, and only these', async () => {
  const { place, calls } = await panel({ path: [cache] });
  const buttons = [...place.querySelectorAll('.cf-quantities button')];
  assert.equal(buttons.length, 1);
  buttons[0].click();
  assert.deepEqual(calls, [['open', 'head_dim']]);
});

test('the path leads back to each number it came by, Esc one step and at last out', async () => {
  const deep = await panel({ path: [cache, headDim, { ...headDim, title: 'x' }] });
  const [first, second] = deep.place.querySelectorAll('.cf-trail button');
  first.click();
  second.click();
  const escape = (page) =>
    page.place
      .querySelector('section')
      .dispatchEvent(new page.window.KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  escape(deep);
  assert.deepEqual(deep.calls, [
    ['back', 0],
    ['back', 1],
    ['back', 1],
  ]);
  const shallow = await panel({ path: [cache] });
  assert.equal(shallow.place.querySelector('.cf-trail'), null);
  escape(shallow);
  assert.deepEqual(shallow.calls, [['close']]);
});

test('an input ends the way back', async () => {
  const { place } = await panel({ path: [cache, { ...cache.terms[0], terms: [] }] });
  assert.match(words(place), /config num_hidden_layers\. Here the way back ends\./);
});

test('only http and https become links, and these do not hand over the page', async () => {
  for (const source of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.b/c',
    '//a.b/c',
    'see https://a.b',
    '',
  ]) {
    assert.equal(addressOf(source), undefined, source);
    const { place } = await panel({
      path: [{ ...cache, source, terms: [term('x', 'cited', { source }), term('y', 'config', { source })] }],
    });
    assert.equal(place.querySelector('a'), null, source);
  }
  const { place } = await panel({ path: [cache] });
  const links = [...place.querySelectorAll('a')];
  assert.deepEqual(
    links.map((link) => [link.getAttribute('href'), link.rel]),
    [
      ['https://www.nvidia.com/h100', 'noopener'],
      ['https://arxiv.org/abs/2305.13245', 'noopener'],
    ],
  );
});

test('what is copied holds the formula, every digit and every source', async () => {
  const { place, calls } = await panel({ path: [cache] });
  [...place.querySelectorAll('button')].find((button) => button.textContent === 'Copy as text').click();
  assert.deepEqual(calls, [['copy', explanationText(cache)]]);
  assert.equal(
    explanationText(cache),
    [
      'KV cache = 42.9 GB (42,949,672,960 bytes)',
      `= ${cache.formula}`,
      `= ${cache.substituted}`,
      '  layers = 80, from config key num_hidden_layers',
      '  head_dim = 128, computed',
      '  element_bytes = 2 bytes, assumed: BF16 cache',
      '  tokens = 131,072 tokens, an input',
      '  bandwidth = 3,350,000,000,000 bytes per second, cited from https://www.nvidia.com/h100',
      '  two = 2, constant',
      'source: https://arxiv.org/abs/2305.13245',
      '',
    ].join('\n'),
  );
});

test('text is never markup in the panel', async () => {
  const marked = {
    ...{ ...cache, title: MARKUP, formula: MARKUP, substituted: MARKUP, source: MARKUP, unit: MARKUP },
    terms: ['config', 'computed', 'assumed', 'cited', 'input'].map((origin) =>
      term(MARKUP, origin, { source: MARKUP, unit: MARKUP }),
    ),
  };
  const { place, window } = await panel({ path: [marked, marked] });
  assert.equal(place.querySelector('img, [onerror], [style]'), null);
  assert.equal(window.hacked, undefined);
  assert.ok(place.textContent.includes(MARKUP));
});

test('a quantity in text shows three digits and keeps the others in its title', async () => {
  const page = await open('<div id="place"></div>', drawing);
  const place = page.document.getElementById('place');
  const opened = [];
  page.exported.render(page.exported.quantityValue(cache, { onOpen: (name) => opened.push(name) }), place);
  const button = place.querySelector('button');
  assert.equal(words(button), '42.9 GB');
  assert.equal(plain(button.title), '42,949,672,960 bytes');
  button.click();
  assert.deepEqual(opened, ['kv']);
  page.exported.render(page.exported.quantityValue(cache), place);
  assert.equal(place.querySelector('button'), null);
});
