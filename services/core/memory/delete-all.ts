import { v7 as uuidv7 } from "uuid";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { MemoryStore } from "./memory-store.ts";

export interface DeleteAllCommand {
  /** Every set member restricts. */
  readonly scope: Scope;
  /** Empty: made up here; a call that is cut off can then not be gone on with. */
  readonly requestId: string;
  /** Canonical bytes of the request. */
  readonly body: Uint8Array;
}

/**
 * Deletes every memory that a scope has at the time of the first call. This is deletion, not the erasure of
 * a person.
 *
 * @returns how many, over all calls with this request id.
 * @throws MnemeError SUBJECT_FENCED, REQUEST_ID_REUSED.
 */
export function deleteAllMemories(
  { memories }: { readonly memories: Pick<MemoryStore, "deleteAll"> },
  tenancy: Tenancy,
  { scope, requestId, body }: DeleteAllCommand,
  signal?: AbortSignal,
): Promise<number> {
  const request = { rpc: "DeleteAllMemories", requestId: requestId || uuidv7(), body };
  return memories.deleteAll(tenancy, scope, request, signal);
}
