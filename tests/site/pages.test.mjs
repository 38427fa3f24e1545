// The built pages, read as files: nothing runs. dist/ must be built.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { before, test } from 'node:test';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';
import { addressProblem, dist, filesOf, isElsewhere, nameOf, pagesOf, root } from './site.mjs';

const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ['html-validate:standard'],
    rules: {
      'no-inline-style': 'error',
      // Taste, and not ours to choose: how the serializer writes void elements, how long a title may be, spaces at line ends.
      'void-style': 'off',
      'long-title': 'off',
      'no-trailing-whitespace': 'off',
    },
  }),
);

const pages = pagesOf(dist);
const sources = pagesOf(join(root, 'tutorials'));
const files = new Set(filesOf(dist));
const glossary = JSON.parse(readFileSync(join(root, 'web/site/glossary.json'), 'utf8'));
const policy = /const POLICY =\s*"([^"]+)"/.exec(
  readFileSync(join(root, 'scripts/site/page.mjs'), 'utf8'),
)?.[1];

/** @param {string} path @param {string} id */
const hasId = (path, id) =>
  Boolean(pages.find((page) => page.path === path)?.document.querySelector(`[id="${quoted(id)}"]`));
const quoted = (/** @type {string} */ id) => id.replace(/["\\]/g, '\\$&');

before(() => {
  assert.ok(pages.length >= 3, 'dist/ holds the pages; run node scripts/build.mjs');
  assert.ok(sources.length >= 2);
  assert.ok(policy, 'scripts/site/page.mjs says the policy');
});

/** @param {string} html */
async function validate(html) {
  const { results } = await validator.validateString(html, 'page.html');
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`),
  );
}

test('the validator catches what it is here for', async () => {
  const found = await validate(
    '<!doctype html><html lang="en"><body><p style="color: red">a<img></p><blurb>b</blurb></html>',
  );
  for (const rule of ['no-inline-style', 'element-required-attributes', 'element-name', 'close-order']) {
    assert.ok(
      found.some((line) => line.includes(`${rule}:`)),
      `${rule} in ${found.join('; ')}`,
    );
  }
});

for (const { path, text, document } of pages) {
  /** @param {string} selector */
  const all = (selector) => [...document.querySelectorAll(selector)];

  test(`${path} is valid HTML`, async () => {
    assert.deepEqual(await validate(text), []);
  });

  test(`${path} uses every id once`, () => {
    const ids = all('[id]').map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id, i) => ids.indexOf(id) !== i),
      [],
    );
  });

  test(`${path} names only ids that it has`, () => {
    const missing = [];
    for (const name of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns']) {
      for (const element of all(`[${name}]`)) {
        for (const id of element.getAttribute(name).split(/\s+/)) {
          if (!hasId(path, id)) missing.push(`${nameOf(element)} ${name}="${id}"`);
        }
      }
    }
    for (const element of all('*')) {
      for (const { name, value } of element.attributes) {
        for (const [, id] of value.matchAll(/url\(["']?#([^"')]+)["']?\)/g)) {
          if (!hasId(path, id)) missing.push(`${nameOf(element)} ${name}="${value}"`);
        }
      }
    }
    assert.deepEqual(missing, []);
  });

  test(`${path} leads only to files and ids that are there`, () => {
    const problems = [];
    for (const element of all('[href], [src], [data], [poster]')) {
      for (const name of ['href', 'src', 'data', 'poster']) {
        const address = element.getAttribute(name);
        if (address === null || isElsewhere(address)) continue;
        const problem = addressProblem(address, path, (file) => files.has(file), hasId);
        if (problem) problems.push(problem);
      }
    }
    const refresh = document.querySelector('meta[http-equiv=refresh]')?.getAttribute('content');
    if (refresh) {
      const address = refresh.replace(/^.*url=/i, '');
      problems.push(addressProblem(address, path, (file) => files.has(file), hasId));
    }
    assert.deepEqual(problems.filter(Boolean), []);
  });

  test(`${path} asks nothing of other sites: their addresses stand only in links to click`, () => {
    const found = [];
    for (const element of all('*')) {
      for (const { name, value } of element.attributes) {
        const isLink = element.localName === 'a' && name === 'href';
        const isNamespace = name === 'xmlns' || name.startsWith('xmlns:');
        if (!isLink && !isNamespace && /(?:https?:|^)\/\//i.test(value))
          found.push(`${nameOf(element)} ${name}="${value}"`);
      }
    }
    assert.deepEqual(found, []);
    for (const link of all('a[href]')) {
      const address = link.getAttribute('href');
      if (isElsewhere(address)) assert.match(address, /^(?:https:\/\/|mailto:)/);
    }
  });

  test(`${path} carries the policy before anything the policy governs`, () => {
    const found = all('meta[http-equiv="Content-Security-Policy"]');
    assert.deepEqual(
      found.map((meta) => meta.getAttribute('content')),
      [policy],
    );
    const head = [...document.head.children];
    const governed = head.findIndex(({ localName }) =>
      ['link', 'script', 'style', 'base'].includes(localName),
    );
    assert.ok(governed < 0 || head.indexOf(found[0]) < governed);
    assert.equal(found[0].parentElement, document.head);
  });

  test(`${path} has nothing that the policy refuses`, () => {
    const scripts = all('script').filter(
      (script) => !script.hasAttribute('src') || script.textContent.trim(),
    );
    const handlers = all('*').filter((element) =>
      element.getAttributeNames().some((name) => /^on/i.test(name)),
    );
    assert.deepEqual(
      [...all('[style], style, base, form, iframe, object, embed'), ...scripts, ...handlers].map(nameOf),
      [],
    );
    assert.deepEqual(
      all('[href], [src]').filter((e) =>
        /^\s*javascript:/i.test(e.getAttribute('href') ?? e.getAttribute('src')),
      ),
      [],
    );
  });

  test(`${path} has a title, a description and a language`, () => {
    assert.ok(document.title.trim().length >= 5);
    const description = document.querySelector('meta[name=description]')?.getAttribute('content') ?? '';
    assert.ok(
      description.length >= 30 && description.length <= 200,
      `description of ${description.length} characters`,
    );
    assert.equal(document.documentElement.lang, 'en');
  });

  test(`${path} has every reference that it cites`, () => {
    const missing = all('cf-cite').filter((cite) => !hasId(path, `ref-${cite.getAttribute('name')}`));
    assert.deepEqual(
      missing.map((cite) => cite.getAttribute('name')),
      [],
    );
  });

  test(`${path} marks only words that the glossary explains`, () => {
    const missing = all('cf-term').filter(
      (term) => !Object.hasOwn(glossary, term.getAttribute('name') ?? ''),
    );
    assert.deepEqual(
      missing.map((term) => term.getAttribute('name')),
      [],
    );
  });

  test(`${path} ties its live values and inputs to figures that it has`, () => {
    for (const element of all('cf-value, cf-scrub')) {
      const id = element.getAttribute('figure');
      const figure = document.getElementById(id ?? '');
      assert.ok(figure, `${nameOf(element)} figure="${id}"`);
      assert.ok(figure.hasAttribute('data-state'), `${id} is a figure that was drawn`);
      assert.ok(element.getAttribute('name'), `${nameOf(element)} of ${id} has a name`);
    }
  });

  test(`${path} has every live value filled in`, () => {
    const empty = all('cf-value, cf-scrub').filter(({ textContent }) => /^[\s–-]*$/.test(textContent));
    assert.deepEqual(
      empty.map((element) => `${element.getAttribute('figure')} ${element.getAttribute('name')}`),
      [],
    );
  });

  test(`${path} has every figure drawn, with digits inside`, () => {
    const tags = new Set(all('[data-state]').map(({ localName }) => localName));
    for (const element of all('figure.cf-figure')) {
      const figure = element.querySelector('[data-state]');
      assert.ok(figure, `${nameOf(element)} holds a figure`);
      assert.ok(element.querySelector('figcaption')?.textContent.trim(), `${nameOf(element)} has a caption`);
    }
    for (const figure of all([...tags].join(',') || 'cf-none')) {
      assert.equal(figure.getAttribute('data-state'), 'prerendered', nameOf(figure));
      assert.match(figure.textContent, /\d/, nameOf(figure));
      assert.ok(figure.id, `${nameOf(figure)} can be linked`);
      assert.equal(figure.querySelector('[role=alert]'), null, nameOf(figure));
    }
  });

  test(`${path} has an id for every question`, () => {
    for (const question of all('cf-question')) {
      assert.ok(question.id);
      assert.ok(question.querySelector('details > summary'), question.id);
    }
  });
}

for (const { path, document } of sources) {
  test(`the source of ${path} holds words and tags only`, () => {
    const handlers = [...document.querySelectorAll('*')].filter((element) =>
      element.getAttributeNames().some((name) => /^on/i.test(name)),
    );
    const found = [
      ...document.querySelectorAll('script, style, [style], link, iframe, object, embed, form'),
      ...handlers,
    ];
    assert.deepEqual(found.map(nameOf), []);
  });

  test(`the source of ${path} has one heading, and no live value with a made-up number`, () => {
    assert.equal(document.querySelectorAll('h1').length, 1);
    const given = [...document.querySelectorAll('cf-value')].filter(
      ({ textContent }) => textContent.trim() !== '–',
    );
    assert.deepEqual(
      given.map((value) => value.outerHTML),
      [],
    );
  });
}

test('style sheets name only files of the site', () => {
  for (const path of files) {
    if (!path.endsWith('.css')) continue;
    const text = readFileSync(join(dist, path), 'utf8');
    assert.doesNotMatch(text, /@import|https?:\/\//, path);
    for (const [, address] of text.matchAll(/url\(\s*["']?([^"')]+)["']?\s*\)/g)) {
      if (address.startsWith('data:')) continue;
      assert.ok(files.has(posix.join(dirname(path), address)), `${path}: ${address}`);
    }
  }
});

test('scripts name only assets that the site has', () => {
  const missing = new Set();
  for (const path of files) {
    if (!path.endsWith('.js')) continue;
    const text = readFileSync(join(dist, path), 'utf8');
    for (const [address] of text.matchAll(/\bassets\/[\w./-]+\.(?:css|js|wasm|svg|woff2|json)\b/g)) {
      if (!files.has(address)) missing.add(address);
    }
  }
  assert.deepEqual([...missing], []);
});

test('scripts name no address of another site but namespaces', () => {
  const found = new Set();
  for (const path of files) {
    if (!/^assets\/(?:pages|embed)\/.*\.js$/.test(path)) continue;
    for (const [address] of readFileSync(join(dist, path), 'utf8').matchAll(/https?:\/\/[\w.-]+/g))
      found.add(address);
  }
  assert.deepEqual(
    [...found].filter((address) => address !== 'http://www.w3.org'),
    [],
  );
});

test('the check of addresses catches a missing file and a missing id', () => {
  const hasFile = (/** @type {string} */ path) =>
    path === 'tutorials/text/a.html' || path === 'assets/site.css';
  const has = (/** @type {string} */ _, /** @type {string} */ id) => id === 'figure';
  const problem = (/** @type {string} */ address) =>
    addressProblem(address, 'tutorials/text/a.html', hasFile, has);
  for (const address of [
    '#figure',
    'a.html',
    'a.html#figure',
    '#figure:heads=2',
    '../../assets/site.css',
    '',
  ]) {
    assert.equal(problem(address), undefined, address);
  }
  assert.match(problem('b.html'), /leads to no file/);
  assert.match(problem('../assets/site.css'), /leads to no file/);
  assert.match(problem('#other'), /leads to no id/);
  assert.match(problem('a.html#other:heads=2'), /leads to no id/);
});
