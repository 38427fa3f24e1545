import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTENTION, openBrowser, settle } from './browser.mjs';
import { load as loadInNode } from 'clearformer';

// Scripts of a page reach the core as globalThis.clearformer.
const inPage = (page, body) => page.evaluate(body);

test('the worker, the page thread and Node compute the same numbers', async (t) => {
  const { open, http, file } = await openBrowser(t);
  const core = await loadInNode();
  const options = { tokens: [300, 301, 302, 300], heads: 2, dModel: 8, seed: 3 };
  const layer = await core.attentionLayer(options);
  const expected = Array.from((await layer.trace.tensor({ name: 'output' })).data);
  for (const address of [http, file]) {
    for (const thread of ['worker', 'page']) {
      const { page, errors } = await open(address(ATTENTION));
      await settle(page);
      const numbers = await page.evaluate(
        async ([given, kind]) => {
          const loaded = await globalThis.clearformer.load({ thread: kind });
          const { trace } = await loaded.attentionLayer(given);
          return Array.from((await trace.tensor({ name: 'output' })).data);
        },
        [options, thread],
      );
      assert.equal(numbers.length, expected.length);
      numbers.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-12, `${thread} ${i}`));
      assert.deepEqual(errors, []);
    }
  }
});

test('errors arrive in a page as real RangeError and TypeError', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const kinds = await inPage(page, async () => {
    const core = await globalThis.clearformer.load();
    const caught = [];
    for (const call of [() => core.softmax({ x: [1], temperature: 0 }), () => core.softmax({ y: [1] })]) {
      await call().catch((error) =>
        caught.push([error instanceof RangeError, error instanceof TypeError, error.message]),
      );
    }
    return caught;
  });
  assert.deepEqual(
    kinds.map(([range, type]) => [range, type]),
    [
      [true, false],
      [false, true],
    ],
  );
  assert.match(kinds[0][2], /^softmax: temperature/);
});

test('a worker that dies is started again, and the figure computes on', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const message = await inPage(page, async () => {
    const core = await globalThis.clearformer.load({ patience: 400, thread: 'worker' });
    const { trace } = await core.attentionLayer({ tokens: [1, 2] });
    core.endWorker();
    const failed = await core.attentionLayer({ tokens: [1, 2] }).catch((error) => error.name);
    const again = await core.attentionLayer({ tokens: [1, 2] });
    const old = await trace.tensors().catch((error) => error.name);
    return { failed, heads: again.heads, old };
  });
  assert.deepEqual(message, { failed: 'CoreRestarted', heads: 4, old: 'CoreRestarted' });
});

test('the figure recomputes after its worker died', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page, errors } = await open(http(ATTENTION), {
    prepare: async (blank) => void (await blank.addInitScript(() => (globalThis.clearformerPatience = 400))),
  });
  await settle(page);
  await inPage(page, async () => (await globalThis.clearformer.load()).endWorker());
  await page.locator('#stepper-text').fill('cat and dog');
  await page.waitForFunction(
    () => document.querySelector('#stepper .cf-count')?.textContent?.startsWith('3 of 64'),
    null,
    { timeout: 10_000 },
  );
  assert.equal(await page.locator('#stepper [role=alert]').count(), 0);
  assert.deepEqual(errors, []);
});

test('relaxed and base agree where the browser has relaxed SIMD', async (t) => {
  const { open, http } = await openBrowser(t);
  const { page } = await open(http(ATTENTION));
  await settle(page);
  const most = await inPage(page, async () => {
    const [base, relaxed] = await Promise.all(
      ['base', 'relaxed'].map((variant) => globalThis.clearformer.load({ variant })),
    );
    const box = (seed) => ({
      shape: [2, 40, 24],
      data: Float32Array.from({ length: 1920 }, (_, i) => Math.sin(i * 1.7 + seed)),
    });
    const given = { q: box(1), k: box(2), v: box(3), mask: 'causal' };
    const [a, b] = await Promise.all([base.attention(given), relaxed.attention(given)]);
    return Math.max(...a.output.data.map((value, i) => Math.abs(value - b.output.data[i])));
  });
  assert.ok(most < 1e-5, `they differ by ${most}`);
});
