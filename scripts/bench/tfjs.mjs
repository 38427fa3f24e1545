// TensorFlow.js with its WebAssembly backend (SIMD, one thread). Inputs are tensors made beforehand, results are read back.

/** @param {any} tf the core, with the wasm backend registered */
export async function openTfjs(tf) {
  await tf.setBackend('wasm');
  await tf.ready();
  const read = (compute) => {
    const results = tf.tidy(compute);
    const arrays = results.map((tensor) => tensor.dataSync());
    results.forEach((tensor) => tensor.dispose());
    return arrays;
  };
  return {
    matmul(a, b, m, k, n) {
      const x = tf.tensor2d(a, [m, k]);
      const y = tf.tensor2d(b, [k, n]);
      return { run: () => read(() => [tf.matMul(x, y)]), release: () => tf.dispose([x, y]) };
    },
    softmax(values, rows, n) {
      const x = tf.tensor2d(values, [rows, n]);
      return { run: () => read(() => [tf.softmax(x)]), release: () => tf.dispose(x) };
    },
    /** Weights and output. */
    attention(q, k, v, mask, T, D, H) {
      const tensors = [q, k, v].map((values) => tf.tensor3d(values, [H, T, D]));
      const hidden = mask && tf.tensor2d(mask, [T, T]);
      const scale = tf.scalar(1 / Math.sqrt(D));
      const run = () =>
        read(() => {
          const scores = tf.mul(tf.matMul(tensors[0], tensors[1], false, true), scale);
          const weights = tf.softmax(hidden ? tf.add(scores, hidden) : scores);
          return [weights, tf.matMul(weights, tensors[2])];
        });
      return { run, release: () => tf.dispose([...tensors, scale, ...(hidden ? [hidden] : [])]) };
    },
  };
}
