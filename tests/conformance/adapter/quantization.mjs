/** blocks.json, adapters and quantisation: op -> the core function, its options from a case, and the case's results from its result. */

/** A tensor of one entry where a case has one number for a whole tensor. */
const oneOrMore = (tensor) => (tensor.data.length === 1 ? tensor.data[0] : tensor);
/** A tensor without axes as a number. */
const scalarOrTensor = (tensor) => (tensor.shape.length === 0 ? tensor.data[0] : tensor);
const rowsOf = ({ shape: [rows, width], data }) =>
  Array.from({ length: rows }, (_, row) => Array.from(data.slice(row * width, row * width + width)));

/** What a case calls its granularity, in the core's words. */
/** Weights are [out, in]: an output channel is a row. */
const granularityOf = ({ granularity, group }) =>
  group === undefined
    ? (['tensor', 'row', 'column'].find((name) =>
        granularity.replace(/channel/, 'row').includes(name.slice(0, 3)),
      ) ?? granularity)
    : 'group';

const ggml = (format) => ({
  call: 'quantizeGgml',
  options: ({ params, inputs }) => ({ x: inputs.x, format, block: params.block }),
  result: ({ d, q, dequant }) => ({ d_fp16: oneOrMore(d), q, dequant }),
});

export default {
  lora: {
    call: 'lora',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      weight: inputs.W,
      a: inputs.A,
      b: inputs.B,
      alpha: params.alpha,
      scaling: /sqrt|rs/i.test(params.scaling ?? '') ? 'alpha/sqrt(r)' : 'alpha/r',
    }),
    result: ({ y, merged, base }) => ({ y, W_merged: merged, y_base: base }),
  },

  quant_absmax: {
    call: 'quantizeAbsmax',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      bits: params.bits,
      qmax: params.qmax,
      granularity: granularityOf(params),
      group: params.group,
      rounding: params.rounding,
    }),
    result: ({ scale, q, dequant, mse }) => ({ scale: scalarOrTensor(scale), q, dequant, mse }),
  },

  quant_zeropoint: {
    call: 'quantizeZeroPoint',
    options: ({ params, inputs }) => ({
      x: inputs.x,
      bits: params.bits,
      granularity: granularityOf(params),
      group: params.group,
      range: params.range,
      rounding: params.rounding,
    }),
    result: ({ scale, zeroPoint, q, dequant }) => ({
      scale: scalarOrTensor(scale),
      zero_point: scalarOrTensor(zeroPoint),
      q,
      dequant,
    }),
  },

  ggml_q4_0: ggml('q4_0'),
  ggml_q8_0: ggml('q8_0'),

  float_formats: {
    call: 'floatFormats',
    options: ({ inputs }) => ({ x: inputs.x }),
    result: ({ fp16, bf16, fp32 }) => ({ fp16, bf16, fp32 }),
  },

  bleu: {
    call: 'bleu',
    options: ({ params }) => ({
      hypothesis: params.hypothesis,
      references: params.references,
      maxN: params.max_n,
      tokenizer: params.tokenizer,
    }),
    result: ({ matchTotal, brevityPenalty, bleu, bleuEpsilon, bleuAddOne }) => ({
      match_total: rowsOf(matchTotal),
      brevity_penalty: brevityPenalty,
      bleu,
      'bleu_smooth1_add_eps0.1': bleuEpsilon,
      bleu_smooth2_add1: bleuAddOne,
    }),
  },
};
