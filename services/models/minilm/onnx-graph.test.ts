import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { elementType, OnnxGraph } from "./onnx-graph.ts";
import { Safetensors } from "./safetensors.ts";

test("onnxruntime runs what is written", async () => {
  const graph = new OnnxGraph("none.weights");
  const x = graph.input({ name: "x", type: elementType.float, dims: ["rows", 2] });
  const weight = graph.tensor("w", elementType.float, [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  const product = graph.node("MatMul", [x, weight]);
  const top = graph.node("ReduceMax", [product], { axes: { ints: [1] }, keepdims: { int: 0 } });
  const leaky = graph.node("LeakyRelu", [top], { alpha: { float: 0.5 } });
  graph.nodeNamed("Neg", [leaky], "y");
  graph.output({ name: "y", type: elementType.float, dims: ["rows"] });

  const session = await InferenceSession.create(Buffer.concat(graph.serialize("test").model), {
    logSeverityLevel: 3,
  });
  expect(session.inputNames).toEqual(["x"]);
  const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1, 1, -1, -1), [2, 2]) });
  expect([...((y?.data ?? []) as Float32Array)]).toEqual([-9, 2.5]);
});

test("large constants lie beside the model, each at the start of a page", async () => {
  const graph = new OnnxGraph("large.weights");
  const x = graph.input({ name: "x", type: elementType.float, dims: [500] });
  const constant = (name: string, value: number) =>
    graph.tensor(name, elementType.float, [500], new Float32Array(500).fill(value));
  graph.nodeNamed("Mul", [graph.node("Add", [x, constant("one", 1)]), constant("three", 3)], "y");
  graph.output({ name: "y", type: elementType.float, dims: [500] });
  const { model, weights } = graph.serialize("test");
  expect(Buffer.concat(weights)).toHaveLength(4096 + 2000);

  const folder = await mkdtemp(path.join(tmpdir(), "mneme-onnx-"));
  try {
    await writeFile(path.join(folder, "large.onnx"), model);
    await writeFile(path.join(folder, "large.weights"), weights);
    const session = await InferenceSession.create(path.join(folder, "large.onnx"));
    const { y } = await session.run({ x: new Tensor("float32", new Float32Array(500).fill(4), [500]) });
    expect(new Set(y?.data as Float32Array)).toEqual(new Set([15]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
