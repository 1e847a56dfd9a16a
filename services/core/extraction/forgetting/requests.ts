import { asksToForgetIn } from "../../claims/told-in.ts";
import type { Statement } from "../extractor.ts";
import type { Decision, NotKept, PendingMessage } from "../ingest-store.ts";

/** Whether a statement asks to forget something. */
export type Asks = (statement: Statement) => boolean;

/** Statements that ask to forget, by their text, and why they are no memories though they go on. */
export type Requests = ReadonlyMap<string, NotKept>;

/**
 * Of statements that these messages say.
 *
 * @param language what the project's people write in, a primary tag.
 */
export function asksIn(language: string, messages: ReadonlyMap<string, PendingMessage>): Asks {
  return ({ text, sources: [first] }) => {
    const said = first && messages.get(first.messageId)?.turn.text.slice(first.start, first.end);
    return asksToForgetIn(language, text, said ?? "");
  };
}

/** What came to nothing as a request is no memory either. */
export function withoutRequests(decisions: readonly Decision[], requests: Requests): readonly Decision[] {
  if (requests.size === 0) return decisions;
  return decisions.map((decision) => {
    const why = "content" in decision ? requests.get(decision.content.statement.text) : undefined;
    return why ? { outcome: "drop", messageId: decision.messageId, ...why } : decision;
  });
}
