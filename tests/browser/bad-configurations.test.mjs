// Whatever is typed as a configuration: a sentence for what is wrong, the plan before stays, and where a nearest value would do it is one click away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, settle, untilText } from './browser.mjs';
import { SMALL } from './configurations.mjs';

const PLANNER = 'tutorials/tools/model-planner.html';
const small = (/** @type {object} */ change) => JSON.stringify({ ...SMALL, ...change });

/** What is typed, what is said, and the fix that mends it. @type {Record<string, [text: string, says: RegExp, fix?: RegExp]>} */
const REFUSED = {
  'a value that is missing': [
    '{"model_type": "llama",\n "hidden_size": }',
    /line 2, column 17: a value is missing\./,
  ],
  'a comma before the end': ['{"hidden_size": 64,\n}', /line 2, column 1: a comma stands before the end/],
  'a list': ['[1, 2]', /is an object of keys and values in braces, got a list\./],
  'another file': ['<!doctype html>', /line 1, column 1: this is no JSON value/],
  'no keys': ['{}', /must have keys, got none\./],
  NaN: ['{"hidden_size": NaN}', /line 1, column 17: this is no JSON value: NaN\./],
  'a missing key': [small({ vocab_size: undefined }), /vocab_size is missing\./, /take vocab_size = 128256/],
  'a width that heads do not divide': [
    small({ hidden_size: 65 }),
    /65 is not divisible by 4 heads/,
    /take hidden_size = 64/,
  ],
  'heads that do not divide a width': [
    small({ num_attention_heads: 5 }),
    /64 is not divisible by 5 heads/,
    /take num_attention_heads = 4/,
  ],
  'a key that is null': [
    small({ vocab_size: null }),
    /vocab_size is null, which counts as missing/,
    /take vocab_size = 128256/,
  ],
  'heads that cannot share': [
    small({ num_key_value_heads: 3 }),
    /cannot share 3 key and value heads/,
    /take num_key_value_heads = 2/,
  ],
  'a number in quotes': [
    small({ hidden_size: '64' }),
    /must be a whole number, got "64"/,
    /write 64 without quotes/,
  ],
  'a word for a number': [small({ hidden_size: 'sixty' }), /must be a whole number, got "sixty"/],
  'a truth for a number': [small({ hidden_size: true }), /must be a whole number, got true/],
  'a negative size': [
    small({ hidden_size: -64 }),
    /hidden_size must be a whole number from 1 to 2\^53, got -64/,
    /take hidden_size = 64/,
  ],
  'a size of zero': [
    small({ num_hidden_layers: 0 }),
    /num_hidden_layers must be a whole number from 1/,
    /take num_hidden_layers = 1/,
  ],
  'a fraction': [
    small({ num_hidden_layers: 2.5 }),
    /num_hidden_layers must be a whole number from 1 to 2\^53, got 2\.5/,
    /take num_hidden_layers = 3/,
  ],
  'too many layers': [
    small({ num_hidden_layers: 1e9 }),
    /num_hidden_layers must be at most 65536/,
    /take num_hidden_layers = 65536/,
  ],
  'a huge size': [
    small({ hidden_size: 1e300 }),
    /hidden_size must be a whole number from 1 to 2\^53, got 1e\+300/,
  ],
  'an overflow': [small({ vocab_size: 9e15 }), /beyond 2\^53/],
  'no transformer': [
    '{"model_type": "resnet", "depths": [3, 4, 6, 3]}',
    /"resnet" is not known, and without .* it is not read as a transformer/,
  ],
};

/** A page with the text of a configuration open. @param {import('node:test').TestContext} t */
async function planner(t) {
  const { open, http } = await openBrowser(t);
  const opened = await open(http(PLANNER));
  await settle(opened.page);
  await opened.page.getByText('Paste, drop or type a config.json').first().click();
  const headline = () => opened.page.locator('#planner .cf-headline').innerText();
  return { ...opened, headline, text: opened.page.locator('#planner-config') };
}

test('everything that cannot be planned is answered with a sentence, the plan before stays, and fixes mend', async (t) => {
  const { page, errors, headline, text } = await planner(t);
  const plain = await headline();
  for (const [what, [typed, says, fix]] of Object.entries(REFUSED)) {
    await text.fill(typed);
    await untilText(page, '#planner [role=alert]', says);
    assert.equal(await headline(), plain, what);
    if (fix) {
      await page.locator('#planner .cf-fix', { hasText: fix }).click();
      await page.locator('#planner [role=alert]').waitFor({ state: 'detached' });
      assert.notEqual(await headline(), plain, what);
    }
    await page.getByRole('button', { name: 'Back to the registry’s model' }).first().click();
    await page.waitForFunction(
      (old) =>
        /** @type {HTMLElement} */ (document.querySelector('#planner .cf-headline')).innerText === old &&
        !document.querySelector('#planner [role=alert]'),
      plain,
    );
  }
  assert.deepEqual(errors, []);
});

test('what was assumed, said twice or published in another format stands beside the plan, and a click changes it', async (t) => {
  const { page, text } = await planner(t);
  const notes = '#planner .cf-plan-notes';
  await text.fill(small({ tie_word_embeddings: undefined }));
  await untilText(page, notes, /Assumed\s+tie_word_embeddings = false/);
  await page
    .locator(notes)
    .getByRole('button', { name: /tie_word_embeddings/ })
    .click();
  await page.waitForFunction(() => !document.querySelector('#planner .cf-plan-notes'));
  assert.match(await text.inputValue(), /"tie_word_embeddings": ?false/);
  await text.fill(small({}).replace('"hidden_size":64', '"hidden_size":128,"hidden_size":64'));
  await untilText(
    page,
    notes,
    /Contradiction\s+hidden_size = 64: the key stands there twice; the last value counts/,
  );
  await text.fill(small({ quantization_config: { quant_method: 'gptq', bits: 4, group_size: 128 } }));
  await untilText(page, notes, /weights in bf16: quantization_config says gptq, 4 bits/);
  await page.locator(notes).getByRole('button', { name: 'Take int4-g128' }).click();
  await page.waitForFunction(() => !document.querySelector('#planner .cf-plan-notes'));
  await text.fill(small({ quantization_config: { quant_method: 'zigzag' } }));
  await untilText(page, notes, /“zigzag”, which is none of fp8, .*; choose yours under Weights in\./);
});

test('a file of 100 MB is refused by its size, without being read', async (t) => {
  const { page, headline } = await planner(t);
  const before = await headline();
  await page.evaluate(() => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(100_000_000)], 'config.json'));
    File.prototype.text = () => Promise.reject(new Error('the file was read'));
    document
      .getElementById('planner')
      ?.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
  });
  await untilText(
    page,
    '#planner [role=alert]',
    /config\.json has 100000000 bytes; a configuration has at most 1000000\./,
  );
  assert.equal(await headline(), before);
});
