import { MnemeError } from "@mneme/core/errors.ts";
import type {
  BatchProgress,
  BulkAnswer,
  BulkRequest,
  BulkServer,
} from "@mneme/core/extraction/bulk/bulk-reader.ts";
import type OpenAI from "openai";
import { toFile } from "openai";
import type { Batch } from "openai/resources";
import { readAnswers } from "./batch-answers.ts";
import { callModel, createOpenAiClient, type OpenAiServer } from "./client.ts";

export interface OpenAiBatchesOptions extends OpenAiServer {
  /** Of one call, in milliseconds; files may take ten times as long. Default 60 s. */
  readonly timeoutMs?: number;
  /** How long it is remembered that the server takes none, in milliseconds. Default an hour. */
  readonly rememberMs?: number;
  /** Told the first time that it takes none. */
  readonly onMissing?: () => void;
}

/** The batch's name stands with the server under this key. */
const NAME = "mneme_batch";
/** Removed by ourselves long before; what a worker that is no more left behind goes by itself. */
const KEPT_SECONDS = 3 * 24 * 60 * 60;
/** Clocks may differ so much. */
const CLOCK_MS = 5 * 60_000;
const ENDED: ReadonlySet<Batch["status"]> = new Set(["completed", "failed", "expired", "cancelled"]);
/** What a server says that knows no such address. */
const MISSING = ["404", "405", "501"] as const;

/**
 * Batches of an OpenAI-compatible server: a file of requests, asked for by name. Nothing of it stays there but what
 * `remove` has not been called for.
 *
 * Errors are those of `callModel`; MODEL_NOT_FOUND from `send` says that the server takes no batches.
 */
export function createOpenAiBatches(options: OpenAiBatchesOptions): BulkServer {
  return new OpenAiBatches(options);
}

class OpenAiBatches implements BulkServer {
  readonly name: string;
  readonly #client: OpenAI;
  readonly #timeoutMs: number;
  readonly #rememberMs: number;
  readonly #onMissing: (() => void) | undefined;
  #missingUntil = 0;
  #wasMissing = false;

  constructor(options: OpenAiBatchesOptions) {
    const { timeoutMs = 60_000, rememberMs = 60 * 60_000, onMissing } = options;
    this.name = addressOf(options);
    this.#client = createOpenAiClient(options);
    this.#timeoutMs = timeoutMs;
    this.#rememberMs = rememberMs;
    this.#onMissing = onMissing;
  }

  get isThere(): boolean {
    return Date.now() >= this.#missingUntil;
  }

  async find(name: string, since: Date, signal?: AbortSignal): Promise<readonly string[]> {
    // Nothing was sent to where there are no batches.
    return (await this.#find(name, since, signal).catch(unless(...MISSING))) ?? [];
  }

  async #find(name: string, since: Date, signal: AbortSignal | undefined): Promise<readonly string[]> {
    const oldest = (since.getTime() - CLOCK_MS) / 1_000;
    const found = await this.#call(signal, async (options) => {
      const batches: Batch[] = [];
      for await (const batch of this.#client.batches.list({ limit: 100 }, options)) {
        if (batch.metadata?.[NAME] === name) batches.push(batch);
        if (batch.created_at < oldest) break;
      }
      return batches;
    });
    const read = new Set(found.map(({ input_file_id }) => input_file_id));
    await this.#removeStrays(name, oldest, read, signal);
    return found.map(({ id }) => id);
  }

  /** Files that no batch was made of. @param read of which one was. */
  async #removeStrays(
    name: string,
    oldest: number,
    read: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const strays = await this.#call(signal, async (options) => {
      const ids: string[] = [];
      const query = { purpose: "batch", order: "desc", limit: 1_000 } as const;
      for await (const file of this.#client.files.list(query, options)) {
        if (file.created_at < oldest) break;
        if (file.filename === fileName(name) && !read.has(file.id)) ids.push(file.id);
      }
      return ids;
    });
    for (const id of strays) await this.#removeFile(id, signal);
  }

  async send(
    name: string,
    requests: ReadonlyMap<string, BulkRequest>,
    signal?: AbortSignal,
  ): Promise<string> {
    try {
      const file = await this.#upload(name, requests, signal);
      return await this.#create(name, file, signal).catch(async (error: unknown) => {
        // Left for a later try to find, where it can't be told whether there is a batch of it.
        if (isRefused(error)) await this.#removeFile(file, signal);
        throw error;
      });
    } catch (error) {
      if (!(error instanceof MnemeError) || !isMissing(error)) throw error;
      this.#missingUntil = Date.now() + this.#rememberMs;
      if (!this.#wasMissing) this.#onMissing?.();
      this.#wasMissing = true;
      throw new MnemeError("failed_precondition", "MODEL_NOT_FOUND", "the model server takes no batches", {
        metadata: OF,
      });
    }
  }

  async #upload(name: string, requests: ReadonlyMap<string, BulkRequest>, signal: AbortSignal | undefined) {
    const lines = [...requests].map(
      ([id, { body }]) =>
        `{"custom_id":${JSON.stringify(id)},"method":"POST","url":"/v1/chat/completions","body":${body}}\n`,
    );
    const input = Buffer.from(lines.join(""));
    const upload = (expiry: object) =>
      this.#call(
        signal,
        async (options) => {
          const file = await toFile(input, fileName(name), { type: "application/jsonl" });
          return this.#client.files.create({ file, purpose: "batch", ...expiry }, options);
        },
        { times: FILE_TIMES, once: true },
      );
    return (await withExpiry("expires_after", upload)).id;
  }

  async #create(name: string, file: string, signal: AbortSignal | undefined): Promise<string> {
    const create = (expiry: object) =>
      this.#call(
        signal,
        (options) =>
          this.#client.batches.create(
            {
              input_file_id: file,
              endpoint: "/v1/chat/completions",
              completion_window: "24h",
              metadata: { [NAME]: name },
              ...expiry,
            },
            options,
          ),
        { once: true },
      );
    return (await withExpiry("output_expires_after", create)).id;
  }

  async look(id: string, signal?: AbortSignal): Promise<BatchProgress> {
    const batch = await this.#retrieve(id, signal);
    return !batch || ENDED.has(batch.status) ? "ended" : "going";
  }

  async cancel(id: string, signal?: AbortSignal): Promise<void> {
    const cancel = (options: CallOf) => this.#client.batches.cancel(id, options);
    // It has ended meanwhile, or is ending.
    await this.#call(signal, cancel).catch(unless("400", "404", "409"));
  }

  async answers(id: string, signal?: AbortSignal): Promise<ReadonlyMap<string, BulkAnswer>> {
    const output = (await this.#retrieve(id, signal))?.output_file_id;
    if (!output) return new Map();
    const text = await this.#call(
      signal,
      async (options) => (await this.#client.files.content(output, options)).text(),
      { times: FILE_TIMES },
    );
    return readAnswers(text);
  }

  async remove(id: string, signal?: AbortSignal): Promise<BatchProgress> {
    const batch = await this.#retrieve(id, signal);
    if (batch && !ENDED.has(batch.status)) return "going";
    for (const file of [batch?.input_file_id, batch?.output_file_id, batch?.error_file_id]) {
      if (file) await this.#removeFile(file, signal);
    }
    return "ended";
  }

  /** Undefined where it is gone. */
  async #retrieve(id: string, signal: AbortSignal | undefined): Promise<Batch | undefined> {
    const retrieve = (options: CallOf) => this.#client.batches.retrieve(id, options);
    return this.#call(signal, retrieve).catch(unless("404"));
  }

  async #removeFile(id: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#call(signal, (options) => this.#client.files.delete(id, options)).catch(unless("404"));
  }

  #call<T>(
    signal: AbortSignal | undefined,
    request: (options: CallOf) => Promise<T>,
    { times = 1, once = false }: { readonly times?: number; readonly once?: boolean } = {},
  ): Promise<T> {
    const call = { ...OF, timeoutMs: times * this.#timeoutMs, signal, once };
    return callModel(call, (either) => request({ signal: either }));
  }
}

type CallOf = { readonly signal: AbortSignal };

const OF = { model: "batch", server: "extractor" } as const;
const FILE_TIMES = 10;

function addressOf({ baseUrl }: OpenAiServer): string {
  const { origin, pathname } = new URL(baseUrl);
  return origin + pathname.replace(/\/+$/, "");
}

function fileName(name: string): string {
  return `${name}.jsonl`;
}

/** Asked without it where a server does not know that files may expire. */
async function withExpiry<T>(
  member: "expires_after" | "output_expires_after",
  request: (expiry: object) => Promise<T>,
): Promise<T> {
  try {
    return await request({ [member]: { anchor: "created_at", seconds: KEPT_SECONDS } });
  } catch (error) {
    if (!(error instanceof MnemeError) || !["400", "422"].includes(error.metadata.status ?? "")) throw error;
    return request({});
  }
}

function isMissing({ metadata: { status } }: MnemeError): boolean {
  return MISSING.some((one) => one === status);
}

function isRefused(error: unknown): boolean {
  return error instanceof MnemeError && error.kind === "failed_precondition";
}

/** Takes an error with one of these statuses for no answer. */
function unless(...statuses: readonly string[]) {
  return (error: unknown): undefined => {
    if (error instanceof MnemeError && statuses.includes(error.metadata.status ?? "")) return undefined;
    throw error;
  };
}
