import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { IngestStore, PendingMessage, StreamBatch } from "@mneme/core/extraction/ingest-store.ts";

interface KeptMessage {
  readonly id: string;
  readonly streamId: string;
  readonly extractionId: string;
  readonly text: string;
  state: "pending" | "done" | "failed";
  indexed: boolean;
}

/**
 * The ingest ports in memory, for tests of what the workflow does with them. One message is one extraction;
 * a text becomes one statement, unless `read` throws.
 */
export class MemoryPorts {
  readonly messages: KeptMessage[] = [];
  /** Tries counted, by extraction. */
  readonly tries = new Map<string, number>();
  readonly loads: { readonly exclude: readonly string[] }[] = [];
  /** Called with each text that is read; throw to fail. */
  read: (text: string) => unknown = () => undefined;
  /** Called before each use of the record or the index; throw to fail. */
  recordUse: () => unknown = () => undefined;
  indexUse: () => unknown = () => undefined;

  add(streamId: string, text: string): KeptMessage {
    const id = randomUUID();
    const message: KeptMessage = {
      id,
      streamId,
      extractionId: randomUUID(),
      text,
      state: "pending",
      indexed: false,
    };
    this.messages.push(message);
    return message;
  }

  get settled(): boolean {
    return this.messages.every(({ state, indexed }) => state === "failed" || (state === "done" && indexed));
  }

  get deps(): IngestDeps {
    return {
      store: this.#store,
      extractor: {
        name: "test",
        version: "1",
        extract: async ({ turns }) => {
          for (const { text } of turns) await this.read(text);
          const dropped = turns.map(({ messageId }) => ({ messageId, reason: "filtered" as const }));
          return { statements: [], dropped, summary: undefined };
        },
      },
      embedder: { model: "test", dimension: 2, embed: async (texts) => texts.map(() => new Float32Array(2)) },
      index: {
        requireModel: async () => undefined,
        write: async () => [],
        remove: async () => undefined,
        refresh: async () => void (await this.indexUse()),
        nearest: async (queries) => queries.map(() => []),
      },
    };
  }

  #pending(only: (message: KeptMessage) => boolean): KeptMessage[] {
    return this.messages.filter((message) => message.state === "pending" && only(message));
  }

  #batch(streamId: string, messages: readonly KeptMessage[]): StreamBatch {
    return {
      streamId,
      projectId: "project",
      subject: undefined,
      participants: [],
      summary: "",
      context: [],
      pending: messages.map(toPending),
    };
  }

  get #store(): IngestStore {
    return {
      load: async (_, { limit, exclude }) => {
        await this.recordUse();
        this.loads.push({ exclude });
        const found = this.#pending(({ streamId }) => !exclude.includes(streamId)).slice(0, limit);
        const streams = Map.groupBy(found, ({ streamId }) => streamId);
        return [...streams].map(([streamId, messages]) => this.#batch(streamId, messages));
      },
      loadStream: async (_, streamId) => {
        await this.recordUse();
        const found = this.#pending((message) => message.streamId === streamId).slice(0, 1);
        return found.length > 0 ? this.#batch(streamId, found) : undefined;
      },
      findExact: async (_, statements) => statements.map(() => undefined),
      texts: async (_, memories) => memories.map(() => undefined),
      apply: async (_, results) => {
        await this.recordUse();
        for (const { batch } of results) {
          for (const { turn } of batch.pending) {
            const message = this.messages.find(({ id }) => id === turn.messageId);
            if (message) message.state = "done";
          }
        }
      },
      recordFailure: async (_, batch) => {
        const extractionId = batch.pending[0]?.extractionId ?? "";
        this.tries.set(extractionId, (this.tries.get(extractionId) ?? 0) + 1);
      },
      giveUp: async (_, { streamId, extractionId }) => {
        const message = this.#pending((each) => each.streamId === streamId)[0];
        if (message?.extractionId !== extractionId) return false;
        message.state = "failed";
        return true;
      },
      loadUnindexed: async () => ({ documents: [], unreadable: [], removals: [] }),
      markIndexed: async () => {
        for (const message of this.messages) if (message.state === "done") message.indexed = true;
      },
    };
  }
}

function toPending({ id, extractionId, text }: KeptMessage): PendingMessage {
  return {
    turn: { messageId: id, sessionId: undefined, role: "user", name: undefined, text, sentAt: new Date() },
    extractionId,
    ids: {
      subject: undefined,
      agentId: undefined,
      appId: undefined,
      teamId: undefined,
      sessionId: undefined,
    },
    metadata: {},
    draft: undefined,
  };
}

/** What an adapter throws while what it stands for is away. */
export function outage(dependency: "postgres" | "opensearch" | "model"): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", `no ${dependency}`, {
    metadata: { dependency },
  });
}
