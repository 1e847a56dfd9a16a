import { v7 as uuidv7 } from "uuid";
import { invalidField } from "../errors.ts";
import { refusedKinds, refuseSensitive } from "../extraction/sensitive/refuse-sensitive.ts";
import type { FreshnessTokens } from "../freshness/freshness.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { ConversationStore } from "./conversation-store.ts";
import type { MemoryDraft } from "./memory.ts";

/** Statements that are kept in one transaction. */
const CHUNK = 250;

/** One statement of an import. */
export interface ImportItem {
  /** Undefined: the scope of the one before. */
  readonly scope: Scope | undefined;
  readonly draft: MemoryDraft;
  /** When it was said; undefined: now. When it was so tells nothing of that. */
  readonly saidAt: Date | undefined;
  /** Only the first one's counts; empty means that the import can't be repeated. */
  readonly requestId: string;
  /** Canonical bytes of the item. */
  readonly body: Uint8Array;
}

export interface ImportResult {
  readonly extractionIds: readonly string[];
  readonly accepted: number;
  readonly freshnessToken: string;
}

export interface ImportDeps {
  readonly conversations: ConversationStore;
  readonly tokens: FreshnessTokens;
  readonly settings: SettingsOf;
}

interface Chunk {
  readonly scope: Scope;
  readonly items: ImportItem[];
}

/**
 * Keeps a stream of finished statements, a chunk at a time. A stream that breaks off has kept the chunks
 * before the break; sent again under the same request id, those are recognised and not kept twice.
 *
 * @throws MnemeError FIELD_INVALID without any statement, SCOPE_REQUIRED when the first one has no scope,
 *   SENSITIVE_EXCLUDED of one that holds what the project refuses; as `addMessages` else.
 */
export async function importMemories(
  deps: ImportDeps,
  tenancy: Tenancy,
  items: AsyncIterable<ImportItem>,
  signal?: AbortSignal,
): Promise<ImportResult> {
  const extractionIds: string[] = [];
  let requestId = "";
  let accepted = 0;
  for await (const { scope, items: chunk } of chunks(items)) {
    requestId ||= chunk[0]?.requestId || uuidv7();
    const kinds = await refusedKinds(deps.settings, tenancy);
    for (const { draft } of chunk)
      refuseSensitive(kinds, { ...draft, fields: { text: "memory.text", metadata: "memory.metadata" } });
    const now = new Date();
    const result = await deps.conversations.accept(
      tenancy,
      {
        scope,
        items: chunk.map(({ draft, saidAt }) => ({ type: "draft", draft, sentAt: saidAt ?? now })),
        metadata: {},
        request: {
          rpc: "ImportMemories",
          requestId: `${requestId}#${extractionIds.length}`,
          body: Buffer.concat(chunk.map(({ body }) => body)),
        },
      },
      signal,
    );
    extractionIds.push(result.extraction.id);
    accepted += chunk.length;
  }
  if (accepted === 0) throw invalidField("memory", "send at least one statement");
  const freshnessToken = deps.tokens.seal(tenancy, { type: "extraction", extractionIds });
  return { extractionIds, accepted, freshnessToken };
}

/** Groups by scope, in order, at most CHUNK at a time. */
async function* chunks(items: AsyncIterable<ImportItem>): AsyncGenerator<Chunk> {
  let open: Chunk | undefined;
  for await (const item of items) {
    const scope: Scope | undefined = item.scope ?? open?.scope;
    if (!scope) throw invalidField("scope", "set it on the first statement", "SCOPE_REQUIRED");
    if (open && (open.items.length >= CHUNK || (item.scope && !sameScope(item.scope, open.scope)))) {
      yield open;
      open = undefined;
    }
    open ??= { scope, items: [] };
    open.items.push(item);
  }
  if (open) yield open;
}

function sameScope(a: Scope, b: Scope): boolean {
  return (
    a.userId === b.userId &&
    a.agentId === b.agentId &&
    a.appId === b.appId &&
    a.teamId === b.teamId &&
    a.sessionId === b.sessionId
  );
}
