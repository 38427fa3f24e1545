// Two style sheets: one for our pages (tokens, page, controls, drawings, figures, KaTeX and its classes) and one for figures in other
// people's pages, without the page; and the font files they name.
import { transform } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const layers = [
  'site/tokens.css',
  'site/site.css',
  'site/reference.css',
  'ui/ui.css',
  'draw/draw.css',
  'draw/quantity.css',
  'charts/charts.css',
  'figures/figures.css',
  'figures/plan-figure.css',
];
/** What only our own pages need. */
const pageLayers = ['site/site.css', 'site/reference.css'];

/** name in assets/fonts -> where it comes from */
const faces = {
  'source-serif-4.woff2': '@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2',
  'source-serif-4-italic.woff2':
    '@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-italic.woff2',
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'jetbrains-mono.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
};

/** @param {string} root @param {string} mathClasses */
export async function buildStyle(root, mathClasses) {
  const katexFolder = dirname(require.resolve('katex/dist/katex.min.css'));
  // Only woff2, from our own folder.
  const katex = readFileSync(join(katexFolder, 'katex.min.css'), 'utf8')
    .replace(/,url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)/g, '')
    .replace(/url\(fonts\//g, 'url(fonts/');
  const fonts = [
    ...new Set([...katex.matchAll(/url\(fonts\/([^)]+\.woff2)\)/g)].map(([, name]) => name)),
  ].map((name) => ({
    name,
    path: join(katexFolder, 'fonts', name),
  }));
  for (const [name, path] of Object.entries(faces)) fonts.push({ name, path: require.resolve(path) });
  const read = (/** @type {string} */ layer) => readFileSync(join(root, 'web', layer), 'utf8');
  const own = layers.filter((layer) => existsSync(join(root, 'web', layer)));
  const sheet = async (/** @type {string[]} */ parts) =>
    (await transform(parts.join('\n'), { loader: 'css', minify: true })).code;
  return {
    css: await sheet([...own.map(read), katex, mathClasses]),
    embedded: await sheet(own.filter((layer) => !pageLayers.includes(layer)).map(read)),
    fonts,
  };
}
