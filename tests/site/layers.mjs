// Who may use whom, as functions of a path and a file's text. Each answers with sentences, one per violation.
import { posix } from 'node:path';

/** Files directly in cpp/clearformer, which everything may use. */
const ROOT_FILES = [
  'check',
  'extents',
  'fields',
  'key_values',
  'number_text',
  'random',
  'recipe',
  'simd',
  'tensor',
  'trace',
];

/** A folder of cpp/clearformer -> the folders it may use besides itself and the root files. */
const CPP_LAYERS = {
  '': [],
  text: [],
  estimate: [],
  ops: [],
  sampling: ['ops'],
  quantization: ['ops'],
  position: ['ops'],
  attention: ['ops', 'position'],
  blocks: ['ops', 'position', 'attention'],
  moe: ['ops', 'position', 'attention', 'blocks'],
  vision: ['ops', 'position', 'attention', 'blocks'],
  train: ['ops', 'position', 'attention', 'blocks'],
};

const INTRINSICS = /^(?:\w*intrin|arm_\w+|wasm_simd128)\.h$/;

/** What a C++ file includes, in quotes or angle brackets. */
export const includesOf = (text) =>
  [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]/gm)].map(([, name]) => name);

/** Violations in a file under cpp/; its path is relative to the repository. */
export function cppProblems(path, text) {
  const problems = [];
  const [place, ...rest] = path.replace(/^cpp\//, '').split('/');
  const folder = rest.length > 1 ? rest[0] : '';
  const uses = CPP_LAYERS[folder];
  if (place === 'clearformer' && !uses) return [`${path}: the folder ${folder} has no place in the layers`];
  if (place === 'clearformer' && !folder && !ROOT_FILES.includes(posix.parse(path).name)) {
    problems.push(`${path}: is no root file; it belongs in a folder`);
  }
  for (const name of includesOf(text)) {
    const refuse = (why) => problems.push(`${path}: includes ${name}; ${why}`);
    if (place !== 'wasm' && /^(?:wasm|emscripten)\//.test(name)) refuse('only cpp/wasm knows Emscripten');
    if (/^(?:xtensor|xtl)\//.test(name) && path !== 'cpp/clearformer/tensor.hpp') {
      refuse('only tensor.hpp includes xtensor');
    }
    if (INTRINSICS.test(name) && path !== 'cpp/clearformer/simd.hpp')
      refuse('only simd.hpp includes intrinsics');
    if (name.startsWith('.')) refuse('includes start at cpp/');
    if (/^bench\//.test(name)) refuse('nothing uses the benchmark');
    if (place !== 'clearformer' || !name.startsWith('clearformer/')) continue;
    const target = name.split('/').slice(1);
    if (target.length === 1) {
      if (!ROOT_FILES.includes(posix.parse(name).name)) refuse('it is no root file');
    } else if (target[0] !== folder && !uses.includes(target[0])) {
      const layer = folder || 'a root file';
      refuse(`${layer} may use only ${['root files', ...uses].join(', ')}${folder ? ' and itself' : ''}`);
    }
  }
  return problems;
}

const DATA = ['models', 'hardware'];

/** A folder of web/ -> the folders it may import besides itself. */
const WEB_LAYERS = {
  core: [],
  models: ['core'],
  hardware: [],
  ui: ['draw'],
  draw: ['ui'],
  charts: ['ui', 'draw'],
  figures: ['core', ...DATA, 'ui', 'draw', 'charts'],
  site: ['core', ...DATA, 'ui', 'draw', 'charts', 'figures'],
  embed: ['core', ...DATA, 'ui', 'draw', 'charts', 'figures'],
  cli: ['draw', ...DATA],
};

/** A file's text without comments, where types are imported and words are free. */
const code = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^[ \t]*\/\/.*$/gm, '');

/** What a JavaScript file imports: statically, dynamically or by export from. */
export const importsOf = (text) =>
  [
    ...code(text).matchAll(
      /(?:^|[;\s])(?:import|export)\s+(?:[^;'"()]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
    ),
  ].map(([, still, later]) => still ?? later);

/** Whether a file of web/figures is a figure: it defines its element. */
export const definesElement = (text) => /customElements\s*\.\s*define\s*\(/.test(code(text));

/**
 * Violations in a JavaScript file under web/; its path is relative to the repository.
 * @param {string} path
 * @param {string} text
 * @param {(path: string) => boolean} isFigure whether a path holds a figure
 */
export function webProblems(path, text, isFigure) {
  const problems = [];
  const folder = path.split('/').length > 2 ? path.split('/')[1] : '';
  const uses = WEB_LAYERS[folder];
  if (!uses) return [`${path}: ${folder || 'web/ itself'} has no place in the layers`];
  for (const name of importsOf(text)) {
    const refuse = (why) => problems.push(`${path}: imports ${name}; ${why}`);
    if (/^(?:https?:)?\/\//.test(name)) refuse('nothing is loaded from other sites');
    if (/^node:/.test(name) && path !== 'web/core/node.js' && folder !== 'cli')
      refuse('only web/core/node.js and the command line run in Node');
    if (!name.startsWith('.')) continue;
    const target = posix.join(posix.dirname(path), name);
    const other = target.split('/')[1];
    if (target.startsWith('build/')) {
      if (folder !== 'core') refuse('only web/core touches wasm');
    } else if (!target.startsWith('web/')) refuse('it lies outside web/');
    else if (other !== folder && !uses.includes(other)) {
      refuse(`${folder} may use only ${uses.length ? `${uses.join(', ')} and itself` : 'itself'}`);
    } else if (isFigure(target) && folder !== 'embed') refuse('a figure is used by no other file');
  }
  if (
    /\bMath\s*(?:\.\s*random\b|\[\s*['"`]random)/.test(code(text)) ||
    /\bgetRandomValues\b/.test(code(text))
  ) {
    problems.push(`${path}: draws random numbers that no seed gives again`);
  }
  return problems;
}
