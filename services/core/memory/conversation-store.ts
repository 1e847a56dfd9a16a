import type { Extraction } from "../extraction/extraction.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { MemoryDraft, Metadata } from "./memory.ts";
import type { Message } from "./message.ts";

/** A turn to work, or a finished statement to store as it is. */
export type AcceptedItem =
  | { readonly type: "turn"; readonly message: Message }
  | { readonly type: "draft"; readonly draft: MemoryDraft; readonly sentAt: Date };

export interface AcceptInput {
  readonly scope: Scope;
  readonly items: readonly AcceptedItem[];
  readonly metadata: Metadata;
  readonly request: WriteRequest;
  /** `bulk` may wait for a batch; `now` if absent. */
  readonly processing?: Extraction["processing"];
}

export interface Accepted {
  readonly extraction: Extraction;
  /** One a message, in order. */
  readonly messageIds: readonly string[];
  /** The request was done before, and nothing was kept again. */
  readonly isRepeated?: boolean;
}

/** Where conversations are kept. */
export interface ConversationStore {
  /**
   * Keeps the items, an extraction for them, the idempotency record and the outbox row in one
   * transaction. A repeated request answers what the first one did.
   * @throws MnemeError REQUEST_ID_REUSED, SUBJECT_FENCED.
   */
  accept(tenancy: Tenancy, input: AcceptInput, signal?: AbortSignal): Promise<Accepted>;
}
