// A core of a few quantities, for what figures do with the answers: it adds and multiplies sizes of a llama, counts what it is asked, and
// remembers which plans live. What the true core computes is tested with the true core.

const title = {
  total_params: 'Parameters',
  hidden_size: 'hidden_size',
  num_hidden_layers: 'num_hidden_layers',
};

/** @param {{latency?: () => Promise<void>}} [options] */
export function planCore({ latency = async () => {} } = {}) {
  const asked = { plans: [], explained: [], living: 0 };
  const plan = async (options) => {
    asked.plans.push(options);
    await latency();
    const { config, hardware, prompt = 1024, batch = 1 } = options;
    for (const key of ['hidden_size', 'num_hidden_layers']) {
      if (typeof config[key] === 'string') throw new TypeError(`config: ${key} must be a number, got a text`);
      if (config[key] === undefined)
        throw new RangeError(`config: ${key} is missing; this does not look like a transformer`);
    }
    const { hidden_size: width, num_hidden_layers: layers, num_key_value_heads: heads } = config;
    const quantity = (name, value, unit, origin = 'computed', source = '', terms = []) => ({
      ...{ name, title: title[name] ?? name, value, unit, origin, source, terms },
      ...{ approximate: unit === 's', section: 'memory' },
    });
    const leaves = [
      quantity('hidden_size', width, '', 'config', 'hidden_size'),
      quantity('num_hidden_layers', layers, '', 'config', 'num_hidden_layers'),
    ];
    const total = width * width * layers;
    const usable = hardware ? 0.9 * hardware.memory : 0;
    const kv = 4 * width * layers * (heads ?? 1) * prompt * batch;
    const used = 2 * total + kv + options.overhead;
    const all = [
      ...leaves,
      quantity('attention_params', total, 'params', 'computed', '', leaves),
      quantity('total_params', total, 'params', 'computed', '', ['attention_params']),
      quantity('active_params', total, 'params', 'computed', '', ['total_params']),
      quantity('weights_bytes', 2 * total, 'B', 'computed', '', ['total_params']),
      quantity('device_weights_bytes', 2 * total, 'B', 'computed', '', ['weights_bytes']),
      quantity('kv_bytes_per_sequence', kv, 'B', 'computed', '', leaves),
      quantity('device_kv_bytes', kv, 'B', 'computed', '', leaves),
      quantity('overhead_bytes', options.overhead ?? 0, 'B', 'assumed', 'a runtime'),
      ...(hardware
        ? [
            quantity('usable_bytes', usable, 'B'),
            quantity('left_bytes', usable - used, 'B'),
            quantity('seconds_per_token', (2 * total) / hardware.bandwidth, 's'),
            quantity('tokens_per_second', hardware.bandwidth / (2 * total), 'tokens/s'),
          ]
        : []),
    ];
    const find = (name) => all.find((one) => one.name === name);
    let alive = true;
    asked.living += 1;
    return {
      plan: {
        async explain({ quantity: name }) {
          asked.explained.push(name);
          if (!alive) throw new Error('explain: this plan was disposed');
          const found = find(name);
          if (!found) throw new RangeError(`explain: there is no quantity ${name}`);
          const terms = found.terms.map((one) => (typeof one === 'string' ? find(one) : one));
          return {
            ...found,
            terms,
            formula: terms.map((one) => one.name).join(' × '),
            substituted: terms.map((one) => one.value).join(' × '),
          };
        },
        async dispose() {
          if (alive) asked.living -= 1;
          alive = false;
        },
      },
      understood: {
        modelType: config.model_type ?? '',
        ...{
          known: true,
          generates: true,
          tied: false,
          usedKeys: Object.keys(config),
          ignoredKeys: ['use_cache'],
        },
        notes:
          heads === undefined
            ? [{ kind: 'assumed', key: 'num_key_value_heads', value: '1', why: 'one head of keys' }]
            : [],
      },
      quantities: all,
      operations: [],
      tensors: [
        {
          name: 'model.layers.{i}.self_attn.q_proj.weight',
          kind: 'attention',
          quantity: 'attention_params',
          shape: [width, width],
          repeat: layers,
          params: total,
          active: total,
        },
      ],
      leftOut: ['Sampling takes no time.'],
    };
  };
  return { asked, core: { plan } };
}

/** Two models and two machines. */
export const registry = {
  models: ['llama-3-1-8b', 'qwen3-8b'].map((id, i) => ({
    ...{
      id,
      name: ['Llama 3.1 8B', 'Qwen3 8B'][i],
      family: ['Llama 3', 'Qwen3'][i],
      vendor: ['Meta', 'Alibaba'][i],
      date: '2024-07-23',
      licence: '',
      published: [],
      notes: '',
    },
    source: {
      url: `https://models.invalid/${id}/config.json`,
      copy: null,
      checked: '2026-11-30',
      verified: i === 0,
    },
    config: {
      model_type: ['llama', 'qwen3'][i],
      hidden_size: 4096,
      num_hidden_layers: [32, 36][i],
      num_key_value_heads: 8,
      tie_word_embeddings: false,
    },
  })),
  hardware: ['nvidia-h100-sxm', 'nvidia-rtx-4090'].map((id, i) => ({
    ...{
      id,
      name: ['NVIDIA H100 SXM', 'NVIDIA RTX 4090'][i],
      vendor: 'NVIDIA',
      kind: 'gpu',
      date: null,
      link_bandwidth: null,
      tdp_watts: null,
      notes: '',
    },
    ...{
      memory_bytes: [80e9, 24e9][i],
      memory_as_printed: ['80 GB HBM3', '24 GB'][i],
      memory_bandwidth: [3.35e12, 1.01e12][i],
      flops: { bf16: 1e15 },
    },
    source: { url: 'https://chips.invalid/sheet', copy: null, checked: '2026-11-30', verified: true },
  })),
};
