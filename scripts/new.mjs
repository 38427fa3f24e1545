// Writes the files to start from: node scripts/new.mjs KIND NAME [--root DIR], with KIND one of
//   kernel ops/name     options, result, a plain version and a test in C++
//   figure name         the custom element <cf-name> and a test
//   page series/name    a tutorial page of words and tags
//   model name          a model's published configuration, to be filled in
// It checks the name and never overwrites.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';

/** A mistake of the caller's, to be told as a sentence. */
class Mistake extends Error {}

const SNAKE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** @param {string} name "snake_case" or "kebab-case" @returns {string} "SnakeCase" */
const pascal = (name) => name.replace(/(?:^|[_-])([a-z0-9])/g, (_, letter) => letter.toUpperCase());
/** @param {string} name @returns {string} "Kebab case" */
const words = (name) => name[0].toUpperCase() + name.slice(1).replaceAll('-', ' ');

/** Longer names break lines of what is written here. */
const MOST_LETTERS = 24;

/** @param {string} what @param {string} name @param {RegExp} rule @param {number} [most] */
function check(what, name, rule, most = Infinity) {
  if (name.length > most) {
    throw new Mistake(`${what} may have at most ${most} characters, got "${name}" with ${name.length}`);
  }
  if (rule.test(name)) return;
  const asked =
    rule === SNAKE
      ? 'snake case, small letters and digits joined by _, such as layer_norm'
      : 'kebab case, small letters and digits joined by -, such as token-strip';
  throw new Mistake(`${what} must be in ${asked}, got "${name}"`);
}

/** The two halves of "folder/name". @param {string} kind @param {string} name @param {string} example */
function halves(kind, name, example) {
  const parts = name.split('/');
  if (parts.length !== 2)
    throw new Mistake(`a ${kind} is named by its folder and its name, such as ${example}, got "${name}"`);
  return parts;
}

/** @typedef {{root: string, name: string}} Wish @typedef {Record<string, string>} Files path -> text */

/** @param {Wish} wish @returns {Files} */
function kernel({ root, name: wanted }) {
  const [group, name] = halves('kernel', wanted, 'ops/layer_norm');
  check('the name of a kernel', name, SNAKE, MOST_LETTERS);
  const groups = readdirSync(join(root, 'cpp/clearformer'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  if (!groups.includes(group)) {
    throw new Mistake(
      `a kernel goes into one of the folders of cpp/clearformer: ${groups.join(', ')}, got "${group}"`,
    );
  }
  const type = pascal(name);
  const header = `clearformer/${group}/${name}.hpp`;
  const support = group === 'ops' ? 'support.hpp' : '../ops/support.hpp';
  return {
    [`cpp/${header}`]: `#pragma once

// y = x, until it is told what to compute.

#include "clearformer/fields.hpp"

namespace clearformer {

/// x [.. C].
template <class Real>
struct ${type}Options {
    static constexpr const char* kFunction = "${name}";
    Array<Real> x;
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("x", x, ".. C");
    }
};

template <class Real>
struct ${type}Result {
    Array<Real> y;  // [.. C]
    template <class Visitor>
    void fields(Visitor& field) {
        field.required("y", y, ".. C");
    }
};

/// y[.., c] = x[.., c]. Throws DomainError for shapes that do not fit.
template <class Real>
${type}Result<Real> ${name}(const ${type}Options<Real>& options);

}  // namespace clearformer
`,
    [`cpp/clearformer/${group}/${name}.cpp`]: `#include "${header}"

namespace clearformer {

template <class Real>
${type}Result<Real> ${name}(const ${type}Options<Real>& o) {
    check_shapes(o);
    ${type}Result<Real> result{Array<Real>(o.x.shape)};
    for (Size r = 0; r < o.x.rows(); ++r) {
        for (Size c = 0; c < o.x.width(); ++c) result.y.row(r)[c] = o.x.row(r)[c];
    }
    return result;
}

template ${type}Result<float> ${name}(const ${type}Options<float>&);
template ${type}Result<double> ${name}(const ${type}Options<double>&);

}  // namespace clearformer
`,
    [`tests/cpp/${group}/${name}_test.cpp`]: `#include "${header}"

#include "${support}"

using namespace clearformer;
using namespace clearformer::testing;

TEST_CASE("${name} keeps the shape and every value of x") {
    ${type}Options<double> o;
    o.x = normal({2, 3, 4}, 1);
    const auto r = ${name}(o);
    CHECK(r.y.shape == o.x.shape);
    CHECK(distance(r.y.data, o.x.data) == 0);
}
`,
  };
}

/** @param {Wish} wish @returns {Files} */
function figure({ name }) {
  check('the name of a figure', name, KEBAB, MOST_LETTERS);
  const type = pascal(name);
  return {
    [`web/figures/${name}.js`]: `import { html } from 'lit/html.js';
import { tokenStrip } from '../draw/tokens.js';
import { textInput } from '../ui/controls.js';
import { Figure } from './figure.js';
import { sentenceState, tokensOf } from './sentence.js';

/** <cf-${name}>: say in a line what it shows. */
class ${type} extends Figure {
  static state = { text: sentenceState.text };

  /** @param {any} core @param {Record<string, any>} state */
  async compute(core, state) {
    return { tokens: await tokensOf(core, state) };
  }

  /** @param {any} result @param {Record<string, any>} state */
  draw({ tokens }, state) {
    queueMicrotask(() => this.publish({ tokens: { text: String(tokens.length), value: tokens.length } }));
    return html\`
      <div class="cf-controls">
        \${textInput({ id: \`\${this.id}-text\`, label: 'Sentence', value: state.text, count: \`\${tokens.length} tokens\`, most: 400, onInput: (text) => this.setState({ text }) })}
      </div>
      \${tokenStrip(tokens, { ids: true })}
    \`;
  }

  /** @param {any} result */
  summary({ tokens }) {
    return \`\${tokens.length} tokens: \${tokens.map((/** @type {any} */ token) => token.label).join(', ')}.\`;
  }

  /** @param {any} result */
  table({ tokens }) {
    const rows = tokens.map((/** @type {any} */ token, /** @type {number} */ i) => [
      i + 1,
      token.label,
      token.id,
    ]);
    return { caption: 'Tokens', columns: ['position', 'token', 'id'], rows };
  }
}
customElements.define('cf-${name}', ${type});
`,
    [`tests/web/${name}.test.mjs`]: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'clearformer';
import { leaves, open } from './page.mjs';

const tag = 'cf-${name}';
const figure = "import './web/figures/${name}.js';";

/** @param {string} attributes */
async function show(attributes) {
  const { document } = await open(\`<\${tag} id="a" \${attributes}></\${tag}>\`, figure, { load });
  await leaves(document);
  return document.getElementById('a');
}

test('<cf-${name}> draws its default state and says it in words', async () => {
  const element = await show('');
  assert.equal(element.dataset.state, 'ready', element.textContent);
  assert.match(element.summary(element.result, element.state), /\\d/);
});

test('<cf-${name}> publishes what its table counts', async () => {
  const element = await show('text="two words"');
  const { rows } = element.table(element.result, element.state);
  assert.equal(element.published.tokens.value, rows.length);
});
`,
  };
}

/** @param {Wish} wish @returns {Files} */
function page({ root, name: wanted }) {
  const [series, name] = halves('page', wanted, 'text/rotary-positions');
  check('the name of a series', series, KEBAB);
  check('the name of a page', name, KEBAB);
  const folder = join(root, 'tutorials', series);
  const pages = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.html')) : [];
  return {
    [`tutorials/${series}/${name}.html`]: `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>${words(name)} · Clearformer</title>
    <meta name="description" content="Say in one or two sentences what the reader can do and understand here, in words that a search shows." />
    <meta name="cf-series" content="${series}" />
    <meta name="cf-order" content="${pages.length + 1}" />
    <meta name="cf-minutes" content="30" />
  </head>
  <body>
    <main>
      <article>
        <h1>${words(name)}</h1>
        <p class="lede">Say in two sentences what this page is about, and what can be changed on it.</p>

        <h2 id="first-section">A first section</h2>
        <p>
          A <cf-term name="token">token</cf-term> is a row of <span class="math">d_{\\text{model}}</span> numbers. The sentence below has
          <cf-value figure="tokens" name="tokens">–</cf-value> of them.
        </p>
        <figure class="cf-figure" id="figure-tokens">
          <cf-token-strip id="tokens">
            <p>Here the sentence appears cut into tokens. It needs JavaScript and WebAssembly.</p>
          </cf-token-strip>
          <figcaption>Say what is true of every state of this figure.</figcaption>
        </figure>

        <h2 id="remember">What to remember</h2>
        <ol class="remember">
          <li>One sentence that is true.</li>
        </ol>

        <h2 id="check-yourself">Check yourself</h2>
        <cf-question id="q-first">
          <p>Ask something that this page answers.</p>
          <details>
            <summary>Answer</summary>
            <p>Answer it, with the reason.</p>
          </details>
        </cf-question>
      </article>
    </main>
  </body>
</html>
`,
  };
}

/** @param {Wish} wish @returns {Files} */
function model({ name }) {
  check('the name of a model', name, KEBAB);
  const empty = {
    name,
    family: '',
    vendor: '',
    date: null,
    licence: '',
    source: { url: '', revision: null, copy: null, checked: '', verified: false },
    config: {},
    published: [{ quantity: 'total_params', value: 0, tolerance: 0, as_printed: '', source: '' }],
    notes: '',
  };
  return { [`web/models/${name}.json`]: `${JSON.stringify(empty, null, 2)}\n` };
}

const kinds = { kernel, figure, page, model };

/** What there is left to do by hand. @type {Record<string, string>} */
const next = {
  kernel:
    'add its line to the table in cpp/wasm and its documentation to web/core/core.d.ts, and write its trace rule',
  figure: 'put its tag into a page; the folder is the registry',
  page: 'set cf-order and cf-minutes, and link it from tutorials/index.html',
  model: 'fill in every field; what could not be reached is marked unverified',
};

/** @param {string[]} given */
function main(given) {
  const place = given.indexOf('--root');
  const root = resolve(place < 0 ? new URL('..', import.meta.url).pathname : (given[place + 1] ?? ''));
  const [kind, name, ...more] = place < 0 ? given : given.toSpliced(place, 2);
  if (!kind || !Object.hasOwn(kinds, kind)) {
    throw new Mistake(`the kind must be one of ${Object.keys(kinds).join(', ')}, got "${kind ?? ''}"`);
  }
  if (!name)
    throw new Mistake(
      `a ${kind} needs a name, such as npm run new -- ${kind} ${kind === 'kernel' ? 'ops/name' : 'name'}`,
    );
  if (more.length) throw new Mistake(`one ${kind} at a time, got also "${more[0]}"`);
  const files = kinds[kind]({ root, name });
  for (const path of Object.keys(files)) {
    if (existsSync(join(root, path)))
      throw new Mistake(`${path} exists already; it was left as it is, and nothing was written`);
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { flag: 'wx' });
    console.log(`new: wrote ${posix.normalize(path)}`);
  }
  console.log(`new: next, ${next[kind]}`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(`new: ${error.message}`);
  process.exitCode = 1;
}
