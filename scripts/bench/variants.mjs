// A function with one relaxed_madd: does this engine know relaxed SIMD?
const PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32,
  1, 32, 2, 253, 133, 2, 11,
];

/** The variants that this engine runs, and their files. @returns {[string, string][]} */
export const variants = () => [
  ['base', 'bench'],
  ...(WebAssembly.validate(Uint8Array.from(PROBE))
    ? /** @type {[string, string][]} */ ([['relaxed', 'bench-relaxed']])
    : []),
];
