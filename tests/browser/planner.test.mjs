import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openBrowser, settle, untilText } from './browser.mjs';
import { SMALL } from './configurations.mjs';

const PLANNER = 'tutorials/tools/model-planner.html';
const COMPARE = 'tutorials/tools/compare-models.html';
/** Tables, attention, feed-forward, norms, counted here by hand. */
const SMALL_PARAMS = 2 * 100 * 64 + 2 * (64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 96 + 2 * 64) + 64;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const headline = (page) => page.locator('#planner .cf-headline').innerText();
const panel = (page) => page.locator('#planner .cf-opened');

test('the planner opens with a plan: the published count of Llama 3.1 8B, and a cache of 2^30 bytes', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(PLANNER));
  await settle(page);
  const values = await page.evaluate(() => {
    const { quantities } = document.getElementById('planner').result;
    return ['total_params', 'kv_bytes', 'kv_bytes_per_token'].map((name) => quantities.get(name).value);
  });
  assert.deepEqual(values, [8_030_261_248, 2 ** 30, 131_072]);
  assert.match(await headline(page), /8\.03\sB/);
  assert.deepEqual(errors, []);
});

test('every number in the prose is one of the plan', async (t) => {
  const { open, http } = await openBrowser(t);
  for (const name of [PLANNER, COMPARE]) {
    const { page } = await open(http(name));
    await settle(page);
    const open_ = await page
      .locator('cf-value')
      .evaluateAll((values) =>
        values.filter(({ textContent }) => textContent === '–').map(({ outerHTML }) => outerHTML),
      );
    assert.deepEqual(open_, []);
  }
});

test('a pasted configuration is counted at once, and a link brings it back', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER));
  await settle(page);
  await page.getByText('Paste, drop or type a config.json').first().click();
  await page.locator('#planner-config').fill(JSON.stringify(SMALL));
  await untilText(page, '#planner .cf-headline', new RegExp(SMALL_PARAMS.toLocaleString('en')));
  await page.locator('#planner-batch').fill('3');
  await page.waitForFunction(() => location.hash.includes('batch=3') && location.hash.includes('config='));
  const link = page.url();
  const again = await open(link);
  await settle(again.page);
  assert.equal(await headline(again.page), await headline(page));
  assert.deepEqual(
    await again.page.evaluate(() => document.getElementById('planner').state),
    await page.evaluate(() => document.getElementById('planner').state),
  );
});

test('bad JSON keeps the last plan and says line and column, and a number in quotes is one click from right', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER));
  await settle(page);
  const before = await headline(page);
  await page.getByText('Paste, drop or type a config.json').first().click();
  const text = page.locator('#planner-config');
  await text.fill('{\n  "model_type": "llama"\n  "hidden_size": 64\n}');
  await untilText(page, '#planner [role=alert]', /line 2, column 24: a comma is missing\./i);
  assert.equal(await headline(page), before);
  await text.fill(JSON.stringify({ ...SMALL, hidden_size: '64' }));
  await page.locator('#planner .cf-fix', { hasText: 'without quotes' }).click();
  await untilText(page, '#planner .cf-headline', new RegExp(SMALL_PARAMS.toLocaleString('en')));
  assert.equal(await page.locator('#planner .cf-error').count(), 0);
});

test('a configuration of something else says so, and the plan stays', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER));
  await settle(page);
  const before = await headline(page);
  await page.getByText('Paste, drop or type a config.json').first().click();
  await page
    .locator('#planner-config')
    .fill('{"model_type": "resnet", "depths": [3, 4, 6, 3], "embedding_size": 64}');
  await page.locator('#planner [role=alert]').waitFor();
  assert.ok((await page.locator('#planner [role=alert]').innerText()).length > 20);
  assert.equal(await headline(page), before);
});

test('the keyboard alone opens a number down to a key of the configuration, and returns to where it began', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER));
  await settle(page);
  const number = page.locator('#planner [data-quantity="kv_bytes_per_token"] button');
  await number.focus();
  for (let depth = 0; depth < 12; depth += 1) {
    const shown = (await panel(page).count()) ? await panel(page).innerText() : '';
    if (shown && (await panel(page).locator('.cf-quantities button').count()) === 0) break;
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      (old) => (document.querySelector('#planner .cf-opened')?.innerText ?? '') !== old,
      shown,
    );
    await page.waitForFunction(() => document.activeElement?.closest('.cf-opened'));
  }
  assert.match(await panel(page).innerText(), /num_attention_heads from the config/);
  assert.match(
    await page.evaluate(() => location.hash || document.getElementById('planner').state.open),
    /kv_bytes_per_token/,
  );
  for (let depth = 0; depth < 12 && (await panel(page).count()); depth += 1) {
    const shown = await panel(page).innerText();
    await page.keyboard.press('Escape');
    await page.waitForFunction(
      (old) => (document.querySelector('#planner .cf-opened')?.innerText ?? '') !== old,
      shown,
    );
  }
  await page.waitForFunction(
    () =>
      document.activeElement?.closest('[data-quantity]')?.getAttribute('data-quantity') ===
      'kv_bytes_per_token',
  );
});

test('a dropped configuration is planned, and a dropped file of weights is counted to the last parameter without being sent anywhere', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, requests } = await open(http(PLANNER));
  await settle(page);
  const sent = requests.length;
  const drop = (name, bytes) =>
    page.evaluate(
      ([called, list]) => {
        const files = new DataTransfer();
        files.items.add(new File([Uint8Array.from(list)], called));
        document
          .getElementById('planner')
          .dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
      },
      [name, [...bytes]],
    );
  await drop('config.json', new TextEncoder().encode(`\ufeff${JSON.stringify(SMALL)}`));
  await untilText(page, '#planner .cf-headline', new RegExp(SMALL_PARAMS.toLocaleString('en')));
  const header = JSON.stringify({
    'layers.0.w': { dtype: 'F32', shape: [3, 5], data_offsets: [0, 60] },
    'layers.1.w': { dtype: 'F32', shape: [3, 5], data_offsets: [60, 120] },
  });
  const bytes = new Uint8Array(8 + header.length + 120);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  await drop('model.safetensors', bytes);
  await untilText(page, '#planner .cf-inspected', /30\sparameters\s+in\s+2\s+tensors,\s+120\sbytes/);
  assert.match(await page.locator('#planner .cf-inspected').innerText(), /layers\.\{i\}\.w/);
  await drop('cut.safetensors', bytes.slice(0, 20));
  await untilText(page, '#planner [role=alert]', /the file ends after 12 of them/);
  // Fonts, the icon and code of the page itself may still be on their way.
  assert.deepEqual(
    requests.slice(sent).filter((url) => !/\.(?:woff2|svg)$|\/assets\/parts\/[\w/-]+\.js$/.test(url)),
    [],
  );
});

test('the model is found by typing, by keyboard alone, and all figures of the page follow', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER));
  await settle(page);
  const field = page.locator('#planner .cf-model-picker input');
  await field.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.type('mistral 7b v0.3');
  await page.keyboard.press('Enter');
  await untilText(page, '#planner .cf-headline', /7\.25\sB/);
  await untilText(page, '#treemap', /Mistral 7B v0\.3 has\s+7\.25/);
  assert.equal(await field.inputValue(), 'Mistral 7B v0.3');
  assert.equal(await page.evaluate(() => document.getElementById('mixture').state.model), 'mixtral-8x7b');
});

test('a machine whose vendor publishes no FLOP/s is told so, and the reader’s own value is taken', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(`${PLANNER}#planner:hardware=apple-m4-max&peak=30`));
  await settle(page);
  assert.match(await headline(page), /tokens\/s/);
  await page.locator('#planner-peak').evaluate((input) => {
    input.closest('details').open = true;
  });
  await page.locator('#planner-peak').fill('0');
  await untilText(page, '#planner [role=alert]', /publishes no FLOP\/s for bf16/);
});

test('models compared mark what differs, filter by key and open a bar by its model', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(COMPARE));
  await settle(page);
  await page.locator('#compare-find').fill('vocab');
  await page.waitForFunction(() => document.querySelectorAll('#compare thead th').length === 2);
  assert.equal(await page.locator('#compare td.cf-differs').count(), 3);
  await page.locator('#compare [data-quantity="total_params@gemma-2-9b"] button').click();
  await untilText(page, '#compare .cf-opened', /9,241,705,984/);
});

test('the numbers can be taken away as a Markdown table', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER));
  await settle(page);
  await page.locator('#planner .cf-menu summary').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('#planner .cf-menu').getByRole('button', { name: 'Markdown' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'planner.md');
  const stream = await download.createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  assert.match(text, /^The plan of Llama 3\.1 8B\n\n\| quantity \| value \|/);
  assert.match(text, /\| Parameters \| 8030261248 \| params \| computed/);
});

test('controls are at least 44 pixels high on a phone', async (t) => {
  const { open, http } = await openBrowser(t);
  for (const [name, id] of [
    [PLANNER, 'planner'],
    [PLANNER, 'machines'],
    [COMPARE, 'compare'],
  ]) {
    const { page, close } = await open(http(name), { width: 390, touch: true });
    await settle(page);
    const low = await page
      .locator(
        `#${id} :is(button, select, summary, .cf-controls input:not([type=file]):not([type=checkbox]))`,
      )
      .evaluateAll((controls) =>
        controls
          .filter(
            (one) =>
              one.checkVisibility?.() &&
              one.getBoundingClientRect().height < 44 &&
              !one.closest('.cf-too-small, .cf-small'),
          )
          .map(
            (one) =>
              `${one.className} ${one.textContent.trim().slice(0, 30)} ${one.getBoundingClientRect().height}`,
          ),
      );
    assert.deepEqual(low, [], `${name} ${id}`);
    await close();
  }
});

test('axe finds nothing and nothing scrolls sideways where a number, the picker and the configuration are open and something is wrong', async (t) => {
  const { open, http } = await openBrowser(t);
  for (const [width, dark] of /** @type {[number, boolean][]} */ ([
    [320, false],
    [820, true],
    [1440, false],
  ])) {
    const { page, close } = await open(
      http(`${PLANNER}#planner:open=time_to_first_token+>+prefill_seconds`),
      { width, dark },
    );
    await settle(page);
    await page.getByText('Paste, drop or type a config.json').first().click();
    await page.locator('#planner-config').fill(`{"${'a_long_key_without_end_'.repeat(8)}": tru`);
    await page.locator('#planner [role=alert]').waitFor();
    await page.locator('#planner .cf-device-picker input').click();
    await page.locator('#planner .cf-device-picker li[role=option]').first().waitFor();
    await page.evaluate(axeSource);
    const found = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(
      found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join('; ')}`),
      [],
      String(width),
    );
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await close();
  }
});

test('experts published in a format of their own are one click away, and are a fraction of the whole in 16 bits', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(`${PLANNER}#planner:model=gpt-oss-120b`));
  await settle(page);
  await untilText(
    page,
    '#planner .cf-plan-notes',
    /experts in bf16: quantization_config says mxfp4, of the experts alone/,
  );
  await page
    .locator('#planner .cf-plan-notes')
    .getByRole('button', { name: 'Take mxfp4 for the experts' })
    .first()
    .click();
  await page.waitForFunction(() => {
    const bytes = document.getElementById('planner').result.quantities.get('weights_bytes').value;
    // The published files hold 65.2 GB.
    return bytes > 64e9 && bytes < 66.5e9;
  });
  assert.equal(await page.locator('#planner-experts').inputValue(), 'mxfp4');
  assert.deepEqual(errors, []);
});

test('a number that will not do is answered under its field, and the plan stays', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(PLANNER));
  await settle(page);
  const before = await headline(page);
  for (const typed of ['-3', '1.5', '0', '99999999']) {
    await page.locator('#planner-batch').fill(typed);
    await untilText(page, '#planner-batch-problem', /must be a whole number from 1 to 65,536, got/);
    assert.equal(await headline(page), before, typed);
  }
  await page.locator('#planner-batch-problem button').click();
  await page.waitForFunction(() => document.getElementById('planner').state.batch === 65_536);
  assert.equal(await page.locator('#planner-batch-problem').count(), 0);
  assert.deepEqual(errors, []);
});
