import type { Token } from "../extraction/embedded/language.ts";
import { type Claim, SELF } from "./claim.ts";
import { CHANGES, COLORS, ENDS, KIN, kinOf, PARTNERS, PERISH, SEVERAL } from "./lexicon.ts";
import type { Manner } from "./manner.ts";
import { endedUnlessUnreal } from "./modes.ts";
import { type Clause, selfAt } from "./subjects.ts";
import { placeOf, until } from "./values.ts";
import { type Sorted, sortWords, wordOf } from "./words.ts";

/** "Ada's rent is 1200", "the deadline moved to Friday", "Ada's favorite color is green". */
export function ofNoun(
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
  // "The car won't start".
  if (/^(?:start|begin|end|land|move)$/.test(lemma) && manner.mode === "denied" && sorted.times.length === 0)
    return undefined;
  const base = {
    subject: owner,
    attribute: head,
    narrowed: nouns.filter((noun) => noun !== head && !CURRENT.has(noun)),
    cue: manner.cue || changes || nouns.some((noun) => CURRENT.has(noun)),
    mode: manner.mode,
    not: sorted.not,
  };
  const several = SEVERAL.has(head) || KIN.has(head);
  if (
    (PERISH.has(lemma) && !manner.rest[0]?.lower.endsWith("s") && manner.mode !== "planned") ||
    (ENDS.has(lemma) && manner.isPassive) ||
    /^(?:over|gone|cancelled|canceled|dead)$/.test(behind[0]?.lower ?? "") ||
    (manner.isPassive && manner.rest[0]?.lower === "gone") ||
    (lemma === "be" && behind[0]?.lower === "off" && owned.some(({ lower }) => PLANNED.has(lower))) ||
    (lemma === "fall" && behind[0]?.lower === "through") ||
    (lemma === "come" && behind[0]?.lower === "off") ||
    (lemma === "run" && behind[0]?.lower === "away") ||
    (lemma === "go" && behind[0]?.lower === "away") ||
    /^(?:clear up|disappear)$/.test([lemma, behind[0]?.lower].join(" ").trim())
  )
    return {
      ...base,
      attribute: "*",
      value: [head, ...base.narrowed],
      times: sorted.times,
      single: false,
      mode: endedUnlessUnreal(manner.mode),
      tells: /^(?:cancel|call|be)$/.test(lemma) && sorted.times.length > 0 ? "once" : undefined,
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
    tells: lemma === "be" && to < 0 ? tellsOf(behind) : undefined,
    single: !several && !(owner === "" && !base.cue && isOpinion(owned, behind)),
    not: [...base.not, ...(changes ? (placeOf(behind, /^from$/).value ?? []) : [])],
  };
}

/** "Ada's new number": there is one at a time. */
const CURRENT = new Set("new current latest present".split(" "));

/** "The colors are so vivid", "life's all about memories", "writing is a passion": of what is nobody's own. */
function isOpinion(owned: readonly Token[], behind: readonly Token[]): boolean {
  const [first] = behind.filter(({ pos, lower }) => !/^(?:ADV|DET|AUX|PART)$/.test(pos) && lower !== "all");
  return (
    first?.pos === "ADJ" ||
    /^(?:about|like|as)$/.test(first?.lower ?? "") ||
    owned.every(({ lower }) => /ing$/.test(lower))
  );
}

/** "The car is dirty", "is in the garage", "is a Volvo". */
function tellsOf(behind: readonly Token[]): Claim["tells"] {
  const [first, second] = behind.filter(({ pos }) => !/^(?:ADV|PART|PUNCT)$/.test(pos));
  if (!first || /^\p{Lu}/u.test(first.value) || COLORS.has(first.lower)) return undefined;
  if (/^(?:in|at|on|under|near|behind|beside|inside|outside)$/.test(first.lower)) return "where";
  return first.pos === "ADJ" && second?.pos !== "NOUN" && second?.pos !== "PROPN" ? "how" : undefined;
}

/** What is off is not held; a light that is off is there. */
const PLANNED = new Set(
  "trip flight holiday vacation tour visit wedding party dinner lunch date meeting appointment interview concert gig match game race marathon exam deal plan launch release move engagement".split(
    " ",
  ),
);

/** "Khruangbin is Ada's favourite band". */
export function turnedRound(
  { owner, owned }: Clause,
  manner: Manner,
  lemma: string,
  behind: readonly Token[],
  selves: ReadonlySet<string>,
): Claim | undefined {
  const at = behind.findIndex(({ lower }) => lower === "'s");
  // "Ben is Anna's friend" is nothing of Ada's.
  const isOwn = [1, 2].some((words) => at >= words && selfAt(behind, at - words, selves) === words);
  if (lemma !== "be" || !isOwn || at > 2 || owner === SELF || owner.includes("/")) return undefined;
  const nouns = until(
    behind.slice(at + 1),
    /^(?:,|and|because|so|since|now|from|these|nowadays|lately|right|currently|at)$/,
  );
  const head = nounHead(nouns);
  const attribute = head && kinOf(head);
  const sorted = sortWords(owned);
  const value = [...(owner && owner !== "?" ? owner.split(" ") : []), ...sorted.value];
  if (attribute === undefined || value.length + sorted.times.length === 0) return undefined;
  const narrowed = nouns.flatMap((token) => wordOf(token) ?? []).filter((word) => word !== head);
  const isKin = KIN.has(attribute);
  // "Mark is Ada's boss" names her boss; of brothers there may be others.
  const isNamed = isKin && !SEVERAL.has(attribute) && !PARTNERS.has(attribute) && narrowed.length === 0;
  const single = isNamed || (!SEVERAL.has(attribute) && !isKin);
  return {
    subject: isNamed ? `${SELF}/${attribute}` : SELF,
    attribute: isNamed ? "name" : attribute,
    narrowed,
    single,
    value,
    times: sorted.times,
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
