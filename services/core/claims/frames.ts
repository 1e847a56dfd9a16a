import type { Token } from "../extraction/embedded/language.ts";
import { type Claim, type Mode, SELF } from "./claim.ts";
import { DIETS, DWELLINGS, KIN, SEVERAL, sameAs } from "./lexicon.ts";
import { beginsWork, commuteOf, householdOf, moved, pastState, works } from "./lives-and-works.ts";
import type { Manner } from "./manner.ts";
import { endedUnlessUnreal, planIfGoing } from "./modes.ts";
import { ofNoun, turnedRound } from "./nouns.ts";
import { hasStatus, isOfThings, isPartner } from "./partners.ts";
import { isPlace } from "./places.ts";
import type { Clause } from "./subjects.ts";
import { tradeAt } from "./trades.ts";
import { phraseOf, placeOf } from "./values.ts";
import { type Sorted, sortWords, wordOf } from "./words.ts";

/** Common attributes, by how they are said. */
export function framed(
  clause: Clause,
  manner: Manner,
  verb: Token,
  behind: readonly Token[],
  sorted: Sorted,
  selves: ReadonlySet<string>,
): Claim[] {
  const { owner, owned } = clause;
  const lemma =
    verb.lower === "lives" || verb.lower === "live" ? "live" : verb.lower === "works" ? "work" : verb.lemma;
  const phrase = [lemma, ...behind.map(({ lower }) => lower)].join(" ");
  const make = (attribute: string, part: Partial<Claim> = {}): Claim => ({
    subject: owner,
    attribute,
    narrowed: [],
    single: true,
    value: sorted.value,
    times: sorted.times,
    not: sorted.not,
    mode: manner.mode,
    cue: manner.cue,
    ...part,
  });
  const years = (behind[0] && wordOf(behind[0])) ?? "";
  if (owned.length === 0 && owner !== "") {
    if (
      /^(?:live|reside|dwell|settle|stay)\b/.test(phrase) &&
      /\b(?:in|at|near|on|with|alone|by|down|outside)\b/.test(phrase) &&
      lemma !== "stay" &&
      !/^settle (?:on|for|with|up)\b/.test(phrase)
    ) {
      const place = placeOf(behind, /^(?:in|at|near|on|outside)$/);
      const household = householdOf(behind);
      if ((place.value ?? []).length === 0 && household.length > 0)
        return [make("household", { value: household, mode: pastState(manner) })];
      if (household.length === 0 && !isPlace(phraseOf(behind, /^(?:in|at|near|on|outside)$/))) return [];
      const isHome = (place.value ?? []).some((word) => DWELLINGS.has(word));
      return [make(isHome ? "home" : "lives_in", { ...place, mode: pastState(manner) })];
    }
    const means = commuteOf(lemma, behind);
    if (means) return [make("commute", { value: means })];
    if (/^(?:be )?based (?:in|out)/.test(phrase) || /^base (?:in|out)/.test(phrase))
      return [make("lives_in", placeOf(behind, /^(?:in|of)$/))];
    if (/^(?:move|relocate)\b/.test(phrase) && !/\bmove (?:on|forward|past)\b/.test(phrase))
      return moved(make, manner, behind);
    if (
      /^(?:work|intern|freelance|be employed|employ)\b/.test(phrase) &&
      !/^work (?:out|through|around|off|up)\b/.test(phrase)
    )
      return works(make, manner, behind, lemma);
    if (/^(?:join|start|begin|get|land|accept|take)$/.test(lemma) && beginsWork(lemma, behind)) {
      const mode = /^(?:join|start|begin)$/.test(lemma) ? planIfGoing(manner) : manner.mode;
      return works(make, { ...manner, cue: true, mode }, behind, lemma);
    }
    if (/^(?:hire|promote|transfer)\b/.test(phrase) && manner.isPassive)
      return works(make, { ...manner, cue: true }, behind, lemma);
    if (
      /^(?:quit|leave|resign|retire|fire|lay)\b/.test(phrase) &&
      /\b(?:job|work|position|company|role|firm|off|from)\b|^(?:quit|leave|resign) (?:from )?\p{L}+/iu.test(
        phrase,
      ) &&
      (/\b(?:job|position|role|company|firm)\b/.test(phrase) || /^(?:resign|retire|fire|lay)/.test(phrase))
    )
      return [
        make("works_at", {
          mode: endedUnlessUnreal(manner.mode),
          value: sorted.value.filter((word) => !/^(?:job|position|role|company|firm)$/.test(word)),
          cue: true,
        }),
      ];
    if (
      /^(?:go by|call|be called|name)\b/.test(phrase) &&
      !/^(?:to|for|in|at|by|on|about)$/.test(behind[lemma === "go" ? 1 : 0]?.lower ?? "") &&
      (lemma === "go" ? behind[1]?.pos === "PROPN" : manner.isPassive || (lemma === "call" && owner === SELF))
    )
      return [make("name")];
    if (lemma === "be" && isNamedKin(owner) && behind.length > 0 && behind.every(isNameOrTime))
      return [make("name", { value: sorted.value })];
    const trade = lemma === "be" ? tradeAt(behind) : undefined;
    if (trade)
      return [
        make("be", { single: false, value: trade.what }),
        make("works_at", { value: trade.employer, mode: pastState(manner) }),
      ];
    const dietAt = behind.findIndex(({ lower }) => DIETS.has(lower.replace(/s$/, "")));
    const diet = behind[dietAt]?.lower.replace(/s$/, "");
    const isOfPlace = lemma === "go" && behind[dietAt + 1]?.pos === "NOUN";
    if (diet && !isOfPlace && /^(?:be|become|turn|go|eat|follow|stay|remain)$/.test(lemma))
      return [make("diet", { value: [diet] })];
    if (/^(?:be|get|become)$/.test(lemma) && hasStatus(behind))
      return [make("partner", { value: sorted.value })];
    if (owner === SELF && /^(?:have|get|find|meet)$/.test(lemma) && isPartner(behind))
      return [make("partner", { value: sorted.value })];
    if (/^(?:marry|divorce|date|engage|separate)$/.test(lemma) && !isOfThings(lemma, behind))
      return [
        make("partner", {
          value: [lemma, ...sorted.value],
          cue: true,
          mode: lemma === "divorce" || lemma === "separate" ? endedUnlessUnreal(manner.mode) : manner.mode,
        }),
      ];
    if (
      /^(?:break|split) up\b/.test(phrase) &&
      (owner === SELF || owner.includes("/") || / with /.test(phrase))
    )
      return [make("partner", { value: sorted.value, mode: endedUnlessUnreal(manner.mode), cue: true })];
    if (
      /^(?:be|turn)$/.test(lemma) &&
      /^\d{1,3}$/.test(years) &&
      (lemma === "turn" || behind.length <= 1 || /^(?:years?|,|\.|and|now)/.test(behind[1]?.lower ?? ""))
    )
      return [make("age", { value: [years] })];
    if (lemma === "prefer") return [make("prefer", { ...preferred(behind, sorted) })];
    const feeling = feelingOf(lemma, phrase, manner);
    if (feeling) return [make("like", { single: false, mode: feeling, value: withoutFeeling(sorted.value) })];
    const role = useAs(lemma, behind);
    if (role) return role.map(([attribute, value]) => make(attribute, { value, narrowed: [] }));
  }
  const copula =
    turnedRound(clause, manner, lemma, behind, selves) ?? ofNoun(clause, manner, lemma, behind, sorted);
  return copula ? [copula] : [];
}

/** Of whom there is one at a time, so that another name is another one. */
function isNamedKin(owner: string): boolean {
  const kin = owner.startsWith(`${SELF}/`) ? owner.slice(SELF.length + 1) : "";
  return KIN.has(kin) && !SEVERAL.has(kin);
}

function isNameOrTime({ pos, lower }: Token): boolean {
  return pos === "PROPN" || /^(?:now|currently|today|[.!,])$/.test(lower);
}

/** "Tea over coffee": the one, and what it is not. */
function preferred(behind: readonly Token[], sorted: Sorted): Partial<Claim> {
  const at = behind.findIndex(
    ({ lower }, i) => /^(?:over|to|than|instead)$/.test(lower) && i > 0 && behind[i + 1]?.pos !== "VERB",
  );
  if (at < 0) return { value: sorted.value, not: sorted.not };
  return {
    value: sortWords(behind.slice(0, at)).value,
    not: [...sorted.not, ...sortWords(behind.slice(at + 1)).value],
  };
}

function feelingOf(lemma: string, phrase: string, { mode }: Manner): Mode | undefined {
  const likes =
    sameAs(lemma) === "like" ||
    /^be (?:really |very )?(?:into|fond of|obsessed with|keen on|a (?:big |huge )?fan of)\b/.test(phrase);
  const hates = sameAs(lemma) === "hate" || /^(?:stand|bear)$/.test(lemma);
  if (likes) return mode;
  if (!hates) return undefined;
  if (/^(?:stand|bear)$/.test(lemma)) return mode === "denied" ? "denied" : undefined;
  if (mode === "so") return "denied";
  return mode === "denied" || mode === "ended" ? "so" : mode;
}

function withoutFeeling(value: readonly string[]): readonly string[] {
  return value.filter((word) => !/^(?:fan|fond|obsessed|keen|big|huge|love|like)$/.test(word));
}

/** "Uses Bitwarden as her password manager", "uses Vim for writing code". */
function useAs(lemma: string, behind: readonly Token[]): [string, readonly string[]][] | undefined {
  if (sameAs(lemma) !== "use") return undefined;
  const at = behind.findIndex(({ lower }) => lower === "as" || lower === "for");
  if (at <= 0) return undefined;
  const role = sortWords(behind.slice(at + 1)).value;
  const value = sortWords(behind.slice(0, at)).value;
  return role.length > 0 && value.length > 0 ? [[role.at(-1) as string, value]] : undefined;
}
