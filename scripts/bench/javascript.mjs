// The same work in JavaScript over typed arrays, twice: `plain`, the loops as one writes them first, and as one would tune them with care:
// rows contiguous, inner loops without branches, four sums or four rows at a time. Nothing is allocated in either.

export const plain = {
  /** y [m, n] = a [m, k] b [k, n] */
  matmul(a, b, y, m, k, n) {
    for (let i = 0; i < m; i += 1) {
      for (let j = 0; j < n; j += 1) {
        let sum = 0;
        for (let c = 0; c < k; c += 1) sum += a[i * k + c] * b[c * n + j];
        y[i * n + j] = sum;
      }
    }
  },
  /** As attention below. */
  attention(q, k, v, weights, output, T, D, H, causal) {
    const scale = 1 / Math.sqrt(D);
    for (let h = 0; h < H; h += 1) {
      for (let t = 0; t < T; t += 1) {
        const row = (h * T + t) * T;
        const query = (h * T + t) * D;
        const seen = causal ? t + 1 : T;
        for (let s = 0; s < seen; s += 1) {
          let sum = 0;
          for (let i = 0; i < D; i += 1) sum += q[query + i] * k[(h * T + s) * D + i];
          weights[row + s] = sum * scale;
        }
        softmaxRow(weights, row, seen);
        weights.fill(0, row + seen, row + T);
        for (let i = 0; i < D; i += 1) {
          let sum = 0;
          for (let s = 0; s < seen; s += 1) sum += weights[row + s] * v[(h * T + s) * D + i];
          output[query + i] = sum;
        }
      }
    }
  },
};

/** y [m, n] = a [m, k] b [k, n] */
export function matmul(a, b, y, m, k, n) {
  y.fill(0);
  for (let i = 0; i < m; i += 1) {
    const out = i * n;
    let c = 0;
    for (; c + 4 <= k; c += 4) {
      const x0 = a[i * k + c];
      const x1 = a[i * k + c + 1];
      const x2 = a[i * k + c + 2];
      const x3 = a[i * k + c + 3];
      const b0 = c * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j += 1) {
        y[out + j] += x0 * b[b0 + j] + x1 * b[b1 + j] + x2 * b[b2 + j] + x3 * b[b3 + j];
      }
    }
    for (; c < k; c += 1) {
      for (let j = 0; j < n; j += 1) y[out + j] += a[i * k + c] * b[c * n + j];
    }
  }
}

/** softmax of x[from .. from + n) in place */
export function softmaxRow(x, from, n) {
  let most = -Infinity;
  for (let i = from; i < from + n; i += 1) if (x[i] > most) most = x[i];
  let sum = 0;
  for (let i = from; i < from + n; i += 1) {
    const e = Math.exp(x[i] - most);
    x[i] = e;
    sum += e;
  }
  const factor = 1 / sum;
  for (let i = from; i < from + n; i += 1) x[i] *= factor;
}

/** q, k, v, output [H, T, D], weights [H, T, T]; causal rows stop at the diagonal. */
export function attention(q, k, v, weights, output, T, D, H, causal) {
  const scale = 1 / Math.sqrt(D);
  for (let h = 0; h < H; h += 1) {
    const part = h * T * D;
    for (let t = 0; t < T; t += 1) {
      const row = (h * T + t) * T;
      const query = part + t * D;
      const seen = causal ? t + 1 : T;
      for (let s = 0; s < seen; s += 1) {
        const key = part + s * D;
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        let i = 0;
        for (; i + 4 <= D; i += 4) {
          a += q[query + i] * k[key + i];
          b += q[query + i + 1] * k[key + i + 1];
          c += q[query + i + 2] * k[key + i + 2];
          d += q[query + i + 3] * k[key + i + 3];
        }
        for (; i < D; i += 1) a += q[query + i] * k[key + i];
        weights[row + s] = (a + b + (c + d)) * scale;
      }
      softmaxRow(weights, row, seen);
      weights.fill(0, row + seen, row + T);
      output.fill(0, query, query + D);
      let s = 0;
      for (; s + 4 <= seen; s += 4) {
        const w0 = weights[row + s];
        const w1 = weights[row + s + 1];
        const w2 = weights[row + s + 2];
        const w3 = weights[row + s + 3];
        const value = part + s * D;
        for (let d = 0; d < D; d += 1) {
          output[query + d] +=
            w0 * v[value + d] + w1 * v[value + D + d] + w2 * v[value + 2 * D + d] + w3 * v[value + 3 * D + d];
        }
      }
      for (; s < seen; s += 1) {
        const w = weights[row + s];
        const value = part + s * D;
        for (let d = 0; d < D; d += 1) output[query + d] += w * v[value + d];
      }
    }
  }
}

/** The tuned chain: one pass keeps the k largest in a heap, whose root is the threshold; only those are sorted. */
export function sample(logits, temperature, k, p) {
  const heap = new Float32Array(k).fill(-Infinity);
  const ids = new Int32Array(k).fill(-1);
  for (let i = 0; i < logits.length; i += 1) {
    const x = logits[i];
    if (x <= heap[0]) continue;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= k) break;
      if (child + 1 < k && heap[child + 1] < heap[child]) child += 1;
      if (heap[child] >= x) break;
      heap[at] = heap[child];
      ids[at] = ids[child];
      at = child;
    }
    heap[at] = x;
    ids[at] = i;
  }
  const order = Array.from(ids.keys()).sort((a, b) => heap[b] - heap[a]);
  return cut(
    order.map((i) => heap[i]),
    order.map((i) => ids[i]),
    temperature,
    p,
  );
}

/** The chain as it is often written: softmax and sort of everything. */
export function sampleBySorting(logits, temperature, k, p) {
  const ids = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a]);
  ids.length = Math.min(ids.length, k);
  return cut(
    ids.map((i) => logits[i]),
    ids,
    temperature,
    p,
  );
}

function cut(sorted, ids, temperature, p) {
  const powers = sorted.map((x) => Math.exp((x - sorted[0]) / temperature));
  const total = powers.reduce((sum, e) => sum + e, 0);
  let count = 0;
  let reached = 0;
  while (count < powers.length && reached < p * total) reached += powers[count++];
  return { ids: ids.slice(0, count), probabilities: powers.slice(0, count).map((e) => e / reached) };
}

/** x [H, T, D] in place, half-split, with cosines and sines [T, D / 2]. */
export function rope(x, cos, sin, H, T, D) {
  const pairs = D / 2;
  for (let h = 0; h < H; h += 1) {
    for (let t = 0; t < T; t += 1) {
      const row = (h * T + t) * D;
      const angle = t * pairs;
      for (let i = 0; i < pairs; i += 1) {
        const a = x[row + i];
        const b = x[row + pairs + i];
        x[row + i] = a * cos[angle + i] - b * sin[angle + i];
        x[row + pairs + i] = a * sin[angle + i] + b * cos[angle + i];
      }
    }
  }
}
