/** @param {string} name @param {string | Blob} content @param {string} type */
export function save(name, content, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** What a drawing looks like without this page's style sheet. */
const LOOK = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'text-anchor',
  'dominant-baseline',
  'stop-color',
  'stop-opacity',
];

/** The largest drawing of a figure as a document of its own. @param {HTMLElement} figure */
export function toSvg(figure) {
  const drawings = /** @type {SVGSVGElement[]} */ ([...figure.querySelectorAll('svg[data-export]')]);
  const drawing = drawings.sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight)[0];
  if (!drawing) throw new RangeError('export: this figure has no drawing to save');
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const originals = [drawing, ...drawing.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of LOOK) {
      const value = style.getPropertyValue(name);
      if (value && value !== 'normal') element.setAttribute(name, value);
    }
    element.removeAttribute('class');
    element.removeAttribute('tabindex');
  });
  const { width, height } = drawing.viewBox.baseVal;
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', String(width));
  ground.setAttribute('height', String(height));
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(ground);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new XMLSerializer().serializeToString(copy);
}

/** The same as pixels, twice as fine. @param {HTMLElement} figure @returns {Promise<Blob>} */
export async function toPng(figure) {
  const image = new Image();
  const address = URL.createObjectURL(new Blob([toSvg(figure)], { type: 'image/svg+xml' }));
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(/** @type {Blob} */ (blob)), 'image/png'));
}

/** @param {{columns: string[], rows: (string | number)[][]}} table */
export const toCsv = ({ columns, rows }) =>
  [columns, ...rows]
    .map((row) =>
      row
        .map((cell) => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell))
        .join(','),
    )
    .join('\n') + '\n';

/** @param {any} figure @param {object} table */
export const toJson = (figure, table) =>
  JSON.stringify({ figure: figure.localName, state: figure.state, ...table }, null, 1) + '\n';
