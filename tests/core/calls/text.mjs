export default {
  tokenize: { text: 'the cat sat' },
  detokenize: { ids: [] },
  attentionLayer: {
    tokens: [3, 1, 3, 2],
    dModel: 8,
    heads: 2,
    seed: 5,
    causal: true,
    valid: [1, 1, 1, 0],
    scaled: true,
    temperature: 1.5,
    rope: true,
    theta: 100,
    overrides: [{ tensor: 'q', index: [0, 0, 0], value: 0.5 }],
  },
  cachedDecode: { tokens: [3, 1, 3, 2], dModel: 8, heads: 2 },
};
