// Doc comments as HTML: paragraphs, lists, `code`, **bold**, [text](link), fenced code. Everything else is text and is escaped.

export const escape = (/** @type {string} */ text) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign,
  );

/** A shape: letters, numbers, `..` and `B?` between commas, in brackets. */
const ITEM = String.raw`(?:\.\.|[A-Z][a-z]?\d?\??|\d+|[A-Z\d](?: ?[-+·/×] ?[A-Z\d])+|[a-z][A-Za-z]*)`;
export const SHAPE = String.raw`\[(?:${ITEM}(?:, ?${ITEM})*)?\]`;
/** One capital by itself is the letter of an extent, but for A and I, which are words, and symbols with a hat, an index or a bracket. */
const LETTER = String.raw`(?<![\p{L}\p{M}\p{N}_'’.-])[B-HJ-Z](?![\p{L}\p{M}\p{No}\d_'’(+]|\. ?[A-Z]|-\p{L})`;
const PIECES = new RegExp(
  [
    '`([^`]+)`',
    String.raw`\*\*([^*]+)\*\*`,
    String.raw`\[([^\]]+)\]\(([^()\s]+)\)`,
    String.raw`((?<![\w\])])${SHAPE}|${LETTER})`,
    String.raw`(?<![\w.-])([a-z][a-z0-9]*[A-Z]\w*|(?<=\bas )[a-z]\w*)(?![\w(])`,
  ].join('|'),
  'gu',
);

/** Links lead within the site, or to https. @param {string} address */
const isSafe = (address) =>
  /^(?:https:\/\/|#|(?!\/\/)[\w./-]+(?:#[\w-]*)?$)/.test(address) && !/^[\w-]+:(?!\/\/)/.test(address);

/** @typedef {(name: string) => string | undefined} Find the address of a function, unless it is the one being told */

/** @param {string} text one line or more, without paragraphs @param {Find} find @returns {string} */
export function inline(text, find = () => undefined) {
  const link = (/** @type {string} */ name, /** @type {string} */ html) => {
    const address = find(name);
    return address ? `<a href="${escape(address)}">${html}</a>` : html;
  };
  let html = '';
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const [all, code, bold, label, address, shape, name] = match;
    html += escape(text.slice(end, match.index));
    end = match.index + all.length;
    if (code !== undefined) html += link(code, `<code>${escape(code)}</code>`);
    else if (bold !== undefined) html += `<strong>${inline(bold, find)}</strong>`;
    else if (label !== undefined && isSafe(address))
      html += `<a href="${escape(address)}">${inline(label, find)}</a>`;
    else if (shape !== undefined) html += `<code>${escape(shape)}</code>`;
    else if (name !== undefined && find(name)) html += link(name, `<code>${escape(name)}</code>`);
    else html += escape(all);
  }
  return html + escape(text.slice(end));
}

/** Paragraphs, lists and fenced code of a comment, each still text. @param {string} text */
export function blocks(text) {
  /** @type {{kind: 'text' | 'list' | 'code', lines: string[]}[]} */
  const found = [];
  let fenced = false;
  let open = false;
  for (const line of text.split('\n')) {
    const last = found.at(-1);
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      if (fenced) found.push({ kind: 'code', lines: [] });
      open = false;
    } else if (fenced) last?.lines.push(line);
    else if (!line.trim()) open = false;
    else if (/^\s*- /.test(line)) {
      const item = line.replace(/^\s*- /, '');
      if (open && last?.kind === 'list') last.lines.push(item);
      else found.push({ kind: 'list', lines: [item] });
      open = true;
    } else if (open && last) {
      if (last.kind === 'list') last.lines.push(`${last.lines.pop()} ${line.trim()}`);
      else last.lines.push(line.trim());
    } else {
      found.push({ kind: 'text', lines: [line.trim()] });
      open = true;
    }
  }
  return found;
}

/** @param {string} text @param {Find} [find] @returns {string} */
export const prose = (text, find) =>
  blocks(text)
    .map(({ kind, lines }) => {
      if (kind === 'code') return codeBlock(lines.join('\n'));
      if (kind === 'list')
        return `<ul>${lines.map((line) => `<li>${inline(line, find)}</li>`).join('')}</ul>`;
      return `<p>${inline(lines.join(' '), find)}</p>`;
    })
    .join('\n');

/**
 * Code whose results stand behind `// =>`. They are set as output below their line, yet the text, and so what is copied, stays the code.
 * @param {string} code
 */
export function codeBlock(code) {
  const lines = code.trimEnd().split('\n');
  const html = lines.map((line, i) => {
    const newline = i + 1 < lines.length ? '\n' : '';
    const result = /^(.*?)( \/\/ => )(.*)$/.exec(line);
    if (result) {
      const [, before, mark, value] = result;
      return `${escape(before)}<span class="cf-output"><span class="cf-hidden">${escape(mark)}</span>${escape(value)}${newline}</span>`;
    }
    const comment = /^(.*?)(\/\/ .*)$/.exec(line);
    if (comment)
      return `${escape(comment[1])}<span class="cf-comment">${escape(comment[2])}</span>${newline}`;
    return escape(line) + newline;
  });
  return `<div class="cf-code"><pre><code>${html.join('')}</code></pre></div>`;
}

const CITATION = /\(([^()]*[\p{L}.] (?:1[5-9]|20)\d\d[a-z]?\b[^()]*)\)/gu;

/** What stands in brackets with a year: the sources. @param {string} text @returns {string[]} */
export const sources = (text) => [
  ...new Set([...text.replace(/\s+/g, ' ').matchAll(CITATION)].map(([, source]) => source.trim())),
];
