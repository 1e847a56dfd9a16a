import { type Attribute, elementType, OnnxGraph } from "./onnx-graph.ts";
import { blockQuantize, rowQuantize, transpose } from "./quantize.ts";
import type { Safetensors } from "./safetensors.ts";

/** `fp32` as published; `q8` keeps weights in 8 bits (blocks of 32) and computes activations as floats. */
export type MiniLmVariant = "fp32" | "q8";

export const DIMENSION = 384;
const LAYERS = 6;
const HEADS = 12;
const INNER = 1536;
const VOCABULARY = 30522;
const POSITIONS = 512;
const EPSILON = 1e-12;
const BLOCK = 32;

/**
 * Builds all-MiniLM-L6-v2 (BERT, 6 layers) with masked mean pooling and L2 normalisation inside.
 * Inputs `input_ids` and `attention_mask`, int32 `[batch, length]`; output `embedding`, float
 * `[batch, 384]`, unit vectors. Attention, layer norms and GELU are onnxruntime's fused operators.
 */
export function buildMiniLm(weights: Safetensors, variant: MiniLmVariant): OnnxGraph {
  const builder: Builder = { graph: new OnnxGraph(), weights, variant };
  const { graph } = builder;
  const ids = graph.input({ name: "input_ids", type: elementType.int32, dims: ["batch", "length"] });
  const mask = graph.input({ name: "attention_mask", type: elementType.int32, dims: ["batch", "length"] });
  let hidden = embeddings(builder, ids);
  for (let layer = 0; layer < LAYERS; layer++) hidden = encoderLayer(builder, layer, hidden, mask);
  pool(builder, hidden, mask);
  return graph;
}

interface Builder {
  readonly graph: OnnxGraph;
  readonly weights: Safetensors;
  readonly variant: MiniLmVariant;
}

const microsoft = (b: Builder, op: string, inputs: string[], attributes: Record<string, Attribute> = {}) =>
  b.graph.node(op, inputs, attributes, "com.microsoft");

function vector(b: Builder, name: string, length: number): string {
  return b.graph.tensor(name, elementType.float, [length], b.weights.float(name, [length]));
}

function integers(b: Builder, name: string, values: readonly number[]): string {
  return b.graph.tensor(name, elementType.int64, [values.length], BigInt64Array.from(values, BigInt));
}

function embeddings(b: Builder, ids: string): string {
  const { graph } = b;
  const positions = positionTable(b);
  const length = graph.node("Shape", [ids], { start: { int: 1 }, end: { int: 2 } });
  const zero = integers(b, "zero", [0]);
  const position = graph.node("Slice", [positions, zero, length, zero]);
  const sum = graph.node("Add", [words(b, ids), position]);
  return graph.node(
    "LayerNormalization",
    [
      sum,
      vector(b, "embeddings.LayerNorm.weight", DIMENSION),
      vector(b, "embeddings.LayerNorm.bias", DIMENSION),
    ],
    { axis: { int: -1 }, epsilon: { float: EPSILON } },
  );
}

/** Every text is one segment, so the row of token type 0 is added to the positions once and for all. */
function positionTable(b: Builder): string {
  const table = b.weights.float("embeddings.position_embeddings.weight", [POSITIONS, DIMENSION]);
  const segment = b.weights.float("embeddings.token_type_embeddings.weight", [2, DIMENSION]);
  for (let i = 0; i < table.length; i++) table[i] = (table[i] ?? 0) + (segment[i % DIMENSION] ?? 0);
  return b.graph.tensor("positions", elementType.float, [POSITIONS, DIMENSION], table);
}

function words(b: Builder, ids: string): string {
  const { graph } = b;
  const table = b.weights.float("embeddings.word_embeddings.weight", [VOCABULARY, DIMENSION]);
  if (b.variant === "fp32") {
    return graph.node("Gather", [
      graph.tensor("words", elementType.float, [VOCABULARY, DIMENSION], table),
      ids,
    ]);
  }
  const { values, scales } = rowQuantize(table, DIMENSION);
  const rows = graph.node("Gather", [
    graph.tensor("words", elementType.int8, [VOCABULARY, DIMENSION], values),
    ids,
  ]);
  const scale = graph.node("Gather", [
    graph.tensor("words.scales", elementType.float, [VOCABULARY, 1], scales),
    ids,
  ]);
  const floats = graph.node("Cast", [rows], { to: { int: elementType.float } });
  return graph.node("Mul", [floats, scale]);
}

function encoderLayer(b: Builder, layer: number, hidden: string, mask: string): string {
  const prefix = `encoder.layer.${layer}`;
  const attended = attention(b, prefix, hidden, mask);
  const projected = project(b, [`${prefix}.attention.output.dense.weight`], DIMENSION, attended);
  const afterAttention = addAndNorm(b, `${prefix}.attention.output`, projected, hidden);
  const widened = project(b, [`${prefix}.intermediate.dense.weight`], DIMENSION, afterAttention, INNER);
  const activated = microsoft(b, "BiasGelu", [
    widened,
    vector(b, `${prefix}.intermediate.dense.bias`, INNER),
  ]);
  const narrowed = project(b, [`${prefix}.output.dense.weight`], INNER, activated);
  return addAndNorm(b, `${prefix}.output`, narrowed, afterAttention);
}

function attention(b: Builder, prefix: string, hidden: string, mask: string): string {
  const parts = ["query", "key", "value"].map((part) => `${prefix}.attention.self.${part}`);
  // One product for the three projections: the activations are read (and packed) once.
  const joined = project(
    b,
    parts.map((part) => `${part}.weight`),
    DIMENSION,
    hidden,
  );
  const bias = new Float32Array(3 * DIMENSION);
  for (const [i, part] of parts.entries())
    bias.set(b.weights.float(`${part}.bias`, [DIMENSION]), i * DIMENSION);
  const [query, key, value] = b.graph.nodeWithOutputs(
    "Split",
    [joined, integers(b, `${prefix}.split`, [DIMENSION, DIMENSION, DIMENSION])],
    3,
    { axis: { int: 2 } },
  ) as [string, string, string];
  const biasName = b.graph.tensor(`${prefix}.qkv.bias`, elementType.float, [3 * DIMENSION], bias);
  return microsoft(b, "MultiHeadAttention", [query, key, value, biasName, mask], {
    num_heads: { int: HEADS },
  });
}

/** `skip + (input + bias)`, then layer norm, in one operator. */
function addAndNorm(b: Builder, prefix: string, input: string, skip: string): string {
  const norm = (part: string) => vector(b, `${prefix}.LayerNorm.${part}`, DIMENSION);
  const bias = vector(b, `${prefix}.dense.bias`, DIMENSION);
  return microsoft(b, "SkipLayerNormalization", [input, skip, norm("weight"), norm("bias"), bias], {
    epsilon: { float: EPSILON },
  });
}

/** `input x W^T` without bias; the weights named, each `[outEach, inner]`, are stacked by rows. */
function project(b: Builder, names: readonly string[], inner: number, input: string, outEach = DIMENSION) {
  const stacked = new Float32Array(names.length * outEach * inner);
  for (const [i, name] of names.entries()) {
    stacked.set(b.weights.float(name, [outEach, inner]), i * outEach * inner);
  }
  const name = names[0] as string;
  const rows = names.length * outEach;
  if (b.variant === "fp32") {
    const matrix = transpose(stacked, rows, inner);
    return b.graph.node("MatMul", [input, b.graph.tensor(name, elementType.float, [inner, rows], matrix)]);
  }
  const { values, scales } = blockQuantize(stacked, BLOCK);
  const blocks = inner / BLOCK;
  const packed = b.graph.tensor(name, elementType.uint8, [rows, blocks, BLOCK], values);
  const scale = b.graph.tensor(`${name}.scales`, elementType.float, [rows * blocks], scales);
  return microsoft(b, "MatMulNBits", [input, packed, scale], {
    K: { int: inner },
    N: { int: rows },
    bits: { int: 8 },
    block_size: { int: BLOCK },
    accuracy_level: { int: 4 },
  });
}

/** The mean over unmasked positions, to unit length; dividing by their count would not change the direction. */
function pool(b: Builder, hidden: string, mask: string): void {
  const { graph } = b;
  const weights = graph.node("Cast", [mask], { to: { int: elementType.float } });
  const row = graph.node("Unsqueeze", [weights, integers(b, "axis_row", [1])]);
  const summed = graph.node("MatMul", [row, hidden]);
  const flat = graph.node("Squeeze", [summed, integers(b, "axis_flat", [1])]);
  graph.nodeNamed("LpNormalization", [flat], "embedding", { axis: { int: -1 }, p: { int: 2 } });
  graph.output({ name: "embedding", type: elementType.float, dims: ["batch", DIMENSION] });
}
