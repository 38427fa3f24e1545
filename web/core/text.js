const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The options with half characters in their texts replaced by U+FFFD, as every UTF-8 encoder does.
 * @param {Record<string, any>} options
 * @param {string[]} names
 */
export function wellFormed(options, names) {
  for (const name of names) {
    if (typeof options?.[name] === 'string') options[name] = options[name].replace(LONE_SURROGATE, '\ufffd');
  }
  return options;
}
