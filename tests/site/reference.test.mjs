// The reference: its pages in dist/ against the declarations, which are read here without the generator.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { blocks, codeBlock, inline, prose, sources } from '../../scripts/site/prose.mjs';
import { fieldOf, partsOf, summaryOf } from '../../scripts/site/reference.mjs';
import { dist, pagesOf, root } from './site.mjs';

const folder = join(dist, 'tutorials/reference');
const pages = pagesOf(folder);
const pageOf = (/** @type {string} */ name) => pages.find(({ path }) => path === `${name}.html`);
const index = pageOf('index');
const modules = readdirSync(join(root, 'web/core/api')).map((name) => name.replace(/\.d\.ts$/, ''));
const declared = new Map(
  modules.map((name) => [name, readFileSync(join(root, `web/core/api/${name}.d.ts`), 'utf8')]),
);

/** The methods of a module's interface of functions. @param {string} text */
const functionsOf = (text) => {
  const body = /export interface \w+Functions \{([\s\S]*?)\n\}/.exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
};

/** The members that an interface declares by itself. @param {string} name */
function fieldsOf(name) {
  const text = [...declared.values()].find((one) => one.includes(`export interface ${name} `)) ?? '';
  const [, bases = '', body = ''] =
    new RegExp(`export interface ${name} (?:extends ([\\w, ]+) )?\\{([\\s\\S]*?)\\n?\\}`).exec(text) ?? [];
  const own = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field]) => field);
  return [...own, ...bases.split(', ').filter(Boolean).flatMap(fieldsOf)];
}

test('every module has a page and stands in the map', () => {
  assert.deepEqual(
    pages.map(({ path }) => path),
    ['core', 'index', ...modules].map((name) => `${name}.html`).sort(),
  );
  for (const name of modules) assert.ok(index.document.querySelector(`h3 a[href="${name}.html"]`), name);
});

for (const [module, text] of declared) {
  test(`the page of ${module} has every function with its example, options and results`, () => {
    const { document } = pageOf(module);
    const names = functionsOf(text);
    assert.ok(names.length > 0);
    assert.deepEqual(
      [...document.querySelectorAll('section.cf-function > h2')].map(({ id }) => id),
      names,
    );
    for (const name of names) {
      const section = document.getElementById(name)?.closest('section');
      assert.match(section.querySelector('.cf-signature').textContent, new RegExp(`^core\\.${name}\\(`));
      assert.ok(section.querySelector('.cf-code .cf-output'), `${name} shows what it gives`);
      assert.ok(section.querySelector('.cf-signature + p'), `${name} is described`);
      const [, options] = new RegExp(`^ {2}${name}\\(options\\??: (\\w+)`, 'm').exec(text) ?? [];
      const told = [...section.querySelectorAll('tbody th')].map(({ textContent }) => textContent);
      for (const field of options ? fieldsOf(options) : [])
        assert.ok(told.includes(field), `${name}: ${field}`);
      assert.ok(index.document.querySelector(`a[href="${module}.html#${name}"]`), `${name} is in the map`);
      assert.ok(document.querySelector(`.cf-contents a[href="#${name}"]`), `${name} is in the contents`);
    }
  });
}

test('core has load, describe, memory and the methods of a trace, and the types that all share', () => {
  const { document } = pageOf('core');
  for (const id of ['load', 'describe', 'memory', 'trace-tensors', 'trace-explain', 'trace-dispose'])
    assert.ok(document.querySelector(`section.cf-function > h2[id="${id}"]`), id);
  for (const id of ['Tensor', 'TensorLike', 'Integer', 'Trace']) assert.ok(document.getElementById(id), id);
});

test('the start tells Node, pages, shapes, precision and errors, from the head of core.d.ts', () => {
  for (const id of ['node', 'page', 'shapes', 'precision', 'errors'])
    assert.ok(index.document.querySelector(`h2[id="${id}"]`), id);
  const text = index.document.querySelector('article').textContent.replace(/\s+/g, ' ');
  for (const words of [
    'Every function takes one object of options',
    'One letter has one extent',
    'gives Float64Arrays',
    'the next call works',
  ])
    assert.ok(text.includes(words), words);
});

test('the example of the start gives what it says', async () => {
  const { load } = await import('clearformer');
  const core = await load();
  const { y } = await core.matmul({
    a: [
      [1, 2],
      [3, 4],
    ],
    b: { shape: [2, 1], data: [1, 10] },
  });
  const text = index.document.querySelector('#shapes').parentElement.textContent;
  assert.ok(text.includes(`y.shape; // => [${y.shape.join(', ')}]`));
  assert.ok(text.includes(`y.data; // => [${y.data.join(', ')}]`));
});

test('titles are unique over the whole site', () => {
  const titles = pagesOf(dist).map(({ document }) => document.title);
  assert.deepEqual(
    titles.filter((title, i) => titles.indexOf(title) !== i && title !== 'Clearformer'),
    [],
  );
});

test('no page of the reference names another site, and no comment mark of Markdown is left over', () => {
  for (const { path, text, document } of pages) {
    assert.doesNotMatch(text.replace(/<meta[^>]*>/g, ''), /https?:\/\//, path);
    for (const code of document.querySelectorAll('pre')) code.remove();
    const words = document.querySelector('article').textContent;
    assert.doesNotMatch(words, /`|\*\*|\]\((?:https|#|\w+\.html)|@example|undefined|\[object/, path);
  }
});

test('every page of the reference is small', () => {
  const shared = ['assets/site.css', 'assets/pages/reference.js']
    .map((path) => gzipSync(readFileSync(join(dist, path))).length)
    .reduce((sum, size) => sum + size);
  for (const { path, text } of pages) assert.ok(gzipSync(text).length + shared < 75_000, path);
});

test('the front page leads to the reference', () => {
  const front = pagesOf(join(dist, 'tutorials')).find(({ path }) => path === 'index.html');
  assert.ok(front.document.querySelector('main a[href="reference/index.html"]'));
});

test('what a comment says is text: markup in it is shown, not obeyed', () => {
  const html = prose(
    'a <img src=x onerror=1> & `<b>` **<i>** [x](javascript:alert) [y](//z.example) [z](data:text/html,1)',
  );
  assert.doesNotMatch(html, /<(?:img|b|i|a)\b/);
  assert.match(html, /&lt;img src=x onerror=1&gt; &amp; <code>&lt;b&gt;<\/code>/);
  assert.match(inline('[here](core.html#load)'), /^<a href="core.html#load">here<\/a>$/);
});

test('shapes and their letters are set as code, words and formulas are not', () => {
  assert.equal(inline('[B?, H, T, D] with T = 0'), '<code>[B?, H, T, D]</code> with <code>T</code> = 0');
  for (const text of ['A row of C++', 'W_gateᵀ', 'E(x)', 'alibiSlopes[h]', 'x Wᵀ'])
    assert.equal(inline(text), text);
});

test('comments are taken apart: edges, errors, sources, shape, default', () => {
  const parts = partsOf('Sums (Euler 1755).\n\nEdges: nothing gives 0. RangeError for NaN.');
  assert.deepEqual(parts, {
    about: ['Sums (Euler 1755).'],
    trace: [],
    edges: ['Nothing gives 0.'],
    errors: ['RangeError for NaN.'],
  });
  assert.deepEqual(sources('Sums (Euler 1755) of (a + b).'), ['Euler 1755']);
  assert.deepEqual(fieldOf('γ [C]; default ones'), { shape: '[C]', given: 'ones', meaning: 'γ.' });
  assert.deepEqual(fieldOf('ε, at least 0. Default 1e-5.'), {
    shape: '',
    given: '1e-5',
    meaning: 'ε, at least 0.',
  });
  assert.deepEqual(fieldOf('[T, S]: 1 where seen'), { shape: '[T, S]', given: '', meaning: '1 where seen' });
  assert.equal(summaryOf('Softmax along one axis: y = exp(x) (Bridle 1990).'), 'Softmax along one axis');
  assert.deepEqual(
    blocks('a\nb\n\n- c\n  d\n- e').map(({ lines }) => lines),
    [
      ['a', 'b'],
      ['c d', 'e'],
    ],
  );
});

test('what is copied from an example is its code', () => {
  const holder = index.document.createElement('div');
  const code = "const a = 'x<y';\na; // => 'x<y'\nb();";
  holder.innerHTML = codeBlock(code);
  assert.equal(holder.querySelector('code').textContent, code);
});
