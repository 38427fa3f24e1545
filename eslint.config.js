import js from '@eslint/js';

const readonly = (names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

const everywhere = readonly([
  'AbortController',
  'Blob',
  'URL',
  'URLSearchParams',
  'TextDecoder',
  'TextEncoder',
  'WebAssembly',
  'atob',
  'btoa',
  'clearInterval',
  'clearTimeout',
  'console',
  'fetch',
  'performance',
  'queueMicrotask',
  'setInterval',
  'setTimeout',
  'structuredClone',
]);

const browser = readonly([
  'CSS',
  'CustomEvent',
  'DOMException',
  'DOMParser',
  'Element',
  'Event',
  'EventTarget',
  'HTMLElement',
  'HTMLInputElement',
  'HTMLSelectElement',
  'IntersectionObserver',
  'Image',
  'KeyboardEvent',
  'MouseEvent',
  'MutationObserver',
  'Node',
  'PointerEvent',
  'ResizeObserver',
  'SVGElement',
  'Worker',
  'XMLSerializer',
  'addEventListener',
  'cancelAnimationFrame',
  'cancelIdleCallback',
  'customElements',
  'document',
  'getComputedStyle',
  'history',
  'innerHeight',
  'localStorage',
  'location',
  'matchMedia',
  'navigator',
  'requestAnimationFrame',
  'requestIdleCallback',
  'removeEventListener',
  'scrollX',
  'scrollY',
  'self',
  'window',
]);

const node = readonly(['Buffer', 'process']);

export default [
  { ignores: ['dist/', 'build/', 'node_modules/', '.toolchain/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2024, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'Math',
          property: 'random',
          message: 'Every number has a provenance; draw from the seeded core.',
        },
      ],
    },
  },
  { files: ['web/**'], languageOptions: { globals: { ...everywhere, ...browser } } },
  { files: ['web/core/node.js'], languageOptions: { globals: { ...everywhere, ...node } } },
  { files: ['scripts/**', 'tests/**', '*.js'], languageOptions: { globals: { ...everywhere, ...node } } },
  {
    files: ['scripts/**', 'tests/{browser,site,web}/**'],
    languageOptions: { globals: { ...everywhere, ...browser, ...node } },
  },
];
