/**
 * The registry: published configurations and datasheets, one JSON file each in web/models and web/hardware. The build joins each folder
 * into one file, which is loaded when a figure first asks for it.
 */
import { root, script } from '../core/assets.js';

/**
 * @typedef {{url: string | null, revision?: string | null, copy: string | null, checked: string, verified: boolean}} Source
 * @typedef {{quantity: string, value: number, tolerance: number, as_printed: string, source: string, convention?: string, where?: string, quoted?: boolean}} Published
 * @typedef {{id: string, name: string, family: string, vendor: string, date: string | null, licence: string, source: Source, config: Record<string, any>, published: Published[], notes: string}} ModelEntry
 * @typedef {{id: string, name: string, vendor: string, kind: string, date: string | null, memory_bytes: number, memory_as_printed: string, memory_bandwidth: number, flops: Record<string, number>, link_bandwidth: number | null, link_as_printed?: string | null, tdp_watts: number | null, source: Source, notes: string}} HardwareEntry
 */

/** @type {Record<string, Promise<any>>} */
const loaded = {};

/** @param {'models' | 'hardware'} name */
async function load(name) {
  const own = /** @type {any} */ (globalThis);
  const data = (own.clearformerRegistry ??= {});
  if (data[name]) return data[name];
  if (location.protocol === 'file:') {
    await script(`assets/${name}.json.js`);
    return data[name];
  }
  const response = await fetch(`${root()}assets/${name}.json`);
  if (!response.ok) throw new Error(`load: ${response.url} answered ${response.status}`);
  return response.json();
}

/** @param {'models' | 'hardware'} name */
function once(name) {
  const known = loaded[name] ?? load(name);
  loaded[name] = known;
  known.catch(() => delete loaded[name]);
  return known;
}

/** Every model, sorted by name. @returns {Promise<ModelEntry[]>} */
export const models = () => once('models');
/** Every accelerator, sorted by name. @returns {Promise<HardwareEntry[]>} */
export const hardware = () => once('hardware');

/** An entry by its file's name. Throws a RangeError that says what there is. @template {{id: string}} Entry @param {Entry[]} entries @param {string} id */
export function entry(entries, id) {
  const found = entries.find((one) => one.id === id);
  if (found) return found;
  const close = entries.filter((one) => one.id.startsWith(id.slice(0, 4))).map((one) => one.id);
  throw new RangeError(
    `registry: there is no "${id}"${close.length ? `; there are ${close.slice(0, 8).join(', ')}` : ''}`,
  );
}

/** What core.plan takes as hardware. @param {HardwareEntry} entry @param {string} format the format that computes */
export function asHardware(
  { name, memory_bytes, memory_bandwidth, flops, link_bandwidth, tdp_watts },
  format = 'bf16',
) {
  const rate = flops[format] ?? flops.bf16 ?? flops.fp16 ?? flops.fp32;
  if (!rate) throw new RangeError(`registry: ${name} has no published FLOP/s for ${format}`);
  return {
    name,
    memory: memory_bytes,
    bandwidth: memory_bandwidth,
    flops: rate,
    link: link_bandwidth ?? 0,
    watts: tdp_watts ?? 0,
    origin: /** @type {const} */ ('cited'),
  };
}
