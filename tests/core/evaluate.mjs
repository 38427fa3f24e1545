/**
 * An evaluator of step expressions for the tests, written without a look at the core's own: the expression becomes postfix by
 * Dijkstra's shunting yard, and that is run on a stack of vectors (a scalar is a vector of one entry).
 */
const functions = {
  sum: (x) => [x.reduce((total, value) => total + value, 0)],
  max: (x) => [x.reduce((most, value) => Math.max(most, value), -Infinity)],
  min: (x) => [x.reduce((least, value) => Math.min(least, value), Infinity)],
  exp: (x) => x.map(Math.exp),
  log: (x) => x.map(Math.log),
  sqrt: (x) => x.map(Math.sqrt),
  tanh: (x) => x.map(Math.tanh),
  sin: (x) => x.map(Math.sin),
  cos: (x) => x.map(Math.cos),
  abs: (x) => x.map(Math.abs),
  floor: (x) => x.map(Math.floor),
};

const binary = {
  '+': { precedence: 1, of: (a, b) => a + b },
  '-': { precedence: 1, of: (a, b) => a - b },
  '*': { precedence: 2, of: (a, b) => a * b },
  '/': { precedence: 2, of: (a, b) => a / b },
};
const NEGATE = 'negate';
const precedenceOf = (operator) => (operator === NEGATE ? 3 : binary[operator].precedence);

function broadcast(a, b, of) {
  if (a.length !== b.length && a.length !== 1 && b.length !== 1) {
    throw new Error(`vectors of ${a.length} and ${b.length} entries do not combine`);
  }
  const at = (x, i) => x[x.length === 1 ? 0 : i];
  return Array.from({ length: a.length === 1 ? b.length : a.length }, (_, i) => of(at(a, i), at(b, i)));
}

/** @param {string} text @returns {string[]} */
function postfix(text) {
  const tokens = text.match(/\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[A-Za-z_]\w*|\S/g) ?? [];
  const output = [];
  const waiting = [];
  let previous;
  for (const [i, token] of tokens.entries()) {
    if (/^[\d.]/.test(token)) output.push(token);
    else if (/^\w/.test(token)) {
      if (tokens[i + 1] === '(') waiting.push(token);
      else output.push(token);
    } else if (token === '(') waiting.push(token);
    else if (token === ')') {
      while (waiting.at(-1) !== '(') {
        if (waiting.length === 0) throw new Error(`unbalanced ) in ${text}`);
        output.push(waiting.pop());
      }
      waiting.pop();
      if (waiting.length && waiting.at(-1) in functions) output.push(waiting.pop());
    } else if (token === '-' && (previous === undefined || previous === '(' || previous in binary)) {
      waiting.push(NEGATE);
    } else if (token in binary) {
      const binds = (operator) => operator === NEGATE || operator in binary;
      while (waiting.length && binds(waiting.at(-1)) && precedenceOf(waiting.at(-1)) >= precedenceOf(token)) {
        output.push(waiting.pop());
      }
      waiting.push(token);
    } else throw new Error(`unexpected ${token} in ${text}`);
    previous = token;
  }
  while (waiting.length) {
    if (waiting.at(-1) === '(') throw new Error(`unbalanced ( in ${text}`);
    output.push(waiting.pop());
  }
  return output;
}

/**
 * @param {string} expression
 * @param {Map<string, number[]>} symbols
 * @returns {number[]}
 */
export function evaluate(expression, symbols) {
  const stack = [];
  for (const token of postfix(expression)) {
    if (token === NEGATE) stack.push(stack.pop().map((value) => -value));
    else if (token in binary) {
      const b = stack.pop();
      const a = stack.pop();
      if (!a || !b) throw new Error(`an operand is missing in ${expression}`);
      stack.push(broadcast(a, b, binary[token].of));
    } else if (symbols.has(token)) stack.push(symbols.get(token));
    else if (token in functions) stack.push(functions[token](stack.pop()));
    else if (/^[\d.]/.test(token)) stack.push([Number(token)]);
    else throw new Error(`unknown symbol ${token} in ${expression}`);
  }
  if (stack.length !== 1) throw new Error(`${expression} is not one expression`);
  return stack[0];
}
