import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type MiniLmVariant, minilmFiles } from "./model.ts";
import { standAsPublished } from "./probes.ts";

/** What the thread is started with. */
export interface ThreadOptions {
  readonly modelDir: string;
  readonly variant: MiniLmVariant;
  /** The token ids of `PROBES`. */
  readonly probes: readonly (readonly number[])[];
}

/** A batch's token ids, a row a text, or word to end once the batch in work is done. */
export type ThreadRequest = readonly (readonly number[])[] | "stop";

/** One answer a batch, in order: `[n, 384]` row by row, or why there is none. */
export type ThreadAnswer =
  | { readonly ready: true }
  | { readonly vectors: Float32Array }
  | { readonly failure: string };

const options = workerData as ThreadOptions;
const session = await InferenceSession.create(
  path.join(options.modelDir, minilmFiles[options.variant].model),
  {
    // Two batches side by side take less processor time, and are done sooner, than each on two threads in turn.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Shapes differ from batch to batch, so remembered memory plans would only pile up.
    enableMemPattern: false,
    graphOptimizationLevel: "basic",
    logSeverityLevel: 3,
  },
);

/** @returns `[batch.length, 384]`, row by row. */
async function embed(batch: readonly (readonly number[])[]): Promise<Float32Array> {
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
  // Copied, for the runtime's own memory cannot be handed over to another thread.
  return Float32Array.from(embedding?.data as Float32Array);
}

function answer(message: ThreadAnswer, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function handle(request: ThreadRequest): Promise<void> {
  if (request === "stop") return parentPort?.close();
  try {
    const vectors = await embed(request);
    answer({ vectors }, [vectors.buffer as ArrayBuffer]);
  } catch (error) {
    // The class alone: a runtime's message may quote what it was given.
    answer({ failure: error instanceof Error ? error.name : typeof error });
  }
}

let handled = Promise.resolve();
parentPort?.on("message", (request: ThreadRequest) => {
  handled = handled.then(() => handle(request));
});

if (!standAsPublished(await embed(options.probes))) {
  throw new Error(`${options.variant} computes wrong vectors on this processor: use fp32`);
}
answer({ ready: true });
