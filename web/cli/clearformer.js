/**
 * The planner on the command line: clearformer plan config.json. It prints the plan that the pages show, from the same core.
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { load } from 'clearformer';
import { exactWithUnit, withUnit } from '../draw/format.js';
import { asHardware } from '../models/registry.js';

const USAGE = `clearformer plan <config.json or model> [options]     what running the model takes
clearformer train <config.json or model> [options]    what training it takes
clearformer models [text]                             the registry's models
clearformer hardware                                  the registry's accelerators

  --hardware NAME     an accelerator of the registry; without one there are no times
  --compute FORMAT    whose FLOP/s count; default bf16
  --peak TFLOPS       your own TFLOP/s instead of the datasheet's
  --explain QUANTITY  how one number came about, down to the configuration
  --json              everything as JSON
  --OPTION VALUE      any option of core.plan or core.trainingPlan, in kebab case: --batch 8 --prompt 4096 --weights q4_k`;

/** A mistake of the caller's, to be told as a sentence. */
class Mistake extends Error {}

const kebab = (/** @type {string} */ name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** @param {'models' | 'hardware'} name @returns {Promise<any[]>} */
const registry = async (name) =>
  JSON.parse(await readFile(new URL(`./${name}.json`, import.meta.url), 'utf8'));

/** @param {'models' | 'hardware'} kind @param {string} id */
async function entryOf(kind, id) {
  const entries = await registry(kind);
  const found = entries.find((one) => one.id === id);
  if (found) return found;
  const close = entries.filter((one) => one.id.includes(id.toLowerCase())).map((one) => one.id);
  const hint = close.length ? `; did you mean ${close.slice(0, 6).join(', ')}?` : '';
  throw new Mistake(`there is no file and no entry "${id}" in the registry of ${kind}${hint}`);
}

/** A configuration from a file, or of the registry. @param {string} given */
async function configOf(given) {
  let text;
  try {
    text = await readFile(given, 'utf8');
  } catch {
    const { config, name, source } = await entryOf('models', given);
    const verified = source.verified ? '' : ', unverified';
    return { config, title: `${name} (${source.url ?? source.copy}${verified})` };
  }
  try {
    return { config: JSON.parse(text.replace(/^\ufeff/, '')), title: given };
  } catch (error) {
    throw new Mistake(`${given} is not JSON: ${/** @type {Error} */ (error).message}`);
  }
}

/** The values of options as their fields want them. @param {any[]} fields @param {Record<string, any>} given */
function optionsFrom(fields, given) {
  /** @type {any} */
  const options = {};
  for (const { name, type } of fields) {
    const text = given[kebab(name)];
    if (text === undefined) continue;
    if (type === 'boolean') options[name] = text !== 'false';
    else if (type === 'string') options[name] = text;
    else if (type === 'integer' || type === 'number') {
      options[name] = Number(text);
      if (text.trim() === '' || Number.isNaN(options[name]))
        throw new Mistake(`--${kebab(name)} must be a number, got "${text}"`);
    } else {
      try {
        options[name] = JSON.parse(text);
      } catch {
        throw new Mistake(`--${kebab(name)} must be JSON, got "${text}"`);
      }
    }
  }
  return options;
}

/** @param {any} quantity */
const shown = ({ value, unit, approximate }) => `${approximate ? '~' : ''}${withUnit(value, unit)}`;

/** @param {any[]} quantities */
function table(quantities) {
  const lines = [];
  let section;
  for (const quantity of quantities) {
    if (quantity.section !== section) lines.push('', quantity.section || 'configuration');
    section = quantity.section;
    lines.push(`  ${quantity.title.padEnd(62)} ${shown(quantity).padStart(16)}   ${quantity.name}`);
  }
  return lines.join('\n');
}

/** A quantity and what it is made of. @param {any} plan @param {string} name @param {string} indent @returns {Promise<string>} */
async function explained(plan, name, indent = '') {
  const { title, value, unit, origin, source, formula, substituted, terms } = await plan.explain({
    quantity: name,
  });
  const from = [origin, source].filter(Boolean).join(': ');
  const lines = [
    `${indent}${title} = ${exactWithUnit(value, unit)}${origin === 'computed' ? '' : ` (${from})`}`,
  ];
  if (terms.length) lines.push(`${indent}  ${name} = ${formula}`, `${indent}  ${name} = ${substituted}`);
  for (const term of terms) lines.push(await explained(plan, term.name, `${indent}    `));
  return lines.join('\n');
}

/** @param {string} command @param {string[]} given */
async function plan(command, given) {
  const core = await load();
  const name = command === 'train' ? 'trainingPlan' : 'plan';
  const described = (await core.describe()).find((/** @type {any} */ one) => one.name === name);
  if (!described) throw new Mistake(`the core has no ${name}`);
  const fields = described.options.filter(
    (/** @type {any} */ one) => !['config', 'hardware'].includes(one.name),
  );
  /** @type {Record<string, {type: 'string' | 'boolean'}>} */
  const flags = {
    hardware: { type: 'string' },
    compute: { type: 'string' },
    peak: { type: 'string' },
    explain: { type: 'string' },
    json: { type: 'boolean' },
  };
  for (const one of fields) flags[kebab(one.name)] = { type: 'string' };
  let parsed;
  try {
    parsed = parseArgs({ args: given, options: flags, allowPositionals: true });
  } catch (error) {
    throw new Mistake(/** @type {Error} */ (error).message);
  }
  const { values, positionals } = /** @type {{values: Record<string, any>, positionals: string[]}} */ (
    parsed
  );
  if (positionals.length !== 1) throw new Mistake(`one configuration is needed, got ${positionals.length}`);
  const { config, title } = await configOf(positionals[0]);
  /** @type {any} */
  const options = { config, ...optionsFrom(fields, values) };
  if (values.hardware) {
    const found = await entryOf('hardware', values.hardware);
    const peak = values.peak === undefined ? undefined : Number(values.peak);
    if (peak !== undefined && !(peak > 0))
      throw new Mistake(`--peak must be a number above 0, got "${values.peak}"`);
    if (!peak && values.compute && !found.flops[values.compute])
      throw new Mistake(
        `${found.name} has no published FLOP/s for ${values.compute}; there are ${Object.keys(found.flops).join(', ') || 'none'}`,
      );
    options.hardware = peak
      ? { ...asHardware({ ...found, flops: { bf16: 1 } }), flops: peak * 1e12 }
      : asHardware(found, values.compute);
  }
  const { plan: handle, ...result } = await core[name](options);
  if (values.json) console.log(JSON.stringify({ title, ...result }, null, 2));
  else if (values.explain) console.log(await explained(handle, values.explain));
  else {
    console.log(title);
    console.log(table(result.quantities));
    for (const { kind, key, value, why } of result.understood.notes)
      console.log(`\n${kind}: ${key} = ${value}: ${why}`);
    if (result.leftOut.length) console.log(`\nLeft out: ${result.leftOut.join(' ')}`);
  }
  await handle.dispose();
}

/** @param {string[]} given */
async function main([command, ...given]) {
  if (command === 'plan' || command === 'train') return plan(command, given);
  if (command === 'models' || command === 'hardware') {
    const text = (given[0] ?? '').toLowerCase();
    for (const { id, name } of await registry(command)) {
      if (`${id} ${name}`.toLowerCase().includes(text)) console.log(`${id.padEnd(28)} ${name}`);
    }
    return undefined;
  }
  if (command === undefined || command === 'help' || command === '--help') return console.log(USAGE);
  throw new Mistake(`there is no command "${command}"\n\n${USAGE}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { name, message } = /** @type {Error} */ (error);
  if (!(error instanceof Mistake) && name !== 'RangeError' && name !== 'TypeError') throw error;
  console.error(`clearformer: ${message}`);
  process.exitCode = 2;
}
