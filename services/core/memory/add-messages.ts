import { v7 as uuidv7 } from "uuid";
import { refusedKinds, refuseSensitive } from "../extraction/sensitive/refuse-sensitive.ts";
import type { SensitiveKind } from "../extraction/sensitive/sensitive-kind.ts";
import type { FreshnessTokens } from "../freshness/freshness.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { Accepted, AcceptInput, ConversationStore } from "./conversation-store.ts";
import type { MemoryDraft, Metadata } from "./memory.ts";
import type { Message } from "./message.ts";
import { plainDraft } from "./plain-draft.ts";

export interface AddMessagesCommand {
  readonly scope: Scope;
  /** At least one, oldest first. */
  readonly messages: readonly Message[];
  /** Empty: made up here, so that nothing but this call can repeat it. */
  readonly requestId: string;
  /** False stores every message's text as one statement. */
  readonly infer: boolean;
  /** `bulk` may wait for a batch. */
  readonly processing: AcceptInput["processing"];
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
  readonly settings: SettingsOf;
}

/**
 * Keeps turns of a conversation. Once this resolves they are committed; statements follow.
 *
 * @throws MnemeError REQUEST_ID_REUSED, SUBJECT_FENCED, DEPENDENCY_UNAVAILABLE; SENSITIVE_EXCLUDED of finished
 *   statements and metadata that hold what the project refuses.
 */
export async function addMessages(
  { conversations, tokens, settings }: AddMessagesDeps,
  tenancy: Tenancy,
  command: AddMessagesCommand,
  signal?: AbortSignal,
): Promise<AddMessagesResult> {
  refuseOwnWords(await refusedKinds(settings, tenancy), command);
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
      ...(command.processing && { processing: command.processing }),
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

/** What people say is dropped behind the reading; what the application says is refused, for it can leave it out. */
function refuseOwnWords(
  kinds: readonly SensitiveKind[],
  { messages, metadata, infer }: AddMessagesCommand,
): void {
  const own = infer ? [{ text: "" }] : messages;
  for (const [i, { text }] of own.entries())
    refuseSensitive(kinds, { text, metadata, fields: { text: `messages[${i}].text`, metadata: "metadata" } });
}

function verbatim({ text, role, sentAt }: Message): MemoryDraft {
  const origin = role === "tool" ? "tool" : role === "user" ? "stated" : "inferred";
  return plainDraft(text, { origin, validFrom: sentAt });
}
