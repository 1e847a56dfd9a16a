import type { RelationMention } from "../../../memory/memory.ts";
import { MONTHS } from "../../../search/time-words.ts";

/** What goes on, and may be over. What happened (somebody recommended, founded, studied or moved) stays so. */
const STATES = /^(?:lives_in|works_at|works_as|married_to|engaged_to|member_of|has_\w+)$/;
/** Kin stays kin, whatever tense it is told in. */
const FOR_GOOD =
  /^has_(?:sister|brother|mother|father|mom|mum|dad|parent|son|daughter|child|kid|twin|cousin|uncle|aunt|niece|nephew|grand\w+|godmother|godfather|sibling|name|birthday)$/;
const PAST = /\b(?:was|were|worked|lived|resided|dated|studied|interned|used to|had)\b/iu;
/** "Has worked there", "was hired by": no past of its own. */
const STILL =
  /\b(?:has|have|'s|'ve) (?:\p{L}+ ){0,2}(?:worked|lived|been|dated|studied)\b|\bsince\b|\bwas (?:hired|born|promoted)\b/iu;
const FORMER = /'s? (?:former|previous|ex)\b/iu;

const TIME = String.raw`(?:(?:the )?(?:end|start|beginning|summer|spring|autumn|winter) of )?(?:(?:(?<dayX>\d{1,2}) )?(?<monthX>${MONTHS.join("|")}) )?(?<yearX>(?:19|20)\d\d)`;
const timeOf = (name: string) => TIME.replaceAll("X", name);
const UNTIL = new RegExp(String.raw`\b(?:until|till) ${timeOf("")}\b`, "iu");
const FROM_TO = new RegExp(
  String.raw`\b(?:from|between) ${timeOf("From")} (?:to|until|till|and|-|–) ${timeOf("To")}\b`,
  "iu",
);

/**
 * When a relation was so, where it is told as over; undefined where it goes on.
 *
 * @param told the words that tell it.
 * @param behind what follows them in the sentence, dates in full.
 * @returns "unknown" where no end is named.
 */
export function toldAsOver(
  type: string,
  told: string,
  behind: string,
): RelationMention["over"] | "unknown" | undefined {
  if (!STATES.test(type) || FOR_GOOD.test(type)) return undefined;
  const isPast = PAST.test(told) && !STILL.test(told);
  if (!isPast && !FORMER.test(told)) return undefined;
  const rest = /^[^,.;!?]*/u.exec(behind)?.[0] ?? "";
  const between = FROM_TO.exec(rest)?.groups;
  if (between) return { from: firstDay(between, "From"), to: dayBehind(between, "To") };
  const until = UNTIL.exec(rest)?.groups;
  return until ? { to: dayBehind(until, "") } : "unknown";
}

type Groups = Readonly<Record<string, string | undefined>>;

function partsOf(groups: Groups, name: string) {
  const month = MONTHS.findIndex((one) => one === groups[`month${name}`]?.toLowerCase());
  const day = groups[`day${name}`];
  return {
    year: Number(groups[`year${name}`]),
    month: month < 0 ? undefined : month,
    day: day ? Number(day) : undefined,
  };
}

function firstDay(groups: Groups, name: string): string {
  const { year, month, day } = partsOf(groups, name);
  return isoDay(year, month ?? 0, day ?? 1);
}

/** The first day behind it: who stayed until 2019 was there in 2019. */
function dayBehind(groups: Groups, name: string): string {
  const { year, month, day } = partsOf(groups, name);
  if (month === undefined) return isoDay(year + 1, 0, 1);
  return day === undefined ? isoDay(year, month + 1, 1) : isoDay(year, month, day + 1);
}

function isoDay(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}
