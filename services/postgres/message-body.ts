import type { AcceptedItem } from "@mneme/core/memory/conversation-store.ts";
import type { MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { ToolCall } from "@mneme/core/memory/message.ts";

/** What `messages.body_ct` seals, as JSON. */
export interface MessageBody {
  readonly name: string | null;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolCallId: string | null;
  /** Set on a finished statement that is stored as it is; dates as ISO 8601. */
  readonly draft?: DraftBody;
}

interface DraftBody extends Omit<MemoryDraft, "text" | "validFrom" | "validTo" | "expiresAt" | "reviewAt"> {
  readonly validFrom: string | null;
  readonly validTo: string | null;
  readonly expiresAt: string | null;
  /** Absent of what came before there was any. */
  readonly reviewAt?: string | null;
}

/** The body of an accepted item. */
export function toMessageBody(item: AcceptedItem): MessageBody {
  if (item.type === "turn") {
    const { name, text, toolCalls, toolCallId } = item.message;
    return { name: name ?? null, text, toolCalls, toolCallId: toolCallId ?? null };
  }
  const { text, validFrom, validTo, expiresAt, reviewAt, ...rest } = item.draft;
  const draft: DraftBody = {
    ...rest,
    validFrom: validFrom?.toISOString() ?? null,
    validTo: validTo?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    reviewAt: reviewAt?.toISOString() ?? null,
  };
  return { name: null, text, toolCalls: [], toolCallId: null, draft };
}

/** The statement that a body holds, if it holds one. */
export function draftOf(body: MessageBody): MemoryDraft | undefined {
  if (!body.draft) return undefined;
  const { validFrom, validTo, expiresAt, reviewAt = null, ...rest } = body.draft;
  return {
    ...rest,
    text: body.text,
    validFrom: date(validFrom),
    validTo: date(validTo),
    expiresAt: date(expiresAt),
    reviewAt: date(reviewAt),
  };
}

const date = (iso: string | null) => (iso === null ? undefined : new Date(iso));
