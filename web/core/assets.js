/** Files of the built site, asked for after the page: over http, or as scripts where a page comes from disk. */

/** Where the site's own folder is, seen from this page. */
export const root = () =>
  /** @type {any} */ (globalThis).clearformerRoot ?? document.documentElement.dataset.root ?? './';

/** Runs a classic script of the built site and resolves when it has run. @param {string} path */
export function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = root() + path;
    element.onload = () => resolve(undefined);
    element.onerror = () => reject(new Error(`load: ${element.src} could not be loaded`));
    document.head.append(element);
  });
}

/** Parts of the code that have been asked for. @type {Map<string, Promise<unknown>>} */
const asked = new Map();

/**
 * A part of the page's code that comes when it is first needed: what import('./x.js') becomes in pages. It is a classic script, which
 * file:// allows too, and leaves what it exports in clearformerParts. After a failure the next call tries again.
 * @param {string} name of its file in web, without .js
 */
export async function part(name) {
  const own = /** @type {any} */ (globalThis);
  const parts = (own.clearformerParts ??= {});
  if (!parts[name]) {
    const coming = asked.get(name) ?? script(`assets/parts/${name}.js`);
    asked.set(name, coming);
    coming.catch(() => asked.delete(name));
    await coming;
  }
  return parts[name];
}
