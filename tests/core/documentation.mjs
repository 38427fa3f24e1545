import { readFileSync, readdirSync } from 'node:fs';
import ts from 'typescript';

/** core.d.ts itself, and one file for each module. */
export const file = new URL('../../web/core/core.d.ts', import.meta.url);
const folder = new URL('../../web/core/api/', import.meta.url);
const files = [file, ...readdirSync(folder).map((name) => new URL(name, folder))];
const sources = files.map((path) =>
  ts.createSourceFile(path.pathname, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true),
);

/**
 * @typedef {{name: string, optional: boolean, type: string, doc: string, example?: string, parameter?: string, result?: string}} Member
 * @typedef {{name: string, doc: string, example?: string, bases: string[], own: Member[]}} Interface
 */

function commentOf(node) {
  const parts = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const doc = parts.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join('\n');
  const tag = parts.flatMap(({ tags }) => tags ?? []).find(({ tagName }) => tagName.text === 'example');
  return { doc, example: tag && ts.getTextOfJSDocComment(tag.comment) };
}

const typeText = (node) => (node ? node.getText().replace(/\s+/g, ' ') : 'void');
const promised = (text) => /^Promise<(.*)>$/.exec(text)?.[1] ?? text;

/** @returns {Member} */
const memberOf = (member) => ({
  name: member.name.getText(),
  optional: member.questionToken !== undefined,
  type: typeText(member.type),
  ...commentOf(member),
  ...(ts.isMethodSignature(member) && {
    parameter: member.parameters.length ? typeText(member.parameters[0].type) : undefined,
    result: promised(typeText(member.type)),
  }),
});

/** @type {Map<string, Interface>} */
const interfaces = new Map();
/** Functions exported beside the interfaces. @type {{name: string, doc: string, example?: string}[]} */
const exportedFunctions = [];

for (const statement of sources.flatMap(({ statements }) => [...statements])) {
  if (ts.isInterfaceDeclaration(statement)) {
    interfaces.set(statement.name.text, {
      name: statement.name.text,
      ...commentOf(statement),
      bases: (statement.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText())),
      own: statement.members.map(memberOf),
    });
  } else if (ts.isFunctionDeclaration(statement) && statement.name) {
    exportedFunctions.push({ name: statement.name.text, ...commentOf(statement) });
  }
}

/** An interface's members, those of the interfaces it extends first. @param {string} name @returns {Member[]} */
export function membersOf(name) {
  const found = interfaces.get(name);
  if (!found) throw new Error(`core.d.ts has no interface ${name}`);
  return [...found.bases.flatMap(membersOf), ...found.own];
}

/** Every example with the name of what it shows. */
export const examples = [
  ...exportedFunctions,
  ...[...interfaces.values()].flatMap((one) => [
    one,
    ...one.own.map((member) => ({ ...member, name: `${one.name}.${member.name}` })),
  ]),
].flatMap(({ name, example }) => (example ? [{ name, code: example }] : []));
