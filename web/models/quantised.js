/**
 * What a configuration says of the format its weights were published in, as the format of a plan.
 * Source: https://huggingface.co/docs/transformers/main_classes/quantization
 */

/** Formats by the name of the method, where the name says all. @type {Record<string, string>} */
const BY_NAME = { fp8: 'fp8', fbgemm_fp8: 'fp8', mxfp4: 'mxfp4' };
const BY_BITS = ['gptq', 'awq', 'auto-round'];
const KNOWN = [...Object.keys(BY_NAME), ...BY_BITS, 'bitsandbytes', 'compressed-tensors'];

/** Whole numbers of some bits, in groups or not. @param {unknown} bits @param {unknown} group */
function integers(bits, group) {
  if (bits === 8) return 'int8';
  if (bits !== 4) return undefined;
  return group === 128 ? 'int4-g128' : 'int4';
}

/** @param {Record<string, any>} block @param {string} method */
function formatOf(block, method) {
  if (method in BY_NAME) return BY_NAME[method];
  if (BY_BITS.includes(method)) return integers(block.bits, block.group_size);
  if (method === 'bitsandbytes') {
    if (block.load_in_8bit === true) return 'int8';
    if (block.load_in_4bit !== true || block.bnb_4bit_quant_type !== 'nf4') return undefined;
    return block.bnb_4bit_use_double_quant === true ? 'nf4-dq' : 'nf4';
  }
  if (method === 'compressed-tensors') {
    const { num_bits: bits, type, group_size: group } = block.config_groups?.group_0?.weights ?? {};
    return type === 'float' ? (bits === 8 ? 'fp8' : undefined) : integers(bits, group);
  }
  return undefined;
}

/**
 * @param {Record<string, any>} config
 * @returns {{says: string, format?: string, experts?: boolean} | undefined} what it says in words, and the plan's format where there is one, of
 * the experts alone where attention is left out of it; nothing where it says nothing of the kind
 */
export function quantised({ quantization_config: block }) {
  if (block === undefined || block === null) return undefined;
  if (typeof block !== 'object' || Array.isArray(block))
    return { says: `quantization_config is no object: ${JSON.stringify(block)}` };
  const method = block.quant_method;
  if (typeof method !== 'string' || !method) return { says: 'quantization_config names no quant_method' };
  if (!KNOWN.includes(method))
    return { says: `quantization_config names “${method}”, which is none of ${KNOWN.join(', ')}` };
  const format = formatOf(block, method);
  const kept = Array.isArray(block.modules_to_not_convert) ? block.modules_to_not_convert : [];
  const experts = kept.some((/** @type {unknown} */ one) => /self_attn/.test(String(one)));
  const bits = typeof block.bits === 'number' ? `, ${block.bits} bits` : '';
  return {
    says: `quantization_config says ${method}${bits}${format ? '' : ', which leaves the format open'}${format && experts ? ', of the experts alone' : ''}`,
    format,
    ...(format && experts ? { experts } : {}),
  };
}
