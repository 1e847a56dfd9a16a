import type { Cipher } from "@mneme/core/encryption/cipher.ts";

/** The column of a sealed value, bound into its ciphertext; the row is not. */
export type ContentColumn =
  | "subjects.user"
  | "scope_refs.ref"
  | "teams.name"
  | "streams.participants"
  | "stream_summaries.summary"
  | "extractions.metadata"
  | "messages.body"
  | "memory_versions.text"
  | "memory_versions.detail"
  | "memory_versions.window"
  | "memory_versions.vector"
  | "entities.name"
  | "memory_entities.name"
  | "session_windows.task_state"
  | "session_turns.body"
  | "feedback.comment"
  | "search_misses.report"
  | "model_answers.answer"
  | "replay_streams.notes"
  | "replay_memories.body"
  | "replay_memories.window"
  | "replay_memories.vector";

/** Seals and opens the content columns of one tenant. */
export class Content {
  readonly #cipher: Cipher;
  readonly #tenantId: string;

  constructor(cipher: Cipher, tenantId: string) {
    this.#cipher = cipher;
    this.#tenantId = tenantId;
  }

  sealText(keyId: string, column: ContentColumn, text: string): Promise<Buffer> {
    return this.#cipher.seal(this.#tenantId, keyId, column, text);
  }

  sealJson(keyId: string, column: ContentColumn, value: unknown): Promise<Buffer> {
    return this.sealText(keyId, column, JSON.stringify(value));
  }

  /** Float32, little-endian. */
  sealVector(keyId: string, column: ContentColumn, vector: Float32Array): Promise<Buffer> {
    const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
    return this.#cipher.seal(this.#tenantId, keyId, column, bytes);
  }

  /** @returns undefined when there is nothing or its key is gone. */
  async openText(column: ContentColumn, sealed: Uint8Array | null): Promise<string | undefined> {
    if (!sealed) return undefined;
    const opened = await this.#cipher.open(this.#tenantId, column, sealed);
    return opened?.toString("utf8");
  }

  /** The caller names the shape that it sealed. */
  async openJson<T>(column: ContentColumn, sealed: Uint8Array | null): Promise<T | undefined> {
    const text = await this.openText(column, sealed);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  async openVector(column: ContentColumn, sealed: Uint8Array): Promise<Float32Array | undefined> {
    const opened = await this.#cipher.open(this.#tenantId, column, sealed);
    // The copy is aligned, which a slice of a buffer need not be.
    return opened && new Float32Array(new Uint8Array(opened).buffer);
  }
}
