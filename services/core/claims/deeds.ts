import type { Token } from "../extraction/embedded/language.ts";
import { type Claim, GONE, type Mode, SELF } from "./claim.ts";
import { classOf } from "./classes.ts";
import { CHANGES, ENDS, FORMS, PERISH, sameAs } from "./lexicon.ts";
import type { Manner } from "./manner.ts";
import { endedUnlessUnreal, planIfGoing } from "./modes.ts";
import type { Clause } from "./subjects.ts";
import { placeOf, until } from "./values.ts";
import { type Sorted, sortWords, wordOf } from "./words.ts";

/** Any other clause: what is done is the attribute. */
export function generic(
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
  const splits =
    /^(?:break|split)$/.test(verb.lemma) && behind[0]?.lower === "up" && behind[1]?.lower !== "with";
  const isGone = isNamed && (isOver || splits || (ENDS.has(verb.lemma) && manner.isPassive));
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
  const [head = ""] = about;
  // "Ada's dog runs": she may, or not.
  if (
    classOf(head) === "pet" &&
    about.length === 1 &&
    !/^(?:be|'s|own)$/.test(lemma) &&
    !ENDS.has(verb.lemma) &&
    !PERISH.has(verb.lemma) &&
    !CHANGES.has(verb.lemma)
  )
    return {
      ...shared,
      subject: `${owner}/${head}`,
      attribute: lemma,
      value: sorted.value,
      not: sorted.not,
      mode: manner.mode,
      cue: manner.cue,
    };
  if (
    (ENDS.has(verb.lemma) && !isHabit(verb)) ||
    (PERISH.has(verb.lemma) && !isHabit(verb)) ||
    (verb.lemma === "give" && /^(?:away|up)$/.test(behind[0]?.lower ?? "")) ||
    (verb.lemma === "get" && behind[0]?.lower === "rid")
  ) {
    return {
      ...shared,
      attribute: "*",
      value: [...about, ...headFirst(behind, sorted)].filter((word) => !/^(?:away|up|rid)$/.test(word)),
      not: sorted.not,
      mode: endedUnlessUnreal(verb.lower === "selling" ? planIfGoing(manner) : manner.mode),
      cue: true,
    };
  }
  if (CHANGES.has(verb.lemma)) return changed(shared, manner, about, behind, sorted);
  const mode = planIfGoingTo(manner, verb, sorted);
  const isBe = lemma === "be" || lemma === "'s";
  // Where somebody is an analyst is told apart from that they are one.
  const at = behind.findIndex(({ lower }, i) => lower === "at" && behind[i + 1]?.pos === "PROPN");
  const what = isBe && at > 0 ? sortWords(behind.slice(0, at)).value : [];
  if (what.length > 0)
    return { ...shared, attribute: "be", value: [...about, ...what], not: sorted.not, mode, cue: manner.cue };
  return { ...shared, attribute: isBe ? "be" : lemma, value, not: sorted.not, mode, cue: manner.cue };
}

/** "Sold the dog crate": it is the crate that is gone. */
function headFirst(behind: readonly Token[], { value }: Sorted): readonly string[] {
  const object = until(behind, /^(?:to|with|for|from|in|at|on|by|of|because|so|and|that|which|i|we|they|,)$/);
  const head = sortWords(object).value.at(-1);
  return head !== undefined && value.includes(head) && !FORMS.has(head)
    ? [head, ...value.filter((word) => word !== head)]
    : value;
}

/** "Sells honey on Saturdays", "expires in 2027" ends nothing, "sold the car" does. */
export function isHabit({ lower, lemma }: Token): boolean {
  return lower === `${lemma}s` || lower === `${lemma}es`;
}

/** "Is flying to Rome in June" is to come; "is reading a book" is not. */
function planIfGoingTo({ mode, isGoing }: Manner, verb: Token, { times }: Sorted): Mode {
  if (mode !== "so" || !isGoing) return mode;
  return times.length > 0 ||
    /^(?:go|fly|travel|visit|come|leave|start|move|meet|marry|attend|host|take|get|have|see|buy)$/.test(
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
