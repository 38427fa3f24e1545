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
