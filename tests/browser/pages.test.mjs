import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { ATTENTION, closelyLookedAt, openBrowser, pages, settle } from './browser.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

test('every kind of page comes alive over http under a base path and from disk, without an error or a foreign request', async (t) => {
  const { open, http, file } = await openBrowser(t);
  for (const name of closelyLookedAt) {
    for (const address of [http, file]) {
      const { page, errors, requests, close } = await open(address(name));
      await settle(page);
      assert.deepEqual(errors, [], address(name));
      assert.deepEqual(await page.evaluate(() => globalThis.clearformerErrors), [], address(name));
      const origin = address('').slice(0, 12);
      assert.deepEqual(
        requests.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url)),
        [],
        address(name),
      );
      await close();
    }
  }
});

test('no page scrolls sideways from 320 to 2560 pixels', async (t) => {
  const { open, http } = await openBrowser(t);
  for (const name of pages) {
    for (const width of [320, 390, 820, 1440, 2560]) {
      const { page, close } = await open(http(name), { width });
      await settle(page);
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth),
        width,
        `${name} at ${width}`,
      );
      await close();
    }
  }
});

test('axe finds nothing on any kind of page, narrow and wide, light and dark', async (t) => {
  const { open, http } = await openBrowser(t);
  for (const name of closelyLookedAt) {
    for (const width of [390, 1440]) {
      for (const dark of [false, true]) {
        const { page, close } = await open(http(name), { width, dark });
        await settle(page);
        await page.evaluate(axeSource);
        const found = await page.evaluate(() => globalThis.axe.run());
        const told = found.violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join('; ')}`,
        );
        assert.deepEqual(told, [], `${name} at ${width}, ${dark ? 'dark' : 'light'}`);
        await close();
      }
    }
  }
});

test('without JavaScript the page still shows the computed default state', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION), {
    prepare: async (blank) => void (await blank.route('**/*.js', (route) => route.abort())),
  });
  assert.match(await page.locator('#stepper .cf-explain').innerText(), /Why .*\?/);
  assert.equal((await page.locator('#stepper .cf-digits').count()) > 20, true);
  assert.doesNotMatch(await page.locator('article').innerText(), /gives most of its attention to –/);
});

test('a browser without WebAssembly SIMD is told so, and the page still reads', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION), {
    prepare: async (blank) => void (await blank.addInitScript(() => (WebAssembly.validate = () => false))),
  });
  await page.locator('#stepper').scrollIntoViewIfNeeded();
  await page.waitForSelector('#stepper [role=alert]');
  assert.match(await page.locator('#stepper [role=alert]').innerText(), /no WebAssembly SIMD/);
  assert.equal((await page.locator('#stepper .cf-digits').count()) > 20, true);
});

test('the theme switch is remembered on the next page', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await page.goto(http(pages[0]));
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
});

test('the copy button of an example gives its code, and without JavaScript the code is there', async (t) => {
  const { open, http } = await openBrowser(t);
  const address = http('tutorials/reference/operations.html#softmax');
  const { page } = await open(address);
  const section = page.locator('section:has(> h2#softmax)');
  await section.getByRole('button', { name: 'Copy' }).click();
  await section.getByText('Copied').first().waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(
    copied,
    /^const \{ y, logsumexp \} = await core\.softmax.*\ny\.data; \/\/ => \[0\.0900, 0\.2447, 0\.6652\]\n/,
  );
  const plain = await open(address, {
    prepare: async (blank) => void (await blank.route('**/*.js', (route) => route.abort())),
  });
  assert.match(
    await plain.page.locator('section:has(> h2#softmax)').innerText(),
    /\[0\.0900, 0\.2447, 0\.6652\]/,
  );
});
