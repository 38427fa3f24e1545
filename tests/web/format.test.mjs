import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, exact, fixed, roundRow, short } from '../../web/draw/format.js';
import { seeded } from '../core/random.mjs';

/** A shown number read back. @param {string} text */
const read = (text) => Number(text.replaceAll('\u2212', '-').replaceAll('\u221e', 'Infinity'));

test('fixed shows two places, a true minus and no minus zero', () => {
  assert.equal(fixed(0.444), '0.44');
  assert.equal(fixed(-1.2), '\u22121.20');
  assert.equal(fixed(-0.001), '0.00');
  assert.equal(fixed(-0), '0.00');
  assert.equal(fixed(3.14159, 4), '3.1416');
  assert.equal(fixed(-2.6, 0), '\u22123');
});

test('infinities and NaN are shown as such', () => {
  assert.equal(fixed(-Infinity), '\u2212\u221e');
  assert.equal(fixed(Infinity), '\u221e');
  assert.equal(fixed(NaN), 'NaN');
  assert.equal(short(-Infinity), '\u2212\u221e');
});

test('short shows three significant digits', () => {
  assert.equal(short(0), '0');
  assert.equal(short(0.44219), '0.442');
  assert.equal(short(12.3456), '12.3');
  assert.equal(short(1234.56789), '1235');
  assert.equal(short(1.2e-7), '1.20e\u22127');
  assert.equal(short(-1.2e-7), '\u22121.20e\u22127');
  assert.equal(short(2.5e8), '2.50e8');
});

test('short shows a number with two places as it is', () => {
  assert.equal(short(0.5), '0.50');
  assert.equal(short(-123.25), '\u2212123.25');
});

test('short is never off by more than half of the third digit, over 16 orders of magnitude', () => {
  const random = seeded(1);
  for (let i = 0; i < 4000; i += 1) {
    const value = (random.between(0, 1) < 0.5 ? -1 : 1) * 10 ** (random.between(0, 1) * 16 - 8);
    const text = short(value);
    assert.ok(!text.includes('-'), text);
    assert.ok(Math.abs(read(text) - value) <= Math.abs(value) * 0.005 * (1 + 1e-9), `${value} as ${text}`);
  }
});

test('exact gives back the same double', () => {
  const random = seeded(2);
  for (let i = 0; i < 2000; i += 1) {
    const value = (random.between(0, 1) - 0.5) * 10 ** Math.floor(random.between(0, 1) * 60 - 30);
    assert.equal(read(exact(value)), value);
  }
  assert.equal(exact(-0), '0');
  assert.equal(exact(0.1 + 0.2), '0.30000000000000004');
});

test('exact has a true minus in front and in the exponent', () => {
  assert.equal(exact(-1.5), '\u22121.5');
  assert.equal(exact(1.5e-7), '1.5e\u22127');
  assert.equal(exact(-1.5e-7), '\u22121.5e\u22127');
});

test('count groups digits by three', () => {
  assert.equal(count(7), '7');
  assert.equal(count(999), '999');
  assert.equal(count(12345), '12\u2009345');
  assert.equal(count(1234567), '1\u2009234\u2009567');
});

for (const places of [1, 2, 3]) {
  test(`a row of shares shown with ${places} places sums to one as shown`, () => {
    const random = seeded(3 + places);
    for (let i = 0; i < 500; i += 1) {
      const size = 1 + Math.floor(random.between(0, 1) * 64);
      const raw = Array.from({ length: size }, () =>
        random.between(0, 1) < 0.2 ? 0 : Math.exp(6 * random.between(0, 1)),
      );
      const sum = raw.reduce((a, b) => a + b, 0);
      if (sum === 0) continue;
      const row = raw.map((value) => value / sum);
      const shown = roundRow(row, places);
      const units = shown.map((text) => Math.round(Number(text) * 10 ** places));
      assert.equal(
        units.reduce((a, b) => a + b, 0),
        10 ** places,
      );
      shown.forEach((text, k) => {
        assert.match(text, /^[01]\.\d+$/);
        assert.equal(text.split('.')[1].length, places);
        assert.ok(Math.abs(Number(text) - row[k]) < 10 ** -places, `${row[k]} as ${text}`);
        if (row[k] === 0) assert.equal(Number(text), 0, 'what is hidden stays zero');
      });
    }
  });
}

test('equal shares that do not divide are rounded up from the first on', () => {
  assert.deepEqual(roundRow([1 / 3, 1 / 3, 1 / 3]), ['0.34', '0.33', '0.33']);
  assert.deepEqual(roundRow([1]), ['1.00']);
  assert.deepEqual(roundRow([]), []);
  assert.deepEqual(roundRow(Float32Array.from([0.1, 0.2, 0.7])), ['0.10', '0.20', '0.70']);
});
