import type { Token } from "../extraction/embedded/language.ts";
import { type Claim, SELF } from "./claim.ts";
import { clausesOf } from "./clauses.ts";
import { generic, isHabit } from "./deeds.ts";
import { framed } from "./frames.ts";
import { itemsOf } from "./items.ts";
import { PARTNERS } from "./lexicon.ts";
import { type Manner, mannerOf } from "./manner.ts";
import { claimsOfPhrases } from "./phrases.ts";
import type { Clause } from "./subjects.ts";
import { sortWords } from "./words.ts";

/** What one sentence claims. */
export function claimsOf(sentence: string, selves: ReadonlySet<string>): Claim[] {
  const claims = clausesOf(sentence, selves)
    .flatMap((clause) => claimsOfClause(clause, selves))
    .flatMap((claim) => [claim, ...asPartner(claim)]);
  const subject = claims.find((claim) => claim.subject !== "" && !/\d/.test(claim.subject))?.subject ?? SELF;
  const isTold = (phrase: Claim) => claims.some(({ attribute }) => attribute === phrase.attribute);
  return [...claims, ...claimsOfPhrases(sentence, subject, selves).filter((phrase) => !isTold(phrase))];
}

/** "Anneli is Ada's wife", "Ada's wife is called Anneli": Ada is married to her. */
function asPartner(claim: Claim): Claim[] {
  const { subject, attribute, narrowed, value } = claim;
  const kin =
    attribute === "name" && subject.startsWith(`${SELF}/`) ? subject.slice(SELF.length + 1) : attribute;
  const isNamed = attribute === "name" || subject === SELF;
  if (!PARTNERS.has(kin) || !isNamed || narrowed.length > 0 || value.length === 0) return [];
  const status = STAGES[kin] ?? [];
  return [{ ...claim, subject: SELF, attribute: "partner", value: [...status, ...value], single: true }];
}

/** How far a couple has come, as the verbs say it. */
const STAGES: Readonly<Record<string, readonly string[]>> = {
  girlfriend: ["date"],
  boyfriend: ["date"],
  fiance: ["engage"],
  fiancee: ["engage"],
  wife: ["married"],
  husband: ["married"],
  spouse: ["married"],
};

function claimsOfClause(clause: Clause, selves: ReadonlySet<string>): Claim[] {
  const manner = mannerOf(clause.rest, clause.isUnreal);
  const verb = manner.rest[0];
  if (!verb) return [];
  const behind = manner.rest.slice(1);
  const sorted = sortWords(behind);
  const found = framed(clause, manner, verb, behind, sorted, selves);
  const items = itemsOf(behind);
  const read = found.length > 0 ? found : [generic(clause, manner, verb, behind, sorted)];
  const timed = read.map((claim) => inItsTime(claim, manner, behind));
  const claims = isHabit(verb) ? timed.map((claim) => ({ ...claim, isHabit: true })) : timed;
  return items.length > 0 ? claims.map((claim) => ({ ...claim, items })) : claims;
}

/** "Was vegetarian until 2019", "Ada's rent was 700 euros": so it was, whatever it is by now. */
function inItsTime(claim: Claim, { isPast, isPassive }: Manner, behind: readonly Token[]): Claim {
  const isState = isPast && (!isPassive || claim.attribute === "partner") && !claim.cue;
  if (!isState || !claim.single || claim.mode !== "so") return claim;
  const isOver = behind.some(({ lower }) => /^(?:until|till)$/.test(lower));
  return { ...claim, isPast: true, mode: isOver ? "former" : claim.mode };
}
