// Prints how many conformance cases pass, fail and are missing, by file:
//     node tests/conformance/run.mjs [--cases DIR] [--only NAME] [--verbose]
// --verbose also tells the first difference of every failing case and the name of every missing one. Exits with 1 if any case fails.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from './adapter.mjs';
import { runFolder } from './runner.mjs';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: fileURLToPath(new URL('cases', import.meta.url)) },
    only: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});

const outcomes = await runFolder(await load(), values.cases, values.only);
const count = (chosen, status) => chosen.filter((outcome) => outcome.status === status).length;
const row = (title, chosen) =>
  console.log(
    title.padEnd(16) +
      ['passed', 'failed', 'missing'].map((status) => String(count(chosen, status)).padStart(9)).join(''),
  );

console.log(' '.repeat(16) + ['passed', 'failed', 'missing'].map((status) => status.padStart(9)).join(''));
for (const file of new Set(outcomes.map((outcome) => outcome.file))) {
  const inFile = outcomes.filter((outcome) => outcome.file === file);
  row(file, inFile);
  if (!values.verbose) continue;
  for (const { name, op, status, sentence } of inFile) {
    if (status === 'failed') console.log(`    ${name} (${op}): ${sentence}`);
    if (status === 'missing') console.log(`    ${name} (${op}): missing`);
  }
}
row('all', outcomes);
if (outcomes.length === 0) console.error(`no case of ${values.cases} has "${values.only}" in its name`);
process.exitCode = count(outcomes, 'failed') > 0 || outcomes.length === 0 ? 1 : 0;
