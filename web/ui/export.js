/** A figure as a file to keep; comes when the first is asked for. */

/** @param {any} figure @param {string} kind SVG, PNG, CSV, Markdown or JSON @param {string} name of the file */
export async function saveFigure(figure, kind, name) {
  const table = () => figure.table(figure.result, figure.state);
  if (kind === 'SVG') save(`${name}.svg`, toSvg(figure), 'image/svg+xml');
  else if (kind === 'PNG') save(`${name}.png`, await toPng(figure), 'image/png');
  else if (kind === 'CSV') save(`${name}.csv`, toCsv(table()), 'text/csv');
  else if (kind === 'Markdown') save(`${name}.md`, toMarkdown(table()), 'text/markdown');
  else save(`${name}.json`, toJson(figure, table()), 'application/json');
}

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
  'stroke-linejoin',
  'stroke-linecap',
  'paint-order',
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

/** And what boxes need beside it. */
const BOX = [
  ...[
    'display',
    'flex-wrap',
    'gap',
    'align-items',
    'justify-content',
    'grid-template-columns',
    'padding',
    'margin',
    'border',
  ],
  ...[
    'color',
    'background-color',
    'font',
    'text-align',
    'text-decoration',
    'list-style',
    'box-shadow',
    'box-sizing',
    'width',
  ],
];
/** The page's policy refuses style attributes; the saved document gets them when it is text. */
const HELD_STYLE = 'data-held-style';
const SVG = 'http://www.w3.org/2000/svg';

/** A copy that carries its looks. @param {Element} element @returns {Element} */
function withLooks(element) {
  const copy = /** @type {Element} */ (element.cloneNode(true));
  const originals = [element, ...element.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((part, i) => {
    const style = getComputedStyle(originals[i]);
    if (part.namespaceURI === SVG) {
      for (const name of LOOK) {
        const value = style.getPropertyValue(name);
        if (value && value !== 'normal') part.setAttribute(name, value);
      }
    } else {
      part.setAttribute(HELD_STYLE, BOX.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';'));
    }
    part.removeAttribute('class');
    part.removeAttribute('tabindex');
  });
  return copy;
}

/** A figure's drawing as a document of its own: its largest SVG, or where it draws with boxes, those. @param {HTMLElement} figure */
export function toSvg(figure) {
  const drawings = /** @type {SVGSVGElement[]} */ ([...figure.querySelectorAll('svg[data-export]')]);
  const drawing = drawings.sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight)[0];
  const sheet = document.createElementNS(SVG, 'svg');
  const body = /** @type {HTMLElement} */ (figure.querySelector('.cf-body'));
  const { width, height } = drawing
    ? drawing.viewBox.baseVal
    : { width: body.clientWidth, height: body.clientHeight };
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
    sheet.setAttribute(name, String(value));
  }
  const ground = document.createElementNS(SVG, 'rect');
  ground.setAttribute('width', String(width));
  ground.setAttribute('height', String(height));
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  sheet.append(ground);
  if (drawing) {
    sheet.append(...withLooks(drawing).children);
  } else {
    const box = document.createElementNS(SVG, 'foreignObject');
    box.setAttribute('width', String(width));
    box.setAttribute('height', String(height));
    const copy = withLooks(body);
    for (const control of copy.querySelectorAll('input, select, label, output')) control.remove();
    box.append(copy);
    sheet.append(box);
  }
  return new XMLSerializer().serializeToString(sheet).replaceAll(` ${HELD_STYLE}="`, ' style="');
}

/** The same as pixels, twice as fine. @param {HTMLElement} figure @returns {Promise<Blob>} */
export async function toPng(figure) {
  const image = new Image();
  // A data address: a canvas that has shown boxes from a blob may not be read.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(toSvg(figure))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
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

/** A table in Markdown, numbers to the right. @param {{caption?: string, columns: string[], rows: (string | number)[][]}} table */
export function toMarkdown({ caption, columns, rows }) {
  const cell = (/** @type {string | number} */ value) =>
    String(value)
      .replaceAll('\\', '\\\\')
      .replaceAll('|', '\\|')
      .replace(/\s*[\r\n]+\s*/g, ' ');
  const line = (/** @type {(string | number)[]} */ cells) => `| ${cells.map(cell).join(' | ')} |`;
  const rule = columns.map((_, i) =>
    rows.length && rows.every((row) => typeof row[i] === 'number') ? '---:' : '---',
  );
  return `${caption ? `${caption}\n\n` : ''}${[line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')}\n`;
}
