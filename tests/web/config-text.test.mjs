import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import {
  ConfigError,
  fitting,
  mended,
  placeOf,
  readConfig,
  saidOfNull,
  saidTwice,
  withKey,
  withoutQuotedNumbers,
} from '../../web/models/config-text.js';
import { MOST_BYTES, valueOf, writeConfig } from '../../web/models/config-values.js';
import { CONFIG_ROWS, differing, effectiveRow, trainedContext } from '../../web/models/config-rows.js';
import { quantised } from '../../web/models/quantised.js';

/** @param {string} text @param {RegExp} sentence */
const refuses = (text, sentence) =>
  assert.throws(
    () => readConfig(text),
    (error) => error instanceof ConfigError && sentence.test(error.message),
  );

test('every configuration of the registry is read as JSON.parse reads it', () => {
  const folder = new URL('../../web/models/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  assert.ok(names.length > 100);
  for (const name of names) {
    const { config } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    assert.deepEqual(readConfig(writeConfig(config)), config);
  }
});

test('a missing comma is told where it belongs, not where the next key is', () => {
  refuses(
    '{\n  "hidden_size": 4096\n  "num_hidden_layers": 32\n}',
    /^line 2, column 22: a comma is missing$/,
  );
});

test('errors have line and column, counted from one, whatever ends the lines', () => {
  for (const end of ['\n', '\r\n', '\r'])
    refuses(
      ['{', '  "a": 1,', '  "b": NaN', '}'].join(end),
      /^line 3, column 8: this is no JSON value: NaN$/,
    );
});

test('what Python and JavaScript allow and JSON does not is refused with its name', () => {
  refuses('{"a": 1,}', /^line 1, column 9: a comma stands before the end/);
  refuses('{"a": 1 // layers\n}', /comments/);
  refuses("{'a': 1}", /^line 1, column 2: /);
  refuses('{"a": True}', /this is no JSON value: True/);
  refuses('{"a": 1', /^line 1, column 8: a closing brace } is missing$/);
  refuses('{"a": "b', /double quote is missing/);
  refuses('{"a" 1}', /a colon is missing/);
  refuses('{} {}', /after the end/);
});

test('what is JSON but no object is no configuration', () => {
  for (const text of ['[1, 2]', '"text"', '7', 'null', 'true'])
    refuses(text, /is an object of keys and values/);
  refuses('', /line 1, column 1/);
});

test('a byte order mark is no error and no part of the text', () => {
  assert.deepEqual(readConfig('\ufeff{"a": 1}'), { a: 1 });
  assert.equal(withKey('\ufeff{"a": 1}', 'a', 2), '{"a": 2}');
});

test('a text over a megabyte is refused with its length', () => {
  const text = `{"a": "${'x'.repeat(MOST_BYTES)}"}`;
  refuses(text, new RegExp(`${text.length} characters; a configuration has at most 1000000`));
});

test('a place is a line and a column of the text before it', () => {
  const text = 'ab\ncd\r\nef';
  for (let offset = 0; offset <= text.length; offset += 1) {
    const { line, column } = placeOf(text, offset);
    assert.ok(line >= 1 && line <= 3 && column >= 1);
  }
  assert.deepEqual(placeOf(text, text.indexOf('e')), { line: 3, column: 1 });
});

test('numbers in quotes become numbers, and nothing else changes', () => {
  const text =
    '{\n  "hidden_size": "4096", "eps": "1e-05",\n  "version": "4.43.0", "inner": {"heads": "8"}, "list": ["1"]\n}';
  const mended = withoutQuotedNumbers(text);
  assert.deepEqual(mended?.values, ['4096', '1e-05', '8']);
  const { text: plain = '' } = mended ?? {};
  assert.deepEqual(readConfig(plain), {
    hidden_size: 4096,
    eps: 1e-5,
    version: '4.43.0',
    inner: { heads: 8 },
    list: ['1'],
  });
  assert.equal(plain.replace(/[\d".e-]/g, ''), text.replace(/[\d".e-]/g, ''), 'spaces and keys stay');
});

test('a text without numbers in quotes, or with errors, has nothing to mend', () => {
  for (const text of ['{"a": 1}', '{"a": "0x10"}', '{"a": "01"}', '{"a": "1 "}', '{"a": "1"', ''])
    assert.equal(withoutQuotedNumbers(text), undefined, text);
});

test('a key that is set reads back, and every other key stays', () => {
  const texts = [
    '{}',
    '{"b": 1}',
    '{\n  "b": 1,\n  "a": 2\n}',
    '{"rope": {"factor": 8, "type": "x"}}',
    '{ "a": [1, {"b": 2}] }',
  ];
  const keys = ['a', 'new', 'rope.factor', 'rope.low', 'deep.er.still', 'with "quotes"'];
  for (const text of texts) {
    for (const key of keys) {
      for (const value of [7, 'text', true, null]) {
        const before = readConfig(text);
        const after = readConfig(withKey(text, key, value));
        const steps = key.split('.');
        assert.deepEqual(
          steps.reduce((from, step) => from[step], after),
          value,
          `${text} ${key}`,
        );
        for (const name of Object.keys(before))
          if (name !== steps[0]) assert.deepEqual(after[name], before[name]);
      }
    }
  }
});

test('an added key stands on a line of its own where the others do', () => {
  assert.equal(withKey('{\n  "a": 1\n}', 'b', 2), '{\n  "b": 2,\n  "a": 1\n}');
});

test('the value of a note is a number or a truth where it is one', () => {
  assert.deepEqual(['128', '-0.5', '1e6', 'true', 'false', 'silu', '', '08'].map(valueOf), [
    128,
    -0.5,
    1e6,
    true,
    false,
    'silu',
    '',
    '08',
  ]);
});

test('a text too long for an address loses its spaces first, and is refused when that is not enough', () => {
  const text = writeConfig({ a: 1, b: [1, 2, 3] });
  assert.equal(fitting(text, text.length), text);
  assert.equal(fitting(text, 20), '{"a":1,"b":[1,2,3]}');
  assert.throws(() => fitting(text, 10), /19 characters without spaces; at most 10 fit/);
});

test('a key said twice is found at any depth, with the value that counts', () => {
  assert.deepEqual(saidTwice('{"a": 1, "b": {"c": 2, "c": [3], "d": 4}, "a": "x"}'), [
    { key: 'a', value: '"x"' },
    { key: 'b.c', value: '[3]' },
  ]);
  assert.deepEqual(saidTwice('{"a": {"b": 1}, "c": {"b": 2}}'), []);
});

test('the nearest value that would do is put in the place of the refused one', () => {
  const like = { name: 'Llama', config: { vocab_size: 7 } };
  const after = (/** @type {object} */ config, /** @type {string} */ message) => {
    const found = mended(JSON.stringify(config), message, like);
    return found && [readConfig(found.text), found.label];
  };
  assert.deepEqual(after({ a: 1 }, 'config: vocab_size or n_vocab is missing'), [
    { a: 1, vocab_size: 7 },
    'take vocab_size = 7, as in Llama',
  ]);
  assert.deepEqual(after({ n_embd: 65 }, 'config: hidden_size 65 is not divisible by 4 heads'), [
    { n_embd: 64 },
    'take n_embd = 64',
  ]);
  const divided = (/** @type {number} */ width, /** @type {number} */ heads) =>
    `config: hidden_size ${width} is not divisible by ${heads} heads, and there is no head_dim`;
  assert.deepEqual(
    after({ hidden_size: 4096, num_attention_heads: 30, num_key_value_heads: 8 }, divided(4096, 30)),
    [{ hidden_size: 4096, num_attention_heads: 32, num_key_value_heads: 8 }, 'take num_attention_heads = 32'],
  );
  assert.deepEqual(after({ n_embd: 64, n_head: 5 }, divided(64, 5)), [
    { n_embd: 64, n_head: 4 },
    'take n_head = 4',
  ]);
  assert.equal(
    saidOfNull('{"hidden_size": null}', 'config: hidden_size or n_embd is missing'),
    'config: hidden_size is null, which counts as missing',
  );
  assert.equal(saidOfNull('{"a": null}', 'config: hidden_size is missing'), 'config: hidden_size is missing');
  assert.equal(after({ a: 1 }, 'config: nothing_known is missing'), undefined);
  assert.equal(after({ a: 1 }, 'the weather is bad'), undefined);
});

test('a published format is the one of the plan, and one that is not known is named', () => {
  const format = (/** @type {object} */ block) => quantised({ quantization_config: block })?.format;
  assert.equal(quantised({}), undefined);
  assert.equal(format({ quant_method: 'gptq', bits: 4, group_size: 128 }), 'int4-g128');
  assert.equal(format({ quant_method: 'awq', bits: 4, group_size: 64 }), 'int4');
  assert.equal(
    format({ quant_method: 'bitsandbytes', load_in_4bit: true, bnb_4bit_quant_type: 'nf4' }),
    'nf4',
  );
  const experts = { quant_method: 'mxfp4', modules_to_not_convert: ['model.layers.*.self_attn', 'lm_head'] };
  assert.deepEqual(quantised({ quantization_config: experts }), {
    says: 'quantization_config says mxfp4, of the experts alone',
    format: 'mxfp4',
    experts: true,
  });
  assert.equal(format({ quant_method: 'fp8', weight_block_size: [128, 128] }), 'fp8');
  for (const block of [
    { quant_method: 'zigzag' },
    { bits: 3 },
    'int4',
    [4],
    { quant_method: 'gptq', bits: 3 },
  ]) {
    const { format: none, says = '' } = quantised({ quantization_config: block }) ?? {};
    assert.equal(none, undefined);
    assert.match(says, /quantization_config (?:names|is no object|says)/);
  }
});

const ROW = (/** @type {string} */ name) => /** @type {any} */ (CONFIG_ROWS.find((row) => row.name === name));

test('models are compared by what holds: said, derived, by default, or none', () => {
  const llama = { hidden_size: 4096, num_attention_heads: 32 };
  assert.deepEqual(effectiveRow(llama, ROW('headWidth'), { headWidth: 128 }), {
    value: 128,
    how: 'derived',
  });
  assert.equal(effectiveRow(llama, ROW('headWidth')), undefined);
  assert.deepEqual(effectiveRow({ ...llama, head_dim: 256 }, ROW('headWidth')), { value: 256 });
  assert.deepEqual(effectiveRow(llama, ROW('kvHeads')), { value: 32, how: 'derived' });
  assert.deepEqual(effectiveRow({ sliding_window: null }, ROW('window')), { value: 'none' });
  assert.deepEqual(effectiveRow({ sliding_window: 9, use_sliding_window: false }, ROW('window')), {
    value: 'none',
  });
  const notes = [{ kind: 'assumed', key: 'tie_word_embeddings', value: 'true' }];
  assert.deepEqual(effectiveRow({}, ROW('tied'), { notes }), { value: 'yes', how: 'by default' });
  assert.equal(effectiveRow({}, ROW('theta')), undefined);
});

test('a row differs where a known value is not that of the first', () => {
  assert.equal(differing([{ value: 128 }, { value: 128 }]), false);
  assert.equal(differing([{ value: 'none' }, { value: 4096 }]), true);
  assert.equal(differing([{ value: 128 }, undefined]), false);
  assert.equal(differing([undefined, { value: 1 }, { value: 2 }]), false);
});

test('the context a model was made for is a key of its configuration, with what it was stretched from', () => {
  assert.deepEqual(trainedContext({ n_positions: 1024 }), { key: 'n_positions', value: 1024 });
  assert.deepEqual(
    trainedContext({
      max_position_embeddings: 131072,
      rope_scaling: { original_max_position_embeddings: 8192 },
    }),
    { key: 'max_position_embeddings', value: 131072, original: 8192 },
  );
  assert.equal(trainedContext({ hidden_size: 4 }), undefined);
});
