import { Worker } from "node:worker_threads";
import { MnemeError } from "@mneme/core/errors.ts";
import type { ThreadAnswer, ThreadOptions } from "./inference-thread.ts";

/**
 * The model on a thread of its own: onnxruntime's `run` and the tokenizer block whoever calls them. Takes one
 * batch at a time. A thread that dies or hangs fails its batch as retryable and is replaced before the next.
 */
export class ModelThread implements AsyncDisposable {
  readonly #options: ThreadOptions;
  readonly #timeoutMs: number;
  #worker: Promise<Worker> | undefined;
  #disposed = false;

  constructor(options: ThreadOptions, timeoutMs: number) {
    this.#options = options;
    this.#timeoutMs = timeoutMs;
  }

  /** Loads the model unless it is loaded. @throws MnemeError `unavailable` if the thread does not come up. */
  async start(): Promise<void> {
    await this.#acquire();
  }

  /**
   * @returns `[texts.length, 384]`, row by row.
   * @throws MnemeError `unavailable` or `deadline_exceeded`; the same texts may be tried again.
   */
  async run(texts: readonly string[]): Promise<Float32Array> {
    const worker = await this.#acquire();
    worker.ref();
    try {
      const answer = await this.#exchange(worker, () => worker.postMessage(texts));
      if ("vectors" in answer) return answer.vectors;
      throw unavailable("failure" in answer ? answer.failure : "out of order");
    } finally {
      worker.unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  #acquire(): Promise<Worker> {
    if (this.#disposed) return Promise.reject(unavailable("closed"));
    this.#worker ??= this.#spawn().catch((error: unknown) => {
      this.#worker = undefined;
      throw error;
    });
    return this.#worker;
  }

  async #spawn(): Promise<Worker> {
    const worker = new Worker(new URL("./inference-thread.ts", import.meta.url), {
      workerData: this.#options,
      name: "minilm",
    });
    const forget = () => {
      this.#worker = undefined;
    };
    worker.once("exit", forget);
    // Without a listener an error between batches would end the process; the exit that follows is what counts.
    worker.on("error", forget);
    const answer = await this.#exchange(worker, () => {});
    if (!("ready" in answer)) throw unavailable("not ready");
    worker.unref();
    return worker;
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
      const onError = (error: Error) => settle(() => reject(unavailable("crashed", error)));
      const onExit = () => settle(() => reject(unavailable("exited")));
      const timer = setTimeout(() => {
        void worker.terminate();
        settle(() => reject(timedOut(this.#timeoutMs)));
      }, this.#timeoutMs);
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      send();
    });
  }
}

function unavailable(state: string, cause?: Error): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the embedded model failed on a batch", {
    cause,
    metadata: { dependency: "minilm", state },
  });
}

function timedOut(timeoutMs: number): MnemeError {
  return new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "the embedded model did not answer in time", {
    metadata: { dependency: "minilm", timeoutMs: String(timeoutMs) },
  });
}
