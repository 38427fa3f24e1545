import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import { load } from './adapter.mjs';
import { runFolder } from './runner.mjs';

/** What the core does not do yet. */
const coming = ['estimate'];

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

test('no conformance case is missing but those that are coming', () => {
  const missing = outcomes.filter(({ status, op }) => status === 'missing' && !coming.includes(op));
  assert.deepEqual(
    missing.map(({ file, name }) => `${file} ${name}`),
    [],
  );
});

test('what is coming has not come yet', () => {
  for (const op of coming) {
    assert.ok(
      outcomes.some((outcome) => outcome.op === op && outcome.status === 'missing'),
      op,
    );
  }
});
