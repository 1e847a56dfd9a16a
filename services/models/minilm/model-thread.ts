import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { MnemeError } from "@mneme/core/errors.ts";
import type { ThreadAnswer, ThreadOptions, ThreadRequest } from "./inference-thread.ts";

/**
 * The model on a thread of its own: onnxruntime's `run` blocks whoever calls it. Takes one batch at a time. A
 * thread that dies or hangs fails its batch as retryable and is replaced before the next.
 */
export class ModelThread implements AsyncDisposable {
  readonly #options: ThreadOptions;
  readonly #timeoutMs: number;
  #live: Worker | undefined;
  #worker: Promise<Worker> | undefined;
  #disposed = false;

  constructor(options: ThreadOptions, timeoutMs: number) {
    this.#options = options;
    this.#timeoutMs = timeoutMs;
  }

  /** Loads the model unless it is loaded. @throws MnemeError `unavailable` if the thread does not come up. */
  async start(): Promise<void> {
    try {
      await this.#acquire();
    } catch (error) {
      if (error instanceof MnemeError && error.kind === "deadline_exceeded") throw error;
      throw notLoaded(error);
    }
  }

  /**
   * @param batch token ids, a row a text.
   * @returns `[batch.length, 384]`, row by row.
   * @throws MnemeError `unavailable` or `deadline_exceeded`; the same texts may be tried again.
   */
  async run(batch: readonly (readonly number[])[]): Promise<Float32Array> {
    const worker = await this.#acquire();
    worker.ref();
    try {
      const answer = await this.#exchange(worker, () => send(worker, batch));
      if ("vectors" in answer) return answer.vectors;
      throw unavailable("failure" in answer ? answer.failure : "out of order");
    } finally {
      this.#letGo(worker);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const worker = this.#live;
    if (!worker) return;
    const exited = once(worker, "exit", { signal: AbortSignal.timeout(this.#timeoutMs) });
    worker.ref();
    send(worker, "stop");
    // Whether it ends by itself, by an error or not in time, there is no more to be done.
    await exited.catch(() => {});
    worker.unref();
  }

  /** An idle thread keeps no process alive, but for one that is about to end. */
  #letGo(worker: Worker): void {
    if (!this.#disposed) worker.unref();
  }

  #acquire(): Promise<Worker> {
    if (this.#disposed) return Promise.reject(unavailable("closed"));
    this.#worker ??= this.#spawn();
    return this.#worker;
  }

  #spawn(): Promise<Worker> {
    const worker = new Worker(new URL("./inference-thread.ts", import.meta.url), {
      workerData: this.#options,
      name: "minilm",
      // A thread's garbage is small: the weights and what is computed lie outside of its heap.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#live = worker;
    worker.once("exit", () => this.#forget(worker));
    // Without a listener an error between batches would end the process; the exit that follows is what counts.
    worker.on("error", () => {});
    return this.#exchange(worker, () => {}).then((answer) => {
      if (!("ready" in answer)) throw unavailable("not ready");
      this.#letGo(worker);
      return worker;
    });
  }

  /** The next batch starts another thread. */
  #forget(worker: Worker): void {
    if (this.#live !== worker) return;
    this.#live = undefined;
    this.#worker = undefined;
    send(worker, "stop");
    worker.unref();
  }

  /** Sends and waits for one answer, the thread's death, or the deadline, whichever comes first. */
  #exchange(worker: Worker, send: () => void): Promise<ThreadAnswer> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        act();
      };
      const onMessage = (answer: ThreadAnswer) => settle(() => resolve(answer));
      const fail = (error: MnemeError) => {
        this.#forget(worker);
        settle(() => reject(error));
      };
      const onError = (error: Error) => fail(unavailable("crashed", error));
      const onExit = () => fail(unavailable("exited"));
      const timer = setTimeout(() => fail(timedOut(this.#timeoutMs)), this.#timeoutMs);
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      send();
    });
  }
}

/** A thread is asked to stop, never terminated: inside of onnxruntime that would abort the process. */
function send(worker: Worker, request: ThreadRequest): void {
  worker.postMessage(request);
}

/** @returns what to throw where the model folder cannot be read. */
export function notLoaded(cause: unknown): MnemeError {
  return unavailable("not loaded", cause, "the embedded model did not load: is its folder complete?");
}

function unavailable(
  state: string,
  cause?: unknown,
  message = "the embedded model failed on a batch; the same texts may be tried again",
): MnemeError {
  const metadata = { dependency: "minilm", state };
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", message, { cause, metadata });
}

function timedOut(timeoutMs: number): MnemeError {
  return new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "the embedded model did not answer in time", {
    metadata: { dependency: "minilm", timeoutMs: String(timeoutMs) },
  });
}
