import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, settle, untilText } from './browser.mjs';

const ROOFLINE = 'tutorials/tools/roofline.html';
const FITS = 'tutorials/tools/what-fits.html';
const TRAINING = 'tutorials/tools/training-planner.html';

/** What a figure's result says, by the names of quantities. */
const quantities = (page, id, names) =>
  page.evaluate(
    ([figure, asked]) =>
      asked.map((name) => document.getElementById(figure).result.quantities.get(name)?.value),
    [id, names],
  );
const value = (page, figure, name) =>
  page.locator(`cf-value[figure="${figure}"][name="${name}"]`).first().innerText();

test('every number in the prose of memory, speed and training is one of a plan', async (t) => {
  const { open, http } = await openBrowser(t);
  for (const name of [ROOFLINE, FITS, TRAINING]) {
    const { page, errors, close } = await open(http(name));
    await settle(page);
    const missing = await page
      .locator('cf-value')
      .evaluateAll((values) =>
        values.filter(({ textContent }) => textContent === '–').map(({ outerHTML }) => outerHTML),
      );
    assert.deepEqual(missing, [], name);
    assert.deepEqual(errors, [], name);
    await close();
  }
});

test('the worked example of the prose is what the plan says', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ROOFLINE));
  await settle(page);
  const [weights, read] = await quantities(page, 'roofline', ['weights_bytes', 'decode_weight_bytes']);
  assert.equal(weights, 16_060_522_496);
  assert.equal((read / 1e9).toFixed(1), '15.0');
  assert.equal((read / 3.35e12).toFixed(4), '0.0045');
  const fits = await open(http(FITS));
  await settle(fits.page);
  assert.deepEqual(await quantities(fits.page, 'memory', ['kv_bytes_per_token']), [131_072]);
  const training = await open(http(TRAINING));
  await settle(training.page);
  const [states] = await quantities(training.page, 'planner', ['training_states_bytes']);
  assert.equal(states, 16 * 8_030_261_248);
});

test('raising the batch moves the products over the ridge, and the prose and the other figures follow', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(ROOFLINE));
  await settle(page);
  const bounds = () =>
    page
      .locator('#roofline .cf-operation[data-name]')
      .evaluateAll((points) => points.filter((point) => point.classList.contains('cf-bound-compute')).length);
  assert.equal(await bounds(), 0);
  const [turn] = await quantities(page, 'roofline', ['compute_bound_batch']);
  assert.ok(turn > 100 && turn < 512, `${turn}`);
  const before = await value(page, 'roofline', 'seconds_per_token');
  await page.locator('#roofline-batch-slider').fill('9');
  await page.waitForFunction(() =>
    document
      .getElementById('roofline')
      .result.operations.some(({ phase, bound }) => phase === 'decode' && bound === 'compute'),
  );
  await page.waitForFunction(
    (old) => document.querySelector('cf-value[name="seconds_per_token"]').textContent !== old,
    before,
  );
  assert.ok((await bounds()) > 4);
  await page.waitForFunction(() => document.getElementById('latency').state.batch === 512);
  const attention = page.locator('#roofline .cf-operation[data-name$="attention"]');
  assert.equal(await attention.evaluate((point) => point.classList.contains('cf-bound-memory')), true);
  await page.waitForFunction(() => location.hash.includes('roofline:batch=512'));
  assert.deepEqual(errors, []);
});

test('arrows walk the operations and each opens to the slower of its two times', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ROOFLINE));
  await settle(page);
  await page.locator('#roofline svg[role=application]').focus();
  const told = new Set();
  for (let i = 0; i < 3; i += 1) {
    await page.keyboard.press('ArrowRight');
    await page.locator('#roofline .cf-opened').waitFor();
    await page.waitForFunction(
      (seen) => !seen.includes(document.querySelector('#roofline .cf-why-title')?.textContent),
      [...told],
    );
    told.add(await page.locator('#roofline .cf-why-title').innerText());
    assert.match(await page.locator('#roofline .cf-formula').innerText(), /max|greater|larger/i);
  }
  assert.equal(told.size, 3);
  const first = page.locator('#roofline .cf-quantities button').first();
  await first.click();
  await page.locator('#roofline .cf-trail').waitFor();
});

test('this device is measured when asked for, marked as measured, and no link carries it', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(ROOFLINE));
  await settle(page);
  await page.getByRole('button', { name: 'Measure this device' }).click();
  await untilText(page, '#roofline .cf-provenance', /measured/);
  const { flops, bandwidth } = await page.evaluate(() => document.getElementById('roofline').result.measured);
  assert.ok(flops > 1e7 && bandwidth > 1e7, `${flops} ${bandwidth}`);
  const [reached] = await quantities(page, 'roofline', ['reached_flops']);
  assert.equal(reached, flops);
  assert.doesNotMatch(
    await page.evaluate(() => /** @type {any} */ (document.getElementById('roofline')).link()),
    /measured/,
  );
  await page.getByRole('button', { name: /^Back to/ }).click();
  await page.waitForFunction(() => !document.getElementById('roofline').result.measured);
  assert.deepEqual(errors, []);
});

test('the operations of the table sum to the plan, in FLOPs and in MACs', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(`${ROOFLINE}#flops:counted=MAC`));
  await settle(page);
  const { rows, columns } = await page.evaluate(() => {
    const figure = /** @type {any} */ (document.getElementById('flops'));
    return figure.table(figure.result, figure.state);
  });
  assert.equal(columns[2], 'MACs');
  const sum = rows.reduce((total, row) => total + row[2], 0);
  const [flops] = await quantities(page, 'flops', ['prefill_flops']);
  assert.ok(Math.abs(2 * sum - flops) <= flops * 1e-12);
});

test('a window bends the cache and full attention does not', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(FITS));
  await settle(page);
  const ratios = await page.evaluate(() => {
    const { lines, contexts } = document.getElementById('kv').result;
    const at = (context) => contexts.indexOf(context);
    return Object.fromEntries(
      lines.map(({ id, values }) => [id || 'own', values[at(2 ** 20)] / values[at(2 ** 19)]]),
    );
  });
  assert.equal(ratios.own, 2);
  assert.equal(ratios['mistral-7b-v0-1'], 1);
  assert.ok(ratios['gemma-3-27b'] > 1.5 && ratios['gemma-3-27b'] < 2);
});

test('a part of the memory on several devices opens in its own plan, and the link brings it back', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(FITS));
  await settle(page);
  await page.locator('#memory svg[role=application]').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => /@2$/.test(document.getElementById('memory').state.open));
  await page.locator('#memory .cf-opened').waitFor();
  await page.waitForFunction(() => location.hash.includes('open='));
  const again = await open(page.url());
  await settle(again.page);
  const why = (one) => one.locator('#memory .cf-why').innerText();
  await page.waitForFunction(() =>
    /8\.0\d/.test(document.querySelector('#memory .cf-why')?.textContent ?? ''),
  );
  assert.equal(await why(again.page), await why(page));
});

test('full recomputation, ZeRO and adapters each take from the bar what they should', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(TRAINING));
  await settle(page);
  const names = [
    'training_weights_bytes',
    'gradient_bytes',
    'master_bytes',
    'optimizer_bytes',
    'training_activation_bytes',
  ];
  const take = async (hash) => {
    const { page: one, close } = await open(http(`${TRAINING}#planner:${hash}`));
    await settle(one);
    const found = await quantities(one, 'planner', [...names, 'training_flops', 'adapter_params']);
    await close();
    return found;
  };
  const base = await quantities(page, 'planner', [...names, 'training_flops']);
  const full = await take('recomputation=full');
  assert.deepEqual(full.slice(0, 4), base.slice(0, 4));
  assert.ok(full[4] < base[4] / 2);
  assert.ok(full[5] / base[5] > 1.2 && full[5] / base[5] <= 4 / 3);
  const shared = await take('zero=3');
  shared.slice(0, 4).forEach((bytes, i) => assert.ok(Math.abs(bytes / (base[i] / 8) - 1) < 1e-6, names[i]));
  assert.equal(shared[4], base[4]);
  const lora = await take('method=qlora');
  assert.ok(lora[0] < base[0] / 2.5 && lora[3] < base[3] / 50 && lora[6] > 0);
});

test('an encoder has a roofline of its one pass, and where there is no decoding the page says so', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(`${ROOFLINE}#roofline:model=bert-base-uncased`));
  await page.waitForFunction(() => document.getElementById('roofline').dataset.state === 'ready');
  await untilText(page, '#latency', /BERT base.* does not write token by token/);
  assert.match(await page.locator('#roofline svg[role=application]').getAttribute('aria-label'), /one pass/i);
  assert.deepEqual(errors, []);
});
