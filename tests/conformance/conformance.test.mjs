import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import { load } from './adapter.mjs';
import { runFolder } from './runner.mjs';

const claimed = JSON.parse(await readFile(new URL('claimed.json', import.meta.url), 'utf8'));

/** @type {import('./runner.mjs').Outcome[]} */
let outcomes;
before(async () => {
  outcomes = await runFolder(await load(), fileURLToPath(new URL('cases', import.meta.url)));
});

test('no conformance case fails', () => {
  const failed = outcomes.filter(({ status }) => status === 'failed');
  assert.deepEqual(
    failed.map(({ file, name, sentence }) => `${file} ${name}: ${sentence}`),
    [],
  );
});

for (const op of claimed) {
  test(`the core serves every case of ${op}`, () => {
    const cases = outcomes.filter((outcome) => outcome.op === op);
    assert.notEqual(cases.length, 0, `there is no case of ${op}`);
    assert.deepEqual(
      cases.filter(({ status }) => status !== 'passed').map(({ name, status }) => `${name} is ${status}`),
      [],
    );
  });
}
