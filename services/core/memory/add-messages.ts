import { v7 as uuidv7 } from "uuid";
import type { FreshnessTokens } from "../freshness/freshness.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Accepted, ConversationStore } from "./conversation-store.ts";
import type { MemoryDraft, Metadata } from "./memory.ts";
import type { Message } from "./message.ts";

export interface AddMessagesCommand {
  readonly scope: Scope;
  /** At least one, oldest first. */
  readonly messages: readonly Message[];
  /** Empty: made up here, so that nothing but this call can repeat it. */
  readonly requestId: string;
  /** False stores every message's text as one statement. */
  readonly infer: boolean;
  readonly metadata: Metadata;
  /** Canonical bytes of the request. */
  readonly body: Uint8Array;
}

export interface AddMessagesResult extends Accepted {
  readonly freshnessToken: string;
}

export interface AddMessagesDeps {
  readonly conversations: ConversationStore;
  readonly tokens: FreshnessTokens;
}

/**
 * Keeps turns of a conversation. Once this resolves they are committed; statements follow.
 *
 * @throws MnemeError REQUEST_ID_REUSED, SUBJECT_FENCED, DEPENDENCY_UNAVAILABLE.
 */
export async function addMessages(
  { conversations, tokens }: AddMessagesDeps,
  tenancy: Tenancy,
  command: AddMessagesCommand,
  signal?: AbortSignal,
): Promise<AddMessagesResult> {
  const accepted = await conversations.accept(
    tenancy,
    {
      scope: command.scope,
      items: command.messages.map((message) =>
        command.infer
          ? { type: "turn", message }
          : { type: "draft", draft: verbatim(message), sentAt: message.sentAt },
      ),
      metadata: command.metadata,
      request: { rpc: "AddMessages", requestId: command.requestId || uuidv7(), body: command.body },
    },
    signal,
  );
  const freshnessToken = tokens.seal(tenancy, {
    type: "extraction",
    extractionIds: [accepted.extraction.id],
  });
  return { ...accepted, freshnessToken };
}

function verbatim(message: Message): MemoryDraft {
  return {
    text: message.text,
    kind: "semantic",
    category: "other",
    confidence: 1,
    importance: 0.5,
    origin: message.role === "tool" ? "tool" : message.role === "user" ? "stated" : "inferred",
    metadata: {},
    validFrom: message.sentAt,
    validTo: undefined,
    expiresAt: undefined,
  };
}
