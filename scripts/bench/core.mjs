// The bench module of one variant, with memory to put numbers into. Runs in Node and in a page.

/** Deterministic numbers around 0, between -1 and 1. @param {number} count @param {number} seed */
export function numbers(count, seed) {
  const values = new Float32Array(count);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 31;
  }
  return values;
}

/**
 * @param {(options: object) => Promise<any>} create the module's factory
 * @param {WebAssembly.Module} wasm
 */
export async function openCore(create, wasm) {
  const raw = await new Promise((resolve, reject) => {
    create({
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm), reject);
        return {};
      },
    }).then(resolve, reject);
  });
  return {
    raw,
    /** A buffer of `count` floats, or of the values given. @param {number | Float32Array} content */
    buffer(content) {
      const count = typeof content === 'number' ? content : content.length;
      const address = raw._bench_allocate(count);
      if (!address) throw new Error(`bench: no memory for ${count} floats`);
      const buffer = {
        address,
        /** Of this moment: growing memory detaches it. @returns {Float32Array} */
        values: () => raw.view(address, count),
        free: () => raw._bench_free(address),
      };
      if (typeof content !== 'number') buffer.values().set(content);
      return buffer;
    },
  };
}
