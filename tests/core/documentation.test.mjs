import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { load } from 'clearformer';
import ts from 'typescript';
import { calls } from './calls.mjs';
import { examples, file, membersOf } from './documentation.mjs';

const core = await load();
const functions = await core.describe();
const ofTrace = /^trace([A-Z])(.*)$/;
const ofHandle = /^(?:trace|cache|plan)[A-Z]/;
const documented = membersOf('Core').filter(({ name }) => name !== 'describe');

/** How core.d.ts writes a type of the field tables; options take more than results give. */
const takes = {
  tensor: /^TensorLike$/,
  number: /^number$/,
  integer: /^Integer$/,
  boolean: /^boolean$/,
  string: /^string$|^(\| )?'[^']*'( \| '[^']*')*$/,
  numbers: /^(ArrayLike<number>|number\[\])$/,
  strings: /^string\[\]$/,
  list: /^[A-Z]\w*\[\]$/,
  object: /^[A-Z]\w*$/,
  config: /^Config$/,
};
const gives = {
  ...takes,
  tensor: /^Tensor$/,
  numbers: /^number\[\]$/,
  trace: /^Trace$/,
  handle: /^[A-Z]\w*$/,
};

/** Where a field's documentation and its entry in the field table differ. */
function disagreements(fields, members, types, where) {
  const found = [];
  for (const field of fields) {
    const member = members.find(({ name }) => name === field.name);
    if (!member) {
      found.push(`${where}.${field.name} is not documented`);
      continue;
    }
    if (member.optional === field.required) {
      found.push(
        `${where}.${field.name} is ${field.required ? 'required' : 'optional'}, documented otherwise`,
      );
    }
    if (!types[field.type]?.test(member.type)) {
      found.push(`${where}.${field.name} is a ${field.type}, documented as ${member.type}`);
    }
    if (field.fields) {
      found.push(
        ...disagreements(
          field.fields,
          membersOf(member.type.replace(/\[\]$/, '')),
          types,
          `${where}.${field.name}`,
        ),
      );
    }
    const shape = field.letters && `[${field.letters.split(' ').join(', ')}]`;
    if (shape && !member.doc.includes(shape)) {
      found.push(`${where}.${field.name} has the shape ${shape}, documented: ${member.doc || 'nothing'}`);
    }
  }
  for (const { name } of members) {
    if (!fields.some((field) => field.name === name))
      found.push(`${where}.${name} is documented and does not exist`);
  }
  return found;
}

test('core.d.ts documents exactly the functions that the core has', () => {
  const offered = functions.map(({ name }) => name).filter((name) => !ofHandle.test(name));
  assert.deepEqual(documented.map(({ name }) => name).sort(), offered.sort());
});

test('the core has exactly the methods that it describes', () => {
  assert.deepEqual(Object.keys(core).sort(), ['describe', ...documented.map(({ name }) => name)].sort());
});

test('every function has a sample call in these tests', () => {
  assert.deepEqual(Object.keys(calls).sort(), documented.map(({ name }) => name).sort());
});

for (const { name, options, result } of functions.filter((one) => !ofHandle.test(one.name))) {
  test(`core.d.ts gives the options and results of ${name} with their types and shapes`, () => {
    const method = documented.find((member) => member.name === name);
    const taken = method.parameter ? membersOf(method.parameter) : [];
    assert.deepEqual(
      [
        ...disagreements(options, taken, takes, `${name} options`),
        ...disagreements(result, membersOf(method.result), gives, `${name} result`),
      ],
      [],
    );
  });
}

test('core.d.ts gives the methods of a trace with their options', () => {
  const offered = functions.filter(({ name }) => ofTrace.test(name));
  const methods = membersOf('Trace');
  const methodName = ({ name }) => name.replace(ofTrace, (_, first, rest) => first.toLowerCase() + rest);
  assert.deepEqual(methods.map(({ name }) => name).sort(), offered.map(methodName).sort());
  const found = offered.flatMap((one) => {
    const method = methods.find(({ name }) => name === methodName(one));
    const options = one.options.filter(({ name }) => name !== 'trace');
    return disagreements(options, method.parameter ? membersOf(method.parameter) : [], takes, one.name);
  });
  assert.deepEqual(found, []);
});

test('an explanation has exactly the documented members', async () => {
  const { trace } = await core.attentionLayer(calls.attentionLayer);
  const explanation = await trace.explain({ tensor: 'weights', index: [0, 1, 0] });
  const [information] = await trace.tensors();
  await trace.dispose();
  const { tokens } = await core.tokenize(calls.tokenize);
  const { steps } = await core.cachedDecode(calls.cachedDecode);
  const samples = {
    Explanation: explanation,
    Operand: explanation.operands[0],
    Term: explanation.operands[0].terms[0],
    Step: explanation.steps[0],
    TensorInfo: information,
    Token: tokens[0],
    CachedStep: steps[0],
  };
  for (const [name, sample] of Object.entries(samples)) {
    assert.deepEqual(
      Object.keys(sample).sort(),
      membersOf(name)
        .map((member) => member.name)
        .sort(),
      name,
    );
  }
});

test('core.d.ts compiles by itself', () => {
  const program = ts.createProgram([fileURLToPath(file)], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    types: [],
  });
  const sentences = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  assert.deepEqual(sentences, []);
});

test('every function has a description and an example', () => {
  const bare = documented.filter(({ doc, example }) => doc.length < 20 || !example).map(({ name }) => name);
  assert.deepEqual(bare, []);
});

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

const plain = (value) => {
  if (ArrayBuffer.isView(value)) return Array.from(/** @type {any} */ (value));
  return value;
};

/** Numbers shown in an example are rounded to four decimals. */
function expect(actual, shown) {
  const value = plain(actual);
  if (typeof shown === 'number' && typeof value === 'number') {
    assert.ok(Math.abs(value - shown) < 6e-5, `the example shows ${shown}, the core gives ${value}`);
  } else if (Array.isArray(shown)) {
    assert.ok(
      Array.isArray(value) && value.length === shown.length,
      `the example shows [${shown}], the core gives [${value}]`,
    );
    shown.forEach((entry, i) => expect(value[i], entry));
  } else {
    assert.deepEqual(value, shown);
  }
}

for (const { name, code } of examples) {
  test(`the example of ${name} runs and gives what it shows`, async () => {
    const body = code.replace(/^(.*); \/\/ => (.+)$/gm, 'expect($1, $2);');
    assert.match(body, /expect\(/, 'an example shows a result');
    // In a block, so that an example may name a result load.
    await new AsyncFunction('load', 'core', 'expect', `{ ${body} }`)(load, core, expect);
  });
}
