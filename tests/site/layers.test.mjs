import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cppProblems, definesElement, importsOf, includesOf, webProblems } from './layers.mjs';

const root = new URL('../..', import.meta.url).pathname;

/** @param {string} folder @param {RegExp} ending */
const files = (folder, ending) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((path) => ending.test(path))
    .sort();
const read = (path) => readFileSync(join(root, path), 'utf8');

const figures = new Set(files('web/figures', /\.js$/).filter((path) => definesElement(read(path))));

test('the C++ layers use only what is below them', () => {
  const paths = files('cpp', /\.[ch]pp$/);
  assert.ok(paths.length > 30);
  assert.deepEqual(
    paths.flatMap((path) => cppProblems(path, read(path))),
    [],
  );
});

test('the JavaScript layers use only what is below them, and no figure uses another', () => {
  const paths = files('web', /\.js$/);
  assert.ok(paths.length > 20);
  assert.ok(figures.size > 3);
  assert.deepEqual(
    paths.flatMap((path) => webProblems(path, read(path), (target) => figures.has(target))),
    [],
  );
});

/** Made-up files that must be caught, and what the sentence must say. */
const wrongCpp = {
  'a root file that uses ops': [
    'cpp/clearformer/trace.cpp',
    'clearformer/ops/matmul.hpp',
    'a root file may use',
  ],
  'ops that uses position': ['cpp/clearformer/ops/a.cpp', 'clearformer/position/rope.hpp', 'ops may use'],
  'position that uses attention': [
    'cpp/clearformer/position/a.cpp',
    'clearformer/attention/masks.hpp',
    'position',
  ],
  'attention that uses blocks': [
    'cpp/clearformer/attention/a.hpp',
    'clearformer/blocks/block.hpp',
    'attention may',
  ],
  'blocks that uses moe': ['cpp/clearformer/blocks/a.cpp', 'clearformer/moe/router.hpp', 'blocks may use'],
  'moe that uses vision': ['cpp/clearformer/moe/a.cpp', 'clearformer/vision/patch.hpp', 'moe may use'],
  'vision that uses train': ['cpp/clearformer/vision/a.cpp', 'clearformer/train/adam.hpp', 'vision may use'],
  'sampling that uses attention': [
    'cpp/clearformer/sampling/a.cpp',
    'clearformer/attention/masks.hpp',
    'sampling',
  ],
  'quantization that uses sampling': [
    'cpp/clearformer/quantization/a.cpp',
    'clearformer/sampling/b.hpp',
    'only',
  ],
  'text that uses ops': [
    'cpp/clearformer/text/a.cpp',
    'clearformer/ops/matmul.hpp',
    'text may use only root files',
  ],
  'estimate that uses text': [
    'cpp/clearformer/estimate/a.cpp',
    'clearformer/text/utf8.hpp',
    'estimate may use',
  ],
  'a folder that no layer knows': ['cpp/clearformer/extra/a.cpp', 'cmath', 'no place in the layers'],
  'a file of its own at the root': ['cpp/clearformer/extra.hpp', 'cmath', 'no root file'],
  'an unknown file at the root': ['cpp/clearformer/ops/a.cpp', 'clearformer/extra.hpp', 'no root file'],
  'a kernel that knows the boundary': ['cpp/clearformer/ops/a.cpp', 'wasm/convert.hpp', 'only cpp/wasm'],
  'a kernel that knows Emscripten': ['cpp/clearformer/ops/a.cpp', 'emscripten/val.h', 'only cpp/wasm'],
  'a benchmark that knows Emscripten': ['cpp/bench/bench.cpp', 'emscripten/heap.h', 'only cpp/wasm'],
  'xtensor outside tensor.hpp': ['cpp/clearformer/ops/a.hpp', 'xtensor/xview.hpp', 'only tensor.hpp'],
  'xtensor in the boundary': ['cpp/wasm/convert.cpp', 'xtensor/xtensor.hpp', 'only tensor.hpp'],
  'NEON outside simd.hpp': ['cpp/clearformer/ops/matmul.cpp', 'arm_neon.h', 'only simd.hpp'],
  'SSE outside simd.hpp': ['cpp/clearformer/ops/matmul.cpp', 'emmintrin.h', 'only simd.hpp'],
  'AVX outside simd.hpp': ['cpp/clearformer/ops/matmul.cpp', 'immintrin.h', 'only simd.hpp'],
  'wasm SIMD outside simd.hpp': ['cpp/clearformer/ops/matmul.cpp', 'wasm_simd128.h', 'only simd.hpp'],
  'a path that climbs': ['cpp/clearformer/text/a.cpp', '../ops/matmul.hpp', 'includes start at cpp/'],
};

for (const [title, [path, include, sentence]] of Object.entries(wrongCpp)) {
  test(`the checker catches ${title}`, () => {
    for (const line of [`#include "${include}"`, `  #  include <${include}>`]) {
      const problems = cppProblems(path, `#pragma once\n${line}\n`);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.ok(problems[0].includes(sentence), problems[0]);
    }
  });
}

const wrongWeb = {
  'core that imports ui': [
    'web/core/index.js',
    "import { x } from '../ui/controls.js';",
    'core may use only itself',
  ],
  'ui that imports core': ['web/ui/a.js', "import { load } from '../core/index.js';", 'ui may use'],
  'ui that imports charts': ['web/ui/a.js', "import '../charts/lines.js';", 'ui may use'],
  'draw that imports figures': [
    'web/draw/a.js',
    "import { kebab } from '../figures/state.js';",
    'draw may use',
  ],
  'draw that imports site': ['web/draw/a.js', "import { recall } from '../site/storage.js';", 'draw may use'],
  'charts that imports core': [
    'web/charts/a.js',
    "import { load } from '../core/index.js';",
    'charts may use',
  ],
  'a figure that imports site': ['web/figures/a.js', "import '../site/note.js';", 'figures may use'],
  'a figure that imports another': [
    'web/figures/a.js',
    "import { B } from './b.js';",
    'used by no other file',
  ],
  'site that imports a figure': ['web/site/shell.js', "import '../figures/b.js';", 'used by no other file'],
  'a figure imported late': [
    'web/site/shell.js',
    "const b = await import('../figures/b.js');",
    'used by no other',
  ],
  'a figure exported on': ['web/figures/a.js', "export { B } from './b.js';", 'used by no other file'],
  'imports over several lines': [
    'web/ui/a.js',
    "import {\n  load,\n} from '../core/index.js';",
    'ui may use',
  ],
  'wasm outside core': ['web/figures/a.js', "import m from '../../build/wasm/modules.json';", 'touches wasm'],
  'scripts in a page': ['web/site/a.js', "import { x } from '../../scripts/build.mjs';", 'outside web/'],
  'Node in a page': ['web/site/a.js', "import { readFileSync } from 'node:fs';", 'run in Node'],
  'another site': ['web/site/a.js', "import 'https://example.org/x.js';", 'other sites'],
  'a folder that no layer knows': ['web/extras/a.js', '', 'no place in the layers'],
  'unseeded numbers': ['web/figures/a.js', 'const x = Math.random();', 'no seed'],
  'unseeded numbers by another way': ['web/core/a.js', "const x = Math['random']();", 'no seed'],
  'random bytes': ['web/core/a.js', 'crypto.getRandomValues(bytes);', 'no seed'],
};

for (const [title, [path, text, sentence]] of Object.entries(wrongWeb)) {
  test(`the checker catches ${title}`, () => {
    const problems = webProblems(path, text, (target) => target === 'web/figures/b.js');
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.ok(problems[0].includes(sentence), problems[0]);
  });
}

test('the checker lets types in comments, words and allowed files pass', () => {
  const figure = `/** @type {import('./b.js').B} Math.random() */
// import '../site/shell.js';
import { html } from 'lit';
import { load } from '../core/index.js';
import { parse } from './state.js';
import model from '../models/gpt2.json';
const words = 'import the cat';`;
  assert.deepEqual(
    webProblems('web/figures/a.js', figure, (target) => target === 'web/figures/b.js'),
    [],
  );
  assert.deepEqual(importsOf(figure), ['lit', '../core/index.js', './state.js', '../models/gpt2.json']);
  const kernel =
    '#include "clearformer/blocks/block.hpp"\n\n#include <cmath>\n// #include "wasm/table.hpp"\n';
  assert.deepEqual(cppProblems('cpp/clearformer/moe/router.cpp', kernel), []);
  assert.deepEqual(includesOf(kernel), ['clearformer/blocks/block.hpp', 'cmath']);
  assert.deepEqual(cppProblems('cpp/wasm/table.cpp', '#include <emscripten/val.h>\n'), []);
  assert.equal(definesElement("customElements.define('cf-a', A);"), true);
  assert.equal(definesElement("// customElements.define('cf-a', A);"), false);
});
