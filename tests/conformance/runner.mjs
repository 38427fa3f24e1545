import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './adapter.mjs';
import { caseDifference } from './compare.mjs';

/**
 * @typedef {{file: string, name: string, op: string, status: 'passed' | 'failed' | 'missing', sentence?: string}} Outcome
 */

/** @param {any} core @param {any} testCase @returns {Promise<{status: Outcome['status'], sentence?: string}>} */
async function outcome(core, testCase) {
  try {
    const result = await run(core, testCase);
    if (result === undefined) return { status: 'missing' };
    const sentence = caseDifference(result, testCase);
    return sentence === undefined ? { status: 'passed' } : { status: 'failed', sentence };
  } catch (error) {
    return { status: 'failed', sentence: String(error) };
  }
}

/**
 * Runs every case of every file in a folder, or those whose name contains `only`.
 * @param {any} core
 * @param {string} folder
 * @param {string} [only]
 * @returns {Promise<Outcome[]>}
 */
export async function runFolder(core, folder, only = '') {
  const outcomes = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()) {
    const { cases } = JSON.parse(await readFile(join(folder, file), 'utf8'));
    for (const testCase of cases) {
      if (!testCase.name.includes(only)) continue;
      outcomes.push({ file, name: testCase.name, op: testCase.op, ...(await outcome(core, testCase)) });
    }
  }
  return outcomes;
}
