import type { Token } from "../embedded/language.ts";
import { type Claim, GONE, type Mode, SELF } from "./claim.ts";
import { type Clause, clausesOf } from "./clauses.ts";
import { CHANGES, DIETS, DWELLINGS, ENDS, KIN, PERISH, SEVERAL, STATUS, sameAs } from "./lexicon.ts";
import { type Manner, mannerOf } from "./manner.ts";
import { claimsOfPhrases } from "./phrases.ts";
import { type Sorted, sortWords, wordOf } from "./words.ts";

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

/** Common attributes, by how they are said. */
function framed(
  clause: Clause,
  manner: Manner,
  verb: Token,
  behind: readonly Token[],
  sorted: Sorted,
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
  if (owned.length === 0) {
    if (
      /^(?:live|reside|dwell|settle|stay)\b/.test(phrase) &&
      /\b(?:in|at|near|on|with|alone|down|outside)\b/.test(phrase) &&
      lemma !== "stay"
    ) {
      const place = placeOf(behind, /^(?:in|at|near|on|outside)$/);
      const isHome = (place.value ?? []).some((word) => DWELLINGS.has(word));
      return [make(isHome ? "home" : "lives_in", { ...place, mode: pastState(manner) })];
    }
    if (/^(?:be )?based (?:in|out)/.test(phrase) || /^base (?:in|out)/.test(phrase))
      return [make("lives_in", placeOf(behind, /^(?:in|of)$/))];
    if (/^(?:move|relocate)\b/.test(phrase) && !/\bmove (?:on|forward|past)\b/.test(phrase))
      return moved(make, manner, behind);
    if (/^(?:work|intern|freelance|be employed|employ)\b/.test(phrase)) return works(make, manner, behind);
    if (
      /^(?:join|start|begin)\b.*\b(?:at|with|as)\b/.test(phrase) ||
      (lemma === "join" && behind.some(({ pos }) => pos === "PROPN"))
    )
      return works(make, { ...manner, cue: true, mode: planIfGoing(manner) }, behind, lemma === "join");
    if (/^(?:get|land|accept|take) .{0,40}\b(?:job|position|role|offer)\b/.test(phrase))
      return works(make, { ...manner, cue: true }, behind);
    if (/^(?:hire|promote|transfer)\b/.test(phrase) && manner.isPassive)
      return works(make, { ...manner, cue: true }, behind);
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
      (lemma !== "call" || manner.isPassive || owner === SELF)
    )
      return [make("name")];
    const diet = sorted.value.find((word) => DIETS.has(word));
    if (diet && /^(?:be|become|turn|go|eat|follow|stay|remain)$/.test(lemma))
      return [make("diet", { value: [diet] })];
    const status = [lemma, ...sorted.value].find((word) => STATUS.has(word));
    if (status && /^(?:be|get|become)$/.test(lemma)) return [make("partner", { value: sorted.value })];
    if (/^(?:marry|divorce|date|engage|separate)$/.test(lemma))
      return [
        make("partner", {
          value: [lemma, ...sorted.value],
          cue: true,
          mode: lemma === "divorce" || lemma === "separate" ? endedUnlessUnreal(manner.mode) : manner.mode,
        }),
      ];
    if (/^(?:break|split) up\b/.test(phrase))
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
  const copula = turnedRound(clause, manner, lemma, behind) ?? ofNoun(clause, manner, lemma, behind, sorted);
  return copula ? [copula] : [];
}

type Make = (attribute: string, part?: Partial<Claim>) => Claim;

/** "Lived in Rome" tells of the past where it does not say until now. */
function pastState({ mode, isPast, rest }: Manner): Mode {
  if (mode !== "so") return mode;
  const verb = rest[0]?.lower ?? "";
  return isPast || (/ed$/.test(verb) && rest.every(({ lower }) => lower !== "since")) ? "former" : mode;
}

/** "Is moving to", "is starting at": not yet. */
function planIfGoing({ mode, isGoing }: Manner): Mode {
  return isGoing && mode === "so" ? "planned" : mode;
}

function endedUnlessUnreal(mode: Mode): Mode {
  if (mode === "unreal" || mode === "planned") return mode === "planned" ? "planned" : "unreal";
  return mode === "denied" ? "so" : "ended";
}

function moved(make: Make, manner: Manner, behind: readonly Token[]): Claim[] {
  if (behind[0]?.lower === "out") {
    const from = placeOf(behind, /^(?:of|from)$/);
    return [make("lives_in", { ...from, mode: manner.mode === "so" ? "ended" : manner.mode, cue: true })];
  }
  const to = placeOf(behind, /^(?:to|into|in)$/);
  const from = placeOf(behind, /^from$/).value ?? [];
  const mode = planIfGoing(manner);
  if ((to.value ?? []).some((word) => DWELLINGS.has(word))) {
    const place = placeOf(
      behind.slice(behind.findIndex(({ lower }) => /^(?:to|into)$/.test(lower)) + 1),
      /^in$/,
    );
    const home = make("home", { ...to, not: from, mode, cue: true });
    return (place.value ?? []).length > 0
      ? [home, make("lives_in", { ...place, not: from, mode, cue: true })]
      : [home];
  }
  if ((to.value ?? []).length === 0 && from.length === 0) return [];
  if ((to.value ?? []).length === 0)
    return [make("lives_in", { value: from, not: [], mode: mode === "so" ? "ended" : mode, cue: true })];
  return [make("lives_in", { ...to, not: from, mode, cue: true })];
}

function works(make: Make, manner: Manner, behind: readonly Token[], isObject = false): Claim[] {
  const at = isObject
    ? { value: sortWords(until(behind, /^(?:as|on|in|since)$/)).value }
    : placeOf(behind, /^(?:at|for|with|by)$/);
  const as = placeOf(behind, manner.isPassive ? /^(?:as|to)$/ : /^as$/).value ?? [];
  const mode = pastState(manner);
  const claims: Claim[] = [];
  if ((at.value ?? []).length > 0) claims.push(make("works_at", { ...at, mode, cue: manner.cue }));
  if (as.length > 0) claims.push(make("works_as", { value: as, mode, cue: manner.cue }));
  return claims;
}

/** What stands behind a preposition, up to the next one. */
function placeOf(
  behind: readonly Token[],
  preposition: RegExp,
): Partial<Claim> & { readonly value?: readonly string[] } {
  const at = behind.findIndex(({ lower }, i) => preposition.test(lower) && !isTimePhrase(behind, i));
  if (at < 0) return { value: [] };
  const end = behind.findIndex(
    ({ lower, pos }, i) =>
      i > at + 1 &&
      ((pos === "ADP" && lower !== "of") ||
        /^(?:with|because|since|and|but|now|,|from|to|as|on|in|at|for|not|instead)$/.test(lower)),
  );
  const inside = behind.slice(at + 1, end < 0 ? undefined : end);
  return { value: sortWords(inside).value };
}

function isTimePhrase(tokens: readonly Token[], at: number): boolean {
  return sortWords(tokens.slice(at + 1, at + 3)).times.length > 0;
}

function until(tokens: readonly Token[], stop: RegExp): readonly Token[] {
  const end = tokens.findIndex(({ lower }) => stop.test(lower));
  return end < 0 ? tokens : tokens.slice(0, end);
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

/** "Ada's rent is 1200", "the deadline moved to Friday", "Ada's favorite color is green". */
function ofNoun(
  clause: Clause,
  manner: Manner,
  lemma: string,
  behind: readonly Token[],
  sorted: Sorted,
): Claim | undefined {
  const { owner, owned } = clause;
  const nouns = owned.flatMap((token) => wordOf(token) ?? []);
  const head = nounHead(owned);
  const changes =
    CHANGES.has(lemma) || (/^(?:go|come)$/.test(lemma) && /^(?:up|down)$/.test(behind[0]?.lower ?? ""));
  if (head === undefined) return undefined;
  const base = {
    subject: owner,
    attribute: head,
    narrowed: nouns.filter((noun) => noun !== head),
    cue: manner.cue || changes,
    mode: manner.mode,
    not: sorted.not,
  };
  const several = SEVERAL.has(head) || KIN.has(head);
  if (
    PERISH.has(lemma) ||
    (ENDS.has(lemma) && manner.isPassive) ||
    /^(?:over|gone|cancelled|canceled|dead)$/.test(behind[0]?.lower ?? "") ||
    (lemma === "fall" && behind[0]?.lower === "through") ||
    (lemma === "run" && behind[0]?.lower === "away")
  )
    return {
      ...base,
      attribute: "*",
      value: [head, ...base.narrowed],
      times: sorted.times,
      single: false,
      mode: endedUnlessUnreal(manner.mode),
      cue: true,
      narrowed: [],
    };
  if (
    lemma !== "be" &&
    !(/^(?:call|name)$/.test(lemma) && manner.isPassive) &&
    !changes &&
    !/^(?:cost|start|begin|end|land|fall|become|remain|stay|move|leave|depart|arrive)$/.test(lemma)
  )
    return undefined;
  const to = changes ? behind.findIndex(({ lower }) => lower === "to") : -1;
  const inside = to >= 0 ? sortWords(behind.slice(to + 1)) : sorted;
  return {
    ...base,
    value: inside.value,
    times: inside.times,
    single: !several,
    not: [...base.not, ...(changes ? (placeOf(behind, /^from$/).value ?? []) : [])],
  };
}

/** "Khruangbin is Ada's favourite band". */
function turnedRound(
  { owner, owned }: Clause,
  manner: Manner,
  lemma: string,
  behind: readonly Token[],
): Claim | undefined {
  const at = behind.findIndex(({ lower }) => lower === "'s");
  if (lemma !== "be" || at < 1 || at > 2 || owner === SELF || owner.includes("/")) return undefined;
  const nouns = until(behind.slice(at + 1), /^(?:,|and|because|so|since|now|from|these)$/);
  const attribute = nounHead(nouns);
  const value = [
    ...(owner && owner !== "?" ? owner.split(" ") : []),
    ...owned.flatMap((token) => wordOf(token) ?? []),
  ];
  if (attribute === undefined || value.length === 0) return undefined;
  const narrowed = nouns.flatMap((token) => wordOf(token) ?? []).filter((word) => word !== attribute);
  const single = !SEVERAL.has(attribute) && !KIN.has(attribute);
  return {
    subject: SELF,
    attribute,
    narrowed,
    single,
    value,
    times: [],
    not: [],
    mode: manner.mode,
    cue: manner.cue,
  };
}

function nounHead(owned: readonly Token[]): string | undefined {
  const of = owned.findIndex(
    ({ lower, pos }, i) => i > 0 && (pos === "ADP" || /^(?:of|for|to|in|at|with)$/.test(lower)),
  );
  const before = of < 0 ? owned : owned.slice(0, of);
  const head = before.findLast((token) => token.pos !== "PUNCT" && wordOf(token) !== undefined);
  return head && wordOf(head);
}

/** Any other clause: what is done is the attribute. */
function generic(
  clause: Clause,
  manner: Manner,
  verb: Token,
  behind: readonly Token[],
  sorted: Sorted,
): Claim {
  const { owner, owned } = clause;
  const lemma = wordOf(verb) ?? sameAs(verb.lemma);
  const isNamed = owned.length === 0 && owner !== SELF && owner !== "" && owner !== "?";
  const isOver = PERISH.has(verb.lemma) || (verb.lemma === "pass" && behind[0]?.lower === "away");
  const isGone = isNamed && (isOver || (ENDS.has(verb.lemma) && manner.isPassive));
  if (isGone) {
    const mode = endedUnlessUnreal(manner.mode);
    const value = owner.split(/[/ ]/).slice(owner.includes("/") ? 1 : 0);
    return {
      subject: owner,
      attribute: GONE,
      narrowed: [],
      single: false,
      value,
      times: [],
      not: [],
      mode,
      cue: true,
    };
  }
  const about = owned.flatMap((token) => wordOf(token) ?? []);
  const value = [...about, ...sorted.value];
  const shared = { subject: owner, narrowed: [], times: sorted.times, single: false };
  if (
    ENDS.has(verb.lemma) ||
    PERISH.has(verb.lemma) ||
    (verb.lemma === "give" && behind[0]?.lower === "away") ||
    (verb.lemma === "get" && behind[0]?.lower === "rid")
  ) {
    return {
      ...shared,
      attribute: "*",
      value: value.filter((word) => !/^(?:away|rid)$/.test(word)),
      not: sorted.not,
      mode: endedUnlessUnreal(manner.mode),
      cue: true,
    };
  }
  if (CHANGES.has(verb.lemma)) return changed(shared, manner, about, behind, sorted);
  const mode = planIfGoingTo(manner, verb, sorted);
  const isBe = lemma === "be" || lemma === "'s";
  return { ...shared, attribute: isBe ? "be" : lemma, value, not: sorted.not, mode, cue: manner.cue };
}

/** "Is flying to Rome in June" is to come; "is reading a book" is not. */
function planIfGoingTo({ mode, isGoing }: Manner, verb: Token, { times }: Sorted): Mode {
  if (mode !== "so" || !isGoing) return mode;
  return times.length > 0 ||
    /^(?:go|fly|travel|visit|come|leave|start|move|meet|marry|attend|host|take|get|have|see)$/.test(
      verb.lemma,
    )
    ? "planned"
    : mode;
}

/** "Switched from Chrome to Firefox", "postponed the trip to 2027". */
function changed(
  shared: Pick<Claim, "subject" | "narrowed" | "times" | "single">,
  { mode }: Manner,
  about: readonly string[],
  behind: readonly Token[],
  sorted: Sorted,
): Claim {
  const from = placeOf(behind, /^from$/).value ?? [];
  const to = placeOf(behind, /^(?:to|with|for|into)$/).value ?? [];
  const object = sortWords(until(behind, /^(?:from|to|with|for|into)$/)).value;
  const not = [...from, ...(from.length === 0 ? object : [])];
  return {
    ...shared,
    attribute: "*",
    value: to.length > 0 || sorted.times.length > 0 ? [...about, ...to] : sorted.value,
    not: [...not, ...about, ...sorted.not],
    mode,
    cue: true,
  };
}
