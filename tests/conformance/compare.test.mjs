import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caseDifference, difference } from './compare.mjs';

const tensor = (shape, ...data) => ({ shape, data });

test('equal results have no difference, typed arrays and named non-finite numbers included', () => {
  const expected = { y: tensor([2, 2], 1, '-inf', 'nan', 'inf'), n: 3, name: 'a', ok: true, list: [1, [2]] };
  const actual = {
    y: { shape: [2, 2], data: Float64Array.of(1, -Infinity, NaN, Infinity) },
    n: 3,
    name: 'a',
    ok: true,
    list: [1, [2]],
  };
  assert.equal(difference(actual, expected), undefined);
});

test('a perturbed value is a difference, one within the tolerance is none', () => {
  const expected = { y: tensor([3], 20, 1, 0) };
  assert.equal(difference({ y: tensor([3], 20 + 1.9e-4, 1 + 0.9e-5, 0.9e-5) }, expected), undefined);
  assert.equal(
    difference({ y: tensor([3], 20, 1 + 1.1e-5, 0) }, expected),
    'result.y[1] must be 1, got 1.000011',
  );
  assert.match(difference({ y: tensor([3], 20 + 2.1e-4, 1, 0) }, expected), /^result\.y\[0\] must be 20/);
  assert.match(difference({ y: tensor([3], 20, 1, 1.1e-5) }, expected), /^result\.y\[2\] must be 0/);
});

test('small entries are measured against a twentieth of the largest entry', () => {
  const expected = tensor([2], 100, 0);
  assert.equal(difference(tensor([2], 100, 4.9e-5), expected), undefined);
  assert.match(difference(tensor([2], 100, 5.1e-5), expected), /must be 0/);
});

test('a wrong shape, a missing entry and a missing name are differences', () => {
  assert.match(difference(tensor([1, 2], 1, 2), tensor([2], 1, 2)), /must have shape \[2\], got \[1,2\]/);
  assert.match(difference({ data: [1, 2] }, tensor([2], 1, 2)), /must have shape \[2\], got none/);
  assert.match(difference(tensor([2], 1), tensor([2], 1, 2)), /must have 2 entries, got 1/);
  assert.match(difference([1], [1, 2]), /must have 2 entries/);
  assert.match(difference({}, { loss: 1 }), /result\.loss must be 1, got undefined/);
  assert.match(difference(undefined, { loss: 1 }), /must be an object, got undefined/);
});

test('NaN and infinity equal only themselves', () => {
  assert.match(difference(tensor([1], NaN), tensor([1], 1)), /must be 1, got NaN/);
  assert.match(difference(tensor([1], 1), tensor([1], 'nan')), /must be NaN, got 1/);
  assert.match(difference(tensor([1], Infinity), tensor([1], '-inf')), /must be -Infinity, got Infinity/);
  assert.match(difference(tensor([1], 1e308), tensor([1], 'inf')), /must be Infinity/);
  assert.match(difference(tensor([1], null), tensor([1], 0)), /must be 0, got null/);
});

test('a case may replace the tolerance', () => {
  assert.equal(difference(tensor([2], 0.999, 0.009), tensor([2], 1, 0), { abs: 0.01 }), undefined);
  assert.match(difference(tensor([2], 0.98, 0), tensor([2], 1, 0), { abs: 0.01 }), /must be 1/);
  assert.equal(difference(1.00009, 1, { rel: 1e-4 }), undefined);
  assert.match(difference(1.00011, 1, { rel: 1e-4 }), /must be 1/);
  assert.match(difference(124439809, 124439808, { abs: 0, rel: 0 }), /must be 124439808/);
});

test('strings and booleans must be equal', () => {
  assert.match(difference('b', 'a'), /must be a, got b/);
  assert.match(difference(1, true), /must be true, got 1/);
});

test('at a boundary only the number of kept tokens and the sorted probabilities count', () => {
  const testCase = {
    params: { boundary: true },
    expected: { kept: [1, 2], probs: tensor([3], 0, 0.6, 0.4), logits_out: tensor([3], '-inf', 2, 1) },
  };
  const moved = { kept: [0, 2], probs: tensor([3], 0.4, 0, 0.6), logits_out: tensor([3], 1, '-inf', 2) };
  assert.equal(caseDifference(moved, testCase), undefined);
  assert.match(caseDifference(moved, { ...testCase, params: {} }), /^result\.kept\[0\] must be 1, got 0/);
  assert.match(caseDifference({ ...moved, kept: [0, 1, 2] }, testCase), /^result\.kept must be 2, got 3/);
  assert.match(
    caseDifference({ ...moved, probs: tensor([3], 0.5, 0, 0.5) }, testCase),
    /^result\.probs\[0\] must be 0\.6/,
  );
  assert.match(caseDifference({ kept: [0, 2] }, testCase), /^result\.probs must be an object/);
  assert.match(caseDifference(undefined, testCase), /^result\.kept must be 2, got undefined/);
});
