// Every test, in stages: node scripts/test.mjs [NAME] [--update-screenshots] [--all]. Run through scripts/test, which installs and
// sets the paths. With a NAME only tests whose file or name matches run; a stage's name runs that stage. --all checks every cell
// of large matrices where the default checks a seeded sample.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const name = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const environment = {
  ...process.env,
  ...(flags.includes('--all') && { CLEARFORMER_ALL: '1' }),
  ...(flags.includes('--update-screenshots') && { CLEARFORMER_UPDATE_SCREENSHOTS: '1' }),
};
const unknown = flags.filter((flag) => !['--all', '--update-screenshots'].includes(flag));
if (unknown.length) {
  console.error(`test: unknown flag ${unknown[0]}; there are --all and --update-screenshots`);
  process.exit(2);
}

const total = { passed: 0, failed: 0 };
const seconds = [];
let broken = false;

/** Runs a command, shows what it prints, and returns it. */
function run(command, args, { quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const output = (result.stdout ?? '') + (result.stderr ?? '');
  const ok = result.status === 0;
  if (!quiet || !ok) process.stdout.write(output);
  if (!ok) broken = true;
  return { ok, output };
}

function stage(title, body) {
  const start = performance.now();
  console.log(`\n== ${title}`);
  body();
  seconds.push([title, (performance.now() - start) / 1000]);
}

const must = (command, ...args) => {
  const { ok } = run(command, args, { quiet: true });
  if (!ok) {
    console.log(`\ntest: "${command} ${args.join(' ')}" failed; nothing after it can be tested`);
    report();
  }
};

function build(preset) {
  if (!existsSync(join(root, 'build', preset, 'build.ninja'))) must('cmake', '--preset', preset);
  must('cmake', '--build', '--preset', preset);
}

function countDoctest({ output, ok }) {
  const line = /test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(output);
  if (line) {
    total.passed += Number(line[2]);
    total.failed += Number(line[3]);
  } else if (!ok) total.failed += 1;
}

function doctest(command, ...args) {
  const filter = name ? [`--test-case=*${name}*`] : [];
  countDoctest(run(command, [...args, ...filter, '--no-intro', '--minimal=false']));
}

const testFiles = (folder) =>
  existsSync(join(root, 'tests', folder))
    ? readdirSync(join(root, 'tests', folder), { recursive: true })
        .filter((file) => String(file).endsWith('.test.mjs'))
        .map((file) => join('tests', folder, String(file)))
        .sort()
    : [];

function node(...folders) {
  const files = folders.flatMap(testFiles);
  const inFile = name && !folders.includes(name) ? files.filter((file) => file.includes(name)) : files;
  const byName = name && !folders.includes(name) && inFile.length === 0;
  const chosen = byName ? files : inFile;
  if (chosen.length === 0) return;
  const pattern = byName ? [`--test-name-pattern=${name}`] : [];
  const reporter = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  const { output, ok } = run('node', ['--test', '--test-concurrency=2', ...reporter, ...pattern, ...chosen]);
  const count = (word) => Number(new RegExp(`^ℹ ${word} (\\d+)`, 'm').exec(output)?.[1] ?? 0);
  total.passed += count('pass');
  total.failed += count('fail') + count('cancelled');
  if (!ok && count('fail') + count('cancelled') === 0) total.failed += 1;
}

function report() {
  console.log('\nSeconds by stage');
  for (const [title, time] of seconds) console.log(`${time.toFixed(1).padStart(8)}  ${title}`);
  if (broken && total.failed === 0) total.failed = 1;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}

/** Whether a stage is wanted: always without a name; with one, if it is the stage's own or tests may match it. */
const only = [
  'check',
  'native',
  'sanitizers',
  'wasm',
  'core',
  'conformance',
  'web',
  'site',
  'browser',
  'budgets',
];
const wanted = (own) => !name || name === own || !only.includes(name);
const isTestName = name && !only.includes(name);

if (wanted('check') && !isTestName) {
  stage('check: format, lint, types', () => {
    const { ok } = run('node', ['scripts/check.mjs']);
    total[ok ? 'passed' : 'failed'] += 1;
  });
}
if (wanted('native')) {
  stage('native tests', () => {
    build('native');
    doctest('build/native/clearformer_tests');
  });
}
if (wanted('sanitizers') && !isTestName) {
  stage('native tests under address and undefined-behaviour sanitizers', () => {
    build('native-asan');
    doctest('build/native-asan/clearformer_tests');
  });
  stage('native: random calls of all functions under the sanitizers', () => {
    const samples = 'build/native-asan/samples.json';
    must('cmake', '--build', '--preset', 'native-asan', '--target', 'clearformer_fuzz_smoke');
    must('node', 'scripts/fuzz.mjs', '--samples', samples);
    const { ok } = run('env', [
      `CLEARFORMER_SAMPLES=${samples}`,
      'build/native-asan/clearformer_fuzz_smoke',
      '8000',
    ]);
    total[ok ? 'passed' : 'failed'] += 1;
  });
}
if (wanted('wasm') || ['core', 'conformance', 'web', 'site', 'browser', 'budgets'].includes(name)) {
  stage('wasm: build', () => must('scripts/wasm'));
  if (wanted('wasm') && !isTestName)
    stage('wasm: the same tests in Node', () => doctest('node', 'build/wasm/clearformer_tests.cjs'));
  stage('site: build', () => {
    const { ok } = run('node', ['scripts/build.mjs']);
    if (!ok) report();
  });
}
for (const folders of [['conformance', 'core'], ['web', 'site'], ['browser']]) {
  if (folders.some(wanted)) stage(`tests: ${folders.join(', ')}`, () => node(...folders.filter(wanted)));
}
if (wanted('budgets') && !isTestName) {
  stage('budgets', () => {
    const { ok } = run('node', ['scripts/budgets.mjs']);
    total[ok ? 'passed' : 'failed'] += 1;
  });
}
report();
