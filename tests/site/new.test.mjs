import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { JSDOM } from 'jsdom';
import { ESLint } from 'eslint';
import { check } from 'prettier';
import { cppProblems, definesElement, webProblems } from './layers.mjs';
import { filesOf, root } from './site.mjs';

const folders = [];
/** A project of its own with the given folders copied from this one. @param {string[]} parts */
function project(...parts) {
  const folder = mkdtempSync(join(tmpdir(), 'clearformer-new-'));
  folders.push(folder);
  mkdirSync(join(folder, 'cpp/clearformer/ops'), { recursive: true });
  mkdirSync(join(folder, 'cpp/clearformer/position'));
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  return folder;
}
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** @param {string} folder @param {string[]} words */
const make = (folder, ...words) =>
  spawnSync('node', [join(root, 'scripts/new.mjs'), ...words, '--root', folder], { encoding: 'utf8' });
const read = (/** @type {string} */ folder, /** @type {string} */ path) =>
  readFileSync(join(folder, path), 'utf8');

/** What is wanted -> the files that it writes. */
const wishes = {
  'kernel ops/soft_cap': [
    'cpp/clearformer/ops/soft_cap.cpp',
    'cpp/clearformer/ops/soft_cap.hpp',
    'tests/cpp/ops/soft_cap_test.cpp',
  ],
  'kernel position/alibi2': [
    'cpp/clearformer/position/alibi2.cpp',
    'cpp/clearformer/position/alibi2.hpp',
    'tests/cpp/position/alibi2_test.cpp',
  ],
  'figure my-figure': ['tests/web/my-figure.test.mjs', 'web/figures/my-figure.js'],
  'page text/rotary-positions': ['tutorials/text/rotary-positions.html'],
  'model tiny-1b': ['web/models/tiny-1b.json'],
};

for (const [wish, files] of Object.entries(wishes)) {
  test(`${wish} writes its files and no other`, () => {
    const folder = project();
    const { status, stdout, stderr } = make(folder, ...wish.split(' '));
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.deepEqual(filesOf(folder), files);
    for (const file of files) assert.ok(stdout.includes(file));
    for (const file of files) {
      if (file.startsWith('cpp/')) assert.deepEqual(cppProblems(file, read(folder, file)), []);
      if (file.startsWith('web/') && file.endsWith('.js')) {
        assert.deepEqual(
          webProblems(file, read(folder, file), () => false),
          [],
        );
      }
    }
  });

  test(`${wish} asked twice overwrites nothing and says so`, () => {
    const folder = project();
    make(folder, ...wish.split(' '));
    rmSync(join(folder, files[0]));
    const kept = files.at(-1);
    if (files.length > 1) writeFileSync(join(folder, kept), 'mine');
    else make(folder, ...wish.split(' '));
    const before = read(folder, kept);
    const { status, stderr } = make(folder, ...wish.split(' '));
    assert.equal(status, 1);
    assert.match(stderr, /^new: \S+ exists already; it was left as it is, and nothing was written\n$/);
    assert.equal(read(folder, kept), before);
    if (files.length > 1) assert.equal(existsSync(join(folder, files[0])), false);
  });
}

const refused = {
  '': 'new: the kind must be one of kernel, figure, page, model, got ""',
  'widget x': 'new: the kind must be one of kernel, figure, page, model, got "widget"',
  'constructor x': 'new: the kind must be one of kernel, figure, page, model, got "constructor"',
  figure: 'new: a figure needs a name, such as npm run new -- figure name',
  'figure a b': 'new: one figure at a time, got also "b"',
  'figure MyFigure':
    'new: the name of a figure must be in kebab case, small letters and digits joined by -, such as token-strip, got "MyFigure"',
  'figure ../up': 'got "../up"',
  'figure my_figure': 'got "my_figure"',
  'figure my--figure': 'got "my--figure"',
  'figure 3d': 'got "3d"',
  'figure a-name-of-twenty-five-xxx':
    'may have at most 24 characters, got "a-name-of-twenty-five-xxx" with 25',
  'kernel soft_cap':
    'new: a kernel is named by its folder and its name, such as ops/layer_norm, got "soft_cap"',
  'kernel ops/soft-cap':
    'new: the name of a kernel must be in snake case, small letters and digits joined by _, such as layer_norm, got "soft-cap"',
  'kernel ops/a/b': 'got "ops/a/b"',
  'kernel other/a':
    'new: a kernel goes into one of the folders of cpp/clearformer: ops, position, got "other"',
  'kernel ../a': 'got ".."',
  'page rotary':
    'new: a page is named by its folder and its name, such as text/rotary-positions, got "rotary"',
  'page text/Rotary': 'got "Rotary"',
  'page ../x': 'got ".."',
  'model GPT2': 'got "GPT2"',
};
for (const [wish, sentence] of Object.entries(refused)) {
  test(`"${wish}" is refused with a sentence and writes nothing`, () => {
    const folder = project();
    const { status, stdout, stderr } = make(folder, ...wish.split(' ').filter(Boolean));
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(sentence), stderr);
    assert.equal(stderr.split('\n').length, 2, 'one line, no stack');
    assert.deepEqual(filesOf(folder), []);
  });
}

test('a new kernel has a table of its fields and both number types', () => {
  const folder = project();
  make(folder, 'kernel', 'ops/soft_cap');
  const header = read(folder, 'cpp/clearformer/ops/soft_cap.hpp');
  assert.match(header, /struct SoftCapOptions/);
  assert.match(header, /kFunction = "soft_cap"/);
  const source = read(folder, 'cpp/clearformer/ops/soft_cap.cpp');
  for (const type of ['float', 'double'])
    assert.ok(source.includes(`template SoftCapResult<${type}> soft_cap(`));
  assert.match(read(folder, 'tests/cpp/ops/soft_cap_test.cpp'), /#include "support.hpp"/);
});

test('a new kernel is laid out as clang-format lays it out', (t) => {
  const format = spawnSync('clang-format', ['--version']);
  if (format.error) return t.skip('there is no clang-format here');
  const folder = project('.clang-format');
  make(folder, 'kernel', 'ops/soft_cap');
  make(folder, 'kernel', 'position/a_name_of_twenty_four_xx');
  const files = filesOf(folder, /\.[ch]pp$/);
  assert.equal(files.length, 6);
  const { status, stderr } = spawnSync('clang-format', ['--dry-run', '-Werror', ...files], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});

test('a new figure and its test pass prettier and eslint as they are written', async () => {
  const folder = project();
  for (const name of ['my-figure', 'a', 'a-name-of-twenty-four-xx']) make(folder, 'figure', name);
  const eslint = new ESLint({ cwd: root });
  for (const path of filesOf(folder, /\.m?js$/)) {
    const text = read(folder, path);
    assert.ok(await check(text, { filepath: join(root, path), printWidth: 110, singleQuote: true }), path);
    const [{ messages }] = await eslint.lintText(text, { filePath: join(root, path) });
    assert.deepEqual(
      messages.map(({ message }) => message),
      [],
      path,
    );
  }
  assert.ok(definesElement(read(folder, 'web/figures/my-figure.js')));
});

test('a new figure passes its own test', () => {
  const folder = project(
    'web',
    'tests/web/page.mjs',
    'package.json',
    'dist/package',
    'build/wasm/modules.json',
  );
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  make(folder, 'figure', 'my-figure');
  const { status, stdout, stderr } = spawnSync('node', ['--test', 'tests/web/my-figure.test.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    // The runner that runs this test would otherwise take the other one's report.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT')),
  });
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /^(?:# |ℹ )pass 2$/m);
});

test('a new page is built as it is, after the pages of its series', () => {
  const folder = project('web', 'tutorials', 'package.json', 'build/wasm');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  make(folder, 'page', 'text/rotary-positions');
  const before = filesOf(join(root, 'tutorials/text'), /\.html$/).length;
  const source = new JSDOM(read(folder, 'tutorials/text/rotary-positions.html')).window.document;
  const meta = (/** @type {string} */ name) =>
    source.querySelector(`meta[name="${name}"]`)?.getAttribute('content');
  assert.equal(source.title, 'Rotary positions · Clearformer');
  assert.equal(meta('cf-series'), 'text');
  assert.equal(meta('cf-order'), String(before + 1));
  assert.ok(meta('description') && meta('cf-minutes'));
  const built = spawnSync('node', [join(root, 'scripts/build.mjs'), '--root', folder], { encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  const page = new JSDOM(read(folder, 'dist/tutorials/text/rotary-positions.html')).window.document;
  assert.match(page.querySelector('cf-value').textContent, /^\d+$/);
  assert.equal(page.querySelector('cf-token-strip').getAttribute('data-state'), 'prerendered');
});

test('a new model has every field, empty', () => {
  const folder = project();
  make(folder, 'model', 'tiny-1b');
  assert.deepEqual(JSON.parse(read(folder, 'web/models/tiny-1b.json')), {
    name: 'tiny-1b',
    family: '',
    vendor: '',
    date: null,
    licence: '',
    source: { url: '', revision: null, copy: null, checked: '', verified: false },
    config: {},
    published: [{ quantity: 'total_params', value: 0, tolerance: 0, as_printed: '', source: '' }],
    notes: '',
  });
});
