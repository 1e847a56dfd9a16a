import { elementType, OnnxGraph } from "./onnx-graph.ts";
import type { Safetensors } from "./safetensors.ts";

/** A graph under construction with the weights it takes its constants from. */
export class Builder extends OnnxGraph {
  readonly weights: Safetensors;

  constructor(weights: Safetensors, weightsFile: string) {
    super(weightsFile);
    this.weights = weights;
  }

  /** The published vector of that name. */
  vector(name: string, length: number): string {
    return this.floats(name, this.weights.float(name, [length]));
  }

  floats(name: string, values: Float32Array): string {
    return this.tensor(name, elementType.float, [values.length], values);
  }

  float(name: string, value: number): string {
    return this.tensor(name, elementType.float, [], Float32Array.of(value));
  }

  /** Axes, shapes and the like. */
  integers(name: string, values: readonly number[]): string {
    return this.tensor(name, elementType.int64, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** An operator of onnxruntime's own set. */
  microsoft(operator: string, inputs: readonly string[], attributes: Parameters<OnnxGraph["node"]>[2] = {}) {
    return this.node(operator, inputs, attributes, "com.microsoft");
  }
}
