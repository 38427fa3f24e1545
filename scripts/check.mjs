// Format, lint and types: node scripts/check.mjs [--fix]. Every stage runs; the last line names the ones that failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const fix = process.argv.includes('--fix');
const unknown = process.argv.slice(2).find((argument) => argument !== '--fix');
if (unknown) {
  console.error(`check: unknown argument ${unknown}; there is only --fix`);
  process.exit(2);
}

const sources = ['cpp', 'tests/cpp'].flatMap((folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.[ch]pp$/.test(file))
        .map((file) => join(folder, file))
        .sort()
    : [],
);

/** @param {string} name an npm package's command @returns {[string, string]} */
const npm = (name) => [join(root, 'node_modules', '.bin', name), 'run npm ci'];

/** @type {{title: string, command: string, install: string, args: string[]}[]} */
const stages = [];
/** @param {string} title @param {[string, string]} tool @param {string[]} args */
const stage = (title, [command, install], ...args) => stages.push({ title, command, install, args });

stage('prettier', npm('prettier'), fix ? '--write' : '--check', '--log-level=warn', '.');
stage(
  'clang-format',
  ['clang-format', 'apt-get install clang-format (version 14 or later), or put it on PATH'],
  ...(fix ? ['-i'] : ['--dry-run', '-Werror']),
  ...sources,
);
stage('eslint', npm('eslint'), '--max-warnings=0', ...(fix ? ['--fix'] : []), '.');
stage('tsc of web', npm('tsc'), '--pretty', 'false');
stage('tsc of scripts and tests', npm('tsc'), '--pretty', 'false', '--project', 'tests');

const failed = [];
for (const { title, command, install, args } of stages) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`check: ${title} could not be started (${error.message}); ${install}`);
  if (status !== 0) failed.push(title);
}
if (failed.length) {
  console.error(
    `check: ${failed.join(', ')} failed${fix ? '' : '; npm run format mends what can be mended by itself'}`,
  );
  process.exit(1);
}
console.log(`check: ${stages.map(({ title }) => title).join(', ')} passed`);
