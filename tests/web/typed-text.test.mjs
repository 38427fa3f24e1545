// What a reader types, or what a link brings, stays text wherever it is drawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';
import { leaves, open } from './page.mjs';

const MARKUP = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';
const drawing = `
  export { render } from 'lit/html.js';
  export { tokenStrip } from './web/draw/tokens.js';
  export { matrix } from './web/draw/matrix.js';
  export { explain } from './web/draw/explain.js';
  export { actions } from './web/ui/actions.js';
`;

/** Nothing of the typed text has become an element or run. @param {any} page */
function staysText({ window, document }) {
  assert.equal(document.querySelector('img, script, [onerror]'), null);
  assert.equal(window.hacked, undefined);
}

const tokens = [MARKUP, ' <b>x</b>', '&lt;'].map((text, id) => ({
  text,
  label: text.trim(),
  kind: 'word',
  id,
}));

test('typed markup stays text in the token strip', async () => {
  const page = await open('<div id="place"></div>', drawing);
  const { render, tokenStrip } = page.exported;
  const place = page.document.getElementById('place');
  render(tokenStrip(tokens, { ids: true, selected: 0, onToken() {} }), place);
  staysText(page);
  const shown = [...place.querySelectorAll('.cf-token-text')].map(({ textContent }) => textContent);
  assert.deepEqual(shown, [MARKUP, '·<b>x</b>', '&lt;']);
  render(tokenStrip(tokens), place);
  staysText(page);
});

for (const columns of [3, 12, 40]) {
  test(`typed markup stays text in the labels of a matrix with ${columns} columns`, async () => {
    const page = await open('<div id="place"></div>', drawing);
    const labels = Array.from({ length: columns }, (_, i) => tokens[i % 3].label);
    const view = {
      id: 'm',
      symbol: 'A_<b>',
      title: MARKUP,
      letters: 'T × S',
      role: 'weights',
      shape: [3, columns],
      values: Float64Array.from({ length: 3 * columns }, () => 1 / columns),
      rowLabels: labels.slice(0, 3),
      columnLabels: labels,
      shares: true,
      selected: [0, 1],
      margin: { title: MARKUP, values: labels.slice(0, 3) },
    };
    const place = page.document.getElementById('place');
    page.exported.render(page.exported.matrix(view), place);
    staysText(page);
    assert.ok(place.textContent.includes('<img'));
    assert.equal(place.querySelector('[style]'), null, 'the policy refuses style attributes');
  });
}

test('a token strip typed full of markup shows it as tokens', async () => {
  const page = await open(
    '<cf-token-strip id="tokens"></cf-token-strip><cf-token-strip id="other"></cf-token-strip>',
    "import './web/figures/token-strip.js';",
    { load, address: `text/page.html#tokens:text=${encodeURIComponent(MARKUP)}` },
  );
  await leaves(page.document);
  const figure = page.document.getElementById('tokens');
  assert.equal(figure.state.text, MARKUP);
  assert.equal(figure.dataset.state, 'ready', figure.textContent);
  staysText(page);
  const shown = [...figure.querySelectorAll('.cf-token-text')].map(({ textContent }) => textContent).join('');
  assert.equal(shown.replace(/[·␣\s]/g, ''), MARKUP.replaceAll(' ', ''));
  assert.deepEqual(page.errors, []);

  // The table and the embed code hold it as text, too.
  figure.toggleTable();
  figure.say(figure.embedCode());
  staysText(page);
  const code = page.document.createElement('template');
  code.innerHTML = figure.embedCode();
  assert.equal(code.content.querySelector('img'), null);
  assert.equal(code.content.querySelector('cf-token-strip').getAttribute('text'), MARKUP);
});

test('a link reproduces what was typed', async () => {
  const contents = "import './web/figures/token-strip.js';";
  const first = await open('<cf-token-strip id="tokens"></cf-token-strip>', contents, { load });
  await leaves(first.document);
  const figure = first.document.getElementById('tokens');
  const text = `${MARKUP} 'a' "b"; 100% & more #+= \u{1f600} \u0645`;
  figure.setState({ text, cell: 3 });
  const second = await open('<cf-token-strip id="tokens"></cf-token-strip>', contents, {
    load,
    address: figure.link().replace(/^.*tutorials\//, ''),
  });
  await leaves(second.document);
  const again = second.document.getElementById('tokens');
  assert.deepEqual({ ...again.state }, { ...figure.state });
  assert.equal(again.state.text, text);
});

test('a bad address is answered with a sentence, as text', async () => {
  const page = await open(
    '<cf-token-strip id="tokens"></cf-token-strip>',
    "import './web/figures/token-strip.js';",
    {
      load,
      address: `text/page.html#tokens:cell=${encodeURIComponent(MARKUP)}&${encodeURIComponent('<b>')}=1&constructor=1`,
    },
  );
  await leaves(page.document);
  const figure = page.document.getElementById('tokens');
  assert.equal(figure.dataset.state, 'ready');
  staysText(page);
  const notes = [...figure.querySelectorAll('.cf-note-line')].map(({ textContent }) => textContent);
  assert.ok(
    notes.some((note) => note.startsWith('cell must be a whole number, got "<img')),
    notes.join('; '),
  );
  assert.ok(notes.includes('The address names "<b>", which this figure does not have; it is left out.'));
  assert.ok(
    notes.includes('The address names "constructor", which this figure does not have; it is left out.'),
  );
});
