import { Builder } from "./builder.ts";
import { floatLinear, integerLinear, type Linear, type Matrix } from "./linear.ts";
import { DIMENSION, type MiniLmVariant, minilmFiles } from "./model.ts";
import { elementType, type OnnxGraph } from "./onnx-graph.ts";
import { rowQuantize } from "./quantize.ts";
import type { Safetensors } from "./safetensors.ts";

const LAYERS = 6;
const HEADS = 12;
const INNER = 1536;
const VOCABULARY = 30522;
const POSITIONS = 512;
const EPSILON = 1e-12;

/**
 * Builds all-MiniLM-L6-v2 (BERT, 6 layers) with masked mean pooling and L2 normalisation inside.
 * Inputs `input_ids` and `attention_mask`, int32 `[batch, length]`; output `embedding`, float
 * `[batch, 384]`, unit vectors. To be run at optimisation level `basic`: higher ones would join additions and
 * layer norms into `SkipLayerNormalization`, which is several times slower than the two on a CPU.
 */
export function buildMiniLm(weights: Safetensors, variant: MiniLmVariant): OnnxGraph {
  const builder = new Builder(weights, minilmFiles[variant].weights);
  const ids = builder.input({ name: "input_ids", type: elementType.int32, dims: ["batch", "length"] });
  const mask = builder.input({ name: "attention_mask", type: elementType.int32, dims: ["batch", "length"] });
  const model = new Model(builder, variant, ids, mask);
  let hidden = model.embeddings();
  for (let layer = 0; layer < LAYERS; layer++) hidden = model.layer(`encoder.layer.${layer}`, hidden);
  model.pool(hidden);
  return builder;
}

/** Between attentions all tokens of a batch stand in one `[tokens, 384]` matrix. */
class Model {
  readonly #b: Builder;
  readonly #variant: MiniLmVariant;
  readonly #linear: Linear;
  readonly #ids: string;
  readonly #mask: string;
  readonly #shape: string;
  readonly #tokens: string;

  constructor(builder: Builder, variant: MiniLmVariant, ids: string, mask: string) {
    this.#b = builder;
    this.#variant = variant;
    this.#linear = variant === "fp32" ? floatLinear(builder) : integerLinear(builder);
    this.#ids = ids;
    this.#mask = mask;
    this.#shape = builder.node("Shape", [ids]);
    this.#tokens = builder.integers("tokens", [-1, DIMENSION]);
  }

  embeddings(): string {
    const b = this.#b;
    const length = b.node("Shape", [this.#ids], { start: { int: 1 }, end: { int: 2 } });
    const zero = b.integers("zero", [0]);
    const position = b.node("Slice", [this.#positionTable(), zero, length, zero]);
    const sum = b.node("Add", [this.#words(), position]);
    return this.#layerNorm("embeddings.LayerNorm", b.node("Reshape", [sum, this.#tokens]));
  }

  layer(prefix: string, hidden: string): string {
    const attended = this.#attention(prefix, hidden);
    const projected = this.#linear.signed(
      attended,
      this.#matrix([`${prefix}.attention.output.dense`], DIMENSION, DIMENSION),
    );
    const afterAttention = this.#addAndNorm(`${prefix}.attention.output`, projected, hidden);
    const widened = this.#linear.normed(
      afterAttention,
      this.#matrix([`${prefix}.intermediate.dense`], INNER, DIMENSION),
    );
    const bias = this.#b.vector(`${prefix}.intermediate.dense.bias`, INNER);
    const activated = this.#b.microsoft(this.#variant === "fp32" ? "BiasGelu" : "FastGelu", [widened, bias]);
    const narrowed = this.#linear.activated(
      activated,
      this.#matrix([`${prefix}.output.dense`], DIMENSION, INNER),
    );
    return this.#addAndNorm(`${prefix}.output`, narrowed, afterAttention);
  }

  /** The mean over unmasked positions, to unit length; dividing by their count would not change the direction. */
  pool(hidden: string): void {
    const b = this.#b;
    const shaped = b.node("Reshape", [hidden, this.#batchShape("pooled", DIMENSION)]);
    const weights = b.node("Cast", [this.#mask], { to: { int: elementType.float } });
    const one = b.integers("one_axis", [1]);
    const summed = b.node("MatMul", [b.node("Unsqueeze", [weights, one]), shaped]);
    const flat = b.node("Squeeze", [summed, one]);
    b.nodeNamed("LpNormalization", [flat], "embedding", { axis: { int: -1 }, p: { int: 2 } });
    b.output({ name: "embedding", type: elementType.float, dims: ["batch", DIMENSION] });
  }

  #attention(prefix: string, hidden: string): string {
    const b = this.#b;
    const parts = ["query", "key", "value"].map((part) => `${prefix}.attention.self.${part}`);
    // One product for the three projections: the activations are read, and rounded, once.
    const joined = this.#linear.normed(hidden, this.#matrix(parts, DIMENSION, DIMENSION));
    const bias = b.floats(`${prefix}.qkv.bias`, this.#stack(parts, "bias", [DIMENSION]));
    const biased = b.node("Add", [joined, bias]);
    const shaped = b.node("Reshape", [biased, this.#batchShape(prefix, 3 * DIMENSION)]);
    const sizes = b.integers(`${prefix}.split`, [DIMENSION, DIMENSION, DIMENSION]);
    const split = b.nodeWithOutputs("Split", [shaped, sizes], 3, { axis: { int: 2 } });
    const attended = b.microsoft("MultiHeadAttention", [...split, "", this.#mask], {
      num_heads: { int: HEADS },
    });
    return b.node("Reshape", [attended, this.#tokens]);
  }

  #addAndNorm(prefix: string, input: string, skip: string): string {
    const biased = this.#b.node("Add", [input, this.#b.vector(`${prefix}.dense.bias`, DIMENSION)]);
    return this.#layerNorm(`${prefix}.LayerNorm`, this.#b.node("Add", [biased, skip]));
  }

  #layerNorm(name: string, input: string): string {
    const inputs = [
      input,
      this.#b.vector(`${name}.weight`, DIMENSION),
      this.#b.vector(`${name}.bias`, DIMENSION),
    ];
    return this.#b.node("LayerNormalization", inputs, { axis: { int: -1 }, epsilon: { float: EPSILON } });
  }

  /** Every text is one segment, so the row of token type 0 is added to the positions once and for all. */
  #positionTable(): string {
    const { weights } = this.#b;
    const table = weights.float("embeddings.position_embeddings.weight", [POSITIONS, DIMENSION]);
    const segment = weights.float("embeddings.token_type_embeddings.weight", [2, DIMENSION]);
    for (let i = 0; i < table.length; i++) table[i] = (table[i] ?? 0) + (segment[i % DIMENSION] ?? 0);
    return this.#b.tensor("positions", elementType.float, [POSITIONS, DIMENSION], table);
  }

  #words(): string {
    const b = this.#b;
    const table = b.weights.float("embeddings.word_embeddings.weight", [VOCABULARY, DIMENSION]);
    if (this.#variant === "fp32") {
      return b.node("Gather", [
        b.tensor("words", elementType.float, [VOCABULARY, DIMENSION], table),
        this.#ids,
      ]);
    }
    const { values, scales } = rowQuantize(table, DIMENSION);
    const words = b.tensor("words", elementType.int8, [VOCABULARY, DIMENSION], values);
    const wordScales = b.tensor("words.scales", elementType.float, [VOCABULARY, 1], scales);
    const rows = b.node("Cast", [b.node("Gather", [words, this.#ids])], { to: { int: elementType.float } });
    return b.node("Mul", [rows, b.node("Gather", [wordScales, this.#ids])]);
  }

  /** `[batch, length, last]` */
  #batchShape(name: string, last: number): string {
    return this.#b.node("Concat", [this.#shape, this.#b.integers(`${name}.last`, [last])], {
      axis: { int: 0 },
    });
  }

  /** The weights of one or more layers of the same shape, one under the other. */
  #matrix(layers: readonly string[], out: number, inner: number): Matrix {
    const values = this.#stack(layers, "weight", [out, inner]);
    return { name: `${layers[0]}.weight`, out: layers.length * out, inner, values };
  }

  #stack(layers: readonly string[], part: "weight" | "bias", shape: readonly number[]): Float32Array {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const values = new Float32Array(layers.length * size);
    for (const [i, layer] of layers.entries())
      values.set(this.#b.weights.float(`${layer}.${part}`, shape), i * size);
    return values;
  }
}
