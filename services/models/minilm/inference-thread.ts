import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { planBatches } from "./batches.ts";
import { minilmFiles } from "./files.ts";
import { DIMENSION, type MiniLmVariant } from "./graph.ts";
import { loadTokenizer } from "./tokenize.ts";

/** What the thread is started with. */
export interface ThreadOptions {
  readonly modelDir: string;
  readonly variant: MiniLmVariant;
  readonly threads: number;
  readonly maxPaddedTokens: number;
}

/** One answer a request, in order: `[n, 384]` row by row, or why there is none. */
export type ThreadAnswer =
  | { readonly ready: true }
  | { readonly vectors: Float32Array }
  | { readonly failure: string };

const options = workerData as ThreadOptions;
const tokenize = loadTokenizer(options.modelDir);
const session = await InferenceSession.create(path.join(options.modelDir, minilmFiles[options.variant]), {
  intraOpNumThreads: options.threads,
  interOpNumThreads: 1,
  // Shapes differ from batch to batch, so remembered memory plans would only pile up.
  enableMemPattern: false,
  graphOptimizationLevel: "basic",
  logSeverityLevel: 3,
  // Idle threads sleep rather than spin: the cores are shared with the database and the index.
  extra: { session: { intra_op: { allow_spinning: "0" } } },
});

async function embed(texts: readonly string[]): Promise<Float32Array> {
  const ids = texts.map(tokenize);
  const vectors = new Float32Array(texts.length * DIMENSION);
  const batches = planBatches(
    ids.map((tokens) => tokens.length),
    options.maxPaddedTokens,
  );
  for (const batch of batches) {
    const rows = await infer(batch.map((index) => ids[index] as readonly number[]));
    for (const [row, index] of batch.entries()) {
      vectors.set(rows.subarray(row * DIMENSION, (row + 1) * DIMENSION), index * DIMENSION);
    }
  }
  return vectors;
}

async function infer(batch: readonly (readonly number[])[]): Promise<Float32Array> {
  const length = Math.max(...batch.map((tokens) => tokens.length));
  const ids = new Int32Array(batch.length * length);
  const mask = new Int32Array(batch.length * length);
  for (const [row, tokens] of batch.entries()) {
    ids.set(tokens, row * length);
    mask.fill(1, row * length, row * length + tokens.length);
  }
  const shape = [batch.length, length];
  const { embedding } = await session.run({
    input_ids: new Tensor("int32", ids, shape),
    attention_mask: new Tensor("int32", mask, shape),
  });
  return embedding?.data as Float32Array;
}

function answer(message: ThreadAnswer, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

parentPort?.on("message", async (texts: readonly string[]) => {
  try {
    const vectors = await embed(texts);
    answer({ vectors }, [vectors.buffer as ArrayBuffer]);
  } catch (error) {
    // The class alone: a tokenizer's or runtime's message may quote the text.
    answer({ failure: error instanceof Error ? error.name : typeof error });
  }
});

/**
 * The published model's cosines for these sentences are .666 and .105. Processors differ in how they add 8-bit
 * products (some saturate), so a wrong result is caught here rather than stored.
 */
async function check(): Promise<void> {
  const rows = await embed([
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
  ]);
  const cosine = (other: number) => {
    let sum = 0;
    for (let i = 0; i < DIMENSION; i++) sum += (rows[i] as number) * (rows[other * DIMENSION + i] as number);
    return sum;
  };
  if (!(Math.abs(cosine(1) - 0.666) < 0.02 && Math.abs(cosine(2) - 0.105) < 0.02)) {
    throw new Error(`${options.variant} computes wrong vectors on this processor: use fp32`);
  }
}

await check();
answer({ ready: true });
