// How long a reader waits: node scripts/latency.mjs prints the milliseconds from an input to the drawn figure (worker included) for three
// lengths, at full speed and with the processor throttled four times, beside the budgets; and the memory of the page. Not a test: the
// figures depend on the machine. Needs dist and Chromium.
import { chromium } from 'playwright-core';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const page_ = new URL('../dist/tutorials/text/complete-attention-mechanism.html', import.meta.url).pathname;
const executablePath = process.env.CLEARFORMER_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(page_) || !existsSync(executablePath)) {
  console.error(
    'latency: needs dist (node scripts/build.mjs) and Chromium (scripts/setup, or CLEARFORMER_CHROMIUM)',
  );
  process.exit(1);
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
console.log('input to drawn figure, ms (median and worst of 15)');
for (const [rate, budget] of [
  [1, 16.7],
  [4, 50],
]) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(pathToFileURL(page_).href);
  await page.waitForFunction(() => document.getElementById('stepper')?.dataset.state === 'ready');
  await page.locator('#stepper').scrollIntoViewIfNeeded();
  await page.waitForTimeout(1500);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
  for (const tokens of [6, 20, 64]) {
    const times = await page.evaluate(async (count) => {
      const figure = /** @type {any} */ (document.getElementById('stepper'));
      const words = 'The cat that chased mice sleeps'.split(' ');
      const rest = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
      figure.setState({ text: Array.from({ length: count }, (_, i) => words[i % 6]).join(' '), cell: '' });
      await rest(1000);
      const draw = figure.draw.bind(figure);
      const measured = [];
      for (let i = 0; i < 15; i += 1) {
        const start = performance.now();
        const drawn = new Promise((done) => {
          figure.draw = (/** @type {any[]} */ ...given) => {
            queueMicrotask(() => done(undefined));
            return draw(...given);
          };
        });
        figure.setState({ temperature: 0.5 + i * 0.05 });
        await drawn;
        measured.push(performance.now() - start);
        await rest(80);
      }
      delete figure.draw;
      return measured.sort((a, b) => a - b);
    }, tokens);
    const line = `${times[7].toFixed(1).padStart(6)} ${times[14].toFixed(1).padStart(6)}`;
    console.log(`${line}  budget ${budget}  ${tokens} tokens${rate > 1 ? `, throttled ${rate} times` : ''}`);
  }
  if (rate === 1) {
    await session.send('Performance.enable');
    const { metrics } = await session.send('Performance.getMetrics');
    const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
    const core = await page.evaluate(async () =>
      (await /** @type {any} */ (globalThis).clearformer.load()).memory(),
    );
    console.log(
      `memory: ${(heap / 1e6).toFixed(1)} MB of JavaScript, ${(core.bytes / 1e6).toFixed(1)} MB of WebAssembly; budget 300 MB`,
    );
  }
  await page.close();
}
await browser.close();
