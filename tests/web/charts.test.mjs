// Chart presets: that what is drawn is what was given, that a keyboard reaches all of it, and that words keep out of each other's way.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { axis, domainOf } from '../../web/charts/axis.js';
import { spread, textWidth } from '../../web/charts/labels.js';
import { nextSort, sorted } from '../../web/charts/table.js';
import { seeded } from '../core/random.mjs';
import { open } from './page.mjs';

const MARKUP = '<img src=x onerror="globalThis.hacked=1">';
const WIDTHS = [260, 320, 390, 820, 1100];
const charts = `
  export { render } from 'lit/html.js';
  export { measured } from './web/charts/axis.js';
  export { lineChart } from './web/charts/lines.js';
  export { stackChart } from './web/charts/stack.js';
  export { treemapChart } from './web/charts/treemap.js';
  export { rooflineChart } from './web/charts/roofline.js';
  export { barsChart } from './web/charts/bars.js';
  export { comparisonTable } from './web/charts/table.js';
`;

/** @type {ReturnType<typeof open> | undefined} */
let shared;
/** Draws a chart in a place of its own on the tests' page. @param {string} name @param {any} view */
async function draw(name, view) {
  shared ??= open('', charts);
  const page = await shared;
  const place = page.document.body.appendChild(page.document.createElement('div'));
  const show = (/** @type {any} */ next) => page.exported.render(page.exported[name](next), place);
  show(view);
  const press = (/** @type {string} */ key) =>
    place
      .querySelector('[tabindex]')
      .dispatchEvent(new page.window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const all = (/** @type {string} */ selector) => [...place.querySelectorAll(selector)];
  return { ...page, place, show, press, all };
}

const number = (element, name) => Number(element.getAttribute(name));
const words = (element) => element.textContent.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
const near = (actual, expected, slack = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= slack, `${actual} is not ${expected}`);

/** The ground of a text by its place and the width it is thought to have. */
function boxOf(text, size = 12.5) {
  const wide = textWidth(text.textContent, size);
  const anchor = text.getAttribute('text-anchor');
  const left = number(text, 'x') - (anchor === 'end' ? wide : anchor === 'middle' ? wide / 2 : 0);
  return { left, right: left + wide, top: number(text, 'y') - 10, bottom: number(text, 'y') + 3 };
}
function apart(texts) {
  const boxes = texts.map((text) => boxOf(text));
  boxes.forEach((a, i) =>
    boxes.slice(i + 1).forEach((b, k) => {
      const clear = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      assert.ok(clear, `"${texts[i].textContent}" touches "${texts[i + 1 + k].textContent}"`);
    }),
  );
}

// Axes.
test('ticks of a log axis are powers of ten', () => {
  const random = seeded(1);
  for (let i = 0; i < 300; i += 1) {
    const low = 10 ** random.between(-6, 9);
    const { ticks } = axis({ kind: 'log', domain: [low, low * 10 ** random.between(2, 7)], range: [0, 800] });
    assert.ok(ticks.length >= 1);
    for (const { value } of ticks) near(Math.log10(value), Math.round(Math.log10(value)), 1e-9);
  }
});

test('seconds on a log axis stay seconds', () => {
  const { ticks } = axis({ kind: 'log', domain: [1, 2000], range: [0, 600], unit: 's' });
  assert.deepEqual(
    ticks.map(({ text }) => text.replace('\u00a0', ' ')),
    ['1 s', '10 s', '100 s', '1,000 s'],
  );
});

test('a log axis over less than a power of ten has 1, 2, 5', () => {
  const { ticks } = axis({ kind: 'log', domain: [1.5, 9], range: [0, 600] });
  assert.deepEqual(
    ticks.map(({ value }) => value),
    [2, 5],
  );
});

test('equal ratios are equally far apart on a log axis', () => {
  const { scale } = axis({ kind: 'log', domain: [1, 1e6], range: [0, 600] });
  for (const value of [1, 7, 333]) near(scale(value * 100) - scale(value), 200);
});

test('a context axis by powers of two shows whole counts', () => {
  const { ticks } = axis({ kind: 'log', base: 2, domain: [1024, 2 ** 20], range: [0, 1000], unit: 'tokens' });
  for (const { value, text } of ticks) {
    assert.equal(Math.log2(value) % 1, 0);
    assert.equal(Number(text.replaceAll(',', '')), value);
  }
});

test('the last tick of a linear axis says the unit, and all lie within the domain', () => {
  const { ticks } = axis({ domain: [0, 87e9], range: [0, 600], unit: 'B' });
  assert.deepEqual(
    ticks.map(({ text }) => text.replaceAll('\u00a0', ' ')),
    ['0', '20', '40', '60', '80 GB'],
  );
});

test('binary ticks are whole numbers of GiB', () => {
  const { ticks } = axis({ domain: [0, 87 * 2 ** 30], range: [0, 600], unit: 'B', binary: true });
  assert.match(ticks.at(-1).text, /GiB$/);
  for (const { value } of ticks) assert.equal(value % 2 ** 30, 0);
});

test('texts of ticks stand apart at every width', () => {
  for (const width of WIDTHS) {
    for (const view of [
      { domain: [0, 143e9], unit: 'B' },
      { domain: [0, 0.075], unit: 's' },
      { kind: 'log', domain: [1e18, 1e26], unit: 'FLOP' },
      { kind: 'log', domain: [1024, 2 ** 21], unit: 'tokens', base: 2 },
    ]) {
      const { ticks } = axis(/** @type {any} */ ({ ...view, range: [0, width] }));
      ticks.slice(1).forEach((tick, i) => {
        const gap = tick.at - ticks[i].at - (textWidth(tick.text) + textWidth(ticks[i].text)) / 2;
        assert.ok(gap > 4, `${ticks[i].text} and ${tick.text} at ${width}`);
      });
    }
  }
});

test('a domain holds its values, begins at 0, and is never empty', () => {
  const random = seeded(2);
  for (let i = 0; i < 100; i += 1) {
    const values = Array.from({ length: 5 }, () => 10 ** random.between(-3, 12));
    for (const kind of /** @type {const} */ (['linear', 'log'])) {
      const [low, high] = domainOf(values, kind);
      assert.ok(low < Math.min(...values) && high > Math.max(...values));
      assert.ok(kind === 'log' ? low > 0 : low === 0);
    }
  }
  for (const values of [[], [NaN], [0], [0, -1]]) {
    for (const kind of /** @type {const} */ (['linear', 'log'])) {
      const [low, high] = domainOf(values, kind);
      assert.ok(low < high && (kind === 'linear' || low > 0), `${values} ${kind}`);
    }
  }
});

test('places that are spread keep their order and their distance, and stay between the ends', () => {
  const random = seeded(3);
  for (let i = 0; i < 400; i += 1) {
    const places = Array.from({ length: 1 + random.below(9) }, () => random.between(0, 200));
    const placed = spread(places, 16, 0, 200);
    const order = places.map((_, k) => k).sort((a, b) => places[a] - places[b] || a - b);
    order.forEach((k, at) => {
      assert.ok(placed[k] >= -1e-9 && placed[k] <= 200 + 1e-9);
      if (at) assert.ok(placed[k] - placed[order[at - 1]] >= 16 - 1e-6);
    });
  }
  assert.deepEqual(spread([10, 50, 90], 16, 0, 100), [10, 50, 90], 'what is apart stays');
});

test('the width told is that of the element, in whole pixels from 260 to 1100, once per change', async () => {
  const watched = [];
  const page = await open('<div id="place"></div>', charts, {
    prepare(window) {
      window.ResizeObserver = class {
        constructor(callback) {
          Object.assign(this, { callback, open: true });
          watched.push(this);
        }
        observe() {}
        disconnect() {
          this.open = false;
        }
      };
    },
  });
  const told = [];
  const end = page.exported.measured(page.document.getElementById('place'), (width) => told.push(width));
  for (const width of [500.6, 500.2, 100, 5000, 0]) watched[0].callback([{ contentRect: { width } }]);
  assert.deepEqual(told.slice(1), [500, 260, 1100]);
  end();
  assert.equal(watched[0].open, false);
});

// Stacks.
const segment = (name, value, more = {}) => ({ name, title: `part ${name}`, value, role: 'mlp', ...more });
const stack = (more = {}) => ({
  ...{ id: 's', title: 'Memory', width: 700, unit: 'B' },
  bars: [
    { name: 'one', title: 'One', capacity: 80e9, segments: [segment('a', 40e9), segment('b', 15e9)] },
    {
      name: 'two',
      title: 'Two',
      capacity: 80e9,
      segments: [segment('a', 70e9), segment('b', 26e9), segment('c', 1e9)],
    },
  ],
  ...more,
});

test("a stacked bar's segments have widths proportional to their values, end to end", async () => {
  const random = seeded(4);
  for (let i = 0; i < 10; i += 1) {
    const segments = Array.from({ length: 5 }, (_, k) => segment(`p${k}`, random.between(0, 50e9)));
    const { all } = await draw('stackChart', stack({ bars: [{ name: 'x', title: 'X', segments }] }));
    const drawn = all('.cf-segment');
    const total = segments.reduce((sum, { value }) => sum + value, 0);
    const long = drawn.reduce((sum, part) => sum + number(part, 'width'), 0);
    drawn.forEach((part, k) => {
      near(number(part, 'width') / long, segments[k].value / total, 1e-9);
      if (k) near(number(part, 'x'), number(drawn[k - 1], 'x') + number(drawn[k - 1], 'width'));
    });
  }
});

test('what exceeds the capacity is hatched, from the mark to the end of the bar', async () => {
  const { place, all } = await draw('stackChart', stack());
  const over = all('.cf-over-capacity');
  assert.equal(over.length, 1, 'only in the bar that exceeds it');
  assert.equal(over[0].closest('[data-bar]').dataset.bar, 'two');
  const id = /^url\(#(.+)\)$/.exec(over[0].getAttribute('fill'))[1];
  assert.equal(place.querySelector(`[id="${id}"]`).localName, 'pattern');
  const parts = all('[data-bar="two"] .cf-segment');
  const perByte = number(parts[0], 'width') / 70e9;
  near(number(over[0], 'x'), number(parts[0], 'x') + 80e9 * perByte);
  near(number(over[0], 'width'), 17e9 * perByte);
  assert.equal(words(place.querySelector('.cf-over-text')), '17 GB over');
});

test('what is left is named, inside the bar or beside the mark', async () => {
  const wide = await draw('stackChart', stack());
  assert.deepEqual(wide.all('.cf-left-text').map(words), ['25 GB left']);
  for (const width of WIDTHS) {
    const { all } = await draw('stackChart', stack({ width }));
    assert.equal(all('.cf-left-text').length, 1, String(width));
  }
});

test('a bar that fills its capacity exactly is neither hatched nor has anything left over', async () => {
  const bars = [{ name: 'x', title: 'X', capacity: 80e9, segments: [segment('a', 80e9)] }];
  const { all } = await draw('stackChart', stack({ bars }));
  assert.equal(all('.cf-over-capacity, .cf-left').length, 0);
});

test('every part of a stack is named with its value, and names keep apart', async () => {
  const random = seeded(5);
  for (let i = 0; i < 20; i += 1) {
    const width = random.pick(WIDTHS);
    const segments = Array.from({ length: 6 }, (_, k) => segment(`p${k}`, 10 ** random.between(8, 11)));
    const bars = [{ name: 'x', title: 'X', capacity: 10 ** random.between(10, 11.5), segments }];
    const { place, all } = await draw('stackChart', stack({ width, bars }));
    for (const { title } of segments) assert.ok(place.textContent.includes(title), title);
    apart(all('.cf-under text'));
    assert.equal(/NaN|undefined/.test(place.innerHTML), false);
  }
});

test('arrow keys walk the parts, up and down between bars, Enter picks, Esc leaves', async () => {
  const picked = [];
  let left = 0;
  const view = (selected) =>
    stack({ selected, onPick: (name, bar) => picked.push(`${bar} ${name}`), onLeave: () => (left += 1) });
  const { press, show } = await draw('stackChart', view(undefined));
  press('ArrowRight');
  show(view({ name: 'b', bar: 'one' }));
  press('ArrowRight');
  press('ArrowDown');
  press('Enter');
  press('Escape');
  show(view({ name: 'c', bar: 'two' }));
  press('ArrowUp');
  press('ArrowRight');
  assert.deepEqual(picked, ['one a', 'two a', 'two b', 'one b', 'one b', 'two c']);
  assert.equal(left, 1);
});

// Lines.
const xs = [1024, 4096, 16384, 65536, 262144];
const lines = (more = {}) => ({
  ...{ title: 'KV cache', width: 800, xs },
  x: { kind: 'log', base: 2, unit: 'tokens', title: 'context' },
  y: { kind: 'log', unit: 'B', title: 'cache' },
  series: [
    { name: 'a', title: 'Model A', values: xs.map((x) => x * 131072), role: 'k' },
    { name: 'b', title: 'Model B', values: xs.map((x) => x * 327680), role: 'k' },
  ],
  references: [{ value: 80e9, title: '80 GB' }],
  ...more,
});
const pathPoints = (path) =>
  [...path.getAttribute('d').matchAll(/([ML])([-\d.]+),([-\d.]+)/g)].map(([, kind, x, y]) => ({
    kind,
    x: Number(x),
    y: Number(y),
  }));

test('on two log axes what grows in proportion is straight', async () => {
  const { all } = await draw('lineChart', lines());
  for (const path of all('.cf-line')) {
    const points = pathPoints(path);
    assert.equal(points.length, xs.length);
    const slope = (points[1].y - points[0].y) / (points[1].x - points[0].x);
    assert.ok(slope < 0);
    points.slice(2).forEach((point) => near((point.y - points[0].y) / (point.x - points[0].x), slope, 1e-3));
  }
});

test('a line has a gap where there is no value', async () => {
  const values = [1, NaN, 3, 4, 0];
  const log = await draw('lineChart', lines({ series: [{ name: 'a', title: 'A', values }] }));
  assert.equal(
    pathPoints(log.all('.cf-line')[0])
      .map(({ kind }) => kind)
      .join(''),
    'MML',
  );
  const y = { unit: '' };
  const linear = await draw('lineChart', lines({ y, series: [{ name: 'a', title: 'A', values }] }));
  assert.equal(
    pathPoints(linear.all('.cf-line')[0])
      .map(({ kind }) => kind)
      .join(''),
    'MMLL',
  );
});

test('a reference is drawn at its value and named', async () => {
  const value = 131072 * 65536;
  const { all } = await draw('lineChart', lines({ references: [{ value, title: 'limit' }] }));
  const height = Number(/^M[\d.]+ ([\d.]+)H/.exec(all('.cf-reference path')[0].getAttribute('d'))[1]);
  near(height, pathPoints(all('.cf-line')[0])[3].y, 1e-2);
  assert.equal(words(all('.cf-reference text')[0]), 'limit');
});

test('each line is named at its end where the names fit, else in a list', async () => {
  const direct = await draw('lineChart', lines());
  assert.deepEqual(direct.all('.cf-line-label text').map(words), ['Model A', 'Model B']);
  assert.equal(direct.all('.cf-key').length, 0);
  const title = 'a model with a rather long name';
  const series = lines().series.map((one) => ({ ...one, title }));
  const narrow = await draw('lineChart', lines({ width: 320, series }));
  assert.equal(narrow.all('.cf-line-label').length, 0);
  assert.deepEqual(narrow.all('.cf-key')[0].querySelectorAll('li').length, 2);
});

test('names at line ends keep apart, however close the lines end', async () => {
  const series = [1, 1.01, 1.02, 1.03, 1.04].map((factor, i) => ({
    name: String(i),
    title: `Model ${i}`,
    values: xs.map((x) => x * factor),
  }));
  const { all } = await draw('lineChart', lines({ series, references: [] }));
  apart(all('.cf-line-label text'));
});

test('the selected point shows each value, in the drawing or on narrow pages under it', async () => {
  for (const width of WIDTHS) {
    const { place, all } = await draw('lineChart', lines({ width, selected: 3 }));
    assert.equal(all('.cf-dot').length, 2);
    assert.deepEqual(all('.cf-value').map(words), ['8.59 GB', '21.5 GB'], String(width));
    assert.match(words(place), /65,536 tokens/);
    assert.match(all('[aria-label]')[0].getAttribute('aria-label'), /Now 65,536.tokens: Model A 8\.59.GB/);
  }
});

test('a context of two to the twentieth is shown with all its digits', async () => {
  const series = [{ name: 'a', title: 'A', values: [1, 2] }];
  const { all } = await draw('lineChart', lines({ xs: [1024, 2 ** 20], series, selected: 1 }));
  assert.equal(words(all('.cf-cursor-text')[0]), '1,048,576 tokens');
});

test('arrow keys walk the points, Home and End lead to the ends, Enter pins, Esc leaves', async () => {
  const said = [];
  const view = lines({
    ...{ selected: 2, onPoint: (i) => said.push(i) },
    ...{ onPin: (i) => said.push(`pin ${i}`), onLeave: () => said.push('leave') },
  });
  const { press, show, all } = await draw('lineChart', view);
  for (const key of ['ArrowRight', 'ArrowLeft', 'Home', 'End', 'Enter', 'Escape', 'x']) press(key);
  show({ ...view, selected: 4 });
  press('ArrowRight');
  show({ ...view, selected: undefined });
  press('ArrowRight');
  show({ ...view, selected: 1, current: () => 3 });
  press('ArrowLeft');
  assert.deepEqual(said, [3, 1, 0, 4, 'pin 2', 'leave', 4, 0, 2]);
  assert.equal(all('[tabindex="0"]').length, 1, 'one Tab stop');
});

test('a pointer takes the nearest point', async () => {
  const said = [];
  const { window, all } = await draw('lineChart', lines({ onPoint: (i) => said.push(i) }));
  const svg = all('svg')[0];
  pathPoints(all('.cf-line')[0]).forEach(({ x }) => {
    svg.dispatchEvent(new window.MouseEvent('pointermove', { clientX: x + 9, clientY: 50, bubbles: true }));
  });
  assert.deepEqual(said, [0, 1, 2, 3, 4]);
});

test('a pointer that stays at a point says nothing again, and only a mouse leaves', async () => {
  const said = [];
  const view = lines({ selected: 0, onPoint: (i) => said.push(i), onLeave: () => said.push('leave') });
  const { window, all } = await draw('lineChart', view);
  const send = (kind, pointerType) => {
    const event = new window.MouseEvent(kind, { clientX: 0, clientY: 0, bubbles: true });
    Object.defineProperty(event, 'pointerType', { value: pointerType });
    all('svg')[0].dispatchEvent(event);
  };
  send('pointermove', 'mouse');
  send('pointerleave', 'touch');
  assert.deepEqual(said, []);
  send('pointerleave', 'mouse');
  assert.deepEqual(said, ['leave']);
});

// Treemap.
const root = {
  ...{ name: 'all', title: 'Model' },
  children: [
    {
      ...{ name: 'mlp', title: 'Feed-forward', role: 'mlp' },
      children: [
        { name: 'gate', title: 'gate', value: 1.88e9 },
        { name: 'up', title: 'up', value: 1.88e9 },
        { name: 'down', title: 'down', value: 1.2e9 },
      ],
    },
    {
      ...{ name: 'att', title: 'Attention', role: 'weights' },
      children: [
        { name: 'q', title: 'W Q', role: 'q', value: 5.4e8 },
        { name: 'k', title: 'W K', role: 'k', value: 1.3e8 },
      ],
    },
    { name: 'emb', title: 'Embedding', value: 5.2e8 },
    { name: 'norm', title: 'Norms', value: 266240 },
  ],
};
const tree = (more = {}) => ({ title: 'Parameters', width: 700, root, ...more });

test('areas of the parts of one group are proportional to their values', async () => {
  for (const width of WIDTHS) {
    const { place } = await draw('treemapChart', tree({ width }));
    const area = (name) => {
      const rect = place.querySelector(`.cf-area[data-name="${name}"]`);
      return number(rect, 'width') * number(rect, 'height');
    };
    near(area('up') / area('gate'), 1, 1e-6);
    near(area('down') / area('gate'), 1.2 / 1.88, 1e-6);
    near(area('k') / area('q'), 1.3 / 5.4, 1e-6);
  }
});

test('a part has its own role, or else that of its group', async () => {
  const { place } = await draw('treemapChart', tree());
  const classes = (name) => place.querySelector(`.cf-area[data-name="${name}"]`).getAttribute('class');
  assert.match(classes('up'), /cf-role-mlp/);
  assert.match(classes('k'), /cf-role-k/);
  assert.match(classes('emb'), /cf-role-residual/);
});

test('names in a treemap stand only where they fit', async () => {
  for (const width of WIDTHS) {
    const { place, all } = await draw('treemapChart', tree({ width }));
    for (const text of all('svg text')) {
      const { left, right } = boxOf(text);
      const inside = [...all('.cf-area'), ...all('.cf-area-head')].some(
        (rect) =>
          left >= number(rect, 'x') &&
          right <= number(rect, 'x') + number(rect, 'width') &&
          number(text, 'y') > number(rect, 'y') &&
          number(text, 'y') < number(rect, 'y') + number(rect, 'height'),
      );
      assert.ok(inside, `${text.textContent} at ${width}`);
    }
    assert.match(words(place.querySelector('.cf-chart-note')), /Too small to draw: Norms 266,240/);
  }
});

test('what is too small to draw can be picked from the words under the treemap', async () => {
  const picked = [];
  const { all } = await draw('treemapChart', tree({ onPick: (name) => picked.push(name) }));
  all('.cf-chart-note button')[0].click();
  assert.deepEqual(picked, ['norm']);
});

test('arrow keys reach every part of a treemap, Page Up its group', async () => {
  const reached = new Set();
  let selected;
  const view = () => tree({ selected, onPick: (name) => (selected = name) });
  const { press, show } = await draw('treemapChart', view());
  const random = seeded(6);
  for (let i = 0; i < 400; i += 1) {
    press(random.pick(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']));
    show(view());
    reached.add(selected);
    if (random.below(6) === 0) {
      press(random.pick(['PageUp', 'PageDown']));
      show(view());
      reached.add(selected);
    }
  }
  for (const name of ['gate', 'up', 'down', 'q', 'k', 'emb', 'mlp', 'att'])
    assert.ok(reached.has(name), name);
  selected = 'k';
  show(view());
  press('PageUp');
  assert.equal(selected, 'att');
});

// Roofline.
const roof = { name: 'h', title: 'H100', bandwidth: 3.35e12, compute: 989.4e12 };
const operation = (name, intensity, performance, more = {}) => ({
  ...{ name, title: `operation ${name}`, intensity, performance, weight: 1 },
  ...{ bound: intensity < 295 ? 'memory' : 'compute', role: 'mlp', ...more },
});
const roofline = (more = {}) => ({
  ...{ title: 'Roofline', width: 800, roofs: [roof] },
  points: [operation('b', 100, 300e12), operation('a', 1, 3.35e12), operation('c', 2000, 989.4e12)],
  ...more,
});

test('a point at full bandwidth lies on the slope, one at full speed on the ceiling', async () => {
  const { place } = await draw('rooflineChart', roofline());
  const found = /^M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)H/.exec(
    place.querySelector('.cf-roof-line').getAttribute('d'),
  );
  const [x0, y0, x1, y1] = found.slice(1).map(Number);
  const point = (name) => place.querySelector(`circle[data-name="${name}"]`);
  const share = (number(point('a'), 'cx') - x0) / (x1 - x0);
  near(number(point('a'), 'cy'), y0 + share * (y1 - y0), 1e-3);
  near(number(point('c'), 'cy'), y1, 1e-3);
  assert.ok(number(point('b'), 'cy') > number(point('c'), 'cy'));
});

test('the area of a point is its weight', async () => {
  const points = [operation('a', 1, 1e12, { weight: 4 }), operation('b', 9, 1e13, { weight: 1 })];
  const { place } = await draw('rooflineChart', roofline({ points }));
  const r = (name) => number(place.querySelector(`circle[data-name="${name}"]`), 'r');
  near(r('a') ** 2 / r('b') ** 2, 4);
});

test('what bounds a point shows in its shape, not in its colour alone', async () => {
  const { place } = await draw('rooflineChart', roofline());
  assert.match(place.querySelector('circle[data-name="a"]').getAttribute('class'), /cf-bound-memory/);
  assert.match(place.querySelector('circle[data-name="c"]').getAttribute('class'), /cf-bound-compute/);
  assert.match(words(place.querySelector('.cf-key')), /bound by memory bound by compute/);
});

test('names of points keep apart, and the chosen one is named even in a crowd', async () => {
  const random = seeded(7);
  for (const width of WIDTHS) {
    for (let i = 0; i < 3; i += 1) {
      const points = Array.from({ length: 14 }, (_, k) => {
        const intensity = 10 ** random.between(-1, 1);
        const performance = intensity * 3.35e12 * random.between(0.5, 1);
        return operation(String(k), intensity, performance, { weight: random.between(0, 1) });
      });
      const { all } = await draw('rooflineChart', roofline({ width, points }));
      apart(all('.cf-operation-name'));
      const chosen = await draw('rooflineChart', roofline({ width, points, selected: '9' }));
      assert.deepEqual(chosen.all('.cf-operation-name.cf-on').map(words), ['operation 9'], String(width));
    }
  }
});

test('arrow keys walk the points by intensity', async () => {
  const picked = [];
  const view = (selected) => roofline({ selected, onPick: (name) => picked.push(name) });
  const { press, show } = await draw('rooflineChart', view(undefined));
  press('ArrowRight');
  show(view('a'));
  press('ArrowRight');
  show(view('b'));
  press('ArrowRight');
  assert.deepEqual(picked, ['a', 'b', 'c']);
});

// Bars.
const bars = (values, more = {}) => ({
  ...{ title: 'Compare', width: 700, unit: 'B' },
  groups: [
    { title: 'Group', items: values.map((value, i) => ({ name: `i${i}`, title: `item ${i}`, value })) },
  ],
  ...more,
});

test('bars are as long as their values, and on a log scale as their logarithms', async () => {
  const values = [1e6, 4e6, 2.5e6];
  const linear = await draw('barsChart', bars(values));
  const long = linear.all('.cf-segment').map((rect) => number(rect, 'width'));
  near(long[0] / long[1], 0.25, 1e-9);
  near(long[2] / long[1], 0.625, 1e-9);
  const log = await draw(
    'barsChart',
    bars(
      [1e3, 1e4, 1e6].map((value) => 2 * value),
      { kind: 'log' },
    ),
  );
  const widths = log.all('.cf-segment').map((rect) => number(rect, 'width'));
  near((widths[2] - widths[1]) / (widths[1] - widths[0]), 2, 1e-6);
  assert.ok(widths[0] > 0, 'the least is above the power of ten where bars begin');
});

test('every bar stands with its name and value, and arrow keys walk them', async () => {
  const picked = [];
  const view = bars([1e6, 4e6, 2.5e6], { selected: 'i1', onPick: (name) => picked.push(name) });
  const { press, all } = await draw('barsChart', view);
  assert.deepEqual(all('.cf-bar-name').map(words), ['item 0', 'item 1', 'item 2']);
  assert.deepEqual(all('.cf-bar-value').map(words), ['1 MB', '4 MB', '2.5 MB']);
  press('ArrowDown');
  press('ArrowUp');
  assert.deepEqual(picked, ['i2', 'i0']);
});

// Table.
const rows = [
  { name: 'b', title: 'B', cells: { size: 8.03e9, kind: 'dense' } },
  { name: 'a', title: 'A', cells: { size: null, kind: 'dense' } },
  { name: 'c', title: 'C', cells: { size: 70.6e9, kind: 'sparse' } },
  { name: 'd', title: 'D', cells: { size: { value: 8.03e9, approximate: true }, kind: 'dense' } },
];
const columns = [
  { name: 'size', title: 'size', unit: 'B' },
  { name: 'kind', title: 'kind' },
];
const table = (more = {}) => ({
  caption: 'Models',
  corner: 'model',
  columns,
  rows,
  missing: 'undisclosed',
  ...more,
});

test('rows are sorted either way, equals stay in order and the unknown comes last', () => {
  const order = (direction, column = 'size') =>
    sorted(rows, { column, direction })
      .map(({ name }) => name)
      .join('');
  assert.equal(order('ascending'), 'bdca');
  assert.equal(order('descending'), 'cbda');
  assert.equal(order('ascending', ''), 'abcd');
  assert.equal(sorted(rows, undefined), rows);
});

test('a head sorts up, then down, then not, and says so', async () => {
  let sort;
  const said = [];
  const view = () => table({ sort, onSort: (next) => (sort = next) });
  const { show, all } = await draw('comparisonTable', view());
  for (let i = 0; i < 4; i += 1) {
    said.push(all('th[scope=col]').map((head) => head.getAttribute('aria-sort'))[1]);
    all('th[scope=col] button')[1].click();
    show(view());
  }
  assert.deepEqual(said, ['none', 'ascending', 'descending', 'none']);
  assert.deepEqual(nextSort({ column: 'x', direction: 'descending' }, 'size'), {
    column: 'size',
    direction: 'ascending',
  });
});

test('a table that cannot be sorted has no buttons', async () => {
  const { all } = await draw('comparisonTable', table());
  assert.equal(all('button, [aria-sort]').length, 0);
});

test('what differs from the reference carries a mark beside its weight; the unknown is not said to differ', async () => {
  const { all } = await draw('comparisonTable', table({ reference: 'b' }));
  assert.deepEqual(
    all('td.cf-differs').map((cell) => [cell.closest('tr').dataset.name, words(cell)]),
    [
      ['c', '≠differs: 70.6 GB'],
      ['c', '≠differs: sparse'],
    ],
  );
  assert.deepEqual(all('td.cf-missing').map(words), ['undisclosed']);
});

test('numbers have their unit, and every digit in their title', async () => {
  const { all } = await draw('comparisonTable', table());
  const cells = all('tr[data-name="d"] td');
  assert.equal(words(cells[0]), '~8.03 GB');
  assert.equal(cells[0].title.replaceAll('\u00a0', ' '), '8,030,000,000 bytes');
});

test('a table scrolls in a region of its own that a keyboard reaches', async () => {
  const { all } = await draw('comparisonTable', table());
  const region = all('[role=region]')[0];
  assert.equal(region.tabIndex, 0);
  assert.equal(region.getAttribute('aria-label'), 'Models');
  const css = readFileSync(new URL('../../web/charts/charts.css', import.meta.url), 'utf8');
  assert.match(css, /\.cf-compare \{[^}]*overflow-x: auto/);
  assert.match(css, /\.cf-compare th:first-child \{[^}]*position: sticky/);
});

// All of them.
const marked = {
  stackChart: stack({
    title: MARKUP,
    bars: [
      {
        name: MARKUP,
        title: MARKUP,
        capacity: 5,
        capacityTitle: MARKUP,
        segments: [segment(MARKUP, 9, { title: MARKUP })],
      },
    ],
    selected: { name: MARKUP },
  }),
  lineChart: lines({
    ...{ title: MARKUP, x: { title: MARKUP, unit: MARKUP }, y: { title: MARKUP, unit: MARKUP }, selected: 1 },
    series: [{ name: MARKUP, title: MARKUP, values: [1, 2, 3, 4, 5] }],
    references: [{ value: 2, title: MARKUP }],
  }),
  treemapChart: tree({
    ...{ title: MARKUP, unit: MARKUP, selected: MARKUP },
    root: {
      name: 'r',
      title: MARKUP,
      children: [
        { name: MARKUP, title: MARKUP, value: 3 },
        { name: 'o', title: MARKUP, value: 1e-9 },
      ],
    },
  }),
  rooflineChart: roofline({
    ...{ title: MARKUP, weightTitle: MARKUP, selected: MARKUP, roofs: [{ ...roof, title: MARKUP }] },
    points: [operation(MARKUP, 3, 1e12, { title: MARKUP })],
  }),
  barsChart: bars([1, 2], {
    title: MARKUP,
    groups: [{ title: MARKUP, items: [{ name: MARKUP, title: MARKUP, value: 1 }] }],
  }),
  comparisonTable: table({
    ...{ caption: MARKUP, corner: MARKUP, missing: MARKUP, reference: 'b', onSort() {} },
    columns: [{ name: 'size', title: MARKUP, unit: MARKUP, note: MARKUP }],
    rows: [...rows, { name: MARKUP, title: MARKUP, cells: { size: MARKUP } }],
  }),
};
for (const [name, view] of Object.entries(marked)) {
  test(`text is never markup in ${name}, and nothing carries a style attribute`, async () => {
    for (const width of WIDTHS) {
      const { place, window } = await draw(name, { ...view, width });
      assert.equal(place.querySelector('img, script, [onerror], [style], style'), null);
      assert.equal(window.hacked, undefined);
      assert.ok(place.innerHTML.includes('&lt;img'));
    }
  });
}

const empty = {
  stackChart: [
    stack({ bars: [] }),
    stack({ bars: [{ name: 'x', title: 'X', segments: [] }] }),
    stack({ bars: [{ name: 'x', title: 'X', capacity: 0, segments: [segment('a', 0)] }] }),
  ],
  lineChart: [
    lines({ xs: [], series: [], references: [] }),
    lines({ xs: [8], series: [{ name: 'a', title: 'A', values: [5] }], selected: 0 }),
    lines({ series: [{ name: 'a', title: 'A', values: [NaN, NaN, NaN, NaN, NaN] }], selected: 9 }),
    lines({ y: {}, series: [{ name: 'a', title: 'A', values: [0, 0, 0, 0, 0] }] }),
  ],
  treemapChart: [
    tree({ root: { name: 'r', title: 'R', children: [] } }),
    tree({ root: { name: 'r', title: 'R', children: [{ name: 'a', title: 'A', value: 0 }] } }),
  ],
  rooflineChart: [roofline({ points: [] }), roofline({ points: [], roofs: [] })],
  barsChart: [bars([]), bars([0]), bars([0, -1], { kind: 'log' })],
  comparisonTable: [table({ rows: [] }), table({ columns: [] })],
};
for (const [name, views] of Object.entries(empty)) {
  test(`${name} with little or nothing to show draws no undefined and no NaN, and its keys do nothing wrong`, async () => {
    for (const view of views) {
      const calls = [];
      const { place, press, errors } = await draw(name, { ...view, onPick: (...args) => calls.push(args) });
      for (const key of ['ArrowRight', 'ArrowDown', 'Enter', 'Home', 'PageUp', 'Escape']) press(key);
      place
        .querySelector('svg')
        ?.dispatchEvent(new place.ownerDocument.defaultView.MouseEvent('click', { bubbles: true }));
      assert.deepEqual(errors, []);
      assert.doesNotMatch(place.innerHTML, /NaN|undefined|Infinity/);
      for (const args of calls) assert.equal(typeof args[0], 'string');
    }
  });
}

for (const [name, view] of Object.entries({
  stackChart: stack(),
  lineChart: lines({ selected: 4 }),
  treemapChart: tree(),
  rooflineChart: roofline(),
  barsChart: bars([1e6, 4e6]),
})) {
  test(`${name} keeps its words within its width and is one named Tab stop`, async () => {
    for (const width of WIDTHS) {
      const { place, all } = await draw(name, { ...view, width });
      for (const text of all('svg[data-export] text[x]')) {
        const { left, right } = boxOf(text, 12);
        assert.ok(left > -3 && right < width + 3, `"${text.textContent}" ${left} to ${right} of ${width}`);
      }
      assert.equal(all('[tabindex="0"]').length, 1);
      const svg = place.querySelector('svg[tabindex="0"]');
      assert.equal(number(svg, 'width'), width);
      assert.ok(svg.getAttribute('aria-label').startsWith(view.title));
    }
  });
}

test('an upright mark of a line chart stands at its x, its words within the plot, and none stands outside', async () => {
  for (const width of WIDTHS) {
    const xs = [1, 2, 4, 8, 16];
    const marks = [
      { value: 4, title: 'four' },
      { value: 16, title: 'sixteen is at the end' },
      { value: 32, title: 'beyond' },
    ];
    const { all } = await draw('lineChart', {
      ...{ title: 'T', width, x: { kind: 'log', base: 2 }, y: {}, xs, marks },
      series: [{ name: 'a', title: 'A', values: xs }],
    });
    const drawn = all('.cf-mark');
    assert.equal(drawn.length, 2);
    const place = (mark) => Number(/^M([\d.]+) /.exec(mark.querySelector('path').getAttribute('d'))[1]);
    const line = all('.cf-line')[0]
      .getAttribute('d')
      .split('L')
      .map((point) => Number(point.replace('M', '').split(',')[0]));
    near(place(drawn[0]), line[2], 0.01);
    near(place(drawn[1]), line[4], 0.01);
    for (const text of all('.cf-mark text')) {
      const { left, right } = boxOf(text);
      assert.ok(left > 0 && right < width + 1, `"${text.textContent}" ${left} to ${right} of ${width}`);
    }
  }
});

test('words under a stacked bar with many parts stay within a narrow page', async () => {
  const titles = ['weights', 'gradients', 'float32 copy', 'optimizer', 'activations', 'runtime'];
  const random = seeded(21);
  for (let i = 0; i < 30; i += 1) {
    const segments = titles.map((title) => ({ name: title, title, value: random.between(1, 60) * 1e9 }));
    for (const width of [260, 358]) {
      const bars = [{ name: 'x', title: 'X', segments, capacity: 72e9 }];
      const { all } = await draw('stackChart', stack({ width, bars }));
      const under = all('.cf-under text, .cf-under-key text');
      apart(under);
      for (const leader of all('.cf-under path')) {
        const [x, from, to] = (leader.getAttribute('d')?.match(/[\d.]+/g) ?? []).map(Number);
        for (const text of all('.cf-under text')) {
          const box = boxOf(text);
          if (text.parentNode === leader.parentNode) continue;
          const through = x > box.left && x < box.right && box.top > from && box.bottom < to;
          assert.ok(!through, `a leader at ${x} runs through "${text.textContent}" at ${width}`);
        }
      }
      for (const text of under) {
        const { left, right } = boxOf(text);
        assert.ok(left > -3 && right < width + 3, `"${text.textContent}" ${left} to ${right} of ${width}`);
      }
    }
  }
});

// Colours.
const tokens = readFileSync(new URL('../../web/site/tokens.css', import.meta.url), 'utf8');
const chartsCss = readFileSync(new URL('../../web/charts/charts.css', import.meta.url), 'utf8');
/** The tokens of a theme. @param {string} selector */
function theme(selector, text = tokens) {
  const block = text.slice(text.indexOf(`${selector} {`));
  return Object.fromEntries(
    [...block.slice(0, block.indexOf('}')).matchAll(/--cf-([\w-]+): ([^;]+);/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  );
}
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
const over = (top, ground, opacity) => top.map((part, i) => part * opacity + ground[i] * (1 - opacity));
const light = (colour) => {
  const [r, g, b] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
for (const [name, selector] of [
  ['light', ':root'],
  ['dark', ":root[data-theme='dark']"],
]) {
  test(`in the ${name} theme words have a contrast of 4.5 on the page and on every filled part`, () => {
    const colours = theme(selector);
    const cell = Number(theme(selector, chartsCss).part);
    const page = rgb(colours.page);
    const ink = rgb(colours.ink);
    for (const role of ['q', 'k', 'v', 'weights', 'residual', 'mlp', 'position', 'error', 'ink']) {
      const colour = rgb(colours[role]);
      const opacity = role === 'ink' ? cell * 0.35 : cell;
      assert.ok(contrast(colour, page) >= 4.5, `${role} on the page: ${contrast(colour, page)}`);
      const filled = contrast(ink, over(colour, page, opacity));
      assert.ok(filled >= 4.5, `ink on ${role}: ${filled}`);
    }
    assert.ok(contrast(rgb(colours.soft), page) >= 4.5);
  });
}
