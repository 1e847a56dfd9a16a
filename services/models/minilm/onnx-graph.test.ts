import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { elementType, OnnxGraph } from "./onnx-graph.ts";
import { Safetensors } from "./safetensors.ts";

test("onnxruntime runs what is written", async () => {
  const graph = new OnnxGraph();
  const x = graph.input({ name: "x", type: elementType.float, dims: ["rows", 2] });
  const weight = graph.tensor("w", elementType.float, [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  const product = graph.node("MatMul", [x, weight]);
  const top = graph.node("ReduceMax", [product], { axes: { ints: [1] }, keepdims: { int: 0 } });
  const leaky = graph.node("LeakyRelu", [top], { alpha: { float: 0.5 } });
  graph.nodeNamed("Neg", [leaky], "y");
  graph.output({ name: "y", type: elementType.float, dims: ["rows"] });

  const session = await InferenceSession.create(Buffer.concat(graph.serialize("test")), {
    logSeverityLevel: 3,
  });
  expect(session.inputNames).toEqual(["x"]);
  const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1, 1, -1, -1), [2, 2]) });
  expect([...((y?.data ?? []) as Float32Array)]).toEqual([-9, 2.5]);
});

/** A safetensors file of one tensor `w` = [1, 2]. */
function safetensors(header = { w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.byteLength));
  return Buffer.concat([length, json, Buffer.from(Float32Array.of(1, 2).buffer)]);
}

test("weights are read by name, and a wrong file is said", () => {
  const weights = new Safetensors(safetensors());
  expect([...weights.float("w", [2])]).toEqual([1, 2]);
  expect(() => weights.float("w", [3])).toThrow("expected F32 [3]");
  expect(() => weights.float("v", [2])).toThrow("v is missing");
  expect(() => new Safetensors(Buffer.alloc(64, 0xff))).toThrow("not a safetensors file");
});
