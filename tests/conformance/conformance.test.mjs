import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import { load } from './adapter.mjs';
import { runFolder } from './runner.mjs';

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

test('no conformance case is missing', () => {
  const missing = outcomes.filter(({ status }) => status === 'missing');
  assert.deepEqual(
    missing.map(({ file, name }) => `${file} ${name}`),
    [],
  );
});
