// onnxruntime-web with its WebAssembly provider on one thread, and the few protobuf bytes of an ONNX model
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto: the field numbers below).

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
const number = (field, value) => [...varint(field * 8), ...varint(value)];
const bytes = (field, content) => [...varint(field * 8 + 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, new TextEncoder().encode(value));
const float = (field, value) => [...varint(field * 8 + 5), ...new Uint8Array(Float32Array.of(value).buffer)];

const FLOAT = 1;
const attribute = (name, value) =>
  Number.isInteger(value.int)
    ? [...text(1, name), ...number(3, value.int), ...number(20, 2)]
    : [...text(1, name), ...float(2, value.float), ...number(20, 1)];

/** @typedef {{type: string, inputs: string[], output: string, domain?: string, attributes?: Record<string, {int?: number, float?: number}>}} OnnxNode */

/** @param {OnnxNode} node */
const nodeBytes = ({ type, inputs, output, domain = '', attributes = {} }) => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, type),
  ...Object.entries(attributes).flatMap(([name, value]) => bytes(5, attribute(name, value))),
  ...(domain ? text(7, domain) : []),
];

/** @param {[string, number[]]} value */
const valueBytes = ([name, shape]) => {
  const dimensions = shape.flatMap((extent) => bytes(1, number(1, extent)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, FLOAT), ...bytes(2, dimensions)]))];
};

/**
 * An ONNX model of float tensors.
 * @param {{nodes: OnnxNode[], inputs: Record<string, number[]>, outputs: Record<string, number[]>}} graph
 */
export function model({ nodes, inputs, outputs }) {
  const graph = [
    ...nodes.flatMap((node) => bytes(1, nodeBytes(node))),
    ...text(2, 'bench'),
    ...Object.entries(inputs).flatMap((value) => bytes(11, valueBytes(value))),
    ...Object.entries(outputs).flatMap((value) => bytes(12, valueBytes(value))),
  ];
  const opset = (domain, version) => bytes(8, [...(domain ? text(1, domain) : []), ...number(2, version)]);
  return Uint8Array.from([
    ...number(1, 8),
    ...bytes(7, graph),
    ...opset('', 17),
    ...opset('com.microsoft', 1),
  ]);
}

/** @param {any} ort the imported package */
export async function openOnnx(ort) {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  /** @param {Parameters<typeof model>[0]} graph */
  return async (graph) => {
    const session = await ort.InferenceSession.create(model(graph), {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
    });
    return {
      /** Tensors over the arrays given. @param {Record<string, Float32Array>} arrays */
      prepare: (arrays) => {
        const feeds = Object.fromEntries(
          Object.entries(arrays).map(([name, data]) => [
            name,
            new ort.Tensor('float32', data, graph.inputs[name]),
          ]),
        );
        return () => session.run(feeds);
      },
      release: () => session.release(),
    };
  };
}

/** softmax(q kᵀ / sqrt(D) [+ mask]) v for q, k, v [H, T, D], giving weights and output. */
export function attentionGraph(T, D, H, causal) {
  const microsoft = 'com.microsoft';
  return {
    nodes: [
      {
        type: 'FusedMatMul',
        domain: microsoft,
        inputs: ['q', 'k'],
        output: 'scores',
        attributes: { alpha: { float: 1 / Math.sqrt(D) }, transB: { int: 1 } },
      },
      ...(causal ? [{ type: 'Add', inputs: ['scores', 'mask'], output: 'masked' }] : []),
      {
        type: 'Softmax',
        inputs: [causal ? 'masked' : 'scores'],
        output: 'weights',
        attributes: { axis: { int: 2 } },
      },
      { type: 'MatMul', inputs: ['weights', 'v'], output: 'output' },
    ],
    inputs: { q: [H, T, D], k: [H, T, D], v: [H, T, D], ...(causal && { mask: [T, T] }) },
    outputs: { weights: [H, T, T], output: [H, T, D] },
  };
}
