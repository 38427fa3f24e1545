/**
 * What is timed, the same in Node and in a page. Each group holds contenders for one piece of work: after a check that they agree, and a
 * warm-up that lets the engine optimise them, their samples are taken in turn, so that whatever else the machine does meets all alike.
 * A figure is the fastest of a contender's samples, in milliseconds for one run: other work on the machine, also that of its neighbours
 * where it is a virtual one, only ever slows a sample down, and by factors. They are milliseconds of the thread's processor time where
 * the engine can tell it, so that what else the machine does counts only through what it shares: caches, memory, the processor's cycles.
 *
 * Our kernels run over the module's memory and leave their results there; JavaScript works on its own arrays; the other peers run through
 * their public interface, with inputs made beforehand and results read back.
 *
 * @typedef {Awaited<ReturnType<typeof import('./core.mjs').openCore>>} Core
 * @typedef {{run: (times: number) => any}} Contender
 * @typedef {{title: string, work: number, contenders: Record<string, Contender>, release: () => any}} Group work: floating-point operations, values or bytes of one run
 * @typedef {{title: string, work: number, ms: Record<string, number>}} Figures
 * @typedef {{cores: Record<string, Core>, plans: Awaited<ReturnType<typeof import('./plans.mjs').openPlans>>, onnx?: any, tfjs?: any, clock?: () => number | Promise<number>, quick?: boolean, only?: string, log?: (line: string) => void}} Setup
 */
import { numbers } from './core.mjs';
import * as gpt from './javascript-gpt.mjs';
import * as javascript from './javascript.mjs';
import { attentionGraph } from './onnx.mjs';

const VOCABULARY = 151_936;
/** What attention is made of, by the numbers that bench_attention_stage gives them. */
export const STAGES = ['packing', 'scores', 'softmax', 'weighted sum'];
const SAMPLE_MS = 16;
const PEAK_STEPS = 500_000;
export const PEAK_WORK = 96 * PEAK_STEPS;

const repeat = (/** @type {() => any} */ once) => async (/** @type {number} */ times) => {
  for (let i = 0; i < times; i += 1) await once();
};
const repeatNow = (/** @type {() => any} */ once) => (/** @type {number} */ times) => {
  for (let i = 0; i < times; i += 1) once();
};

/** Throws unless two lists of numbers are the same up to rounding. */
function agree(what, actual, expected, tolerance = 2e-4) {
  if (actual.length !== expected.length) {
    throw new Error(`bench: ${what} gives ${actual.length} numbers, not ${expected.length}`);
  }
  for (let i = 0; i < expected.length; i += 1) {
    if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
      throw new Error(`bench: ${what} differs at ${i}: ${actual[i]} instead of ${expected[i]}`);
    }
  }
}

/** A contender of each variant. @param {Setup} setup @param {(core: Core, name: string) => Record<string, Contender>} make */
const ofEach = ({ cores }, make) =>
  Object.assign({}, ...Object.entries(cores).map(([name, core]) => make(core, name)));

const peaks = (/** @type {Setup} */ setup) =>
  ofEach(setup, ({ raw }, name) => ({
    [`peak ${name}`]: { run: repeatNow(() => raw._bench_peak(PEAK_STEPS)) },
  }));

/** @param {Setup} setup @returns {Promise<Group>} */
async function gemm(setup, m, k, n, withPeers) {
  const a = numbers(m * k, 1);
  const b = numbers(k * n, 2);
  const expected = new Float32Array(m * n);
  javascript.matmul(a, b, expected, m, k, n);
  const tolerance = 1e-5 * k;
  const kept = [];
  const contenders = peaks(setup);
  for (const [name, core] of Object.entries(setup.cores)) {
    const { raw } = core;
    const [x, y, out] = [core.buffer(a), core.buffer(b), core.buffer(m * n)];
    kept.push(x, y, out);
    raw._bench_pack(y.address, k, n);
    contenders[name] = { run: (t) => raw._bench_matmul(t, x.address, y.address, out.address, m, k, n) };
    contenders[`packed before ${name}`] = {
      run: (t) => raw._bench_matmul_packed(t, x.address, out.address, m, k, n),
    };
    if (name === 'base') {
      contenders.plain = {
        run: (t) => raw._bench_matmul_plain(t, x.address, y.address, out.address, m, k, n),
      };
    }
    for (const own of [name, `packed before ${name}`, ...(name === 'base' ? ['plain'] : [])]) {
      contenders[own].run(1);
      agree(`matmul, ${own}`, out.values(), expected, tolerance);
    }
  }
  const result = new Float32Array(m * n);
  if (withPeers) {
    contenders['javascript, tuned'] = { run: repeatNow(() => javascript.matmul(a, b, result, m, k, n)) };
    contenders['javascript, plain'] = {
      run: repeatNow(() => javascript.plain.matmul(a, b, result, m, k, n)),
    };
    contenders['javascript, plain'].run(1);
    agree('matmul, plain JavaScript', result, expected, tolerance);
    if (setup.tfjs) {
      const tensors = setup.tfjs.matmul(a, b, m, k, n);
      agree('matmul, tfjs', tensors.run()[0], expected, tolerance);
      contenders.tfjs = { run: repeatNow(tensors.run) };
      kept.push({ free: tensors.release });
    }
    if (setup.onnx) {
      const session = await setup.onnx({
        nodes: [{ type: 'MatMul', inputs: ['a', 'b'], output: 'y' }],
        inputs: { a: [m, k], b: [k, n] },
        outputs: { y: [m, n] },
      });
      const run = session.prepare({ a, b });
      agree('matmul, onnxruntime-web', (await run()).y.data, expected, tolerance);
      contenders.ort = { run: repeat(run) };
      kept.push({ free: session.release });
    }
  }
  const release = () => kept.forEach((buffer) => buffer.free());
  return { title: `GEMM ${m} x ${k} x ${n}`, work: 2 * m * k * n, contenders, release };
}

/** @param {Setup} setup @returns {Promise<Group>} */
async function attention(setup, T, D, H, causal, peers) {
  const [q, k, v] = [1, 2, 3].map((seed) => numbers(H * T * D, seed));
  const kept = [];
  const contenders = peaks(setup);
  /** @type {{weights: Float32Array, output: Float32Array}} */
  let expected = { weights: new Float32Array(0), output: new Float32Array(0) };
  for (const [name, core] of Object.entries(setup.cores)) {
    const { raw } = core;
    const [x, y, z] = [core.buffer(q), core.buffer(k), core.buffer(v)];
    const [weights, output] = [core.buffer(H * T * T), core.buffer(H * T * D)];
    kept.push(x, y, z, weights, output);
    const run = (times, function_, w) =>
      function_(times, T, D, H, causal, x.address, y.address, z.address, w, output.address);
    if (name === 'base') {
      run(1, peers.plain ? raw._bench_attention_plain : raw._bench_attention, weights.address);
      expected = { weights: weights.values().slice(), output: output.values().slice() };
      if (peers.plain) contenders.plain = { run: (t) => run(t, raw._bench_attention_plain, weights.address) };
    }
    contenders[name] = { run: (t) => run(t, raw._bench_attention, weights.address) };
    contenders[`streaming ${name}`] = { run: (t) => run(t, raw._bench_attention, 0) };
    contenders[name].run(1);
    agree(`attention, ${name}, weights`, weights.values(), expected.weights);
    agree(`attention, ${name}, output`, output.values(), expected.output);
    output.values().fill(0);
    contenders[`streaming ${name}`].run(1);
    agree(`attention, ${name}, streaming`, output.values(), expected.output);
    const scratch = core.buffer(numbers(raw._bench_row_block() * T, 9));
    kept.push(scratch);
    for (const [number, stage] of (peers.stages ? STAGES : []).entries()) {
      contenders[`${stage} ${name}`] = {
        run: (t) =>
          raw._bench_attention_stage(
            t,
            number,
            T,
            D,
            H,
            causal,
            x.address,
            y.address,
            z.address,
            scratch.address,
            output.address,
          ),
      };
    }
  }
  const mask = new Float32Array(causal ? T * T : 0);
  for (let t = 0; causal && t < T; t += 1) mask.fill(-Infinity, t * T + t + 1, (t + 1) * T);
  if (peers.javascript) {
    const weights = new Float32Array(H * T * T);
    const output = new Float32Array(H * T * D);
    for (const [kind, compute] of /** @type {const} */ ([
      ['tuned', javascript.attention],
      ['plain', javascript.plain.attention],
    ])) {
      const run = () => compute(q, k, v, weights, output, T, D, H, causal);
      run();
      agree(`attention, JavaScript, ${kind}`, output, expected.output);
      contenders[`javascript, ${kind}`] = { run: repeatNow(run) };
    }
  }
  if (peers.tfjs && setup.tfjs) {
    const tensors = setup.tfjs.attention(q, k, v, causal ? mask : undefined, T, D, H);
    const [weights, output] = tensors.run();
    agree('attention, tfjs, weights', weights, expected.weights);
    agree('attention, tfjs, output', output, expected.output);
    contenders.tfjs = { run: repeatNow(tensors.run) };
    kept.push({ free: tensors.release });
  }
  if (peers.ort && setup.onnx) {
    const session = await setup.onnx(attentionGraph(T, D, H, causal));
    const run = session.prepare({ q, k, v, ...(causal && { mask }) });
    const result = await run();
    agree('attention, onnxruntime-web, weights', result.weights.data, expected.weights);
    agree('attention, onnxruntime-web, output', result.output.data, expected.output);
    contenders.ort = { run: repeat(run) };
    kept.push({ free: session.release });
  }
  const pairs = causal ? (T * (T + 1)) / 2 : T * T;
  return {
    title: `attention ${T}, ${D}, ${H}${causal ? ' causal' : ''}`,
    work: 4 * D * H * pairs,
    contenders,
    release: () => kept.forEach((buffer) => buffer.free()),
  };
}

/** @param {Setup} setup @returns {Promise<Group>} */
async function softmax(setup, rows, n) {
  const x = numbers(rows * n, 4).map((value) => 8 * value);
  const expected = x.slice();
  for (let r = 0; r < rows; r += 1) javascript.softmaxRow(expected, r * n, n);
  const kept = [];
  /** @type {Record<string, Contender>} */
  const contenders = {};
  for (const [name, core] of Object.entries(setup.cores)) {
    const { raw } = core;
    const [from, to] = [core.buffer(x), core.buffer(rows * n)];
    kept.push(from, to);
    contenders[name] = { run: (t) => raw._bench_softmax(t, from.address, to.address, rows, n) };
    contenders[name].run(1);
    agree(`softmax, ${name}`, to.values(), expected, 1e-6);
    if (name === 'base') {
      contenders.plain = { run: (t) => raw._bench_softmax_plain(t, from.address, to.address, rows, n) };
    }
  }
  const work = new Float32Array(rows * n);
  contenders.javascript = {
    run: repeatNow(() => {
      work.set(x);
      for (let r = 0; r < rows; r += 1) javascript.softmaxRow(work, r * n, n);
    }),
  };
  if (setup.tfjs) {
    const tensors = setup.tfjs.softmax(x, rows, n);
    agree('softmax, tfjs', tensors.run()[0], expected, 1e-5);
    contenders.tfjs = { run: repeatNow(tensors.run) };
    kept.push({ free: tensors.release });
  }
  if (setup.onnx) {
    const shape = { inputs: { x: [rows, n] }, outputs: { y: [rows, n] } };
    const attributes = { axis: { int: 1 } };
    const session = await setup.onnx({
      nodes: [{ type: 'Softmax', inputs: ['x'], output: 'y', attributes }],
      ...shape,
    });
    const run = session.prepare({ x });
    agree('softmax, onnxruntime-web', (await run()).y.data, expected, 1e-5);
    contenders.ort = { run: repeat(run) };
    kept.push({ free: session.release });
  }
  const release = () => kept.forEach((buffer) => buffer.free());
  return { title: `softmax of ${rows} x ${n}`, work: rows * n, contenders, release };
}

/** Temperature, top-k 50, top-p 0.9, probabilities. @param {Setup} setup @returns {Promise<Group>} */
async function sampling(setup) {
  const logits = numbers(VOCABULARY, 5).map((x, i) => 6 * x * x * x + (i % 7) * 0.1);
  const [temperature, k, p] = [0.8, 50, 0.9];
  const expected = javascript.sampleBySorting(logits, temperature, k, p);
  /** @type {Record<string, Contender>} */
  const contenders = {};
  for (const [name, core] of Object.entries(setup.cores)) {
    const [from, ids, probabilities] = [core.buffer(logits), core.buffer(k), core.buffer(k)];
    core.raw._bench_vocabulary(from.address, VOCABULARY, temperature, k, p);
    contenders[name] = { run: (t) => core.raw._bench_sample(t, ids.address, probabilities.address) };
    const count = contenders[name].run(1);
    agree(`sampling, ${name}, ids`, ids.values().slice(0, count), expected.ids, 0);
    agree(`sampling, ${name}`, probabilities.values().slice(0, count), expected.probabilities, 1e-6);
    from.free();
  }
  const tuned = javascript.sample(logits, temperature, k, p);
  agree('sampling, JavaScript, ids', tuned.ids, expected.ids, 0);
  contenders['javascript, tuned'] = { run: repeatNow(() => javascript.sample(logits, temperature, k, p)) };
  contenders['javascript, sorting'] = {
    run: repeatNow(() => javascript.sampleBySorting(logits, temperature, k, p)),
  };
  return { title: `sampling from ${VOCABULARY}`, work: VOCABULARY, contenders, release() {} };
}

/** In place, beside a multiplication of everything by a number. @param {Setup} setup @returns {Promise<Group>} */
async function rope(setup, H, T, D) {
  const x = numbers(H * T * D, 6);
  const angles = { cos: new Float32Array((T * D) / 2), sin: new Float32Array((T * D) / 2) };
  for (let t = 0; t < T; t += 1) {
    for (let i = 0; i < D / 2; i += 1) {
      angles.cos[(t * D) / 2 + i] = Math.cos(t * 10000 ** ((-2 * i) / D));
      angles.sin[(t * D) / 2 + i] = Math.sin(t * 10000 ** ((-2 * i) / D));
    }
  }
  const expected = x.slice();
  javascript.rope(expected, angles.cos, angles.sin, H, T, D);
  const kept = [];
  /** @type {Record<string, Contender>} */
  const contenders = {};
  for (const [name, core] of Object.entries(setup.cores)) {
    const { raw } = core;
    const data = core.buffer(x);
    kept.push(data);
    raw._bench_angles(T, D);
    contenders[`scale ${name}`] = { run: (t) => raw._bench_scale(t, data.address, H * T * D, 1) };
    contenders[name] = { run: (t) => raw._bench_rope(t, data.address, H, D, false) };
    contenders[`interleaved ${name}`] = { run: (t) => raw._bench_rope(t, data.address, H, D, true) };
    contenders[name].run(1);
    agree(`rope, ${name}`, data.values(), expected, 1e-5);
  }
  const work = x.slice();
  contenders.javascript = { run: repeatNow(() => javascript.rope(work, angles.cos, angles.sin, H, T, D)) };
  const release = () => kept.forEach((buffer) => buffer.free());
  return { title: `RoPE ${H} x ${T} x ${D}`, work: 8 * H * T * D, contenders, release };
}

/** Embind with -sDYNAMIC_EXECUTION=0, as the pages' Content Security Policy asks. @param {Setup} setup @returns {Promise<Group>} */
async function boundary({ cores: { base } }) {
  const { raw } = base;
  const count = 1024 * 1024;
  const buffer = base.buffer(numbers(count, 7));
  agree('a copy', raw.copy(buffer.address, count), buffer.values(), 0);
  let x = 0;
  const contenders = {
    'scalar call': {
      run(times) {
        for (let i = 0; i < times; i += 1) x = raw.next(x);
      },
    },
    'view of 4 MiB': { run: repeatNow(() => raw.view(buffer.address, count)) },
    'copy of 4 MiB': { run: repeatNow(() => raw.copy(buffer.address, count)) },
  };
  return { title: 'boundary', work: 1, contenders, release: buffer.free };
}

/** Every published model once: from the configuration to the rows in JavaScript. @param {Setup} setup @returns {Promise<Group>} */
async function plans({ plans: opened }) {
  const { configs, plan } = opened;
  for (const config of configs) {
    const { quantities, operations } = plan(config);
    if (quantities.length < 10 || operations.length < 3) throw new Error('bench: a plan is empty');
  }
  const contenders = { registry: { run: repeatNow(() => configs.forEach(plan)) } };
  return { title: 'plans', work: configs.length, contenders, release() {} };
}

const GPT = { V: 128, C: 64, L: 4, H: 4, F: 256, T: 64, B: 16 };

/** Whole steps of training a tiny GPT on one batch: forward, backward, AdamW. @param {Setup} setup @returns {Promise<Group>} */
async function training(setup) {
  const { V, C, L, H, F, T, B } = GPT;
  const rate = 1e-5;
  const start = gpt.startingParameters(GPT, numbers);
  const rows = B * T;
  const ids = Array.from(numbers(rows + 1, 10), (x) => Math.floor(((x + 1) / 2) * (V - 1)));
  const [tokens, targets] = [ids.slice(0, rows), ids.slice(1)];
  const contenders = peaks(setup);
  /** @type {Float32Array} */
  let expected = new Float32Array(0);
  let loss = 0;
  const check = (what, value, gradient) => {
    agree(`training, ${what}, loss`, [value], [loss], 1e-4);
    const most = expected.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    agree(`training, ${what}, gradient`, gradient, expected, 1e-3 * most);
  };
  const kept = [];
  for (const [name, core] of Object.entries(setup.cores)) {
    const { raw } = core;
    const given = [start, Float32Array.from(tokens), Float32Array.from(targets)].map((x) => core.buffer(x));
    const gradient = core.buffer(start.length);
    raw._bench_gpt(V, C, L, H, F, T, B, ...given.map(({ address }) => address), rate);
    if (name === 'base') {
      loss = raw._bench_train(1, true, gradient.address);
      expected = gradient.values().slice();
      contenders['plain, double'] = { run: (t) => raw._bench_train(t, true, 0) };
    }
    check(name, raw._bench_train(1, false, gradient.address), gradient.values());
    contenders[name] = { run: (t) => raw._bench_train(t, false, 0) };
    [...given, gradient].forEach((buffer) => buffer.free());
    kept.push({ free: raw._bench_gpt_done });
  }
  for (const kind of /** @type {const} */ (['tuned', 'plain'])) {
    const own = gpt.training(GPT, start, tokens, targets, rate, gpt[kind]);
    check(`JavaScript, ${kind}`, own.step(), own.gradient);
    contenders[`javascript, ${kind}`] = { run: repeatNow(own.step) };
  }
  if (setup.tfjs) {
    const tensors = setup.tfjs.training(GPT, start, tokens, targets, rate);
    const gradient = tensors.gradient();
    check('tfjs', tensors.step(), gradient);
    contenders.tfjs = { run: repeatNow(tensors.step) };
    kept.push({ free: tensors.release });
  }
  // Forward, and twice that backward: the linear layers, the head, and attention over the keys that are seen.
  const products = 2 * rows * (L * (4 * C * C + 2 * C * F) + C * V) + 2 * L * B * C * T * (T + 1);
  return {
    title: `training step, ${L} layers, d ${C}, context ${T}, batch ${B}`,
    work: 3 * products,
    contenders,
    release: () => kept.forEach((one) => one.free()),
  };
}

const ALL_PEERS = { plain: true, javascript: true, tfjs: true, ort: true, stages: false };
const FAST_PEERS = { plain: false, javascript: false, tfjs: false, ort: true, stages: false };

/** @type {[string, (setup: Setup) => Promise<Group>][]} */
const groups = [
  ['gemm', (setup) => gemm(setup, 512, 512, 512, true)],
  ['gemm', (setup) => gemm(setup, 512, 64, 512, false)],
  ['gemm', (setup) => gemm(setup, 512, 512, 64, false)],
  ...[false, true].flatMap((causal) =>
    /** @type {[number, number, number, object][]} */ ([
      [128, 64, 1, ALL_PEERS],
      [512, 64, 8, { ...ALL_PEERS, stages: true }],
      [1024, 64, 12, FAST_PEERS],
      [2048, 128, 8, { ...FAST_PEERS, stages: !causal }],
    ]).map(
      ([T, D, H, peers]) =>
        /** @type {[string, (setup: Setup) => Promise<Group>]} */ ([
          'attention',
          (setup) => attention(setup, T, D, H, causal, peers),
        ]),
    ),
  ),
  ['softmax', (setup) => softmax(setup, 512, 512)],
  ['softmax', (setup) => softmax(setup, 1, VOCABULARY)],
  ['sampling', sampling],
  ['rope', (setup) => rope(setup, 8, 1024, 64)],
  ['rope', (setup) => rope(setup, 32, 4096, 128)],
  ['training', training],
  ['plans', plans],
  ['boundary', boundary],
];

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** A stopwatch on the clock given, which subtracts what asking for the time costs. @param {Setup['clock']} clock */
async function stopwatch(clock = async () => performance.now()) {
  /** @param {() => any} run */
  const raw = async (run) => {
    const before = await clock();
    await run();
    return (await clock()) - before;
  };
  const idle = [];
  for (let i = 0; i < 31; i += 1) idle.push(await raw(() => {}));
  const cost = median(idle);
  return async (/** @type {() => any} */ run) => Math.max(1e-6, (await raw(run)) - cost);
}

/** @param {Group} group @param {Setup} setup @returns {Promise<Figures>} */
async function time({ title, work, contenders }, { quick, clock }) {
  const measureOnce = await stopwatch(clock);
  const runners = [];
  for (const [name, { run }] of Object.entries(contenders)) {
    // Until the engine has optimised it; then how long a run takes.
    const start = performance.now();
    let [times, last] = [1, 0];
    while (performance.now() - start < (quick ? 60 : 250) || last < SAMPLE_MS) {
      last = await measureOnce(() => run(times));
      if (last < SAMPLE_MS)
        times = Math.ceil(times * Math.min(10, Math.max(1.5, (1.2 * SAMPLE_MS) / Math.max(last, 0.05))));
    }
    runners.push({ name, run, times, ms: last, samples: /** @type {number[]} */ ([]) });
  }
  const round = runners.reduce((sum, { ms }) => sum + ms, 0);
  const rounds = Math.max(3, Math.min(quick ? 5 : 15, Math.floor((quick ? 500 : 4000) / round)));
  for (let i = 0; i < rounds; i += 1) {
    for (const { run, times, samples } of runners) {
      samples.push((await measureOnce(() => run(times))) / times);
    }
  }
  return {
    title,
    work,
    ms: Object.fromEntries(runners.map(({ name, samples }) => [name, Math.min(...samples)])),
  };
}

/** @param {Setup} setup @returns {Promise<Figures[]>} */
export async function measure(setup) {
  const figures = [];
  for (const [name, make] of groups) {
    if (setup.only && !setup.only.split(',').includes(name)) continue;
    const group = await make(setup);
    figures.push(await time(group, setup));
    await group.release();
    setup.log?.(group.title);
  }
  return figures;
}
