import { SELF } from "../claims/claim.ts";
import { compare } from "../claims/compare.ts";
import type { Successor } from "./ingest-store.ts";
import { isOtherTeller, isOwnOf, type KnownCandidate, type Proposal } from "./proposal.ts";

/**
 * What was said later and is known already ends what arrives only now, as it would have in the order that it was said in;
 * of several the first to come.
 */
export function successorOf(proposal: Proposal): Successor | undefined {
  const { statement, features } = proposal.content;
  const since = statement.valid.from ?? features.saidAt;
  const later = proposal.known.filter(
    ({ saidAt, validFrom, role }) => saidAt > features.saidAt && validFrom > since && role !== "assistant",
  );
  return later
    .flatMap((known) => {
      const rule = endedBy(proposal, known);
      return rule === undefined ? [] : [{ memoryId: known.memoryId, at: known.validFrom, rule }];
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];
}

/** By which rule what is known ends the new statement. */
function endedBy({ reading, teller, known: all }: Proposal, known: KnownCandidate): string | undefined {
  const told = { teller: known.teller, reading: known.reading, known: all };
  const relation = compare(known.reading, reading, {
    cosine: known.cosine,
    mayEnd: (subject) => !isOtherTeller(told, subject) && isOwnOf(told, { reading, teller }, subject),
    isTalk: known.teller !== undefined && known.teller !== SELF && teller !== SELF,
    isOtherMoment: false,
    isAnotherTime: false,
  });
  return relation.type === "ends" ? relation.rule : undefined;
}
