/** What a model folder holds; written by `exportMiniLm`, read by `createMiniLmEmbedder`. */
export const minilmFiles = {
  fp32: "model.fp32.onnx",
  q8: "model.q8.onnx",
  tokenizer: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
} as const;
