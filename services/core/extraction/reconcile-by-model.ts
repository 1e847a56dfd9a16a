import { asksToForget } from "../claims/forgetting/request.ts";
import { rulesOf } from "../language/rules/rules.ts";
import { successorOf } from "./arrives-late.ts";
import type { Decision } from "./ingest-store.ts";
import { lastsAsLong } from "./lasting.ts";
import {
  confirmed,
  corrected,
  deleteAll,
  type KnownCandidate,
  type ModelVerdict,
  mayEnd,
  mayEnrich,
  type Proposal,
  updated,
  wantedOf,
} from "./proposal.ts";

/** What a model may have decided; undefined where it may not, and rules decide. */
export function decisionOf(
  { outcome, known, merged, rule }: ModelVerdict,
  proposal: Proposal,
): Decision[] | undefined {
  const { messageId, content } = proposal;
  const [first] = known;
  switch (outcome) {
    case "add":
      return [added(proposal, rule)];
    case "ignore":
      return [{ outcome: "drop", messageId }];
    case "confirm":
      if (!first || !lastsAsLong(first, wantedOf(proposal))) return undefined;
      return [confirmed(proposal, first.memoryId, rule)];
    case "update":
      if (!first || !isOwn(proposal, first)) return undefined;
      // In words that were not both's it is no update: what is known stays, and what is new stands beside it.
      if (!merged || !mayEnrich(wantedOf(proposal), first)) return [added(proposal, rule)];
      return [updated(messageId, first, merged.content, rule)];
    case "supersede":
    case "correct": {
      // Nobody ends what another has told, whatever a model thinks of it.
      const own = known.filter((one) => isOwn(proposal, one));
      if (own.length === 0) return [added(proposal, rule)];
      const ended = own.map(({ memoryId }) => ({ memoryId }));
      const endedBy = successorOf(proposal);
      if (outcome === "supersede")
        return [{ outcome, messageId, ended, content, rule, ...(endedBy && { endedBy }) }];
      return [corrected(messageId, ended, content, own, rule)];
    }
    case "forget": {
      // What is deleted is gone for good: a plain statement asks for nothing, whatever a model thinks of it.
      if (content.features.role !== "user" || !mayAskToForget(proposal)) return undefined;
      const own = known.filter((one) => isTellers(proposal, one));
      return deleteAll(messageId, own, rule);
    }
  }
}

/** Where there are rules for what asks to forget, they have to see a request; of other languages a model knows more. */
function mayAskToForget({ content, reading, asksElsewhere }: Proposal): boolean {
  if (reading.unread === undefined) return asksToForget(content.statement.text);
  return rulesOf(reading.unread)?.forget === undefined || asksElsewhere !== undefined;
}

/** What was said before something else is known of is ended by that, however late it arrives. */
function added(proposal: Proposal, rule: string): Decision {
  const { messageId, content } = proposal;
  const endedBy = successorOf(proposal);
  return { outcome: "add", messageId, content, rule, ...(endedBy && { endedBy }) };
}

/** Told by the same one, and before. */
function isOwn(proposal: Proposal, known: KnownCandidate): boolean {
  return proposal.content.features.saidAt >= known.saidAt && isTellers(proposal, known);
}

/** Of any claim of it: what a model decides is about all of them. */
function isTellers(proposal: Proposal, known: KnownCandidate): boolean {
  const subjects = ["", ...proposal.reading.claims.map(({ subject }) => subject)];
  return subjects.some((subject) => mayEnd(proposal, known, subject));
}
