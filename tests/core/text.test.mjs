import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';

const core = await load();

const texts = {
  'the empty string': '',
  'one letter': 'a',
  'a sentence': 'The cat sat on the mat, and the mat did not mind.',
  'emoji, joined ones and flags': 'hi 👩‍👩‍👧‍👦! 🏳️‍🌈 🇨🇦 👍🏽',
  'text from right to left': 'مرحبا بالعالم، שלום עולם',
  'combining accents': 'e\u0301te\u0301 cafe\u0301',
  'Chinese and Japanese': '注意力就是你所需要的一切。こんにちは',
  markup: '<img src=x onerror="alert(1)"> &amp; <script>1</script>',
  'spaces, tabs and lines': '  a\t b\r\n\n c  ',
  'control characters and NUL': 'a\u0000b\u0007c\u007f',
  digits: '3.14159 1,000,000 2026-11-21',
  'a lone surrogate': 'a\ud83d b',
  'the last code point': 'x\u{10ffff}y\ufffd',
};

for (const [title, text] of Object.entries(texts)) {
  test(`tokens cover ${title} without gap or overlap`, async () => {
    const { tokens } = await core.tokenize({ text });
    let begin = 0;
    let end = 0;
    for (const token of tokens) {
      const isNextByte = token.kind === 'byte' && token.end === end && token.begin === begin;
      if (!isNextByte) assert.equal(token.begin, end);
      assert.ok(token.end > token.begin);
      begin = token.begin;
      assert.ok(['word', 'punctuation', 'space', 'byte'].includes(token.kind), token.kind);
      assert.ok(Number.isInteger(token.id) && token.id >= 0);
      assert.ok(token.label.length > 0, 'every token can be seen');
      end = token.end;
    }
    assert.equal(end, text.length);
  });

  test(`the bytes of the tokens of ${title} are its UTF-8`, async () => {
    const { tokens } = await core.tokenize({ text });
    const bytes = tokens.flatMap((token) => token.bytes);
    assert.deepEqual(bytes, [...new TextEncoder().encode(text)]);
  });

  test(`detokenize gives ${title} back`, async () => {
    const { tokens } = await core.tokenize({ text });
    const { text: back } = await core.detokenize({ ids: tokens.map(({ id }) => id) });
    assert.equal(back, new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)));
  });
}

test('whole tokens are slices of the text', async () => {
  for (const text of Object.values(texts)) {
    const { tokens } = await core.tokenize({ text });
    for (const token of tokens.filter(({ kind }) => kind !== 'byte')) {
      assert.equal(text.slice(token.begin, token.end), token.text);
    }
  }
});

test('equal words have equal ids, whatever stands around them', async () => {
  const { tokens } = await core.tokenize({ text: 'the cat and the dog, a cat (the cat)' });
  const idsOf = (wanted) => tokens.filter(({ text }) => text === wanted).map(({ id }) => id);
  assert.equal(idsOf(' cat').length, 3);
  assert.equal(new Set(idsOf(' cat')).size, 1);
  assert.notEqual(idsOf(' cat')[0], idsOf(' dog')[0]);
  assert.equal((await core.tokenize({ text: 'cat' })).tokens.length, 1);
});

test('markup stays text', async () => {
  const text = '<img onerror>';
  const { tokens } = await core.tokenize({ text });
  assert.equal(tokens.map((token) => token.text).join(''), text);
  assert.ok(tokens.some((token) => token.text === '<'));
});

test('a layer takes 64 tokens of any text, and no more', async () => {
  for (const text of [
    texts['emoji, joined ones and flags'],
    texts['text from right to left'],
    texts.markup,
  ]) {
    const { tokens } = await core.tokenize({ text: `${text} `.repeat(40) });
    const ids = tokens.map(({ id }) => id);
    assert.ok(ids.length > 64);
    const { trace, entropy } = await core.attentionLayer({ tokens: ids.slice(0, 64) });
    assert.deepEqual(entropy.shape, [4, 64]);
    const { value, steps } = await trace.explain({ tensor: 'output', index: [63, 15] });
    assert.equal(steps.at(-1).values[0].toFixed(12), value.toFixed(12));
    await trace.dispose();
    await assert.rejects(core.attentionLayer({ tokens: ids.slice(0, 65) }), {
      name: 'RangeError',
      message: /at most 64 tokens/,
    });
  }
});

test('a layer of one token attends to itself alone', async () => {
  const { tokens } = await core.tokenize({ text: 'cat' });
  const { trace, maxWeight, entropy } = await core.attentionLayer({ tokens: [tokens[0].id] });
  assert.deepEqual([...maxWeight.data], [1, 1, 1, 1]);
  assert.deepEqual([...entropy.data].map(Math.abs), [0, 0, 0, 0]);
  await trace.dispose();
});

test('a layer of no token says so', async () => {
  await assert.rejects(core.attentionLayer({ tokens: [] }), { name: 'RangeError', message: /no token/ });
});
