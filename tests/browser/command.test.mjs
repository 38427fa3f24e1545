// The command line that a figure offers prints the plan that the figure shows, to the last digit.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { dist, openBrowser, settle } from './browser.mjs';

const TOOLS = 'tutorials/tools';
const STATES = [
  ['model-planner.html', 'planner', ''],
  [
    'model-planner.html',
    'planner',
    'model=qwen3-30b-a3b&batch=8&weights=fp8&activations=fp8&devices=4&pipeline=2&overhead=2&price=3',
  ],
  ['model-planner.html', 'planner', 'hardware=apple-m4-max&peak=30'],
  ['model-planner.html', 'planner', 'model=vit-b-16&hardware=none&images=4'],
  ['model-planner.html', 'treemap', ''],
  ['what-fits.html', 'memory', 'devices=2'],
  ['what-fits.html', 'kv', ''],
  ['roofline.html', 'flops', 'skipMasked=false'],
  ['training-planner.html', 'planner', ''],
  ['training-planner.html', 'planner', 'method=qlora&rank=8&zero=3&recomputation=full&price=2'],
];

for (const [page, id, state] of STATES) {
  test(`the command of ${page}, ${id}${state && `, with ${state}`} prints what the figure shows`, async (t) => {
    const { open, http } = await openBrowser(t);
    const { page: shown } = await open(http(`${TOOLS}/${page}${state && `#${id}:${state}`}`));
    await settle(shown);
    const { command, quantities } = await shown.evaluate(async (name) => {
      const figure = /** @type {any} */ (document.getElementById(name));
      const found = [...figure.result.quantities.values()];
      return { command: await figure.command(), quantities: found.map(({ name, value }) => [name, value]) };
    }, id);
    const [npx, here, ...words] = command.match(/'[^']*'|\S+/g);
    assert.deepEqual([npx, here], ['npx', '.']);
    const given = words.map((/** @type {string} */ word) => word.replace(/^'(.*)'$/, '$1'));
    const text = execFileSync('node', [join(dist, 'package/command.mjs'), ...given, '--json'], {
      encoding: 'utf8',
    });
    const printed = JSON.parse(text).quantities.map((/** @type {any} */ { name, value }) => [name, value]);
    assert.deepEqual(Object.fromEntries(printed), Object.fromEntries(quantities), command);
  });
}
