// The reference: a page for each module of the JavaScript interface, made from its declarations, and a map of all functions.
import { membersOf, readDeclarations } from './declarations.mjs';
import { SHAPE, blocks, codeBlock, escape, inline, prose, sources } from './prose.mjs';

/** @typedef {import('./declarations.mjs').Declarations} Declarations */
/** @typedef {import('./declarations.mjs').Member} Member */
/** @typedef {import('./prose.mjs').Find} Find */
/** @typedef {{name: string, id: string, call: string, member: Member, code: boolean}} Entry */
/** @typedef {{name: string, doc: string, entries: Entry[]}} Module */

const FOLDER = 'tutorials/reference';
/** From the words to the whole models; a module that is not named here comes after them. */
const ORDER =
  'core text bpe operations positions attention heads blocks moe gpt train gradients decoding sampling quantization images vision windows diffusion'.split(
    ' ',
  );

// -- What there is --------------------------------------------------------------------------------------------------------------

/** @param {Declarations} declarations @returns {Module[]} */
function modulesOf(declarations) {
  const { interfaces, functions, modules } = declarations;
  const entriesOf = (/** @type {string} */ name, /** @type {string} */ before) =>
    (interfaces.get(name)?.own ?? []).map((member) => ({
      name: member.name,
      id: before === 'core' ? member.name : `${before}-${member.name}`,
      call: `${before}.${member.name}`,
      member,
      code: true,
    }));
  const place = (/** @type {string} */ name) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
  return ['core', ...modules]
    .sort((a, b) => place(a) - place(b))
    .map((name) => {
      if (name === 'core') {
        const loads = functions.map((member) => ({
          name: member.name,
          id: member.name,
          call: member.name,
          member,
          code: true,
        }));
        const entries = [...loads, ...entriesOf('Core', 'core'), ...entriesOf('Trace', 'trace')];
        return {
          name,
          doc: 'Loading the core, asking what it holds, and opening a recorded computation: what every module shares.',
          entries,
        };
      }
      const group = `${name[0].toUpperCase()}${name.slice(1)}Functions`;
      return { name, doc: interfaces.get(group)?.doc ?? '', entries: entriesOf(group, 'core') };
    });
}

/** The sentences of a paragraph. @param {string} text */
const sentences = (text) => text.split(/(?<=[.!?]\)?) (?=[A-Z`√])/);

/**
 * A comment's parts: the description, what it says of traces, the edges, the errors.
 * @param {string} doc
 */
export function partsOf(doc) {
  /** @type {{about: string[], trace: string[], edges: string[], errors: string[]}} */
  const parts = { about: [], trace: [], edges: [], errors: [] };
  for (const { kind, lines } of blocks(doc)) {
    if (kind !== 'text') {
      parts.about.push(
        kind === 'list' ? lines.map((line) => `- ${line}`).join('\n') : ['```', ...lines, '```'].join('\n'),
      );
      continue;
    }
    const text = lines.join(' ');
    /** @type {keyof typeof parts} */
    let part = 'about';
    /** @type {typeof parts} */
    const here = { about: [], trace: [], edges: [], errors: [] };
    if (/^Edges\b/.test(text)) part = 'edges';
    for (const sentence of sentences(text.replace(/^Edges: /, ''))) {
      if (/^(?:RangeError|TypeError|Rejects|The same errors|Edges and errors)\b/.test(sentence))
        part = 'errors';
      else if (/^(?:With `trace`|The trace['’]s tensors|Dispose the trace)/.test(sentence)) part = 'trace';
      here[part].push(sentence);
    }
    for (const [name, found] of Object.entries(here)) {
      if (found.length) parts[/** @type {keyof typeof parts} */ (name)].push(capital(found.join(' ')));
    }
  }
  return parts;
}

const breakable = (/** @type {string} */ text) => escape(text).replace(/_/g, '_<wbr>');

const capital = (/** @type {string} */ text) =>
  /^[a-z][a-z]* ?/.test(text) && !/^[a-z]+[A-Z_]/.test(text) && !/^[a-z] /.test(text)
    ? text[0].toUpperCase() + text.slice(1)
    : text;

const LINE = 110; // characters
const FORMULA = /[=Σ√^(]| \/ /;

/** Parts between `mark`s that stand in no bracket. @param {string} text @param {string} mark */
function split(text, mark) {
  const parts = [''];
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    if ('([{'.includes(text[i])) depth += 1;
    if (')]}'.includes(text[i])) depth -= 1;
    if (depth === 0 && text.startsWith(mark, i)) {
      parts.push('');
      i += mark.length - 1;
    } else parts[parts.length - 1] += text[i];
  }
  return parts;
}

/** The clauses of a sentence up to the first formula, as far as they fit. @param {string} text @param {number} [room] */
function opening(text, room = LINE) {
  const [first, ...others] = split(text, ', ');
  const end = others.findIndex((clause) => FORMULA.test(clause));
  const kept = [first, ...others.slice(0, end < 0 ? others.length : end)];
  while (kept.length > 1 && kept.join(', ').length > room) kept.pop();
  return kept.join(', ').replace(/,? (?:and|with|where|that)$/, '');
}

/** One line that says what a function does: the first sentence without its sources, up to its formula. @param {string} doc */
export function summaryOf(doc) {
  const [sentence = ''] = sentences(partsOf(doc).about[0] ?? doc.replace(/\s+/g, ' '));
  // Brackets with words in them; those of a formula begin with a digit or follow an operator.
  const words = sentence.replace(/(?<![-/·*+=√^]) \((?!\d+ [-+])[^()]*\)/g, '').replace(/[.:;,]$/, '');
  const [topic, ...rest] = split(split(words, '; ')[0], ': ');
  if (topic.length > 24 || rest.length === 0) return opening(topic);
  const more = opening(rest[0], LINE - topic.length);
  return FORMULA.test(more) || more.length + topic.length > LINE ? topic : `${topic}: ${more}`;
}

/**
 * What the comment of an option or a result says: its shape, its default, and the rest.
 * @param {string} doc
 */
export function fieldOf(doc) {
  let meaning = doc;
  let shape = '';
  const start = new RegExp(`^(?:(\\S{1,3}) )?(${SHAPE})(?: \\(([^()]*)\\))?`, 'u').exec(meaning);
  if (start) {
    shape = start[2];
    const symbol = start[1] ? `${start[1]}. ` : '';
    const bracket = start[3] ? `(${start[3]})` : '';
    meaning = `${symbol}${bracket}${meaning.slice(start[0].length)}`.replace(/^([^\n]*?\. |)[;:,.]\s*/, '$1');
  }
  let given = '';
  const clause = /(^|[.;,:] )[Dd]efault:? ((?:[^.;\n]|\.(?=[\d.]))+)(?:\.(?= |\n|$)|;|$)/.exec(meaning);
  if (clause && clause[2].length <= 28 && !/^(?:of|from|and|or)\b/.test(clause[2])) {
    given = clause[2].trim();
    meaning = meaning.replace(clause[0], clause[1].startsWith('.') ? '.' : '');
  }
  given ||= /(`[^`]+`) \(the default\)/.exec(meaning)?.[1] ?? '';
  return { shape, given, meaning: capital(meaning.trim().replace(/^[.;,:]\s*/, '')) };
}

// -- How it is written ----------------------------------------------------------------------------------------------------------

/** @param {string} root @returns {import('./page.mjs').Page[]} every page of the reference, as source */
export function referencePages(root) {
  const declarations = readDeclarations(root);
  const { interfaces, aliases } = declarations;
  const modules = modulesOf(declarations);
  /** Where each function, and each shared type, is told. @type {Map<string, string>} */
  const places = new Map();
  for (const { name, entries } of modules) {
    for (const entry of entries)
      if (!entry.call.startsWith('trace.')) places.set(entry.name, `${name}.html#${entry.id}`);
  }
  for (const name of [...aliases.keys(), 'Tensor', 'Trace']) places.set(name, `core.html#${name}`);

  /** @param {string} page @param {string} [self] @returns {Find} */
  const finder = (page, self) => (/** @type {string} */ name) => {
    if (name === self) return undefined;
    return places.get(name)?.replace(`${page}.html#`, '#');
  };

  /** A type in words of TypeScript, its named parts linked. @param {string} text @param {Find} find */
  const typeHtml = (text, find) => {
    if (isUnion(text)) return '<code>string</code>';
    const html = escape(text)
      .replace('&lt;', '<wbr>&lt;')
      .replace(/\b[A-Z]\w+/g, (name) => {
        const address = aliases.has(name) || name === 'Tensor' || name === 'Trace' ? find(name) : undefined;
        return address ? `<a href="${address}">${name}</a>` : name.replace(/(?<=[a-z])(?=[A-Z])/g, '<wbr>');
      });
    return `<code>${html}</code>`;
  };
  const isUnion = (/** @type {string} */ text) => /^'[^']*'(?: \| '[^']*')+$/.test(text);

  /** The interface whose members are shown below an option of this type. @param {string} type */
  const nested = (type) => {
    const name = type.replace(/\[\]$/, '');
    return interfaces.has(name) && !['Tensor', 'Trace'].includes(name) ? name : undefined;
  };

  /** A member and, below it, the members of what it holds. @param {Member[]} members @param {string} path @param {string[]} above @returns {{member: Member, path: string, depth: number}[]} */
  const rowsOf = (members, path = '', above = []) =>
    members.flatMap((member) => {
      const row = { member, path, depth: above.length };
      const inner = nested(member.type);
      if (!inner || above.includes(inner)) return [row];
      const here = `${path}${member.name}${member.type.endsWith('[]') ? '[]' : ''}.`;
      return [row, ...rowsOf(ordered(inner), here, [...above, inner])];
    });
  const ordered = (/** @type {string} */ name) => {
    const members = membersOf(declarations, name);
    return [...members.filter(({ optional }) => !optional), ...members.filter(({ optional }) => optional)];
  };

  /** Values of code are set as code, words as words. @param {Member} member @param {string} given @param {Find} find */
  const defaultHtml = ({ type }, given, find) =>
    /^(?:-?[\d.]+(?:e-?\d+)?|true|false)$/.test(given) || (isUnion(type) && /^[\w+]+$/.test(given))
      ? `<code>${breakable(given)}</code>`
      : inline(given, find).replace(
          /<code>([^<]*)<\/code>/g,
          (_, code) => `<code>${code.replace(/_/g, '_<wbr>')}</code>`,
        );

  /** The values of a union of strings, unless the comment tells each of them. @param {Member} member */
  const valuesHtml = ({ type, doc }) => {
    const values = isUnion(type) ? type.split(' | ').map((value) => value.slice(1, -1)) : [];
    const told = values.every((value) => doc.includes(`\`${value}\``));
    return told
      ? ''
      : `<p>One of ${values.map((value) => `<code>${breakable(`'${value}'`)}</code>`).join(', ')}.</p>`;
  };

  /** @param {'Options' | 'Results'} what @param {Member[]} members @param {Find} find */
  function table(what, members, find) {
    const isOptions = what === 'Options';
    const fields = rowsOf(members).map((row) => ({ ...row, ...fieldOf(row.member.doc) }));
    const shapes = fields.some(({ shape }) => shape);
    const heads = [
      'Name',
      'Type',
      ...(isOptions ? ['Default'] : []),
      ...(shapes ? ['Shape'] : []),
      'Meaning',
    ];
    const rows = fields.map(({ member, path, depth, shape, given, meaning }) => {
      const need = given
        ? `<span class="cf-label">default </span>${defaultHtml(member, given, find)}`
        : member.optional
          ? 'optional'
          : '<b>required</b>';
      const inner = nested(member.type);
      const told = (inner && interfaces.get(inner)?.doc) ?? '';
      const isLong = told.includes('\n- ');
      const about = member.doc || isLong ? '' : prose(told, find);
      const maybe = !isOptions && member.optional && !member.doc ? '<p>Not always there.</p>' : '';
      const name = `${path ? `<span class="cf-path">${escape(path)}</span><wbr>` : ''}${escape(member.name)}`;
      const cells = [
        `<th scope="row"${depth ? ` class="cf-depth-${Math.min(depth, 3)}"` : ''}><code>${name}</code></th>`,
        `<td>${typeHtml(member.type, find)}</td>`,
        ...(isOptions ? [`<td>${need}</td>`] : []),
        ...(shapes ? [`<td>${shape ? `<code>${escape(shape)}</code>` : ''}</td>`] : []),
        `<td>${prose(meaning, find)}${valuesHtml(member)}${about}${maybe}</td>`,
      ];
      const long = isLong ? `<tr><td colspan="${heads.length}">${prose(told, find)}</td></tr>` : '';
      return `<tr>${cells.join('')}</tr>${long}`;
    });
    return `<h3>${what}</h3>
<table class="cf-fields"><thead><tr>${heads.map((head) => `<th scope="col" class="cf-col-${head.toLowerCase()}">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
  }

  /** @param {Entry} entry */
  function signature({ call, member }) {
    const list = (/** @type {string} */ name) => {
      const names = ordered(name).map(({ name: one, optional }) => (optional ? `${one}?` : one));
      return names.length ? `{ ${names.join(', ')} }` : '{}';
    };
    const given = member.parameter ? list(member.parameter) : '';
    const result = member.result ?? 'void';
    const shown = interfaces.has(result) && !['Core', 'Tensor'].includes(result) ? list(result) : result;
    return `<pre class="cf-signature"><code><b>${escape(call)}</b>(${escape(given)}) → ${escape(shown)}</code></pre>`;
  }

  /** @param {Entry} entry @param {Module} module */
  function section(entry, module) {
    const { member, id, call } = entry;
    const find = finder(module.name, entry.name);
    const { about, trace, edges, errors } = partsOf(member.doc);
    const cited = sources([...about, ...edges].join('\n\n'));
    const facts = [
      ['Edges', edges.map((text) => `<p>${inline(text, find)}</p>`)],
      ['Errors', errors.map((text) => `<p>${inline(text, find)}</p>`)],
      ['Trace', trace.map((text) => `<p>${inline(text, find)}</p>`)],
      ['Source', cited.length ? [`<p>${cited.map((one) => inline(one, find)).join('; ')}</p>`] : []],
    ].filter(([, told]) => told.length);
    const result = member.result ?? 'void';
    const inner = result.replace(/\[\]$/, '');
    const results = interfaces.has(inner) && !['Core', 'Tensor', 'Trace'].includes(inner);
    const title = call.startsWith('trace.') ? call : entry.name;
    return `<section class="cf-function" aria-labelledby="${id}">
<h2 id="${id}"><a href="#${id}"><code>${escape(title)}</code></a></h2>
${signature(entry)}
${prose(about.join('\n\n'), find)}
${member.example ? `<h3>Example</h3>\n${codeBlock(member.example)}` : ''}
${member.parameter && ordered(member.parameter).length ? table('Options', ordered(member.parameter), find) : ''}
${results ? table('Results', ordered(inner), find) : ''}
${facts.length ? `<dl class="cf-facts">${facts.map(([name, told]) => `<div><dt>${name}</dt><dd>${/** @type {string[]} */ (told).join('')}</dd></div>`).join('')}</dl>` : ''}
<p class="cf-up"><a href="#functions">All functions of ${module.name}</a></p>
</section>`;
  }

  /** @param {Module} module @param {string} page where the list stands */
  const list = (module, page) =>
    `<ul class="cf-map">${module.entries
      .map(({ id, name, call, member }) => {
        const address = page === module.name ? `#${id}` : `${module.name}.html#${id}`;
        return `<li><a href="${address}"><code>${call.startsWith('trace.') ? call : name}</code></a> <span>${inline(summaryOf(member.doc))}</span></li>`;
      })
      .join('\n')}</ul>`;

  const contents = (/** @type {[string, string][]} */ links) =>
    `<nav class="cf-contents cf-contents-long" aria-label="On this page"><p>On this page</p><ol>${links
      .map(([id, label]) => `<li><a href="#${id}">${label}</a></li>`)
      .join('')}</ol></nav>`;

  /** @param {string} title @param {string} description @param {string} body @param {[string, string][]} links */
  const source = (title, description, body, links) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><meta name="description" content="${escape(description)}"></head>
<body><main>${contents(links)}<article class="cf-reference">${body}</article></main></body></html>`;

  const total = modules.reduce((sum, { entries }) => sum + entries.length, 0);
  const count = (/** @type {number} */ n) => `${n} function${n === 1 ? '' : 's'}`;

  const shared = () => {
    const find = finder('core');
    const named = [...aliases.values()].map(
      ({ name, doc, text }) =>
        `<h3 id="${name}"><code>${name}</code></h3>\n${prose(doc, find)}\n<pre class="cf-signature"><code>${escape(split(text, ' | ').join('\n| '))}</code></pre>`,
    );
    const tensor = interfaces.get('Tensor');
    const trace = interfaces.get('Trace');
    return `<section aria-labelledby="types"><h2 id="types">Types that every module uses</h2>
<h3 id="Tensor"><code>Tensor</code></h3>
${prose(tensor?.doc ?? '', find)}
<pre class="cf-signature"><code>{ ${(tensor?.own ?? []).map(({ name, type }) => `${name}: ${escape(type)}`).join(', ')} }</code></pre>
${named.join('\n')}
<h3 id="Trace"><code>Trace</code></h3>
${prose(trace?.doc ?? '', find)}
${trace?.example ? codeBlock(trace.example) : ''}
<p>Its methods are <a href="#trace-tensors"><code>trace.tensors</code></a> and those after it.</p>
</section>`;
  };

  const pages = modules.map((module, i) => {
    const { name, doc, entries } = module;
    const about = blocks(doc)[0]?.lines.join(' ') ?? '';
    const body = `<p class="cf-series"><a href="index.html">JavaScript reference</a>, module ${i + 1} of ${modules.length} · ${count(entries.length)}</p>
<h1>${name}</h1>
<div class="lede">${prose(doc, finder(name))}</div>
<h2 id="functions">Functions</h2>
${list(module, name)}
<p class="cf-hint">In the examples <code>core</code> is <code>await load()</code>; what stands below a line is what it gives, rounded to four decimals. Every example is run as a test.</p>
${entries.map((entry) => section(entry, module)).join('\n')}
${name === 'core' ? shared() : ''}`;
    /** @type {[string, string][]} */
    const links = entries.map((entry) => [
      entry.id,
      `<code>${entry.call.startsWith('trace.') ? entry.call : entry.name}</code>`,
    ]);
    const description = `${about} Reference of the module ${name}: ${count(entries.length)} with shapes, edges, errors and examples.`;
    return {
      path: `${FOLDER}/${name}.html`,
      title: name,
      html: source(
        `${name}: the reference of Clearformer`,
        description.length <= 200
          ? description
          : `Reference of the module ${name}: ${count(entries.length)} with their options, results, shapes, edges, errors, sources and examples.`,
        body,
        [...links, ...(name === 'core' ? [/** @type {[string, string]} */ (['types', 'Types'])] : [])],
      ),
    };
  });

  const start = startOf(declarations.header, finder('index'));
  const index = {
    path: `${FOLDER}/index.html`,
    title: 'Reference',
    html: source(
      'The reference of Clearformer: every function of the core',
      `All ${count(total)} of Clearformer’s core in JavaScript, by module, and how to start in five minutes.`,
      `<p class="cf-series">JavaScript reference · ${count(total)} in ${modules.length} modules</p>
<h1>Reference</h1>
${start.html}
<h2 id="functions">All functions</h2>
${modules
  .map(
    (module) =>
      `<section aria-labelledby="module-${module.name}"><h3 id="module-${module.name}"><a href="${module.name}.html">${module.name}</a></h3>\n${prose(blocks(module.doc)[0]?.lines.join(' ') ?? '', finder('index'))}\n${list(module, 'index')}</section>`,
  )
  .join('\n')}`,
      [
        ...start.links,
        /** @type {[string, string]} */ (['functions', 'All functions']),
        ...modules.map(({ name }) => /** @type {[string, string]} */ ([`module-${name}`, name])),
      ],
    ),
  };
  return [index, ...pages].map((page, order) => ({
    ...page,
    series: 'reference',
    order,
    script: 'assets/pages/reference.js',
  }));
}

/** The five-minute start, from the comment at the head of core.d.ts. @param {string} header @param {Find} find */
function startOf(header, find) {
  /** @type {Record<string, string>} */
  const told = {};
  let name = 'first';
  for (const { kind, lines } of blocks(header)) {
    const text = kind === 'code' ? ['```', ...lines, '```'].join('\n') : lines.join(' ');
    const topic = /^\*\*(\w+)\.?\*\*\s*/.exec(text);
    if (topic) name = topic[1].toLowerCase();
    told[name] = `${told[name] ? `${told[name]}\n\n` : ''}${topic ? text.replace(/\*\*/g, '') : text}`;
  }
  const section = (/** @type {string} */ key) =>
    prose((told[key] ?? '').replace(/^(Precision|Errors)\. /, ''), find);
  const html = `<div class="cf-opening">${section('first')}</div>
<h2 id="node">In Node</h2>
<p>The package needs Node 20.19 or later. After <code>./scripts/serve</code> or <code>./scripts/test</code> has built once, a module in the project’s folder has it under its name. As <code>try.mjs</code>, run with <code>node try.mjs</code>:</p>
${codeBlock("import { load } from 'clearformer';\nconst core = await load();\nconst { weights } = await core.attention({ q: [[[1, 0]]], k: [[[1, 0], [0, 1]]], v: [[[10], [20]]] });\nconsole.log(weights.shape, weights.data);")}
<p>TypeScript finds the types by itself. <a href="core.html#load"><code>load</code></a> tells the options.</p>
<h2 id="page">On a page</h2>
<p>A script of this site has the same <code>load</code> from <code>web/core/index.js</code>, and the build bundles it. The core then runs in a worker, so that the page stays responsive, or on the page’s own thread; it also works from disk.</p>
${codeBlock("import { load } from '../core/index.js';\nconst core = await load({ thread: 'worker' });")}
<h2 id="shapes">Shapes</h2>
${section('shapes')}
<p>A tensor goes in as nested arrays, as a typed array, or as <code>{ shape, data }</code>, and comes out as <code>{ shape, data }</code>, row after row:</p>
${codeBlock('const { y } = await core.matmul({ a: [[1, 2], [3, 4]], b: { shape: [2, 1], data: [1, 10] } });\ny.shape; // => [2, 1]\ny.data; // => [21, 43]')}
<h2 id="precision">Precision</h2>
${section('precision')}
<h2 id="errors">Errors</h2>
${section('errors')}`;
  /** @type {[string, string][]} */
  const links = [
    ['node', 'In Node'],
    ['page', 'On a page'],
    ['shapes', 'Shapes'],
    ['precision', 'Precision'],
    ['errors', 'Errors'],
  ];
  return { html, links };
}
