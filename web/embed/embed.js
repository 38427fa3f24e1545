/** What another site loads before a figure: it says where the core and the style are, by this script's own address. */
const source = /** @type {HTMLScriptElement} */ (document.currentScript).src;
const root = new URL('../../', source).href;
/** @type {any} */ (globalThis).clearformerRoot = root;
if (!document.querySelector('link[data-clearformer]')) {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = `${root}assets/embed.css`;
  link.dataset.clearformer = '';
  document.head.append(link);
}
