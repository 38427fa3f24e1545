import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from 'clearformer';
import { config, hardware } from './calls/estimate.mjs';

const core = await load();

const folder = (name) => new URL(`../../web/${name}/`, import.meta.url);
const registry = (name) =>
  readdirSync(folder(name))
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, folder(name)), 'utf8')) }));
const models = registry('models');

const valueOf = (quantities, name) => {
  const found = quantities.find((one) => one.name === name);
  assert.ok(found, `the plan has no quantity ${name}`);
  return found.value;
};

/** The value of a formula in numbers: + - × / ^, min, max, ⌈ ⌉, ⌊ ⌋, as explain() writes them. */
function evaluate(formula) {
  const tokens = formula.match(/\d+(?:\.\d+)?(?:e[+-]?\d+)?|min|max|[-+×/^(),⌈⌉⌊⌋]/g);
  let at = 0;
  const take = (token) => tokens[at] === token && ++at;
  const must = (token) => assert.ok(take(token), `${formula}: ${token} at ${at}`);
  const primary = () => {
    for (const [name, of] of /** @type {[string, (a: number, b: number) => number][]} */ ([
      ['min', Math.min],
      ['max', Math.max],
    ])) {
      if (!take(name)) continue;
      must('(');
      const first = sum();
      must(',');
      const second = sum();
      must(')');
      return of(first, second);
    }
    for (const [open, close, round] of /** @type {[string, string, (x: number) => number][]} */ ([
      ['(', ')', (x) => x],
      ['⌈', '⌉', Math.ceil],
      ['⌊', '⌋', Math.floor],
    ])) {
      if (!take(open)) continue;
      const value = sum();
      must(close);
      return round(value);
    }
    if (take('-')) return -primary();
    return Number(tokens[at++]);
  };
  const raised = () => {
    const base = primary();
    return take('^') ? base ** raised() : base;
  };
  const product = () => {
    let value = raised();
    for (;;) {
      if (take('×')) value *= raised();
      else if (take('/')) value /= raised();
      else return value;
    }
  };
  const sum = () => {
    let value = product();
    for (;;) {
      if (take('+')) value += product();
      else if (take('-')) value -= product();
      else return value;
    }
  };
  const value = sum();
  assert.equal(at, tokens.length, `${formula}: ends at ${at}`);
  return value;
}

test('the registry has at least 60 models, each with configuration, source, licence and published total', () => {
  assert.ok(models.length >= 60);
  for (const { file, name, family, vendor, licence, source, config: keys, published } of models) {
    for (const text of [name, family, vendor, licence, source.checked]) assert.ok(text, file);
    assert.match(source.url ?? source.copy ?? '', /^https:\/\//, file);
    assert.equal(typeof source.verified, 'boolean', file);
    assert.ok(Object.keys(keys).length >= 3, file);
    assert.ok(
      published.some(({ quantity }) => quantity === 'total_params'),
      file,
    );
    for (const one of published) assert.match(one.source, /^https:\/\//, `${file}: ${one.quantity}`);
  }
});

for (const { file, name, config: keys, published } of models) {
  test(`${name}: the published totals are recomputed`, async () => {
    const result = await core.estimate({ config: keys });
    assert.equal(result.understood.known, true, `${file}: its model_type has a layout`);
    const conventions = {
      incl_embed_and_head: [result.activeParams],
      excl_input_embed: [result.activeParamsWithoutEmbedding],
      excl_both_tables: [result.activeParamsWithoutTables],
    };
    const computed = {
      total_params: () => [result.totalParams],
      // Where the vendor does not say which tables it counts, one of the three conventions must fit.
      active_params: ({ convention }) => conventions[convention] ?? Object.values(conventions).flat(),
    };
    for (const one of published) {
      const candidates = computed[one.quantity]?.(one);
      if (!candidates) continue;
      assert.ok(
        candidates.some((value) => Math.abs(value - one.value) <= one.tolerance),
        `${file}: ${one.quantity} is ${candidates.join(' or ')}, published ${one.as_printed}`,
      );
    }
    assert.equal(
      result.tensors.reduce((total, { params }) => total + params, 0),
      result.totalParams,
    );
  });
}

test('every accelerator has its figures and a datasheet', () => {
  const devices = registry('hardware');
  assert.ok(devices.length >= 15);
  for (const { file, source, memory_bytes: memory, memory_bandwidth: bandwidth, flops } of devices) {
    assert.match(source.url, /^https:\/\//, file);
    assert.ok(memory > 1e9 && bandwidth > 1e10, file);
    for (const rate of Object.values(flops)) assert.ok(rate > 1e11, file);
  }
});

test('every quantity of a plan opens, and its formula in numbers gives its value', async () => {
  const { plan, quantities } = await core.plan({
    config,
    batch: 3,
    prompt: 40,
    hardware,
    devices: 2,
    tensorParallel: 2,
    price: 1.5,
  });
  const seen = new Set();
  const open = async (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const { value, formula, substituted, terms, origin } = await plan.explain({ quantity: name });
    if (origin === 'computed' && terms.length) {
      const got = evaluate(substituted);
      assert.ok(
        Math.abs(got - value) <= 1e-9 * Math.abs(value),
        `${name} = ${formula} = ${substituted}: ${got}, not ${value}`,
      );
    }
    for (const term of terms) await open(term.name);
  };
  for (const { name } of quantities) await open(name);
  assert.ok(seen.size > quantities.length);
  for (const key of ['hidden_size', 'num_hidden_layers', 'vocab_size', 'prompt', 'batch'])
    assert.ok(seen.has(key), key);
  await plan.dispose();
});

test('a sweep gives what plans at its values give', async () => {
  const quantities = ['kv_bytes', 'seconds_per_token', 'left_bytes'];
  const values = [1, 7, 32];
  const { table } = await core.sweepPlan({ plan: { config, hardware }, vary: 'batch', values, quantities });
  for (const [i, batch] of values.entries()) {
    const { plan, quantities: found } = await core.plan({ config, hardware, batch });
    quantities.forEach((name, j) =>
      assert.equal(table.data[i * quantities.length + j], valueOf(found, name)),
    );
    await plan.dispose();
  }
});

test('published cache sizes: Llama 2 7B, DeepSeek-V2, OPT-13B, and 8,192 tokens of six models', async () => {
  const of = (id) => {
    const found = models.find(({ file }) => file === `${id}.json`);
    assert.ok(found, id);
    return found.config;
  };
  const perToken = async (id) => (await core.estimate({ config: of(id) })).kvBytesPerToken;
  assert.equal(await perToken('llama-2-7b'), 524288); // 512 KiB
  assert.equal(await perToken('deepseek-v2'), 69120); // (512 + 64) × 60 × 2
  assert.equal(await perToken('opt-13b'), 819200); // Kwon et al. 2023, section 1: 800 KB
  const at = async (id) => (await core.estimate({ config: of(id), contexts: [8192] })).kvBytes[0] / 2 ** 30;
  for (const [id, gib] of /** @type {[string, number][]} */ ([
    ['llama-3-70b', 2.5],
    ['deepseek-v3', 0.536],
    ['qwen3-235b-a22b', 1.469],
    ['llama-4-maverick', 1.5],
    ['llama-3-1-405b', 3.94],
    ['gemma-3-27b', 1.031],
  ]))
    assert.ok(Math.abs((await at(id)) - gib) < 0.005, `${id}: ${await at(id)} GiB`);
});

test('a configuration that is wrong says which key and why', async () => {
  const base = {
    model_type: 'llama',
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 96,
    vocab_size: 100,
  };
  for (const [change, Kind, says] of /** @type {[object, Function, RegExp][]} */ ([
    [{ hidden_size: '64' }, TypeError, /^config: hidden_size must be a whole number, got "64"$/],
    [
      { hidden_size: -64 },
      RangeError,
      /^config: hidden_size must be a whole number from 1 to 2\^53, got -64$/,
    ],
    [{ hidden_size: 64.5 }, RangeError, /hidden_size must be a whole number.*got 64\.5/],
    [{ hidden_size: 1e18 }, RangeError, /hidden_size must be a whole number.*got 10{18}$/],
    [{ hidden_size: undefined }, RangeError, /^config: hidden_size or n_embd or d_model is missing$/],
    [{ hidden_size: 50 }, RangeError, /hidden_size 50 is not divisible by 4 heads/],
    [{ num_hidden_layers: 2 ** 40 }, RangeError, /num_hidden_layers must be at most 65536/],
    [{ num_key_value_heads: 3 }, RangeError, /4 query heads cannot share 3/],
    [{ hidden_size: 2 ** 40, head_dim: 2 ** 40, vocab_size: 2 ** 40 }, RangeError, /beyond/],
    [
      { layer_types: ['full_attention'], sliding_window: 8 },
      RangeError,
      /layer_types must name 2 layers, got 1/,
    ],
    [{ model_type: 'resnet', hidden_size: undefined }, RangeError, /model_type "resnet" is not known/],
  ])) {
    const given = JSON.parse(JSON.stringify({ ...base, ...change }));
    await assert.rejects(core.estimate({ config: given }), (error) => {
      assert.equal(error.constructor, Kind, String(error));
      assert.match(/** @type {Error} */ (error).message, says);
      return true;
    });
  }
  assert.equal((await core.estimate({ config: base })).understood.known, true);
});

test('an unknown family is counted from the keys that most share, and says what was assumed', async () => {
  const keys = {
    model_type: 'brand_new',
    hidden_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 96,
    vocab_size: 100,
    hidden_act: 'silu',
    colour: 'blue',
  };
  const { understood, totalParams } = await core.estimate({ config: keys });
  const llama = await core.estimate({ config: { ...keys, model_type: 'llama' } });
  assert.equal(understood.known, false);
  assert.equal(totalParams, llama.totalParams);
  assert.ok(understood.notes.some(({ key, kind }) => key === 'model_type' && kind === 'assumed'));
  assert.ok(understood.ignoredKeys.includes('colour'));
});
