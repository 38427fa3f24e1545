// The declarations of the JavaScript interface, read with the TypeScript compiler: interfaces, type aliases, functions, doc comments.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/**
 * @typedef {{doc: string, example?: string}} Comment
 * @typedef {Comment & {name: string, optional: boolean, type: string, parameter?: string, optionalParameter?: boolean, result?: string}} Member
 * @typedef {Comment & {name: string, file: string, bases: string[], own: Member[]}} Interface
 * @typedef {Comment & {name: string, text: string}} Alias
 * @typedef {{header: string, interfaces: Map<string, Interface>, aliases: Map<string, Alias>, functions: Member[], modules: string[]}} Declarations
 */

const blocksOf = (/** @type {ts.Node} */ node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);

/** @param {ts.Node} node @returns {Comment} of the comment that stands nearest */
function commentOf(node) {
  const block = blocksOf(node).at(-1);
  const tag = block?.tags?.find(({ tagName }) => tagName.text === 'example');
  return {
    doc: ts.getTextOfJSDocComment(block?.comment) ?? '',
    ...(tag && { example: ts.getTextOfJSDocComment(tag.comment) }),
  };
}

/** A comment that stands before another one is about the file. @param {string} text @param {ts.Statement} statement */
function headerAbove(text, statement) {
  const above = (ts.getLeadingCommentRanges(text, statement.pos) ?? []).map(({ pos, end }) =>
    text.slice(pos, end),
  );
  return above.length > 1 && above[0].startsWith('/**')
    ? above[0].replace(/^\/\*\*\s*|\s*\*\/$/g, '').replace(/^[ \t]*\* ?/gm, '')
    : '';
}

const typeText = (/** @type {ts.Node | undefined} */ node) =>
  node ? node.getText().replace(/\s+/g, ' ').replace(/^\| /, '') : 'void';
const promised = (/** @type {string} */ text) => /^Promise<(.*)>$/.exec(text)?.[1] ?? text;

/** @param {ts.MethodSignature | ts.FunctionDeclaration} node */
function signatureOf(node) {
  const parameter = node.parameters[0];
  return {
    ...(parameter && { parameter: typeText(parameter.type) }),
    optionalParameter: parameter?.questionToken !== undefined,
    result: promised(typeText(node.type)),
  };
}

/** @param {ts.TypeElement} node @returns {Member} */
const memberOf = (node) => ({
  name: node.name?.getText() ?? '',
  optional: node.questionToken !== undefined,
  type: typeText(/** @type {ts.PropertySignature} */ (node).type),
  ...commentOf(node),
  ...(ts.isMethodSignature(node) && signatureOf(node)),
});

/** @param {string} root @returns {Declarations} of core.d.ts and of one file for each module */
export function readDeclarations(root) {
  const folder = join(root, 'web/core');
  const modules = readdirSync(join(folder, 'api'))
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => name.replace(/\.d\.ts$/, ''))
    .sort();
  /** @type {Declarations} */
  const found = { header: '', interfaces: new Map(), aliases: new Map(), functions: [], modules };
  for (const file of ['core', ...modules]) {
    const path = join(folder, file === 'core' ? 'core.d.ts' : `api/${file}.d.ts`);
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
    for (const statement of source.statements) {
      found.header ||= file === 'core' ? headerAbove(source.text, statement) : '';
      if (ts.isInterfaceDeclaration(statement)) {
        const name = statement.name.text;
        const bases = (statement.heritageClauses ?? []).flatMap(({ types }) =>
          types.map((one) => one.getText()),
        );
        const own = statement.members.map(memberOf);
        found.interfaces.set(name, { name, file, bases, own, ...commentOf(statement) });
      } else if (ts.isTypeAliasDeclaration(statement)) {
        const name = statement.name.text;
        found.aliases.set(name, { name, text: typeText(statement.type), ...commentOf(statement) });
      } else if (ts.isFunctionDeclaration(statement) && statement.name) {
        const name = statement.name.text;
        found.functions.push({
          name,
          optional: false,
          type: 'function',
          ...commentOf(statement),
          ...signatureOf(statement),
        });
      }
    }
  }
  return found;
}

/**
 * An interface's members, its own first, then those of the interfaces it extends.
 * @param {Declarations} declarations @param {string} name @returns {Member[]}
 */
export function membersOf(declarations, name) {
  const found = declarations.interfaces.get(name);
  if (!found) throw new Error(`reference: there is no interface ${name}`);
  const inherited = found.bases.flatMap((base) => membersOf(declarations, base));
  const names = new Set(found.own.map((member) => member.name));
  return [...found.own, ...inherited.filter((member) => !names.has(member.name))];
}
