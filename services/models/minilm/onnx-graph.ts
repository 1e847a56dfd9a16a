import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Tensor element types of onnx.proto's TensorProto.DataType that our graphs use. */
export const elementType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementType = (typeof elementType)[keyof typeof elementType];

/** An attribute's value under the name of its ONNX type. */
export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number };

export interface TensorShape {
  readonly name: string;
  readonly type: ElementType;
  /** A string is a dimension known only at run time. */
  readonly dims: readonly (number | string)[];
}

/** The two operator sets that onnxruntime's CPU provider gives us. */
export type Domain = "" | "com.microsoft";

const IR_VERSION = 8;
/** Smaller constants stay in the model: onnxruntime reads some of them (shapes, axes) while it plans. */
const MIN_OUTSIDE_BYTES = 1024;
/** Where a constant may start in the file of weights: the page size that the format recommends. */
const PAGE = 4096;
const OPSETS: readonly (readonly [Domain, number])[] = [
  ["", 17],
  ["com.microsoft", 1],
];

/** A model as the chunks to write one after another, so that weights are not copied. */
export interface SerializedModel {
  readonly model: readonly Uint8Array[];
  /** The file of weights, which lies beside the model. */
  readonly weights: readonly Uint8Array[];
}

/**
 * Writes an ONNX model in onnx.proto's wire format, field numbers as published in
 * github.com/onnx/onnx/blob/main/onnx/onnx.proto. Only the fields onnxruntime needs are written. Large constants go
 * into a file of their own, which onnxruntime maps into memory instead of copying it.
 */
export class OnnxGraph {
  readonly #weightsFile: string;
  readonly #nodes: Uint8Array[] = [];
  readonly #tensors: Uint8Array[] = [];
  readonly #weights: Uint8Array[] = [];
  #weightsLength = 0;
  readonly #inputs: TensorShape[] = [];
  readonly #outputs: TensorShape[] = [];
  #values = 0;

  /** @param weightsFile the name of the file of weights. */
  constructor(weightsFile: string) {
    this.#weightsFile = weightsFile;
  }

  input(shape: TensorShape): string {
    this.#inputs.push(shape);
    return shape.name;
  }

  output(shape: TensorShape): void {
    this.#outputs.push(shape);
  }

  /** Adds a constant; `data` is little-endian as every platform Node runs on. */
  tensor(name: string, type: ElementType, dims: readonly number[], data: ArrayBufferView): string {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.LengthDelimited).fork();
    for (const dim of dims) writer.int64(dim);
    writer.join();
    writer.tag(2, WireType.Varint).int32(type);
    writer.tag(8, WireType.LengthDelimited).string(name);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (bytes.byteLength < MIN_OUTSIDE_BYTES) writer.tag(9, WireType.LengthDelimited).bytes(bytes);
    else this.#writeOutside(writer, bytes);
    this.#tensors.push(writer.finish());
    return name;
  }

  #writeOutside(writer: BinaryWriter, bytes: Uint8Array): void {
    const padding = -this.#weightsLength & (PAGE - 1);
    const offset = this.#weightsLength + padding;
    this.#weights.push(new Uint8Array(padding), bytes);
    this.#weightsLength = offset + bytes.byteLength;
    const place = { location: this.#weightsFile, offset: String(offset), length: String(bytes.byteLength) };
    for (const [key, value] of Object.entries(place)) {
      writer.tag(13, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(key);
      writer.tag(2, WireType.LengthDelimited).string(value).join();
    }
    writer.tag(14, WireType.Varint).int32(1);
  }

  /** Adds an operator with one output and returns that output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain: Domain = "",
  ): string {
    return this.nodeWithOutputs(operator, inputs, 1, attributes, domain)[0] as string;
  }

  /** Adds an operator and returns its outputs' names. An empty input name leaves an optional input out. */
  nodeWithOutputs(
    operator: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain: Domain = "",
  ): string[] {
    const outputs = Array.from({ length: outputCount }, () => `v${this.#values++}`);
    this.#write(operator, inputs, outputs, attributes, domain);
    return outputs;
  }

  /** Adds an operator whose output carries the name of a graph output. */
  nodeNamed(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.#write(operator, inputs, [output], attributes, "");
  }

  #write(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    domain: Domain,
  ): void {
    const writer = new BinaryWriter();
    for (const input of inputs) writer.tag(1, WireType.LengthDelimited).string(input);
    for (const output of outputs) writer.tag(2, WireType.LengthDelimited).string(output);
    writer.tag(4, WireType.LengthDelimited).string(operator);
    for (const [name, value] of Object.entries(attributes)) {
      writer.tag(5, WireType.LengthDelimited).fork();
      writeAttribute(writer, name, value);
      writer.join();
    }
    writer.tag(7, WireType.LengthDelimited).string(domain);
    this.#nodes.push(writer.finish());
  }

  /** Serialises the ModelProto and its weights. */
  serialize(producer: string): SerializedModel {
    const graph = this.#graphChunks();
    const graphLength = graph.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    const head = new BinaryWriter();
    head.tag(1, WireType.Varint).int64(IR_VERSION);
    head.tag(2, WireType.LengthDelimited).string(producer);
    for (const [domain, version] of OPSETS) {
      head.tag(8, WireType.LengthDelimited).fork();
      head.tag(1, WireType.LengthDelimited).string(domain);
      head.tag(2, WireType.Varint).int64(version).join();
    }
    head.tag(7, WireType.LengthDelimited).uint32(graphLength);
    return { model: [head.finish(), ...graph], weights: this.#weights };
  }

  #graphChunks(): Uint8Array[] {
    const head = new BinaryWriter();
    for (const node of this.#nodes) head.tag(1, WireType.LengthDelimited).bytes(node);
    head.tag(2, WireType.LengthDelimited).string("graph");
    for (const input of this.#inputs) writeValueInfo(head, 11, input);
    for (const output of this.#outputs) writeValueInfo(head, 12, output);
    const chunks: Uint8Array[] = [head.finish()];
    for (const tensor of this.#tensors) {
      chunks.push(
        new BinaryWriter().tag(5, WireType.LengthDelimited).uint32(tensor.byteLength).finish(),
        tensor,
      );
    }
    return chunks;
  }
}

function writeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  if ("int" in value) {
    writer.tag(3, WireType.Varint).int64(value.int);
    writer.tag(20, WireType.Varint).int32(2);
  } else if ("ints" in value) {
    for (const int of value.ints) writer.tag(8, WireType.Varint).int64(int);
    writer.tag(20, WireType.Varint).int32(7);
  } else {
    writer.tag(2, WireType.Bit32).float(value.float);
    writer.tag(20, WireType.Varint).int32(1);
  }
}

function writeValueInfo(writer: BinaryWriter, field: number, shape: TensorShape): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(shape.name);
  writer.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.Varint).int32(shape.type);
  writer.tag(2, WireType.LengthDelimited).fork();
  for (const dim of shape.dims) {
    writer.tag(1, WireType.LengthDelimited).fork();
    if (typeof dim === "number") writer.tag(1, WireType.Varint).int64(dim);
    else writer.tag(2, WireType.LengthDelimited).string(dim);
    writer.join();
  }
  writer.join().join().join().join();
}
