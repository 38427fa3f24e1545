/** What every page of plans needs of a configuration as text; reading and changing it is config-text.js, which comes later. */

/** More than this is no configuration. */
export const MOST_BYTES = 1_000_000;

export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** The value that a note of the core names as text: a number, true or false where it is one. @param {string} text */
export function valueOf(text) {
  if (NUMBER.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text;
}

/** A configuration as text to change. @param {Record<string, any>} config */
export const writeConfig = (config) => JSON.stringify(config, null, 2);
