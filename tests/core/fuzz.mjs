/**
 * Seeded random calls of every function of the core. Each starts from the function's sample call, changes a few of its options
 * through the descriptions of their fields, and is judged: a call resolves to finite numbers, or rejects with a sentence.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { calls, isTensor, release } from './calls.mjs';
import { seeded } from './random.mjs';

/** Functions that belong to a handle: called as its methods, on a handle that a sample call makes. */
const OWNERS = { trace: /^trace[A-Z]/, cache: /^cache[A-Z]/, plan: /^plan[A-Z]/ };
const ownerOf = (name) => Object.keys(OWNERS).find((kind) => OWNERS[kind].test(name));
const methodOf = (name, kind) => name[kind.length].toLowerCase() + name.slice(kind.length + 1);

/**
 * Where the documentation promises numbers that are not finite, for finite options too: function -> the results that may hold them.
 */
export const PROMISES = {
  // What a mask forbids, and the logarithm of a probability 0.
  attentionMask: /^bias$/,
  attention: /./, // maskedRow "nan", masked logits, the logsumexp of a row that sees no key
  softmax: /^log/,
  // Without error the ratio of signal to noise is infinite; a format may have an infinity or NaN.
  quantizeAbsmax: /^signalToNoise$/,
  quantizeZeroPoint: /^signalToNoise$/,
  quantizeGgml: /^signalToNoise$/,
  quantizeCodeTable: /^signalToNoise$/,
  quantizationError: /^signalToNoise$/,
  floatFormats: /./,
  roundToFloat: /./,
  // e to the mean of losses that are large without being infinite.
  tokenMeasures: /^perplexity$/,
  // A token that a sampler closes.
  samplerChain: /logits/i,
  streamingAttention: /logsumexp|max/i,
};

/** The words that the declarations offer for an option: name -> ['causal', ...]. */
function documentedWords() {
  const words = {};
  const folder = new URL('../../web/core/api/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    for (const [, name, union] of text.matchAll(/^\s+(\w+)\??:\s*((?:\|?\s*'[^']*'\s*)+)/gm)) {
      words[name] = [
        ...new Set([...(words[name] ?? []), ...[...union.matchAll(/'([^']*)'/g)].map(([, word]) => word)]),
      ];
    }
    for (const [, word] of text.matchAll(/`([\w+&-]+)`/g)) (words[''] ??= []).push(word);
  }
  return words;
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  0.1,
  -0.3,
  1 / 3,
  7.5,
  1e-12,
  1e-320,
  5e-324,
  -1e-320,
  1e6,
  -1e6,
  1e15,
  1e300,
  -1e300,
  1.7976931348623157e308,
  2147483647,
  4294967296,
  2 ** 53,
  1e-300,
  100,
  1000,
  NaN,
  Infinity,
  -Infinity,
];
const INTEGERS = [
  0,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  12,
  16,
  31,
  32,
  63,
  64,
  65,
  100,
  255,
  1000,
  -1,
  -2,
  -3,
  -100,
  2147483647,
  -2147483648,
  2147483646,
  2147483648,
  4294967295,
  4294967296,
  -4294967296,
  1.5,
  1e300,
  NaN,
  -0,
  1073741824,
  1431655766,
];
const EXTENTS = [0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17];
const TEXTS = [
  '',
  ' ',
  'a',
  'nonsense',
  'NaN',
  '0',
  'ünïcödé',
  '日本語',
  '👩‍👩‍👧',
  '\ud800',
  'a\udfff',
  '\0',
  'a\0b',
  '__proto__',
  'causal&causal',
  '&',
  '|',
  'causal&',
  'the cat sat on the mat',
  '\n\t\r',
  '%s%n',
  '{}',
  '"',
  "\\'",
  'ﬁ Å é',
  '\u202e',
  'null',
  'e\u0301',
];
const STRANGE = () => [
  null,
  undefined,
  true,
  '1',
  [],
  {},
  [[]],
  [null],
  { shape: [], data: [] },
  1n,
  [1n],
  Symbol('s'),
  () => 1,
  new Date(0),
  new Map(),
  /x/,
  new DataView(new ArrayBuffer(8)),
  new BigInt64Array(2),
  new Uint8Array(3),
  new Float64Array(0),
  Object.create(null),
  [[1, 2], [3]],
  NaN,
  { shape: [2], data: new BigInt64Array(2) },
  { shape: [1], data: new DataView(new ArrayBuffer(8)) },
  { shape: [2], data: [1, 'x'] },
  { shape: [1], data: [1n] },
  { shape: null, data: null },
  { shape: ['1'], data: [1] },
  { length: 3 },
  new Proxy([], {}),
  new Array(1),
  [[[[[[[1]]]]]]],
  { shape: [1, 1, 1, 1, 1, 1, 1], data: [1] },
  { shape: new Float64Array([1]), data: new Int32Array(1) },
  { shape: [1.5], data: [1] },
  { shape: [-0], data: [] },
  { shape: [4294967296], data: [] },
  [Symbol('s')],
  new ArrayBuffer(8),
  new Array(3),
  Object.freeze({ valueOf: () => 1 }),
];
const SHAPES = [
  [4294967295, 4294967295],
  [4294967295, 4294967295, 0],
  [0, 4294967295, 4294967295],
  [65536, 65536],
  [65536, 65536, 0],
  [4294967295],
  [2147483648, 2],
  [0, 2147483647],
  [2147483647, 0],
  [0, 0, 0, 0, 0, 0],
  [1, 1, 1, 1, 1, 1],
  [0],
  [],
  [1],
  [2, 0, 3],
  [0, 1000000],
  [1000000, 0],
  [1073741824, 4],
  [3, 65537, 0, 65537],
  [0, 65537, 65537],
  [1, 4294967295, 0],
];
/** Families with layouts of their own, and what is none. */
const MODEL_TYPES = [
  'llama',
  'qwen3_moe',
  'deepseek_v3',
  'gpt2',
  'gemma3_text',
  't5',
  'vit',
  'swin',
  'clip',
  'dit',
  'bert',
  'resnet',
  '',
];
const LOGICAL = [
  '-Infinity',
  'equal',
  'zeros',
  'huge',
  'tiny',
  'mixed',
  'integers',
  'ones',
  'denormal',
  'one huge',
  'negative',
  'unit',
  'NaN',
  'large',
];

const product = (shape) => shape.reduce((total, extent) => total * extent, 1);

/** One random call after another; the same seed and position give the same call. */
export class Fuzzer {
  /** @param {any} core @param {any[]} described */
  constructor(core, described) {
    this.core = core;
    this.described = Object.fromEntries(described.map((one) => [one.name, one]));
    /** Whether results must be finite for all finite options, however large. */
    this.strict = false;
    this.words = documentedWords();
    this.names = described.map(({ name }) => name).filter((name) => name in calls || ownerOf(name));
    this.traced = Object.keys(calls).filter(
      (name) =>
        this.described[name].result.some((field) => field.type === 'trace') &&
        (name === 'attentionLayer' || this.described[name].options.some((field) => field.name === 'trace')),
    );
  }

  /**
   * Call number `position` of a seed: {name, options}, with {maker, made} for the methods of a handle.
   * @param {number} seed @param {number} position @param {string} [only]
   */
  call(seed, position, only) {
    const random = seeded(Math.imul(seed, 0x9e3779b1) ^ Math.imul(position + 1, 0x85ebca6b));
    for (let i = 0; i < 3; ++i) random.below(2);
    const names = only ? this.names.filter((name) => name.toLowerCase() === only.toLowerCase()) : this.names;
    const name = names[position % names.length];
    const kind = ownerOf(name);
    const fields = this.described[name].options.filter((field) => field.name !== kind);
    const makers = { trace: () => random.pick(this.traced), cache: () => 'kvCache', plan: () => 'plan' };
    const maker = kind && makers[kind]();
    const made = maker && {
      ...calls[maker],
      ...(maker !== 'attentionLayer' && kind === 'trace' && { trace: true }),
    };
    const sample = kind ? this.handleSample(name, maker, random) : calls[name];
    return { name, ...(maker && { maker, made }), options: this.mutated(sample, fields, random) };
  }

  handleSample(name, maker, random) {
    const tensors = ['q', 'weights', 'x', 'y', 'k', 'output', 'nothing'];
    const at = Array.from({ length: random.below(4) }, () => random.below(3));
    return (
      {
        traceTensor: { name: random.pick(tensors), at },
        traceExplain: { tensor: random.pick(tensors), index: at },
        traceNumpy: { tensor: random.pick(tensors), index: at },
        cacheAppend: { k: random.tensor(2, 3, 4), v: random.tensor(2, 3, 3) },
        cacheEvict: { count: random.below(4) },
        cacheAttend: { q: random.tensor(4, 1, 4) },
        planExplain: {
          quantity: random.pick(['kv_bytes', 'weights_bytes', 'prefill_seconds', 'hidden_size', 'nothing']),
        },
      }[name] ?? {}
    );
  }

  /** The options with one to four changes. */
  mutated(sample, fields, random) {
    let options = copyOf(sample);
    const changes = 1 + random.below(4);
    for (let i = 0; i < changes; ++i) {
      const which = random.below(40);
      if (which === 0) options.nonsense = random.pick(STRANGE());
      else if (which < 10) this.resize(options, fields, random);
      else if (which === 10) options = withFloat32(options);
      else if (which === 12) this.enlarge(options, fields, random);
      else if (which === 11 && i === 0 && random.below(4) === 0)
        return random.pick([null, undefined, 3, 'x', [], new Map(), {}, [1]]);
      else if (fields.length) this.change(options, fields, random);
    }
    return options;
  }

  /** A letter gets another extent everywhere, so that the call stays consistent. */
  resize(options, fields, random) {
    const tensors = flat(options, fields).filter(
      ({ field, holder }) => field.letters && holder[field.name] !== undefined,
    );
    const letters = [...new Set(tensors.flatMap(({ field }) => field.letters.split(' ')))].filter(
      (word) => !/^\d+$/.test(word),
    );
    if (letters.length === 0) return;
    const letter = random.pick(letters);
    const extent = random.pick(EXTENTS);
    for (const { field, holder } of tensors) {
      const words = field.letters.split(' ');
      const value = holder[field.name];
      if (isTensor(value)) {
        if (!Array.isArray(value.shape)) continue;
        const shape = [...value.shape];
        words.forEach((word, i) => {
          const axis = shape.length - words.length + i;
          if (word === letter && word !== '..' && axis >= 0) shape[axis] = extent;
        });
        if (letter === '..' && words[0] === '..')
          shape.splice(0, Math.max(0, shape.length - words.length + 1), ...this.leading(random));
        holder[field.name] = this.tensor(shape, random, random.below(6) === 0);
      } else if (Array.isArray(value) && words.length === 1 && words[0] === letter) {
        holder[field.name] = Array.from(
          { length: extent },
          (_, i) => value[i % (value.length || 1)] ?? random.below(3),
        );
      }
    }
  }

  /** Several whole numbers become large at once: what is multiplied must not wrap around. */
  enlarge(options, fields, random) {
    const large = random.pick([65536, 65535, 46341, 131072, 2147483647, 1 << 30, 1 << 27]);
    for (const { field, holder } of flat(options, fields)) {
      if (field.type === 'integer' && random.below(3) > 0) holder[field.name] = large;
      else if (field.type === 'numbers' && Array.isArray(holder[field.name]) && random.below(4) === 0)
        holder[field.name] = holder[field.name].map(() => large);
    }
  }

  leading(random) {
    return Array.from({ length: random.below(4) }, () => random.pick([0, 1, 2, 3]));
  }

  /** Changes one option, or one within it. */
  change(options, fields, random) {
    const field = random.pick(fields);
    const value = options[field.name];
    const roll = random.below(30);
    if (roll === 0) delete options[field.name];
    else if (roll === 1) options[field.name] = random.pick(STRANGE());
    else if (
      field.type === 'object' &&
      value &&
      typeof value === 'object' &&
      roll > 4 &&
      Object.isExtensible(value)
    )
      this.change(value, field.fields, random);
    else if (field.type === 'list' && Array.isArray(value) && value.length && roll > 8) {
      const entry = random.pick(value);
      if (entry && typeof entry === 'object' && Object.isExtensible(entry))
        this.change(entry, field.fields, random);
    } else options[field.name] = this.value(field, value, random);
  }

  value(field, old, random) {
    switch (field.type) {
      case 'number':
        return random.below(4) === 0 ? random.between(-3, 3) : random.pick(NUMBERS);
      case 'integer':
        return random.below(3) === 0 ? random.below(12) : random.pick(INTEGERS);
      case 'boolean':
        return random.below(2) === 0;
      case 'string': {
        const own = this.words[field.name] ?? [];
        const roll = random.below(10);
        if (roll < 6 && own.length) return random.pick(own);
        if (roll < 8) return random.pick(this.words['']);
        if (roll === 8 && typeof old === 'string') return old + random.pick(TEXTS);
        return random.below(12) === 0 ? random.pick(TEXTS).repeat(300) : random.pick(TEXTS);
      }
      case 'numbers':
        return this.numbers(old, random);
      case 'strings':
        return Array.from({ length: random.below(5) }, () => random.pick(TEXTS));
      case 'tensor':
        return this.otherTensor(field, old, random);
      case 'object':
        return Object.fromEntries(
          field.fields
            .filter(({ required }) => required || random.below(4) === 0)
            .map((one) => [one.name, this.value(one, undefined, random)]),
        );
      case 'list':
        return this.list(field, old, random);
      case 'config':
        return this.config(old, random);
      default:
        return random.pick(INTEGERS);
    }
  }

  /** A configuration with one to three keys changed, dropped or of another kind. */
  config(old, random) {
    if (random.below(12) === 0 || typeof old !== 'object' || old === null) return random.pick(STRANGE());
    const config = { ...old };
    for (let i = 1 + random.below(3); i > 0; --i) {
      const key = random.pick(Object.keys(config));
      const roll = random.below(8);
      if (key === undefined) break;
      if (roll === 0) delete config[key];
      else if (roll === 1) config[key] = random.pick(STRANGE());
      else if (roll === 2) config[key] = String(config[key]);
      else if (roll === 3) config.model_type = random.pick(MODEL_TYPES);
      else config[key] = random.pick([...NUMBERS, ...INTEGERS, true, null, [1, 2], ['full_attention']]);
    }
    return config;
  }

  numbers(old, random) {
    const given = Array.isArray(old) ? [...old] : [];
    switch (random.below(9)) {
      case 0:
        return [];
      case 1:
        return [...given, random.pick(INTEGERS)];
      case 2:
        return given.slice(1);
      case 3:
        return Array.from({ length: 1 + random.below(6) }, () => random.pick(INTEGERS));
      case 4:
        return Array.from({ length: 1 + random.below(6) }, () => random.pick(NUMBERS));
      case 5:
        return Array.from({ length: 1 + random.below(8) }, () => random.below(6));
      case 6:
        return Array.from({ length: 300 }, (_, i) => i % 5);
      case 7:
        return given.map((one) => (random.below(2) ? one : random.pick(INTEGERS)));
      default:
        return Float64Array.from(given.filter((one) => typeof one === 'number'));
    }
  }

  list(field, old, random) {
    const given = Array.isArray(old) ? old : [];
    const fresh = () =>
      Object.fromEntries(
        field.fields
          .filter(({ required }) => required || random.below(5) === 0)
          .map((one) => [one.name, this.value(one, undefined, random)]),
      );
    switch (random.below(6)) {
      case 0:
        return [];
      case 1:
        return given.slice(1);
      case 2:
        return [...given, ...given.slice(0, 2)];
      case 3:
        return [...given].reverse();
      case 4:
        return [...given, fresh()];
      default:
        return Array.from({ length: random.below(4) }, fresh);
    }
  }

  otherTensor(field, old, random) {
    const shape = isTensor(old) && Array.isArray(old.shape) ? old.shape : [2, 3];
    const roll = random.below(20);
    if (roll < 9) return this.tensor(shape, random, true);
    if (roll < 12) return this.tensor([...shape.slice(0, -1), random.pick(EXTENTS)], random, false);
    if (roll === 12) return this.tensor([random.pick(EXTENTS), ...shape.slice(1)].slice(0, 5), random, false);
    if (roll === 13) return this.tensor(shape.slice(1), random, false);
    if (roll === 14) return this.tensor([1, ...shape], random, false);
    if (roll === 15)
      return this.tensor(
        Array.from({ length: random.below(7) }, () => random.pick([0, 1, 2, 3])),
        random,
        false,
      );
    if (roll < 18) {
      const absurd = random.pick(SHAPES);
      return { shape: [...absurd], data: new Float64Array(Math.min(product(absurd), 4)) };
    }
    if (roll === 18) return [[1, 2], [3]];
    return random.below(2)
      ? [1, 2, 3]
      : [
          [0.5, 1],
          [2, -1],
        ];
  }

  tensor(wanted, random, special) {
    const shape = product(wanted) <= 1e5 ? wanted : [2, 3];
    const tensor = random.tensor(...shape);
    const { data } = tensor;
    const fill = (value) => data.forEach((_, i) => (data[i] = value(i)));
    if (special) {
      switch (random.pick(LOGICAL)) {
        case '-Infinity':
          fill((i) => (random.below(3) ? data[i] : -Infinity));
          break;
        case 'equal':
          fill(() => 0.7);
          break;
        case 'zeros':
          fill(() => (random.below(5) ? 0 : -0));
          break;
        case 'huge':
          fill((i) => data[i] * 1e300);
          break;
        case 'tiny':
          fill((i) => data[i] * 1e-300);
          break;
        case 'mixed':
          fill(() => random.pick(NUMBERS.filter(Number.isFinite)));
          break;
        case 'integers':
          fill(() => random.below(8) - 2);
          break;
        case 'ones':
          fill(() => 1);
          break;
        case 'denormal':
          fill(() => 5e-324);
          break;
        case 'one huge':
          fill((i) => (i === 0 ? 1.7e308 : data[i]));
          break;
        case 'negative':
          fill((i) => -Math.abs(data[i]));
          break;
        case 'unit':
          fill((i) => Math.abs(data[i]) / 2);
          break;
        case 'large':
          fill((i) => data[i] * 1e4);
          break;
        default:
          if (data.length) data[random.below(data.length)] = random.pick([NaN, Infinity, -Infinity]);
      }
    }
    return tensor;
  }

  /** Makes the call. @returns {Promise<{finding?: string, error?: any}>} */
  async run(call) {
    const { core } = this;
    let made;
    try {
      let result;
      if (call.maker) {
        made = await core[call.maker](call.made);
        const kind = ownerOf(call.name);
        const handle = made[kind];
        if (kind === 'cache') await handle.append({ k: filled([2, 2, 4]), v: filled([2, 2, 3]) });
        result = await handle[methodOf(call.name, kind)](call.options);
      } else {
        result = await core[call.name](call.options);
      }
      const finding = this.judge(call, result);
      if (result && typeof result === 'object') await release(result);
      return { finding };
    } catch (error) {
      return { finding: this.judgeError(call, error), error };
    } finally {
      if (made) await release(made);
    }
  }

  judge(call, result) {
    if (!this.strict && !isTame(call.options)) return undefined;
    if (this.strict && ![...numbersOf(call.options)].every(Number.isFinite)) return undefined;
    const promised = PROMISES[call.name];
    const bad = notFinite(result, '').filter((bad) => !promised?.test(bad.split(' ')[0]));
    return bad.length ? `a result is not finite: ${bad.slice(0, 3).join(', ')}` : undefined;
  }

  judgeError({ name }, error) {
    if (!(error instanceof RangeError || error instanceof TypeError))
      return `${error?.name}: ${error?.message ?? error}`;
    const match = /^(\w+): (.+)$/s.exec(error.message);
    if (!match) return `no sentence: ${error.name}: ${error.message}`;
    // A function may speak through one that it is made of. "memory" is none of them: sizes are refused before memory runs out.
    const allowed = [...this.names, 'tensor', 'config', ...Object.keys(OWNERS)].filter(
      (one) => one !== 'memory' || name === 'memory',
    );
    const camel = match[1].replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    if (!allowed.includes(camel)) return `says what is no function's name: ${error.message}`;
    if (
      match[2].trim().split(/\s+/).length < 3 ||
      /\[object|basic_string|std::/.test(match[2].replace(/"[^]*?"/g, ''))
    )
      return `no sentence: ${error.message}`;
    return undefined;
  }

  /**
   * A simpler call that still fails: options back to the sample's, shorter lists, plain numbers.
   * @returns {Promise<any>}
   */
  async shrunk(call) {
    const fails = async (one) => (await this.run(one)).finding !== undefined;
    let best = call;
    const kind = ownerOf(call.name);
    if (typeof call.options !== 'object' || call.options === null || kind) return best;
    const attempt = async (options) => {
      const next = { ...best, options };
      if (await fails(next)) best = next;
    };
    for (const key of Object.keys(best.options)) {
      const { [key]: _, ...rest } = best.options;
      await attempt(rest);
      if (key in best.options && key in calls[call.name])
        await attempt({ ...best.options, [key]: calls[call.name][key] });
    }
    for (const [key, value] of Object.entries(best.options)) {
      if (isTensor(value) && (value.data instanceof Float64Array || value.data instanceof Float32Array)) {
        const { constructor } = value.data;
        for (const number of [0, 1]) {
          const data = new /** @type {any} */ (constructor)(value.data.length).fill(number);
          await attempt({ ...best.options, [key]: { shape: value.shape, data } });
        }
      } else if (Array.isArray(value)) {
        for (let length = value.length - 1; length >= 0; length = Math.floor(length / 2) || length - 1)
          await attempt({ ...best.options, [key]: best.options[key].slice(0, length) });
      }
    }
    return best;
  }
}

const filled = (shape) => ({ shape, data: new Float64Array(product(shape)).fill(0.5) });

function copyOf(value) {
  if (ArrayBuffer.isView(value)) return /** @type {any} */ (value).slice();
  if (Array.isArray(value)) return value.map(copyOf);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one)]));
  return value;
}

const withFloat32 = (options) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      isTensor(value) && value.data instanceof Float64Array
        ? { shape: value.shape, data: Float32Array.from(value.data) }
        : value,
    ]),
  );

/** Every field with the object that holds it. */
function flat(options, fields) {
  if (typeof options !== 'object' || options === null) return [];
  return fields.flatMap((field) => {
    const value = options[field.name];
    const inner =
      field.type === 'object'
        ? flat(value, field.fields)
        : field.type === 'list' && Array.isArray(value)
          ? value.flatMap((one) => flat(one, field.fields))
          : [];
    return [{ field, holder: options }, ...inner];
  });
}

/** Every number of a value. */
function* numbersOf(value) {
  if (typeof value === 'number') yield value;
  else if (ArrayBuffer.isView(value)) {
    if (!(value instanceof DataView)) for (const one of /** @type {any} */ (value)) yield Number(one);
  } else if (Array.isArray(value)) for (const one of value) yield* numbersOf(one);
  else if (value && typeof value === 'object') for (const one of Object.values(value)) yield* numbersOf(one);
}

/** Numbers so ordinary that no sum or product of theirs leaves the range of doubles. */
export function isTame(options) {
  for (const value of numbersOf(options)) {
    const size = Math.abs(value);
    if (!(size <= 1e9) || (size > 0 && size < 1e-9)) return false;
  }
  return true;
}

function notFinite(value, path) {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (ArrayBuffer.isView(value)) {
    const bad = /** @type {any} */ (value).findIndex((one) => !Number.isFinite(one));
    return bad < 0 ? [] : [`${path.replace(/\.data$/, '')} has ${value[bad]} at ${bad}`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => notFinite(one, path ? `${path}.${key}` : key));
}

/** A call as JSON that fromJson reads back, whatever it holds. */
export const toJson = (call) =>
  JSON.stringify(call, function (key, value) {
    // What has a toJSON of its own arrives here changed; the holder still has it.
    value = this[key];
    if (value instanceof DataView) return { $: 'DataView', data: value.byteLength };
    if (ArrayBuffer.isView(value))
      return {
        $: value.constructor.name,
        data: Array.from(/** @type {any} */ (value), (one) => (typeof one === 'bigint' ? `${one}` : one)),
      };
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return { $: 'number', data: Object.is(value, -0) ? '-0' : String(value) };
    if (typeof value === 'bigint') return { $: 'bigint', data: String(value) };
    if (value === undefined) return { $: 'undefined' };
    if (typeof value === 'symbol') return { $: 'symbol' };
    if (typeof value === 'function') return { $: 'function' };
    if (
      typeof value === 'object' &&
      value &&
      !Array.isArray(value) &&
      ![Object.prototype, null].includes(Object.getPrototypeOf(value))
    )
      return { $: value.constructor.name };
    return value;
  });

export const fromJson = (text) => {
  const revived = (value) => {
    if (Array.isArray(value)) return value.map(revived);
    if (typeof value !== 'object' || value === null) return value;
    if (!('$' in value))
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revived(one)]));
    const { $: kind, data } = value;
    const data_ = Array.isArray(data) ? data.map(revived) : data;
    switch (kind) {
      case 'number':
        return Number(data);
      case 'bigint':
        return BigInt(data);
      case 'undefined':
        return undefined;
      case 'symbol':
        return Symbol('s');
      case 'function':
        return () => 1;
      case 'DataView':
        return new DataView(new ArrayBuffer(data));
      case 'BigInt64Array':
        return BigInt64Array.from(data_, BigInt);
      case 'Date':
        return new Date(0);
      case 'RegExp':
        return /x/;
      case 'ArrayBuffer':
        return new ArrayBuffer(8);
      default:
        return Array.isArray(data_) ? new globalThis[kind](data_) : new globalThis[kind]();
    }
  };
  return revived(JSON.parse(text));
};

/** What differs from call to call. */
const MEASURED = ['memory', 'measureDevice'];

/** The results of all sample calls, traces and caches opened. */
export async function samples(core) {
  const all = {};
  for (const [name, options] of Object.entries(calls)) {
    if (MEASURED.includes(name)) continue;
    const result = await core[name](options);
    const { trace, cache, plan, ...plain } = result;
    const tensors = trace
      ? await Promise.all((await trace.tensors()).map((info) => trace.tensor({ name: info.name })))
      : [];
    const state = cache ? await cache.append({ k: filled([2, 2, 4]), v: filled([2, 2, 3]) }) : {};
    const explained = plan ? await plan.explain({ quantity: 'total_params' }) : {};
    await release(result);
    all[name] = { plain, tensors, state, explained };
  }
  return all;
}
