import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, openBrowser, settle } from './browser.mjs';

const figures = readdirSync(join(dist, 'assets/embed')).map((name) => name.replace('.js', ''));

test('every figure works in a page that is not ours, with nothing but its script', async (t) => {
  const { open, http } = await openBrowser(t);
  assert.ok(figures.includes('attention-matrix'));
  for (const figure of figures) {
    const html = `<!doctype html><html lang="en"><head><title>Docs</title><script src="assets/embed/${figure}.js" defer></script></head>
      <body><main><h1>Docs</h1><cf-${figure} text="cat dog" heads="2"></cf-${figure}></main></body></html>`;
    const { page, errors, close } = await open(http('docs.html'), {
      prepare: async (blank) =>
        void (await blank.route('**/docs.html', (route) =>
          route.fulfill({ contentType: 'text/html', body: html }),
        )),
    });
    await settle(page);
    const element = page.locator(`cf-${figure}`);
    const readsText = await element.evaluate((one) => 'text' in /** @type {any} */ (one).state);
    assert.match(
      await element.innerText(),
      readsText ? /dog/ : /Llama 3\.1 8B|computed now by the core/,
      figure,
    );
    assert.deepEqual(
      errors.filter((error) => !error.includes('favicon')),
      [],
      figure,
    );
    await close();
  }
});

test('the embed code of a figure carries its state', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(
    http('tutorials/text/complete-attention-mechanism.html#stepper:text=a+%22b%22&head=2'),
  );
  await settle(page);
  const code = await page.evaluate(() => /** @type {any} */ (document.getElementById('stepper')).embedCode());
  assert.match(code, /assets\/embed\/attention-stepper\.js/);
  assert.match(code, /text="a &quot;b&quot;"/);
  assert.match(code, / head="2"/);
});
