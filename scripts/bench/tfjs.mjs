// TensorFlow.js with its WebAssembly backend (SIMD, one thread). Inputs are tensors made beforehand, results are read back.
import { slots } from './javascript-gpt.mjs';

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
    /** A training step of javascript-gpt.mjs, with the gradients that TensorFlow.js finds by itself. */
    training: (sizes, start, tokens, targets, rate) => training(tf, sizes, start, tokens, targets, rate),
  };
}

/**
 * @param {any} tf @param {import('./javascript-gpt.mjs').Sizes} sizes @param {Float32Array} start
 * @param {number[]} tokens @param {number[]} targets @param {number} rate
 */
function training(tf, sizes, start, tokens, targets, rate) {
  const { V, C, L, H, T, B } = sizes;
  const D = C / H;
  const shapes = { wte: [V, C], wpe: [T, C], attn_w: [3 * C, C], proj_w: [C, C] };
  Object.assign(shapes, { fc_w: [sizes.F, C], fc2_w: [C, sizes.F] });
  const places = slots(sizes);
  /** @type {Record<string, any>} */
  const p = Object.fromEntries(
    places.map(({ name, offset, count }) => {
      const shape = shapes[name.replace(/^h\d+_/, '')] ?? [count];
      return [name, tf.variable(tf.tensor(start.subarray(offset, offset + count), shape), true, name)];
    }),
  );
  /** Rows of zeros with a one. (A gather has no gradient in this backend.) */
  const oneOf = (ids) => {
    const values = new Float32Array(ids.length * V);
    ids.forEach((id, row) => values.fill(1, row * V + id, row * V + id + 1));
    return tf.tensor2d(values, [ids.length, V]);
  };
  const kept = tf.tidy(() => ({
    input: oneOf(tokens),
    targets: oneOf(targets),
    mask: tf.tensor2d(
      Array.from({ length: T }, (_, t) => Array.from({ length: T }, (__, s) => (s > t ? -1e9 : 0))),
    ),
  }));
  const optimizer = tf.train.adam(rate, 0.9, 0.999, 1e-8);
  const norm = (x, gain, bias) => {
    const mean = tf.mean(x, -1, true);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain), bias);
  };
  const linear = (x, w, b) => tf.add(tf.matMul(x, w, false, true), b);
  const gelu = (x) => {
    const u = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(u), 1));
  };
  const attend = (qkv) => {
    const [q, k, v] = tf
      .split(qkv, 3, 1)
      .map((part) => tf.transpose(tf.reshape(part, [B, T, H, D]), [0, 2, 1, 3]));
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D)), kept.mask);
    return tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [B * T, C]);
  };
  const loss = () => {
    let x = tf.reshape(tf.add(tf.reshape(tf.matMul(kept.input, p.wte), [B, T, C]), p.wpe), [B * T, C]);
    for (let l = 0; l < L; l += 1) {
      const w = (name) => p[`h${l}_${name}`];
      const mixed = attend(linear(norm(x, w('ln1_g'), w('ln1_b')), w('attn_w'), w('attn_b')));
      x = tf.add(x, linear(mixed, w('proj_w'), w('proj_b')));
      const hidden = gelu(linear(norm(x, w('ln2_g'), w('ln2_b')), w('fc_w'), w('fc_b')));
      x = tf.add(x, linear(hidden, w('fc2_w'), w('fc2_b')));
    }
    const logits = tf.matMul(norm(x, p.lnf_g, p.lnf_b), p.wte, false, true);
    return tf.losses.softmaxCrossEntropy(kept.targets, logits);
  };
  const variables = places.map(({ name }) => p[name]);
  return {
    /** The gradient at the start, in one vector. @returns {Float32Array} */
    gradient: () =>
      tf.tidy(() => {
        const { grads } = tf.variableGrads(loss, variables);
        return tf.concat(places.map(({ name }) => tf.reshape(grads[name], [-1]))).dataSync();
      }),
    /** One step; returns the loss that it started from. */
    step: () =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(loss, variables);
        variables.forEach((one) => one.assign(tf.mul(one, 1 - rate * 0.01)));
        optimizer.applyGradients(grads);
        return value.dataSync()[0];
      }),
    release() {
      tf.dispose([...variables, kept.input, kept.targets, kept.mask]);
      optimizer.dispose();
    },
  };
}
