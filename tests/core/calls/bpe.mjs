export default {
  bpeTrain: { text: 'low low lower lowest', merges: 5, minFrequency: 2, pretokenizer: 'gpt2' },
  bpeEncode: {
    text: 'slow flow',
    merges: [
      { left: 108, right: 111 },
      { left: 256, right: 119 },
    ],
    pretokenizer: 'gpt2',
    steps: true,
  },
  bpeDecode: {
    ids: [115, 257],
    merges: [
      { left: 108, right: 111 },
      { left: 256, right: 119 },
    ],
  },
  bleu: {
    hypothesis: 'the cat sat on the mat',
    references: ['the cat is on the mat', 'a cat sat there'],
    maxN: 3,
    tokenizer: '13a',
    lowercase: true,
    epsilon: 0.1,
    trace: true,
  },
  editDistance: {
    source: 'kitten',
    target: 'sitting',
    unit: 'characters',
    insertionCost: 1,
    deletionCost: 1,
    substitutionCost: 2,
  },
};
