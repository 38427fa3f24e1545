// The built site as tests see it: every page parsed, every address resolved to a file.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { JSDOM } from 'jsdom';

export const root = new URL('../..', import.meta.url).pathname;
export const dist = join(root, 'dist');

/** Paths of a folder's files, relative to it. @param {string} folder @param {RegExp} [ending] */
export const filesOf = (folder, ending = /./) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => ending.test(name) && statSync(join(folder, name)).isFile())
        .sort()
    : [];

/** Each page of a folder: its path, text and document. @param {string} folder */
export const pagesOf = (folder) =>
  filesOf(folder, /\.html$/).map((path) => {
    const text = readFileSync(join(folder, path), 'utf8');
    return { path, text, document: new JSDOM(text).window.document };
  });

export const isElsewhere = (/** @type {string} */ address) => /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(address);

/**
 * What is wrong with an address on a page, or nothing. An address such as page.html#figure:heads=2 leads to the figure.
 * @param {string} address @param {string} path the page's
 * @param {(path: string) => boolean} hasFile @param {(path: string, id: string) => boolean} hasId
 */
export function addressProblem(address, path, hasFile, hasId) {
  const [place, fragment] = address.split('#');
  const file = place.split('?')[0];
  const target = file ? posix.join(dirname(path), decodeURIComponent(file)) : path;
  if (!hasFile(target)) return `${path}: ${address} leads to no file`;
  const id = fragment && decodeURIComponent(fragment).split(':')[0];
  if (id && !hasId(target, id)) return `${path}: ${address} leads to no id`;
  return undefined;
}

/** A short name of an element for messages. @param {Element} element */
export const nameOf = (element) => `<${element.localName}${element.id ? ` id="${element.id}"` : ''}>`;
