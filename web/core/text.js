const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The options with half characters in their texts replaced by U+FFFD, as every UTF-8 encoder does.
 * @param {Record<string, any>} options
 * @param {string[]} names
 */
export function wellFormed(options, names) {
  const repaired = (/** @type {unknown} */ value) =>
    typeof value === 'string' ? value.replace(LONE_SURROGATE, '\ufffd') : value;
  for (const name of names) {
    const value = options?.[name];
    if (typeof value === 'string') options[name] = repaired(value);
    else if (Array.isArray(value)) options[name] = value.map(repaired);
  }
  return options;
}
