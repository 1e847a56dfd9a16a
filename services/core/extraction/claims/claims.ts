import { type Claim, SELF } from "./claim.ts";
import { clausesOf } from "./clauses.ts";
import { generic } from "./deeds.ts";
import { framed } from "./frames.ts";
import { mannerOf } from "./manner.ts";
import { claimsOfPhrases } from "./phrases.ts";
import type { Clause } from "./subjects.ts";
import { sortWords } from "./words.ts";

/** What one sentence claims. */
export function claimsOf(sentence: string, selves: ReadonlySet<string>): Claim[] {
  const claims = clausesOf(sentence, selves).flatMap((clause) => claimsOfClause(clause));
  const subject = claims.find((claim) => claim.subject !== "")?.subject ?? SELF;
  const isTold = (phrase: Claim) => claims.some(({ attribute }) => attribute === phrase.attribute);
  return [...claims, ...claimsOfPhrases(sentence, subject, selves).filter((phrase) => !isTold(phrase))];
}

function claimsOfClause(clause: Clause): Claim[] {
  const manner = mannerOf(clause.rest, clause.isUnreal);
  const verb = manner.rest[0];
  if (!verb) return [];
  const behind = manner.rest.slice(1);
  const sorted = sortWords(behind);
  const found = framed(clause, manner, verb, behind, sorted);
  return found.length > 0 ? found : [generic(clause, manner, verb, behind, sorted)];
}
