// Our figures for twenty published models beside those that the formulas of other public calculators give. The table is
// tests/core/calculators.txt; CLEARFORMER_UPDATE_TABLE=1 writes it anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from 'clearformer';

const core = await load();
const CONTEXT = 8192;

const MODELS = [
  'gpt2',
  'gpt2-xl',
  'gpt-j-6b',
  'gpt-neox-20b',
  'opt-6-7b',
  'bloom-7b1',
  'falcon-40b',
  'llama-13b',
  'llama-3-8b',
  'llama-3-1-70b',
  'mistral-7b-v0-1',
  'qwen2-7b',
  'qwen3-8b',
  'gemma-2-2b',
  'gemma-7b',
  'phi-2',
  'olmo-2-13b',
  'starcoder2-7b',
  'mixtral-8x7b',
  'deepseek-v2',
];

/** The sizes that the calculators ask for, under one name each. */
function sizes(config) {
  const h = config.hidden_size ?? config.n_embd;
  const heads = config.num_attention_heads ?? config.n_head;
  return {
    h,
    heads,
    layers: config.num_hidden_layers ?? config.n_layer,
    kvHeads: config.num_key_value_heads ?? config.num_kv_heads ?? heads,
    width: config.head_dim ?? h / heads,
    inner: config.intermediate_size ?? config.ffn_dim ?? 4 * h,
    words: config.vocab_size,
    context: config.max_position_embeddings ?? config.n_positions ?? 2048,
    experts: config.num_local_experts ?? config.n_routed_experts ?? 0,
  };
}

/**
 * What the calculators compute, in our words; each with the file it stands in. Where one asks its user for what a configuration does not
 * say (whether the feed-forward is gated, say), its default stands.
 */
const TOTALS = {
  // EleutherAI/cookbook calc/calc_transformer_mem.py: two matrices, as many key heads as heads, an untied head.
  'EleutherAI cookbook': ({ h, layers, inner, words, context }) =>
    2 * words * h + h * context + 8 * h * layers + 2 * h + 4 * layers * h ** 2 + 2 * layers * inner * h,
  // RahulSChand/gpu_poor src/App.js: three matrices, as many key heads as heads, no norms.
  gpu_poor: ({ h, layers, inner, words }) => 2 * words * h + 4 * layers * h ** 2 + 3 * layers * inner * h,
  // harleyszhang/llm_counts count_params.py: three matrices, one table, no biases.
  llm_counts: ({ h, layers, heads, kvHeads, width, inner, words }) =>
    words * h + layers * (2 * h * heads * width + 2 * h * kvHeads * width + 3 * h * inner + 2 * h),
  // NVIDIA/Megatron-LM theoretical_memory_usage.py: SwiGLU, RMSNorm, an untied head.
  'Megatron-LM': ({ h, layers, heads, kvHeads, width, inner, words }) =>
    layers * (2 * h * (1.5 * inner + 1) + 2 * h * width * heads * (1 + kvHeads / heads)) + h + 2 * h * words,
};

/** Calculators that know experts count them in ways of their own, which are not restated here. */
const total = (formula, given) => (given.experts ? undefined : formula(given));

/** Bytes of the cache of one sequence of CONTEXT tokens in 16 bits. */
const CACHES = {
  // EleutherAI/cookbook calc/calc_transformer_mem.py: keys or values, not both; no grouped heads.
  'EleutherAI cookbook': ({ h, layers }) => 2 * h * layers * CONTEXT,
  // RahulSChand/gpu_poor src/App.js, the path for Hugging Face and vLLM: twice the cache, no grouped heads.
  gpu_poor: ({ h, layers }) => 2 * CONTEXT * 2 * 2 * h * layers,
  // cli99/llm-analysis analysis.py, and rasbt/LLMs-from-scratch memory_estimator_gqa.py: heads as wide as hidden / heads.
  'llm-analysis': ({ h, heads, kvHeads, layers }) => 2 * CONTEXT * (h / heads) * kvHeads * 2 * layers,
  // harleyszhang/llm_counts count_memory.py: no windows, no latents.
  llm_counts: ({ kvHeads, width, layers }) => CONTEXT * kvHeads * width * 2 * 2 * layers,
};

const share = (value, truth, tolerance = 0) => {
  if (value === undefined) return '-';
  if (value !== truth && Math.abs(value - truth) <= tolerance) return 'rounded';
  const off = (value / truth - 1) * 100;
  return value === truth ? 'exact' : `${off > 0 ? '+' : ''}${off.toFixed(1)} %`;
};

const entryOf = (id) =>
  JSON.parse(readFileSync(new URL(`../../web/models/${id}.json`, import.meta.url), 'utf8'));

const rows = [];
for (const id of MODELS) {
  const { name, config, published } = entryOf(id);
  const { totalParams, kvBytes } = await core.estimate({ config, contexts: [CONTEXT] });
  rows.push({
    name,
    published: published.find(({ quantity }) => quantity === 'total_params'),
    totalParams,
    cache: kvBytes[0],
    sizes: sizes(config),
  });
}

function table(title, headings, lines) {
  const all = [headings, ...lines];
  const widths = headings.map((_, i) => Math.max(...all.map((line) => String(line[i]).length)));
  const text = all.map((line) =>
    line
      .map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
  return [title, '', ...text].join('\n');
}

test('the totals of all twenty models are the published ones', () => {
  assert.equal(rows.length, 20);
  for (const { name, published, totalParams } of rows)
    assert.ok(
      Math.abs(totalParams - published.value) <= published.tolerance,
      `${name}: ${totalParams}, published ${published.as_printed}`,
    );
});

test('no other formula is right for all twenty, and the table says how far each is off', () => {
  const totals = table(
    'Parameters: published, ours, and what the formulas of other calculators give',
    ['model', 'published', 'ours', ...Object.keys(TOTALS)],
    rows.map(({ name, published, totalParams, sizes: given }) => [
      name,
      published.as_printed,
      share(totalParams, published.value, published.tolerance),
      ...Object.values(TOTALS).map((formula) => share(total(formula, given), published.value)),
    ]),
  );
  const caches = table(
    `Bytes of the cache at ${CONTEXT} tokens in 16 bits: ours, and what the formulas of other calculators give`,
    ['model', 'ours', ...Object.keys(CACHES)],
    rows.map(({ name, cache, sizes: given }) => [
      name,
      cache,
      ...Object.values(CACHES).map((formula) => share(formula(given), cache)),
    ]),
  );
  const text = `${totals}\n\n${caches}\n`;
  const file = new URL('calculators.txt', import.meta.url);
  if (process.env.CLEARFORMER_UPDATE_TABLE === '1') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
  for (const formula of Object.values(TOTALS))
    assert.ok(
      rows.some(
        ({ published, sizes: given }) =>
          Math.abs((total(formula, given) ?? NaN) - published.value) > published.tolerance,
      ),
    );
  for (const formula of Object.values(CACHES))
    assert.ok(rows.some(({ cache, sizes: given }) => formula(given) !== cache));
});
