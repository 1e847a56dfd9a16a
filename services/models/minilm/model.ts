/** `fp32` computes as published; `q8` multiplies 8-bit integers: a quarter of the size, two to three times as fast. */
export type MiniLmVariant = "fp32" | "q8";

export const DIMENSION = 384;

/** What a model folder holds; written by `exportMiniLm`, read by `createMiniLmEmbedder`. */
export const minilmFiles = {
  fp32: { model: "model.fp32.onnx", weights: "model.fp32.weights" },
  q8: { model: "model.q8.onnx", weights: "model.q8.weights" },
  tokenizer: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
} as const;
