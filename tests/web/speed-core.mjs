// A core that counts a small decoder in a few lines, for what figures of memory, speed and training do with the answers. It remembers what
// it was asked and which plans live. What the true core computes is tested with the true core.

const WIDTHS = { bf16: 2, fp16: 2, fp32: 4, fp8: 1, int8: 1, int4: 0.5, 'nf4-dq': 0.52 };

/** @param {string} name @param {number} value @param {string} [unit] @param {object} [more] */
const quantity = (name, value, unit = '', more = {}) => ({
  ...{ name, title: name.replaceAll('_', ' '), value, unit, origin: 'computed', source: '', section: '' },
  ...{ approximate: unit === 's', terms: [] },
  ...more,
});

/** What one pass does: products with every matrix, attention, norms. */
function operations(config, options, phase) {
  const { hidden_size: width, num_hidden_layers: layers, intermediate_size: inner = 4 * width } = config;
  const {
    num_attention_heads: heads = 4,
    num_key_value_heads: shared = heads,
    vocab_size: words = 1000,
  } = config;
  const {
    batch = 1,
    prompt = 1024,
    generated = 256,
    weights = 'bf16',
    cache = 'bf16',
    skipMasked = true,
  } = options;
  const context = prompt + generated;
  const rows = batch * (phase === 'prefill' ? prompt : 1);
  const product = (name, kind, inside, out, repeat = layers, many = rows) => ({
    ...{ name, title: name.split('.').at(-1), kind, cacheBytes: 0 },
    flops: 2 * many * inside * out * repeat,
    weightBytes: WIDTHS[weights] * inside * out * repeat,
    activationBytes: 2 * many * (inside + out) * repeat,
  });
  const head = width / heads;
  const pairs = phase === 'decode' ? context : skipMasked ? (prompt * (prompt + 1)) / 2 : prompt * prompt;
  const list = [
    product('model.layers.{i}.self_attn.q_proj', 'attention', width, width),
    product('model.layers.{i}.self_attn.k_proj', 'attention', width, shared * head),
    product('model.layers.{i}.mlp.up_proj', 'feed-forward', width, inner),
    product('model.layers.{i}.mlp.down_proj', 'feed-forward', inner, width),
    {
      ...{ name: 'attention', title: 'attention', kind: 'attention', weightBytes: 0 },
      flops: 4 * batch * pairs * width * layers,
      cacheBytes: 2 * WIDTHS[cache] * batch * context * shared * head * layers,
      activationBytes: 4 * rows * width * layers,
    },
    product('lm_head', 'head', width, words, 1, batch),
    {
      ...{ name: 'norms', title: 'norms', kind: 'norm', flops: 0, weightBytes: 0, cacheBytes: 0 },
      activationBytes: 8 * rows * width * layers,
    },
  ];
  const reached = options.hardware && {
    flops: options.hardware.flops * (options.computeUtilisation ?? 0.5),
    bandwidth: options.hardware.bandwidth * (options.bandwidthUtilisation ?? 0.7),
  };
  return list.map((one) => {
    const bytes = one.weightBytes + one.cacheBytes + one.activationBytes;
    const computing = reached ? one.flops / reached.flops : 0;
    const moving = reached ? bytes / reached.bandwidth : 0;
    return {
      ...{ ...one, phase, bytes, intensity: one.flops / bytes },
      bound: reached ? (computing >= moving ? 'compute' : 'memory') : '',
      ...(reached && { seconds: Math.max(computing, moving) }),
    };
  });
}

function runningQuantities(options, all) {
  const { config, hardware, batch = 1, prompt = 1024, generated = 256, cache = 'bf16', devices } = options;
  const { hidden_size: width, num_hidden_layers: layers, num_attention_heads: heads = 4 } = config;
  const shared = config.num_key_value_heads ?? heads;
  const ways = options.tensorParallel ?? devices ?? 1;
  const sum = (phase, key) =>
    all.filter((one) => one.phase === phase).reduce((total, one) => total + (one[key] ?? 0), 0);
  const perToken = 2 * WIDTHS[cache] * layers * shared * (width / heads);
  const kept = config.sliding_window
    ? Math.min(config.sliding_window, prompt + generated)
    : prompt + generated;
  const weights = sum('decode', 'weightBytes') / ways;
  const kv = (batch * kept * perToken) / ways;
  const used = weights + kv + 1e6 + (options.overhead ?? 1e9);
  const usable = hardware && (options.memoryFraction ?? 0.9) * hardware.memory;
  const list = [
    quantity('weights_bytes', weights * ways, 'B'),
    quantity('device_weights_bytes', weights, 'B'),
    quantity('kv_bytes_per_token', perToken, 'B'),
    quantity('kv_bytes', kv * ways, 'B'),
    quantity('device_kv_bytes', kv, 'B'),
    quantity('activation_bytes', 1e6, 'B', { approximate: true }),
    quantity('overhead_bytes', options.overhead ?? 1e9, 'B', { approximate: true, origin: 'assumed' }),
    quantity('device_bytes', used, 'B', { approximate: true }),
    quantity('prefill_attention_share', 0.1),
  ];
  for (const phase of new Set(all.map((one) => one.phase))) {
    list.push(
      quantity(`${phase}_flops`, sum(phase, 'flops'), 'FLOP'),
      quantity(`${phase}_weight_bytes`, sum(phase, 'weightBytes'), 'B'),
      quantity(`${phase}_cache_bytes`, sum(phase, 'cacheBytes'), 'B'),
      quantity(`${phase}_activation_bytes`, sum(phase, 'activationBytes'), 'B'),
    );
  }
  if (!hardware) return list;
  const step = sum('decode', 'seconds');
  return [
    ...list,
    quantity('usable_bytes', usable, 'B'),
    quantity('left_bytes', usable - used, 'B', { approximate: true }),
    quantity('sequences_that_fit', Math.max(0, Math.floor((usable - used + kv) / (kept * perToken))), '', {
      approximate: true,
    }),
    quantity('reached_flops', hardware.flops * (options.computeUtilisation ?? 0.5), 'FLOP/s'),
    quantity('reached_bandwidth', hardware.bandwidth * (options.bandwidthUtilisation ?? 0.7), 'B/s'),
    quantity('prefill_seconds', sum('prefill', 'seconds'), 's'),
    quantity('decode_seconds', step, 's'),
    quantity('time_to_first_token', sum('prefill', 'seconds'), 's'),
    quantity('seconds_per_token', step, 's'),
    quantity('tokens_per_second', 1 / step, 'tokens/s', { approximate: true }),
    quantity('tokens_per_second_total', batch / step, 'tokens/s', { approximate: true }),
    quantity('compute_bound_batch', 230, '', { approximate: true }),
  ];
}

function trainingQuantities(options) {
  const { config, hardware, adapters, recomputation = 'none', zero = 0, dataParallel = 1 } = options;
  const { hidden_size: width, num_hidden_layers: layers } = config;
  const all = 12 * width * width * layers;
  const trained = adapters ? 2 * adapters.rank * width * layers : all;
  const share = (stage) => (zero >= stage ? dataParallel : 1);
  const weights = (WIDTHS[options.weights ?? 'bf16'] * all) / share(3);
  const kept = { none: 34, selective: 30, full: 2 }[recomputation];
  const activations = kept * (options.sequence ?? 2048) * (options.microBatch ?? 1) * width * layers;
  const parts = {
    training_weights_bytes: weights,
    gradient_bytes: (2 * trained) / share(2),
    ...(options.master === false ? {} : { master_bytes: (4 * trained) / share(1) }),
    optimizer_bytes: ({ sgd: 0, momentum: 4 }[options.optimizer ?? 'adamw'] ?? 8) * (trained / share(1)),
    training_activation_bytes: activations,
    training_overhead_bytes: options.overhead ?? 1e9,
  };
  const device = Object.values(parts).reduce((sum, one) => sum + one, 0);
  const flops = (recomputation === 'full' ? 8 : 6) * all * (options.tokens ?? 1e9);
  const list = [
    ...Object.entries(parts).map(([name, value]) => quantity(name, value, 'B')),
    quantity('training_states_bytes', device - activations - parts.training_overhead_bytes, 'B'),
    quantity('trainable_params', trained, 'params'),
    quantity('training_device_bytes', device, 'B', { approximate: true }),
    quantity('training_flops', flops, 'FLOP', { approximate: true }),
    quantity('training_flops_6nd', 6 * all * (options.tokens ?? 1e9), 'FLOP', { approximate: true }),
    quantity('training_steps', 100),
  ];
  if (!hardware) return list;
  const usable = 0.9 * hardware.memory;
  const seconds = flops / (dataParallel * hardware.flops * (options.utilisation ?? 0.4));
  return [
    ...list,
    quantity('training_usable_bytes', usable, 'B'),
    quantity('training_left_bytes', usable - device, 'B', { approximate: true }),
    quantity('training_seconds', seconds, 's'),
    quantity('training_device_hours', (seconds * dataParallel) / 3600, 'h', { approximate: true }),
    quantity('training_kwh', (seconds * dataParallel * hardware.watts) / 3.6e6, 'kWh', { approximate: true }),
    ...(options.price ? [quantity('training_usd', (options.price * seconds) / 3600, 'USD')] : []),
  ];
}

/** @param {{measured?: {flops: number, bandwidth: number}}} [options] */
export function speedCore({ measured = { flops: 2e10, bandwidth: 1e10 } } = {}) {
  const asked = { plans: [], trainings: [], sweeps: [], explained: [], living: 0, measured: 0 };
  const handle = (quantities, operations = []) => {
    let alive = true;
    asked.living += 1;
    const named = operations.flatMap((one) =>
      [
        ['flops', one.flops, 'FLOP'],
        ['seconds', one.seconds, 's'],
        ['weight_bytes', one.weightBytes, 'B'],
        ['cache_bytes', one.cacheBytes, 'B'],
        ['activation_bytes', one.activationBytes, 'B'],
      ].map(([what, value, unit]) => quantity(`${what} ${one.phase} ${one.name}`, value, unit)),
    );
    return {
      async explain({ quantity: name }) {
        asked.explained.push(name);
        if (!alive) throw new Error('explain: this plan was disposed');
        const found = [...quantities, ...named].find((one) => one.name === name);
        if (!found) throw new RangeError(`explain: there is no quantity ${name}`);
        return { ...found, formula: 'a × b', substituted: `1 × ${found.value}` };
      },
      async dispose() {
        if (alive) asked.living -= 1;
        alive = false;
      },
    };
  };
  const understood = (config) => ({
    ...{ modelType: config.model_type, known: true, tied: false, notes: [], usedKeys: [], ignoredKeys: [] },
    generates: config.model_type !== 'bert',
  });
  const count = (options) => {
    const { config, tensorParallel = 1 } = options;
    const heads = config.num_attention_heads ?? 4;
    if (heads % tensorParallel)
      throw new RangeError(`plan: ${heads} heads cannot be shared out to ${tensorParallel} devices`);
    const writes = config.model_type !== 'bert';
    const all = [
      ...operations(config, options, writes ? 'prefill' : 'forward'),
      ...(writes ? operations(config, options, 'decode') : []),
    ];
    const quantities = runningQuantities(options, all);
    return {
      operations: all,
      quantities: writes
        ? quantities
        : quantities.filter(({ name }) => !/kv|decode|prefill|token|batch/.test(name)),
    };
  };
  const core = {
    async plan(options) {
      asked.plans.push(options);
      const { operations: all, quantities } = count(options);
      const { hidden_size: width, num_hidden_layers: layers } = options.config;
      return {
        ...{ plan: handle(quantities, all), understood: understood(options.config), quantities },
        operations: all,
        tensors: [
          {
            ...{ name: 'model.layers.{i}.self_attn.q_proj.weight', kind: 'attention', quantity: 'q' },
            ...{ shape: [width, width], repeat: layers, params: 1, active: 1 },
          },
        ],
        leftOut: ['Sampling takes no time.'],
      };
    },
    async trainingPlan(options) {
      asked.trainings.push(options);
      const quantities = trainingQuantities(options);
      return { plan: handle(quantities), understood: understood(options.config), quantities, leftOut: [] };
    },
    async sweepPlan({ plan, vary, values, quantities }) {
      asked.sweeps.push({ plan, vary, values, quantities });
      const rows = Array.from(values, (value) => {
        const found = count({ ...plan, [vary]: value }).quantities;
        return quantities.map((name) => {
          const one = found.find((other) => other.name === name);
          if (!one) throw new RangeError(`sweepPlan: there is no quantity ${name}`);
          return one.value;
        });
      });
      return { table: { shape: [rows.length, quantities.length], data: Float64Array.from(rows.flat()) } };
    },
    async measureDevice() {
      asked.measured += 1;
      return measured;
    },
  };
  return { asked, core };
}

const llama = (id, name, more = {}) => ({
  ...{ id, name, family: 'Llama', vendor: 'Meta', date: '2024-07-23', licence: '', published: [], notes: '' },
  source: {
    url: `https://models.invalid/${id}/config.json`,
    copy: null,
    checked: '2026-11-30',
    verified: true,
  },
  config: {
    ...{ model_type: 'llama', hidden_size: 4096, num_hidden_layers: 32, intermediate_size: 28672 },
    ...{ num_attention_heads: 32, num_key_value_heads: 8, vocab_size: 128256 },
    ...more,
  },
});

/** Models, one of them with a window and one that does not write, and two devices. */
export const registry = {
  models: [
    llama('llama-3-1-8b', 'Llama 3.1 8B'),
    llama('llama-2-7b', 'Llama 2 7B', { num_key_value_heads: 32 }),
    llama('mistral-7b-v0-1', 'Mistral 7B', { sliding_window: 4096 }),
    llama('gemma-3-27b', 'Gemma 3 27B', { num_hidden_layers: 62, sliding_window: 1024 }),
    llama('deepseek-v3', 'DeepSeek-V3', { num_key_value_heads: 1 }),
    llama('bert-base-uncased', 'BERT base', { model_type: 'bert' }),
    llama('odd', 'Odd heads', { num_attention_heads: 6, num_key_value_heads: 2, hidden_size: 768 }),
  ],
  hardware: ['nvidia-h100-sxm', 'nvidia-rtx-4090'].map((id, i) => ({
    ...{ id, name: ['NVIDIA H100 SXM', 'NVIDIA RTX 4090'][i], vendor: 'NVIDIA', kind: 'gpu', date: null },
    ...{ link_bandwidth: 9e11, tdp_watts: 700, notes: '' },
    ...{ memory_bytes: [80e9, 24e9][i], memory_as_printed: ['80 GB HBM3', '24 GB'][i] },
    ...{ memory_bandwidth: [3.35e12, 1.01e12][i], flops: { bf16: [989.4e12, 165e12][i] } },
    source: { url: 'https://chips.invalid/sheet', copy: null, checked: '2026-11-30', verified: true },
  })),
};
