// Code that comes after the page: when it is asked for, what stands there until it is here, and what is said where it does not come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, settle, untilText } from './browser.mjs';

const PLANNER = 'tutorials/tools/model-planner.html';
const SMALL =
  '{"model_type":"llama","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":96,"vocab_size":100}';
const parts = (/** @type {string[]} */ requests) =>
  requests.flatMap((url) => /\/assets\/parts\/(.*)\.js$/.exec(url)?.[1] ?? []);
const headline = '#planner .cf-headline';
const segments = '#planner .cf-segment';

test('a page asks for its charts after itself, and for the rest when somebody types or exports', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, requests, errors } = await open(http(PLANNER));
  await settle(page);
  assert.deepEqual(parts(requests), ['charts/charts']);
  await page.getByText('Paste, drop or type a config.json').first().click();
  await page.locator('#planner-config').fill(SMALL);
  await untilText(page, headline, /82,752/);
  assert.deepEqual(parts(requests).slice(1), ['models/config-text']);
  await page.locator('#planner .cf-menu summary').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('#planner .cf-menu').getByRole('button', { name: 'SVG' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'planner.svg');
  assert.deepEqual(parts(requests).slice(2), ['ui/export']);
  assert.deepEqual(errors, []);
});

test('the drawing that the page brought stays until its code is here; numbers are live before', async (t) => {
  const { open, http } = await openBrowser(t);
  /** @type {() => void} */
  let come = () => {};
  const held = new Promise((resolve) => (come = () => resolve(undefined)));
  const { page, errors } = await open(http(PLANNER), {
    prepare: async (page) => {
      await page.route('**/parts/charts/*.js', (route) => held.then(() => route.continue()));
      await page.addInitScript(() => {
        const seen = (globalThis.fewest = { segments: Infinity });
        addEventListener('DOMContentLoaded', () => {
          const look = () => {
            seen.segments = Math.min(seen.segments, document.querySelectorAll('#planner .cf-segment').length);
            requestAnimationFrame(look);
          };
          look();
        });
      });
    },
  });
  await page.waitForFunction(() => document.querySelector('#planner-batch'));
  await page.waitForFunction(() => /** @type {any} */ (document.getElementById('planner')).result);
  await page.locator('#planner-batch').fill('4');
  await untilText(page, headline, /Speed of all/);
  assert.equal(await page.locator(segments).count(), 4);
  assert.equal(await page.locator('#planner').getAttribute('data-state'), 'loading');
  come();
  await settle(page);
  assert.equal(await page.locator(segments).count(), 4);
  assert.ok(
    (await page.evaluate(() => globalThis.fewest.segments)) > 0,
    'there was a drawing in every frame',
  );
  await page.locator('#planner svg.cf-plot').focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('#planner .cf-opened').waitFor();
  assert.deepEqual(errors, []);
});

test('charts that do not come leave the drawing, a sentence and a second try', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER), {
    prepare: async (page) => void (await page.route('**/parts/charts/*.js', (route) => route.abort())),
  });
  await settle(page);
  await untilText(
    page,
    '#planner [role=alert]',
    /the page\s+came\s+with,[^]*charts\.js could not be loaded\./,
  );
  assert.equal(await page.locator(segments).count(), 4);
  await page.locator('#planner-batch').fill('4');
  await untilText(page, headline, /Speed of all/);
  assert.equal(await page.locator(segments).count(), 4);
  await page.waitForLoadState('networkidle');
  await page.unroute('**/parts/charts/*.js');
  await page.locator('#planner').getByRole('button', { name: 'try again' }).click();
  await page.waitForFunction(() => !document.querySelector('#planner [role=alert]'));
  await page.locator('#planner svg.cf-plot').focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('#planner .cf-opened').waitFor();
});

test('a configuration that cannot be read because its code does not come is a sentence, and the plan stays', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(PLANNER), {
    prepare: async (page) => void (await page.route('**/parts/{models,ui}/*.js', (route) => route.abort())),
  });
  await settle(page);
  const before = await page.locator(headline).innerText();
  await page.getByText('Paste, drop or type a config.json').first().click();
  await page.locator('#planner-config').fill(SMALL);
  await untilText(page, '#planner [role=alert]', /config-text\.js could not be loaded\./);
  assert.equal(await page.locator(headline).innerText(), before);
  await page.locator('#planner .cf-menu summary').click();
  await page.locator('#planner .cf-menu').getByRole('button', { name: 'CSV' }).click();
  await untilText(page, '#planner .cf-said', /export\.js could not be loaded\./);
  await page.unroute('**/parts/{models,ui}/*.js');
  await page.locator('#planner-config').fill(`${SMALL} `);
  await untilText(page, headline, /82,752/);
});

test('by double-click the parts come too: a typed configuration is counted, a part of the chart opens, tables are saved', async (t) => {
  const { open, file } = await openBrowser(t);
  const { page, errors } = await open(file(PLANNER));
  await settle(page);
  await page.getByText('Paste, drop or type a config.json').first().click();
  await page.locator('#planner-config').fill(SMALL);
  await untilText(page, headline, /82,752/);
  await page.locator('#planner svg.cf-plot').focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('#planner .cf-opened').waitFor();
  await page.locator('#planner .cf-menu summary').click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('#planner .cf-menu').getByRole('button', { name: 'JSON' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'planner.json');
  assert.deepEqual(errors, []);
});
