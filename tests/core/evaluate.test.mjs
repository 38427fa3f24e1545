import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from './evaluate.mjs';

const symbols = new Map([
  ['a', [1, 2, 3]],
  ['b', [4, 5, 6]],
  ['s', [2]],
  ['Z_1', [10]],
]);

test("the tests' own evaluator follows the usual rules of arithmetic", () => {
  /** @type {[string, number[]][]} */
  const cases = [
    ['1 + 2 * 3', [7]],
    ['(1 + 2) * 3', [9]],
    ['8 - 3 - 2', [3]],
    ['8 / 4 / 2', [1]],
    ['-2 + 3', [1]],
    ['2 * -3', [-6]],
    ['-(1 + s) * 2', [-6]],
    ['a * b', [4, 10, 18]],
    ['sum(a * b) / s', [16]],
    ['max(a - s)', [1]],
    ['min(a - s) + floor(s / 3) + floor(-s / 3)', [-2]],
    ['s * a + Z_1', [12, 14, 16]],
    ['sqrt(abs(-16)) + .5', [4.5]],
    ['exp(log(s)) * cos(0) - sin(0) - tanh(0)', [2]],
  ];
  for (const [expression, expected] of cases) {
    const values = evaluate(expression, symbols);
    assert.equal(values.length, expected.length, expression);
    values.forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]) < 1e-12, `${expression} gave ${values}`),
    );
  }
});

test("the tests' own evaluator refuses what it does not know", () => {
  for (const expression of ['x', '1 +', '(1', '1)', 'a $ b', '1 2', '']) {
    assert.throws(() => evaluate(expression, symbols), Error, expression);
  }
  assert.throws(() => evaluate('a + c', new Map([...symbols, ['c', [1, 2]]])), /do not combine/);
});
