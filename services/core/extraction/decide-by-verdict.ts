import { rulesOf } from "../language/rules/rules.ts";
import { asksToForget } from "./claims/forget.ts";
import type { Decision } from "./ingest-store.ts";
import {
  confirmed,
  corrected,
  deleteAll,
  type KnownCandidate,
  lastsAsLong,
  type ModelVerdict,
  mayEnd,
  type Proposal,
  updated,
} from "./proposal.ts";

/** What a model may have decided; undefined where it may not, and rules decide. */
export function decisionOf(
  { outcome, known, content: merged, rule }: ModelVerdict,
  proposal: Proposal,
): Decision[] | undefined {
  const { messageId, content, atLeast } = proposal;
  const [first] = known;
  switch (outcome) {
    case "add":
      return [{ outcome: "add", messageId, content, rule }];
    case "ignore":
      return [{ outcome: "drop", messageId }];
    case "confirm":
      if (!first || !lastsAsLong(first.expiresAt, atLeast)) return undefined;
      return [confirmed(proposal, first.memoryId, rule)];
    case "update":
      if (!first || !isOwn(proposal, first)) return undefined;
      return [updated(messageId, first, merged ?? content, rule)];
    case "supersede":
    case "correct": {
      // Nobody ends what another has told, whatever a model thinks of it.
      const own = known.filter((one) => isOwn(proposal, one));
      if (own.length === 0) return [{ outcome: "add", messageId, content, rule }];
      const ended = own.map(({ memoryId }) => ({ memoryId }));
      if (outcome === "supersede") return [{ outcome, messageId, ended, content, rule }];
      return [corrected(messageId, ended, content, own, rule)];
    }
    case "forget":
      // What is deleted is gone for good: a plain statement asks for nothing, whatever a model thinks of it.
      if (content.features.role !== "user" || !mayAskToForget(proposal)) return undefined;
      return deleteAll(
        messageId,
        known.filter((one) => isOwn(proposal, one)),
        rule,
      );
  }
}

/** Where there are rules for what asks to forget, they have to see a request; of other languages a model knows more. */
function mayAskToForget({ content, reading, asksElsewhere }: Proposal): boolean {
  if (reading.unread === undefined) return asksToForget(content.statement.text);
  return rulesOf(reading.unread)?.forget === undefined || asksElsewhere !== undefined;
}

/** Of any claim of it: what a model decides is about all of them. */
function isOwn(proposal: Proposal, known: KnownCandidate): boolean {
  const subjects = ["", ...proposal.reading.claims.map(({ subject }) => subject)];
  return subjects.some((subject) => mayEnd(proposal, known, subject));
}
