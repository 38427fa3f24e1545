// The elements that live in prose: values, inputs, terms, references, questions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, settled } from './page.mjs';

/** A stand-in for a figure: a state table, a state, and setState that keeps what it was told. */
function makeFigure(document, id, stateTable, state) {
  const figure = document.getElementById(id);
  const told = [];
  Object.assign(figure, {
    stateTable,
    state,
    setState: (patch) => Object.assign(state, patch) && told.push(patch),
  });
  return told;
}

const publish = (window, figure, values) =>
  window.document.dispatchEvent(new window.CustomEvent('cf-publish', { detail: { figure, values } }));

test('a value shows what its figure publishes, and nothing of another figure', async () => {
  const { window, document } = await open(
    '<cf-value figure="a" name="top">–</cf-value><cf-value figure="a" name="none">–</cf-value>',
    "import './web/site/value.js';",
  );
  const [top, none] = document.querySelectorAll('cf-value');
  publish(window, 'b', { top: { text: '9', value: 9 } });
  assert.equal(top.textContent, '–');
  publish(window, 'a', { top: { text: '<i>0.44</i>', value: 0.44 } });
  assert.equal(top.textContent, '<i>0.44</i>', 'as text, not as markup');
  assert.equal(top.children.length, 0);
  assert.equal(none.textContent, '–');
  top.remove();
  publish(window, 'a', { top: { text: '0.5', value: 0.5 } });
  assert.equal(top.textContent, '<i>0.44</i>', 'a value that has left the page listens no more');
});

test('a value that comes after its figure shows what was published before', async () => {
  const { document } = await open('<p id="a"></p><p id="place"></p>', "import './web/site/value.js';");
  document.getElementById('a').published = { top: { text: '0.44', value: 0.44 } };
  document.getElementById('place').innerHTML = '<cf-value figure="a" name="top">–</cf-value>';
  assert.equal(document.querySelector('cf-value').textContent, '0.44');
});

/** @param {any} rule @param {any} value */
async function scrubbing(rule, value) {
  const { window, document } = await open(
    '<p id="a"></p><cf-scrub figure="a" name="x">1</cf-scrub>',
    "import './web/site/scrub.js';",
  );
  const state = { x: value };
  const told = makeFigure(document, 'a', { x: rule }, state);
  publish(window, 'a', {});
  const scrub = document.querySelector('cf-scrub');
  const press = (key) => {
    const event = new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    scrub.dispatchEvent(event);
    return event.defaultPrevented;
  };
  return { window, scrub, press, state, told };
}

test('an input in the prose says its name, range and value as a slider does', async () => {
  const rule = { type: 'number', min: 0.05, max: 20, step: 0.05, label: 'Temperature' };
  const { scrub } = await scrubbing(rule, 1.25);
  assert.equal(scrub.textContent, '1.25');
  assert.equal(scrub.tabIndex, 0);
  const attributes = {
    role: 'slider',
    'aria-label': 'Temperature',
    'aria-valuemin': '0.05',
    'aria-valuemax': '20',
  };
  for (const [name, content] of Object.entries({ ...attributes, 'aria-valuenow': '1.25' })) {
    assert.equal(scrub.getAttribute(name), content, name);
  }
});

test('arrow keys step an input in the prose, and stop at its ends', async () => {
  const rule = { type: 'integer', min: 1, max: 16, label: 'Heads' };
  const { scrub, press, state } = await scrubbing(rule, 4);
  const path = [
    ['ArrowUp', 5],
    ['ArrowRight', 6],
    ['ArrowDown', 5],
    ['ArrowLeft', 4],
    ['PageUp', 14],
    ['PageUp', 16],
    ['ArrowUp', 16],
    ['Home', 1],
    ['ArrowLeft', 1],
    ['PageDown', 1],
    ['End', 16],
  ];
  for (const [key, value] of path) {
    assert.equal(press(key), true, `${key} does not scroll the page`);
    assert.equal(state.x, value, String(key));
    assert.equal(scrub.textContent, String(value));
    assert.equal(scrub.getAttribute('aria-valuenow'), String(value));
  }
});

test('other keys are left alone', async () => {
  const { press, told } = await scrubbing({ type: 'integer', min: 1, max: 16 }, 4);
  for (const key of ['Tab', 'Enter', 'a', 'Escape']) assert.equal(press(key), false, key);
  assert.deepEqual(told, []);
});

test('steps of five hundredths stay on five hundredths', async () => {
  const { press, state } = await scrubbing({ type: 'number', min: 0.05, max: 20, step: 0.05 }, 1);
  for (let i = 0; i < 7; i += 1) press('ArrowUp');
  assert.equal(state.x, 1.35);
});

test('dragging an input in the prose moves it by steps', async () => {
  const { window, scrub, state, told } = await scrubbing({ type: 'integer', min: 1, max: 16 }, 4);
  scrub.setPointerCapture = () => {};
  const drag = (type, clientX) => {
    const event = new window.MouseEvent(type, { clientX, bubbles: true });
    Object.assign(event, { pointerId: 1 });
    scrub.dispatchEvent(event);
  };
  drag('pointermove', 500);
  assert.deepEqual(told, [], 'without a press nothing moves');
  drag('pointerdown', 100);
  drag('pointermove', 118);
  assert.equal(state.x, 7);
  drag('pointermove', 40);
  assert.equal(state.x, 1);
  drag('pointerup', 40);
  drag('pointermove', 400);
  assert.equal(state.x, 1);
});

test('an input whose figure is not there keeps its words', async () => {
  const { window, document, errors } = await open(
    '<cf-scrub figure="none" name="x">1</cf-scrub>',
    "import './web/site/scrub.js';",
  );
  const scrub = document.querySelector('cf-scrub');
  scrub.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }));
  scrub.dispatchEvent(new window.MouseEvent('pointerdown', { clientX: 1 }));
  assert.equal(scrub.textContent, '1');
  assert.deepEqual(errors, []);
});

const noteOf = (document) => document.querySelector('.cf-note');

test('a term shows its meaning on focus, and Esc closes it', async () => {
  const { window, document } = await open(
    '<cf-term name="softmax">the softmax</cf-term>',
    "import './web/site/term.js';",
  );
  const button = document.querySelector('cf-term > button');
  assert.equal(button.type, 'button');
  assert.equal(button.textContent, 'the softmax');
  assert.equal(noteOf(document), null);
  button.focus();
  const note = noteOf(document);
  assert.match(note.textContent, /sum to one/);
  assert.equal(note.getAttribute('role'), 'tooltip');
  assert.equal(button.getAttribute('aria-describedby'), note.id);
  window.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Escape' }));
  assert.equal(noteOf(document), null);
  assert.equal(button.getAttribute('aria-describedby'), null);
});

test('only one note is open at a time', async () => {
  const { document } = await open(
    '<cf-term name="softmax">a</cf-term><cf-term name="mask">b</cf-term>',
    "import './web/site/term.js';",
  );
  for (const button of document.querySelectorAll('cf-term > button')) button.click();
  assert.equal(document.querySelectorAll('.cf-note').length, 1);
  assert.match(noteOf(document).textContent, /minus infinity/);
});

test('a word that the glossary does not have stays a word', async () => {
  const { document, errors } = await open(
    '<cf-term name="nothing">word</cf-term>',
    "import './web/site/term.js';",
  );
  assert.equal(document.querySelector('cf-term').innerHTML, 'word');
  assert.deepEqual(errors, []);
});

test('a term that the build has already drawn does not get a second button', async () => {
  const { document } = await open(
    '<cf-term name="softmax"><button type="button">softmax</button></cf-term>',
    "import './web/site/term.js';",
  );
  assert.equal(document.querySelectorAll('cf-term button').length, 1);
});

test('a citation links to its reference and shows it as text', async () => {
  const { document } = await open(
    `<cf-cite name="a2017">[1]</cf-cite><ol><li id="ref-a2017">A, B. <i>Title</i>
      2017. &lt;img src=x&gt;</li></ol>`,
    "import './web/site/cite.js';",
  );
  const link = document.querySelector('cf-cite > a');
  assert.equal(link.getAttribute('href'), '#ref-a2017');
  assert.equal(link.textContent, '[1]');
  assert.equal(link.getAttribute('aria-label'), 'Reference [1]');
  link.focus();
  assert.equal(noteOf(document).textContent, 'A, B. Title 2017. <img src=x>');
  assert.equal(noteOf(document).children.length, 0);
});

test('a citation without its reference says so', async () => {
  const { document } = await open('<cf-cite name="none">[9]</cf-cite>', "import './web/site/cite.js';");
  document.querySelector('cf-cite > a').focus();
  assert.equal(noteOf(document).textContent, 'This reference is missing.');
});

const questions = ['q-a', 'q-b']
  .map(
    (id) =>
      `<cf-question id="${id}"><p>Why?</p><details><summary>Answer</summary><p>So.</p></details></cf-question>`,
  )
  .join('');

test('opened answers are counted, kept under our own name, and forgotten on request', async () => {
  const { window, document } = await open(questions, "import './web/site/question.js';");
  await settled();
  const line = document.querySelector('.cf-progress');
  assert.match(line.textContent, /^0 of 2 answers opened/);
  const details = document.querySelector('#q-b details');
  details.open = true;
  details.dispatchEvent(new window.Event('toggle'));
  assert.match(line.textContent, /^1 of 2 answers opened/);
  const keys = Object.keys(window.localStorage);
  assert.deepEqual(keys, ['clearformer:questions:text/page.html']);
  assert.equal(window.localStorage.getItem(keys[0]), '["q-b"]');
  const forget = [...line.querySelectorAll('button')].find(({ textContent }) => textContent === 'Forget');
  forget.click();
  assert.match(line.textContent, /^0 of 2 answers opened/);
  assert.equal(details.open, false);
  assert.equal(window.localStorage.length, 0);
  assert.equal(document.querySelectorAll('.cf-progress').length, 1);
});

test('a page shows what was opened on an earlier visit, and counts no question that is gone', async () => {
  const { document } = await open(questions, "import './web/site/question.js';", {
    prepare: (window) =>
      window.localStorage.setItem('clearformer:questions:text/page.html', '["q-a","q-gone"]'),
  });
  await settled();
  assert.match(document.querySelector('.cf-progress').textContent, /^1 of 2 answers opened/);
});

test('what the browser keeps may be broken: the questions still count', async () => {
  for (const kept of ['oops', '5', '{"a":1}', 'null']) {
    const { document } = await open(questions, "import './web/site/question.js';", {
      prepare: (window) => window.localStorage.setItem('clearformer:questions:text/page.html', kept),
    });
    await settled();
    assert.match(document.querySelector('.cf-progress')?.textContent ?? '', /^0 of 2 answers opened/, kept);
  }
});

test('a browser that keeps nothing still shows the answers', async () => {
  const { document, errors } = await open(questions, "import './web/site/question.js';", {
    prepare: (window) =>
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new window.DOMException('refused', 'SecurityError');
        },
      }),
  });
  await settled();
  assert.match(document.querySelector('.cf-progress').textContent, /^0 of 2 answers opened/);
  assert.deepEqual(errors, []);
});
