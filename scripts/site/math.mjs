// TeX to HTML and MathML with KaTeX. Pages allow no style attributes, so each distinct one becomes a class.
import katex from 'katex';

const macros = {
  '\\q': '\\htmlClass{cf-role-q}{#1}',
  '\\k': '\\htmlClass{cf-role-k}{#1}',
  '\\v': '\\htmlClass{cf-role-v}{#1}',
  '\\w': '\\htmlClass{cf-role-weights}{#1}',
};

export function createMath() {
  /** @type {Map<string, string>} */
  const classes = new Map();
  const classify = (/** @type {string} */ html) =>
    html.replace(/<([a-z]+)([^<>]*?) style="([^"]*)"([^<>]*)>/g, (_, tag, before, style, after) => {
      const name = classes.get(style) ?? `k${classes.size.toString(36)}`;
      classes.set(style, name);
      const rest = before + after;
      return / class="/.test(rest)
        ? `<${tag}${rest.replace(/ class="/, ` class="${name} `)}>`
        : `<${tag}${rest} class="${name}">`;
    });
  return {
    /** @param {string} tex @param {boolean} displayMode */
    render(tex, displayMode) {
      return classify(
        katex.renderToString(tex, {
          displayMode,
          output: 'htmlAndMathml',
          throwOnError: true,
          strict: 'error',
          trust: ({ command }) => command === '\\htmlClass',
          macros: { ...macros },
          ...{ strict: (/** @type {string} */ code) => (code === 'htmlExtension' ? 'ignore' : 'error') },
        }),
      );
    },
    sheet: () => [...classes].map(([style, name]) => `.katex .${name}{${style}}`).join('\n'),
  };
}
