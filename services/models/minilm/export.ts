import { copyFile, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildMiniLm } from "./graph.ts";
import { type MiniLmVariant, minilmFiles } from "./model.ts";
import { Safetensors } from "./safetensors.ts";

/** Changes whenever the same weights would give other files; a cache keeps one folder a version. */
export const MINILM_EXPORT_VERSION = 3;

/**
 * Writes what `createMiniLmEmbedder` reads into `targetDir` (made if absent): the ONNX models in both
 * variants and the tokenizer. Takes about a second and needs no Python. Each file appears whole or not at all.
 *
 * @param sourceDir holds the published all-MiniLM-L6-v2: `model.safetensors`, `tokenizer.json`, `tokenizer_config.json`.
 * @throws Error if a source file is missing or is another model's.
 */
export async function exportMiniLm(sourceDir: string, targetDir: string): Promise<void> {
  await mkdir(targetDir, { recursive: true });
  const weights = new Safetensors(await readFile(path.join(sourceDir, "model.safetensors")));
  for (const variant of ["fp32", "q8"] satisfies MiniLmVariant[]) {
    const written = buildMiniLm(weights, variant).serialize(`mneme minilm ${MINILM_EXPORT_VERSION}`);
    await writeWhole(path.join(targetDir, minilmFiles[variant].weights), written.weights);
    await writeWhole(path.join(targetDir, minilmFiles[variant].model), written.model);
  }
  for (const name of [minilmFiles.tokenizer, minilmFiles.tokenizerConfig]) {
    const part = path.join(targetDir, `${name}.${process.pid}.part`);
    await copyFile(path.join(sourceDir, name), part);
    await rename(part, path.join(targetDir, name));
  }
}

async function writeWhole(file: string, chunks: readonly Uint8Array[]): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    const handle = await open(part, "w");
    try {
      for (const chunk of chunks) await writeFile(handle, chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
