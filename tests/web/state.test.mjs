import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults, kebab, parse, readAddress, writeAddress } from '../../web/figures/state.js';

/** @type {import('../../web/figures/state.js').Table} */
const table = {
  text: { type: 'text', default: 'The cat', most: 400 },
  heads: { type: 'integer', default: 4, min: 1, max: 16 },
  temperature: { type: 'number', default: 1, min: 0.05, max: 20 },
  scaled: { type: 'boolean', default: true },
  mask: { type: 'choice', default: 'causal', options: ['causal', 'both'] },
};

/** Good values: [rule, text, value]. @type {[string, string, any][]} */
const good = [
  ['text', '', ''],
  ['text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['heads', '8', 8],
  ['heads', ' 2 ', 2],
  ['heads', '1e1', 10],
  ['temperature', '0.1', 0.1],
  ['temperature', '20', 20],
  ['scaled', 'true', true],
  ['scaled', '', true],
  ['scaled', 'false', false],
  ['mask', 'both', 'both'],
];
for (const [name, text, value] of good) {
  test(`${name} takes "${text}" without a word`, () => {
    assert.deepEqual(parse(name, table[name], text), { value });
  });
}

/** Bad values: [rule, text, what is used instead, what the sentence says]. @type {[string, string, any, string][]} */
const bad = [
  ['heads', '', 4, 'heads must be a whole number, got "".'],
  ['heads', 'four', 4, 'heads must be a whole number, got "four".'],
  ['heads', '2.5', 4, 'heads must be a whole number, got "2.5".'],
  ['heads', 'NaN', 4, 'heads must be a whole number, got "NaN".'],
  ['heads', 'Infinity', 4, 'heads must be a whole number, got "Infinity".'],
  ['heads', '1e999', 4, 'heads must be a whole number, got "1e999".'],
  ['heads', '0', 1, 'heads must be from 1 to 16, got 0; the nearest is used.'],
  ['heads', '-3', 1, 'heads must be from 1 to 16, got -3; the nearest is used.'],
  ['heads', '17', 16, 'heads must be from 1 to 16, got 17; the nearest is used.'],
  ['heads', '1e300', 16, 'heads must be from 1 to 16, got 1e300; the nearest is used.'],
  ['temperature', '1,5', 1, 'temperature must be a number, got "1,5".'],
  ['temperature', '  ', 1, 'temperature must be a number, got "  ".'],
  ['temperature', '0', 0.05, 'temperature must be from 0.05 to 20, got 0; the nearest is used.'],
  ['scaled', 'yes', true, 'scaled must be true or false, got "yes".'],
  ['scaled', 'TRUE', true, 'scaled must be true or false, got "TRUE".'],
  ['mask', '', 'causal', 'mask must be one of causal, both, got "".'],
  ['mask', 'constructor', 'causal', 'mask must be one of causal, both, got "constructor".'],
];
for (const [name, text, value, problem] of bad) {
  test(`${name} answers "${text}" with a sentence and goes on with ${value}`, () => {
    assert.deepEqual(parse(name, table[name], text), { value, problem });
  });
}

test('a text that is too long is cut, with a sentence', () => {
  const { value, problem } = parse('text', table.text, 'a'.repeat(401));
  assert.equal(value, 'a'.repeat(400));
  assert.equal(problem, 'text may have at most 400 characters, got 401; the rest was left out.');
});

test('a text that is too long is not cut through a character', () => {
  const { value } = parse('text', table.text, `${'a'.repeat(399)}\u{1f600}b`);
  assert.ok(value.isWellFormed(), 'no half of an emoji is left');
  assert.ok(value.length <= 400);
});

test('attributes are the names in small letters with hyphens', () => {
  assert.equal(kebab('dModel'), 'd-model');
  assert.equal(kebab('text'), 'text');
  assert.equal(kebab('mostUsedKeys'), 'most-used-keys');
});

/** What the address says of a state, read again as a figure reads it. @param {Record<string, any>} state */
function roundTrip(state) {
  const start = defaults(table);
  const part = writeAddress('stepper', table, state, start);
  // As a browser keeps it.
  const { hash } = new URL(`https://page.invalid/a.html#${part}`);
  const given = readAddress(hash).stepper ?? {};
  return Object.assign(
    start,
    Object.fromEntries(
      Object.entries(given).map(([name, text]) => [name, parse(name, table[name], text).value]),
    ),
  );
}

const texts = {
  spaces: '  two  spaces, and a tab\t.',
  quotes: `"double" 'single' \u201ccurly\u201d \`back\``,
  'what separates in an address': 'a;b&c=d:e#f?g/h%20i+j,k|l',
  'emoji and Arabic': 'hi \u{1f469}\u200d\u{1f4bb} \u0645\u0631\u062d\u0628\u0627 e\u0301',
  markup: '<img src=x onerror="alert(1)"> &amp; </script>',
  'broken escapes': '100% %zz %',
  'nothing at all': '',
  lines: 'one\ntwo\r\nthree',
  'another figure': 'x;other:text=y',
};
for (const [title, text] of Object.entries(texts)) {
  test(`an address gives back a text with ${title}`, () => {
    const state = { ...defaults(table), text, heads: 2, temperature: 0.35, scaled: false, mask: 'both' };
    assert.deepEqual(roundTrip(state), state);
  });
}

test('an address can be written for a text with half a character', () => {
  const state = { ...defaults(table), text: 'a\ud83d b' };
  assert.doesNotThrow(() => writeAddress('stepper', table, state, defaults(table)));
});

test('an address holds nothing that ends or breaks a link', () => {
  const state = { ...defaults(table), text: Object.values(texts).join(' ') };
  assert.match(writeAddress('stepper', table, state, defaults(table)), /^[\w:=&+,.%!*()~-]+$/);
});

test('a state that is as it started says nothing in the address', () => {
  assert.equal(writeAddress('stepper', table, defaults(table), defaults(table)), '');
});

test('each figure reads its own part, and what is no figure is left out', () => {
  assert.deepEqual(readAddress('#a:heads=2&mask=both;b-2:text=x+y;references;:z=1;c:'), {
    a: { heads: '2', mask: 'both' },
    'b-2': { text: 'x y' },
    c: {},
  });
  assert.deepEqual(readAddress(''), {});
  assert.deepEqual(readAddress('#references'), {});
});

test('broken escapes in an address are read as they stand', () => {
  assert.deepEqual(readAddress('#a:text=100%'), { a: { text: '100%' } });
  assert.deepEqual(readAddress('#a:text=%E0%A4'), { a: { text: '%E0%A4' } });
});

test('an address cannot reach the prototype of objects', () => {
  readAddress('#__proto__:polluted=1;constructor:polluted=1;a:__proto__=1');
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
});
