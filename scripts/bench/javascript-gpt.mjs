// A training step of a tiny GPT in JavaScript over typed arrays: forward, backward and AdamW on one long vector of parameters, laid out as
// cpp/clearformer/train/tiny_gpt.hpp lists them. The linear layers, nearly all of the work, come in two kinds: `plain`, three loops as one
// writes them first, and `tuned`, four sums or four rows at a time. Nothing is allocated in a step.

/** @typedef {{V: number, C: number, L: number, H: number, F: number, T: number, B: number}} Sizes */

/** @type {[string, (sizes: Sizes) => number][]} */
const LAYER = [
  ['ln1_g', ({ C }) => C],
  ['ln1_b', ({ C }) => C],
  ['attn_w', ({ C }) => 3 * C * C],
  ['attn_b', ({ C }) => 3 * C],
  ['proj_w', ({ C }) => C * C],
  ['proj_b', ({ C }) => C],
  ['ln2_g', ({ C }) => C],
  ['ln2_b', ({ C }) => C],
  ['fc_w', ({ C, F }) => F * C],
  ['fc_b', ({ F }) => F],
  ['fc2_w', ({ C, F }) => C * F],
  ['fc2_b', ({ C }) => C],
];

/** Where each parameter begins, and how many numbers it has. @param {Sizes} sizes @returns {{name: string, offset: number, count: number}[]} */
export function slots(sizes) {
  const { V, C, L, T } = sizes;
  /** @type {[string, number][]} */
  const list = [
    ['wte', V * C],
    ['wpe', T * C],
  ];
  for (let l = 0; l < L; l += 1) LAYER.forEach(([name, count]) => list.push([`h${l}_${name}`, count(sizes)]));
  list.push(['lnf_g', C], ['lnf_b', C]);
  let offset = 0;
  return list.map(([name, count]) => {
    offset += count;
    return { name, offset: offset - count, count };
  });
}

/** Weights near 0, gains of 1. @param {Sizes} sizes @param {(count: number, seed: number) => Float32Array} numbers */
export function startingParameters(sizes, numbers) {
  const list = slots(sizes);
  const last = list[list.length - 1];
  const values = numbers(last.offset + last.count, 8).map((x) => 0.1 * x);
  for (const { name, offset, count } of list) if (name.endsWith('_g')) values.fill(1, offset, offset + count);
  return values;
}

export const plain = {
  /** y [rows, out] = x [rows, in] wᵀ + b, w [out, in] from w0 on */
  forward(x, p, w0, b0, y, rows, inside, out) {
    for (let r = 0; r < rows; r += 1) {
      for (let o = 0; o < out; o += 1) {
        let sum = b0 < 0 ? 0 : p[b0 + o];
        for (let i = 0; i < inside; i += 1) sum += x[r * inside + i] * p[w0 + o * inside + i];
        y[r * out + o] = sum;
      }
    }
  },
  /** dx = dy w; g gets dw += dyᵀ x and db += dy */
  backward(x, p, w0, b0, dy, dx, g, rows, inside, out) {
    dx.fill(0, 0, rows * inside);
    for (let r = 0; r < rows; r += 1) {
      for (let o = 0; o < out; o += 1) {
        const d = dy[r * out + o];
        for (let i = 0; i < inside; i += 1) dx[r * inside + i] += d * p[w0 + o * inside + i];
      }
    }
    for (let r = 0; r < rows; r += 1) {
      for (let o = 0; o < out; o += 1) {
        const d = dy[r * out + o];
        if (b0 >= 0) g[b0 + o] += d;
        for (let i = 0; i < inside; i += 1) g[w0 + o * inside + i] += d * x[r * inside + i];
      }
    }
  },
};

/** The widths must be divisible by 4. */
export const tuned = {
  forward(x, p, w0, b0, y, rows, inside, out) {
    for (let r = 0; r < rows; r += 1) {
      const from = r * inside;
      for (let o = 0; o < out; o += 4) {
        const w = w0 + o * inside;
        let [a, b, c, d] = [0, 0, 0, 0];
        if (b0 >= 0) {
          a = p[b0 + o];
          b = p[b0 + o + 1];
          c = p[b0 + o + 2];
          d = p[b0 + o + 3];
        }
        for (let i = 0; i < inside; i += 1) {
          const value = x[from + i];
          a += value * p[w + i];
          b += value * p[w + inside + i];
          c += value * p[w + 2 * inside + i];
          d += value * p[w + 3 * inside + i];
        }
        const to = r * out + o;
        y[to] = a;
        y[to + 1] = b;
        y[to + 2] = c;
        y[to + 3] = d;
      }
    }
  },
  backward(x, p, w0, b0, dy, dx, g, rows, inside, out) {
    dx.fill(0, 0, rows * inside);
    for (let r = 0; r < rows; r += 1) {
      const to = r * inside;
      for (let o = 0; o < out; o += 4) {
        const w = w0 + o * inside;
        const a = dy[r * out + o];
        const b = dy[r * out + o + 1];
        const c = dy[r * out + o + 2];
        const d = dy[r * out + o + 3];
        for (let i = 0; i < inside; i += 1) {
          dx[to + i] +=
            a * p[w + i] + b * p[w + inside + i] + c * p[w + 2 * inside + i] + d * p[w + 3 * inside + i];
        }
      }
    }
    for (let r = 0; r < rows; r += 4) {
      const [x0, y0] = [r * inside, r * out];
      for (let o = 0; o < out; o += 1) {
        const a = dy[y0 + o];
        const b = dy[y0 + out + o];
        const c = dy[y0 + 2 * out + o];
        const d = dy[y0 + 3 * out + o];
        const w = w0 + o * inside;
        if (b0 >= 0) g[b0 + o] += a + b + c + d;
        for (let i = 0; i < inside; i += 1) {
          g[w + i] +=
            a * x[x0 + i] + b * x[x0 + inside + i] + c * x[x0 + 2 * inside + i] + d * x[x0 + 3 * inside + i];
        }
      }
    }
  },
};

const EPS = 1e-5;
const ROOT = Math.sqrt(2 / Math.PI);

function layerNorm(x, p, gain, bias, y, rows, C) {
  for (let r = 0; r < rows; r += 1) {
    const row = r * C;
    let mean = 0;
    for (let i = 0; i < C; i += 1) mean += x[row + i];
    mean /= C;
    let variance = 0;
    for (let i = 0; i < C; i += 1) variance += (x[row + i] - mean) ** 2;
    const inverse = 1 / Math.sqrt(variance / C + EPS);
    for (let i = 0; i < C; i += 1) y[row + i] = (x[row + i] - mean) * inverse * p[gain + i] + p[bias + i];
  }
}

/** dx += what comes back through a normalisation of x. */
function layerNormBackward(x, p, gain, bias, dy, dx, g, rows, C) {
  for (let r = 0; r < rows; r += 1) {
    const row = r * C;
    let mean = 0;
    for (let i = 0; i < C; i += 1) mean += x[row + i];
    mean /= C;
    let variance = 0;
    for (let i = 0; i < C; i += 1) variance += (x[row + i] - mean) ** 2;
    const inverse = 1 / Math.sqrt(variance / C + EPS);
    let shift = 0;
    let stretch = 0;
    for (let i = 0; i < C; i += 1) {
      const d = dy[row + i] * p[gain + i];
      shift += d;
      stretch += d * (x[row + i] - mean) * inverse;
    }
    shift /= C;
    stretch /= C;
    for (let i = 0; i < C; i += 1) {
      const n = (x[row + i] - mean) * inverse;
      g[gain + i] += dy[row + i] * n;
      g[bias + i] += dy[row + i];
      dx[row + i] += (dy[row + i] * p[gain + i] - shift - n * stretch) * inverse;
    }
  }
}

/** qkv [B T, 3 C] to weights [B H, T, T] and y [B T, C] */
function attend(qkv, weights, y, { B, H, T, C }) {
  const D = C / H;
  const scale = 1 / Math.sqrt(D);
  y.fill(0);
  for (let head = 0; head < B * H; head += 1) {
    const [first, column] = [Math.floor(head / H) * T, (head % H) * D];
    for (let t = 0; t < T; t += 1) {
      const q = (first + t) * 3 * C + column;
      const row = (head * T + t) * T;
      let most = -Infinity;
      for (let s = 0; s <= t; s += 1) {
        const k = (first + s) * 3 * C + C + column;
        let sum = 0;
        for (let i = 0; i < D; i += 1) sum += qkv[q + i] * qkv[k + i];
        weights[row + s] = sum * scale;
        if (weights[row + s] > most) most = weights[row + s];
      }
      let total = 0;
      for (let s = 0; s <= t; s += 1) total += weights[row + s] = Math.exp(weights[row + s] - most);
      const to = (first + t) * C + column;
      for (let s = 0; s <= t; s += 1) {
        weights[row + s] /= total;
        const v = (first + s) * 3 * C + 2 * C + column;
        for (let i = 0; i < D; i += 1) y[to + i] += weights[row + s] * qkv[v + i];
      }
    }
  }
}

function attendBackward(qkv, weights, dy, d, line, { B, H, T, C }) {
  const D = C / H;
  const scale = 1 / Math.sqrt(D);
  d.fill(0, 0, B * T * 3 * C);
  for (let head = 0; head < B * H; head += 1) {
    const [first, column] = [Math.floor(head / H) * T, (head % H) * D];
    for (let t = 0; t < T; t += 1) {
      const q = (first + t) * 3 * C + column;
      const row = (head * T + t) * T;
      const from = (first + t) * C + column;
      let mean = 0;
      for (let s = 0; s <= t; s += 1) {
        const v = (first + s) * 3 * C + 2 * C + column;
        const weight = weights[row + s];
        let sum = 0;
        for (let i = 0; i < D; i += 1) {
          sum += dy[from + i] * qkv[v + i];
          d[v + i] += weight * dy[from + i];
        }
        line[s] = sum;
        mean += weight * sum;
      }
      for (let s = 0; s <= t; s += 1) {
        const k = (first + s) * 3 * C + C + column;
        const logit = weights[row + s] * (line[s] - mean) * scale;
        for (let i = 0; i < D; i += 1) {
          d[q + i] += logit * qkv[k + i];
          d[k + i] += logit * qkv[q + i];
        }
      }
    }
  }
}

function gelu(x, y, n) {
  for (let i = 0; i < n; i += 1) {
    const u = ROOT * (x[i] + 0.044715 * x[i] * x[i] * x[i]);
    y[i] = 0.5 * x[i] * (1 + Math.tanh(u));
  }
}

function geluBackward(x, dy, n) {
  for (let i = 0; i < n; i += 1) {
    const t = Math.tanh(ROOT * (x[i] + 0.044715 * x[i] * x[i] * x[i]));
    dy[i] *= 0.5 * (1 + t) + 0.5 * x[i] * (1 - t * t) * ROOT * (1 + 3 * 0.044715 * x[i] * x[i]);
  }
}

function addTo(sum, more, n) {
  for (let i = 0; i < n; i += 1) sum[i] += more[i];
}

/**
 * @param {Sizes} sizes @param {Float32Array} start the parameters to start from
 * @param {ArrayLike<number>} tokens [B T] @param {ArrayLike<number>} targets [B T]
 * @param {number} rate the learning rate @param {typeof plain} linear which of the two
 */
export function training(sizes, start, tokens, targets, rate, linear) {
  const { V, C, L, H, F, T, B } = sizes;
  const R = B * T;
  const p = start.slice();
  const [g, first, second] = [1, 2, 3].map(() => new Float32Array(p.length));
  /** @type {Record<string, number>} */
  const at = Object.fromEntries(slots(sizes).map(({ name, offset }) => [name, offset]));
  const rows = (width) => new Float32Array(R * width);
  const layers = Array.from({ length: L }, (_, l) => ({
    // Where its parameters begin: one object of numbers, so that nothing is looked up by a made name.
    at: Object.fromEntries(LAYER.map(([name]) => [name, at[`h${l}_${name}`]])),
    normed1: rows(C),
    qkv: rows(3 * C),
    weights: new Float32Array(B * H * T * T),
    mixed: rows(C),
    middle: rows(C),
    normed2: rows(C),
    before: rows(F),
    hidden: rows(F),
    out: rows(C),
  }));
  const [embedded, final, dx, branch, other] = [1, 2, 3, 4, 5].map(() => rows(C));
  const wide = rows(Math.max(3 * C, F));
  const [probabilities, line] = [rows(V), new Float32Array(T)];
  let step = 0;

  function forward() {
    for (let r = 0; r < R; r += 1) {
      for (let i = 0; i < C; i += 1) {
        embedded[r * C + i] = p[at.wte + tokens[r] * C + i] + p[at.wpe + (r % T) * C + i];
      }
    }
    let x = embedded;
    for (const k of layers) {
      layerNorm(x, p, k.at.ln1_g, k.at.ln1_b, k.normed1, R, C);
      linear.forward(k.normed1, p, k.at.attn_w, k.at.attn_b, k.qkv, R, C, 3 * C);
      attend(k.qkv, k.weights, k.mixed, sizes);
      linear.forward(k.mixed, p, k.at.proj_w, k.at.proj_b, k.middle, R, C, C);
      addTo(k.middle, x, R * C);
      layerNorm(k.middle, p, k.at.ln2_g, k.at.ln2_b, k.normed2, R, C);
      linear.forward(k.normed2, p, k.at.fc_w, k.at.fc_b, k.before, R, C, F);
      gelu(k.before, k.hidden, R * F);
      linear.forward(k.hidden, p, k.at.fc2_w, k.at.fc2_b, k.out, R, F, C);
      addTo(k.out, k.middle, R * C);
      x = k.out;
    }
    layerNorm(x, p, at.lnf_g, at.lnf_b, final, R, C);
    linear.forward(final, p, at.wte, -1, probabilities, R, C, V);
  }

  /** Leaves the gradient of the logits in `probabilities`. */
  function lossAndItsGradient() {
    let loss = 0;
    for (let r = 0; r < R; r += 1) {
      const row = r * V;
      let most = -Infinity;
      for (let v = 0; v < V; v += 1) most = Math.max(most, probabilities[row + v]);
      const target = probabilities[row + targets[r]] - most;
      let total = 0;
      for (let v = 0; v < V; v += 1) {
        total += probabilities[row + v] = Math.exp(probabilities[row + v] - most);
      }
      loss += Math.log(total) - target;
      for (let v = 0; v < V; v += 1) probabilities[row + v] /= total * R;
      probabilities[row + targets[r]] -= 1 / R;
    }
    return loss / R;
  }

  function backward() {
    g.fill(0);
    dx.fill(0);
    linear.backward(final, p, at.wte, -1, probabilities, branch, g, R, C, V);
    layerNormBackward(L ? layers[L - 1].out : embedded, p, at.lnf_g, at.lnf_b, branch, dx, g, R, C);
    for (let l = L - 1; l >= 0; l -= 1) {
      const k = layers[l];
      linear.backward(k.hidden, p, k.at.fc2_w, k.at.fc2_b, dx, wide, g, R, F, C);
      geluBackward(k.before, wide, R * F);
      linear.backward(k.normed2, p, k.at.fc_w, k.at.fc_b, wide, branch, g, R, C, F);
      layerNormBackward(k.middle, p, k.at.ln2_g, k.at.ln2_b, branch, dx, g, R, C);
      linear.backward(k.mixed, p, k.at.proj_w, k.at.proj_b, dx, other, g, R, C, C);
      attendBackward(k.qkv, k.weights, other, wide, line, sizes);
      linear.backward(k.normed1, p, k.at.attn_w, k.at.attn_b, wide, branch, g, R, C, 3 * C);
      layerNormBackward(l ? layers[l - 1].out : embedded, p, k.at.ln1_g, k.at.ln1_b, branch, dx, g, R, C);
    }
    for (let r = 0; r < R; r += 1) {
      for (let i = 0; i < C; i += 1) {
        g[at.wte + tokens[r] * C + i] += dx[r * C + i];
        g[at.wpe + (r % T) * C + i] += dx[r * C + i];
      }
    }
  }

  function update() {
    step += 1;
    const [beta1, beta2, eps, decay] = [0.9, 0.999, 1e-8, 0.01];
    const [share1, share2] = [1 - beta1 ** step, 1 - beta2 ** step];
    for (let i = 0; i < p.length; i += 1) {
      first[i] = beta1 * first[i] + (1 - beta1) * g[i];
      second[i] = beta2 * second[i] + (1 - beta2) * g[i] * g[i];
      p[i] -= rate * (decay * p[i] + first[i] / share1 / (Math.sqrt(second[i] / share2) + eps));
    }
  }

  return {
    gradient: g,
    /** One step; returns the loss that it started from. */
    step() {
      forward();
      const loss = lossAndItsGradient();
      backward();
      update();
      return loss;
    },
  };
}
