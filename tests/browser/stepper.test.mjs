import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTENTION, openBrowser, settle, untilText } from './browser.mjs';

const text = (page) => page.locator('#stepper-text');
const why = (page) => page.locator('#stepper .cf-why').innerText();
const weights = (page) =>
  page.locator('#stepper svg[data-matrix="stepper-weights"] .cf-digits').allTextContents();

test('typing a sentence shows its own attention', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const before = await weights(page);
  await text(page).fill('A dog that sleeps');
  await untilText(page, '#stepper .cf-count', /^4 of 64/);
  assert.notDeepEqual(await weights(page), before);
  await untilText(page, '#tokens .cf-tokens', /dog/);
});

test('shown rows of weights sum to one, to the last digit shown', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(`${ATTENTION}#stepper:mask=both`));
  await settle(page);
  const rows = await page.locator('#stepper svg[data-matrix="stepper-weights"]').evaluate((svg) => {
    /** @type {Record<string, number>} */
    const sums = {};
    for (const digits of svg.querySelectorAll('.cf-digits:not(.cf-margin)')) {
      const y = digits.getAttribute('y') ?? '';
      sums[y] = (sums[y] ?? 0) + Math.round(Number(digits.textContent) * 100);
    }
    return Object.values(sums);
  });
  assert.deepEqual(rows, [100, 100, 100, 100, 100, 100]);
});

test('every digit opens down to an embedding entry by clicks alone', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const titles = [];
  for (let depth = 0; depth < 8; depth += 1) {
    titles.push(await why(page));
    const first = page.locator('#stepper .cf-explain .cf-term').first();
    if ((await first.count()) === 0) break;
    await first.click();
    await page.waitForFunction(
      (old) => document.querySelector('#stepper .cf-why')?.innerText !== old,
      titles.at(-1),
    );
  }
  assert.match(titles.at(-1), /^Why \S+ [EX] sleeps \[\d+\]$|W[QKV]/);
  assert.match(await page.locator('#stepper .cf-rule').innerText(), /seeded random number \(seed 7\)/);
});

test('the keyboard alone reaches the matrix once, walks its cells, and leaves', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  await page.locator('#stepper-text').focus();
  const seen = [];
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press('Tab');
    const matrix = await page.evaluate(() => document.activeElement?.getAttribute('data-matrix'));
    if (matrix) seen.push(matrix);
  }
  assert.equal(seen.filter((name) => name === 'stepper-weights').length, 1);
  await page.locator('#stepper svg[data-matrix="stepper-weights"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await untilText(page, '#stepper .cf-why', /mice → The/);
  await page.keyboard.press('ArrowRight');
  await untilText(page, '#stepper .cf-why', /mice → cat/);
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute('data-matrix')),
    'stepper-weights',
    'the focus stays while cells are walked',
  );
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-matrix') ?? null), null);
});

test('a mouse that rests on a cell shows its arithmetic until it leaves', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const pinned = await why(page);
  await page
    .locator('#stepper svg[data-matrix="stepper-weights"] .cf-cell-share')
    .nth(3)
    .hover({ force: true });
  await untilText(page, '#stepper .cf-why', /that → The/);
  await page.locator('#stepper .cf-stage-words').hover();
  await page.waitForFunction(
    (text) => document.querySelector('#stepper .cf-why')?.innerText === text,
    pinned,
  );
});

test('the stages can be walked with the keyboard', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  await page.locator('#stepper input[name="stepper-stage"][value="weights"]').focus();
  for (const words of [/weighted by its row/, /side by side/, /mixes the heads/]) {
    await page.keyboard.press('ArrowRight');
    await untilText(page, '#stepper .cf-stage-words', words);
  }
});

test('a link reproduces the state in another window, also from disk', async (t) => {
  const { open, http, file } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  await text(page).fill("It's <b>“5 + 5”</b> & 猫; a:b=c");
  await untilText(page, '#stepper .cf-count', /of 64/);
  await page.locator('#stepper input[name="stepper-head"][value="2"]').check();
  await page.locator('#stepper-temperature').fill('0.3');
  await page.locator('#stepper svg[data-matrix="stepper-weights"]').focus();
  await page.keyboard.press('Home');
  await page.waitForTimeout(200);
  await page.getByRole('group', { name: 'Figure' }).nth(1).getByRole('button', { name: 'Link' }).click();
  await untilText(page, '#stepper .cf-said', /Link copied/);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const state = await page.evaluate(() => ({ ...document.getElementById('stepper').state }));
  const shown = await why(page);
  const hash = new URL(link).hash.slice(1);
  for (const address of [link, file(`${ATTENTION}#${hash}`)]) {
    const other = await open(address);
    await settle(other.page);
    assert.deepEqual(
      await other.page.evaluate(() => ({ ...document.getElementById('stepper').state })),
      state,
    );
    assert.equal(await why(other.page), shown);
    assert.deepEqual(other.errors, []);
    const tokens = await other.page.evaluate(() => document.getElementById('tokens').state.text);
    assert.equal(tokens, state.text, 'figures of the group follow');
  }
});

test('what if: setting one number moves everything after it, marks it, and can be undone', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(`${ATTENTION}#stepper:cell=q:0,5,0`));
  await settle(page);
  const before = await weights(page);
  await page.locator('#stepper-what-if').fill('2.5');
  await page.waitForSelector('#stepper svg[data-matrix="stepper-weights"] .cf-changed');
  const after = await weights(page);
  assert.notDeepEqual(after, before);
  assert.match(await page.locator('#stepper .cf-rule').innerText(), /Set by you/);
  await page.getByRole('button', { name: 'Undo all' }).click();
  await page.waitForFunction(() => !document.querySelector('#stepper svg[data-matrix] .cf-changed'));
  assert.deepEqual(await weights(page), before);
});

test('bad input says what is wrong, keeps the last good drawing, and offers a way on', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(ATTENTION));
  await settle(page);
  const good = await weights(page);
  await text(page).fill('');
  await untilText(page, '#stepper [role=alert]', /no token/);
  assert.deepEqual(await weights(page), good);
  await page.getByRole('button', { name: 'Use the example' }).first().click();
  await page.waitForFunction(() => !document.querySelector('#stepper [role=alert]'));

  await page.locator('#stepper .cf-more > summary').click();
  await page.locator('#stepper-heads').fill('5');
  await page.locator('#stepper-heads').press('Enter');
  await untilText(page, '#stepper [role=alert]', /d_model 16 is not divisible by 5 heads/);
  assert.deepEqual(await weights(page), good);
  await page.locator('#stepper').getByRole('button', { name: '4 heads' }).click();
  await page.waitForFunction(() => !document.querySelector('#stepper [role=alert]'));

  await text(page).fill('cat '.repeat(80));
  await untilText(page, '#stepper [role=alert]', /at most 64/);
  await page.locator('#stepper').getByRole('button', { name: 'Keep the first 64' }).click();
  await untilText(page, '#stepper .cf-count', /^64 of 64/);
  const painted = await page.locator('#stepper canvas').evaluate((element) => {
    const canvas = /** @type {HTMLCanvasElement} */ (element);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return (
      data.filter((value, i) => i % 4 === 3 && value > 0 && data[i - 3] !== data[i - 1]).length /
      (data.length / 4)
    );
  });
  assert.ok(painted > 0.4, `beyond 32 a matrix is a canvas, and ${painted} of it is painted`);
  assert.deepEqual(errors, []);
});

for (const [what, typed, count] of [
  ['one token', 'cat', 1],
  ['emoji', '😀👩‍👩‍👧', 22],
  ['right-to-left text', 'שלום', 8],
  ['markup', '<img src=x onerror=alert(1)>', 0],
]) {
  test(`${what} works and stays text`, async (t) => {
    const { open, http } = await openBrowser(t);
    const { page, errors } = await open(http(ATTENTION));
    await settle(page);
    await text(page).fill(typed);
    await page.waitForFunction(
      (value) =>
        document.getElementById('stepper').result?.labels &&
        document.getElementById('stepper').state.text === value,
      typed,
    );
    await page.waitForTimeout(300);
    if (count)
      assert.match(await page.locator('#stepper .cf-count').innerText(), new RegExp(`^${count} of 64`));
    assert.equal(await page.locator('article img').count(), 0);
    assert.equal(await page.locator('#stepper [role=alert]').count(), 0);
    assert.deepEqual(errors, []);
  });
}

test('a bad address is mended and said, nothing breaks', async (t) => {
  const { open, http } = await openBrowser(t);
  const hash =
    'stepper:temperature=1e9&heads=NaN&colour=red&text=cat+dog&mask=sideways&cell=weights:9,9,9&overrides=x:0,0=1e9';
  const { page, errors } = await open(http(`${ATTENTION}#${hash}`));
  await settle(page).catch(() => {});
  const notes = (await page.locator('#stepper .cf-note-line').allInnerTexts()).join(' ');
  assert.match(notes, /temperature must be from 0.05 to 20, got 1e9/);
  assert.match(notes, /heads must be a whole number, got "NaN"/);
  assert.match(notes, /names "colour"/);
  assert.match(notes, /mask must be one of causal, both, got "sideways"/);
  assert.equal(await page.evaluate(() => document.getElementById('stepper').state.temperature), 20);
  assert.deepEqual(errors, []);
});

test('the figure saves SVG, PNG, CSV and JSON of what it shows', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(ATTENTION));
  await settle(page);
  for (const [kind, start] of [
    ['SVG', '<svg'],
    ['PNG', '\u0089PNG'],
    ['CSV', ',The,cat'],
    ['JSON', '{'],
  ]) {
    await page.locator('#stepper .cf-menu > summary').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#stepper .cf-menu').getByRole('button', { name: kind }).click(),
    ]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    assert.equal(
      body.toString('latin1').startsWith(start),
      true,
      `${kind}: ${body.toString('latin1').slice(0, 40)}`,
    );
    assert.equal(body.length > 200, true, kind);
    await page.locator('#stepper .cf-menu').evaluate((menu) => menu.removeAttribute('open'));
  }
  const box = page.locator('#cache .cf-menu');
  await box.locator('summary').click();
  const [picture] = await Promise.all([
    page.waitForEvent('download'),
    box.getByRole('button', { name: 'PNG' }).click(),
  ]);
  assert.equal(picture.suggestedFilename(), 'cache.png', 'a figure drawn with boxes can be saved too');
  await page.locator('#stepper').getByRole('button', { name: 'Table' }).click();
  assert.deepEqual(errors, []);
  assert.equal(await page.locator('#stepper .cf-table td').count(), 36);
});

test('scrubbing a number in the prose drives the figure, and live numbers follow', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const scrub = page.locator('cf-scrub[name="temperature"]');
  const weight = page.locator('cf-value[name="topWeight"]').first();
  const before = await weight.innerText();
  await scrub.focus();
  await page.keyboard.press('PageDown');
  await page.waitForFunction(() => document.getElementById('stepper').state.temperature === 0.5);
  await page.waitForFunction(
    (old) => document.querySelector('cf-value[name="topWeight"]')?.textContent !== old,
    before,
  );
  assert.equal(await scrub.innerText(), '0.5');
});
