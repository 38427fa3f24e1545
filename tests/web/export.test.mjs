import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv, toJson, toMarkdown } from '../../web/ui/export.js';

/** A CSV text read by the rules of RFC 4180: quotes doubled inside quotes, rows end at line ends outside them. @param {string} text */
function readCsv(text) {
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i];
    if (quoted && letter === '"' && text[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === ',') {
      row.push(cell);
      cell = '';
    } else if (!quoted && (letter === '\n' || letter === '\r')) {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      if (letter === '\r' && text[i + 1] === '\n') i += 1;
    } else cell += letter;
  }
  assert.equal(quoted, false);
  assert.equal(cell, '', 'the last row ends its line');
  return rows;
}

test('plain cells stand without quotes', () => {
  const text = toCsv({
    columns: ['token', 'weight'],
    rows: [
      ['cat', 0.5],
      ['dog', -1e-7],
    ],
  });
  assert.equal(text, 'token,weight\ncat,0.5\ndog,-1e-7\n');
});

const hard = [
  'a,b',
  'say "cat"',
  '"',
  'two\nlines',
  '',
  ' space ',
  '<img src=x onerror=alert(1)>',
  '\u{1f600}',
  ',',
  '""',
];

test('commas, quotes and line ends inside a cell come back', () => {
  const rows = hard.map((cell, i) => [cell, String(i)]);
  assert.deepEqual(readCsv(toCsv({ columns: ['a "b", c', 'n'], rows })), [['a "b", c', 'n'], ...rows]);
});

test('a carriage return inside a cell comes back', () => {
  const rows = [
    ['one\rtwo', 'x'],
    ['three\r\nfour', 'y'],
  ];
  assert.deepEqual(readCsv(toCsv({ columns: ['a', 'b'], rows })), [['a', 'b'], ...rows]);
});

test('a table without rows is its header', () => {
  assert.equal(toCsv({ columns: ['a', 'b'], rows: [] }), 'a,b\n');
});

test('JSON names the figure, its state and every number', () => {
  const figure = { localName: 'cf-token-strip', state: { text: 'a "b"' } };
  const table = { caption: 'Tokens', columns: ['token', 'x'], rows: [['a', 0.1 + 0.2]] };
  assert.deepEqual(JSON.parse(toJson(figure, table)), {
    figure: 'cf-token-strip',
    state: { text: 'a "b"' },
    ...table,
  });
});

test('a Markdown table keeps its columns whatever stands in the cells', () => {
  const columns = ['a|b', 'value'];
  const rows = [
    ['x | y', 1],
    ['two\nlines', -2],
    ['back\\slash', 3.5],
  ];
  const [head, rule, ...lines] = toMarkdown({ columns, rows }).trimEnd().split('\n');
  assert.equal(lines.length, rows.length);
  for (const line of [head, rule, ...lines])
    assert.equal(line.split(/(?<!\\)(?:\\\\)*\|/).length, columns.length + 2, line);
  assert.equal(rule, '| --- | ---: |', 'numbers end where their column ends');
});

test('a Markdown table has its caption above it, and may be empty', () => {
  assert.equal(toMarkdown({ caption: 'Nothing', columns: ['a'], rows: [] }), 'Nothing\n\n| a |\n| --- |\n');
});
