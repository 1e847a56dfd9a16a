import { MONTHS } from "../../../search/time-words.ts";
import { yearsTo } from "./parsers.ts";
import { type DatePhrase, phraseOf } from "./phrases.ts";

/** A time where it stands in a text; without a date where it is to stay as it is. */
export interface Found extends Partial<DatePhrase> {
  readonly index: number;
  readonly text: string;
  readonly plain: string;
}

/** Seasons, months and years that a word ties to the message: "last summer", "next April", "in 2019". */
export function namedPeriods(text: string, sentAt: Date): Found[] {
  return [
    ...sinceChristmas(text, sentAt),
    ...seasons(text, sentAt),
    ...months(text, sentAt),
    ...years(text, sentAt),
  ];
}

const SEASON = /\b(last|next|this) (spring|summer|autumn|fall|winter|christmas)\b/gi;
const SEASON_MONTH: Readonly<Record<string, number>> = {
  spring: 2,
  summer: 5,
  autumn: 8,
  fall: 8,
  winter: 11,
  christmas: 11,
};

function seasons(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(SEASON)].map((match) => {
    const [whole, which = "", season = ""] = match;
    const month = SEASON_MONTH[season.toLowerCase()] ?? 0;
    // In January and February the winter that began the December before still lasts.
    const back = season.toLowerCase() === "winter" ? 2 : 0;
    let year = new Date(Date.UTC(sentAt.getUTCFullYear(), sentAt.getUTCMonth() - back, 1)).getUTCFullYear();
    const ended = Date.UTC(year, month + 3, 1) <= sentAt.getTime();
    const begun = Date.UTC(year, month, 1) <= sentAt.getTime();
    if (which.toLowerCase() === "last" && !ended) year -= 1;
    if (which.toLowerCase() === "next" && begun) year += 1;
    const start = new Date(Date.UTC(year, month, 1));
    const name = season.toLowerCase() === "christmas" ? "at Christmas" : `in ${season.toLowerCase()}`;
    return { index: match.index, text: whole, ...phraseOf(`${name} ${year}`, "month", start, sentAt) };
  });
}

const SINCE_CHRISTMAS =
  /\bsince christmas(?! ?[\p{L}\d'-])(?= *(?:$|[.,;:!?)]))|\bsince christmas(?= (?:and|but|so|when|because)\b)/giu;

/** Of no other year than the last one: what goes on since is told now. */
function sinceChristmas(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(SINCE_CHRISTMAS)].map(({ index, 0: whole }) => {
    const year = sentAt.getUTCFullYear();
    const passed = Date.UTC(year, 11, 25) <= sentAt.getTime();
    const day = new Date(Date.UTC(passed ? year : year - 1, 11, 25));
    return { index, text: whole, ...phraseOf(`${whole} ${day.getUTCFullYear()}`, "day", day, sentAt) };
  });
}

const MONTH = new RegExp(
  `\\b(?:((?:last|next|this|the)(?: past| (?:up)?coming)?|(?:up)?coming) (${MONTHS.join("|")})|(?:in )?(${MONTHS.join("|")}) (?:of )?(last|next|this) year)\\b`,
  "gi",
);

function months(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(MONTH)].flatMap((match) => {
    const [whole, which, of, named, ofYear] = match;
    const name = of ?? named ?? "";
    // "This may help".
    if (/^ma(?:y|rch)$/.test(name) || which?.toLowerCase() === "the") return [];
    const found = { index: match.index, text: whole };
    const month = MONTHS.indexOf(name.toLowerCase());
    const shift = ofYear ? SHIFT[ofYear.toLowerCase()] : yearsTo(month, which?.toLowerCase() ?? "", sentAt);
    if (shift === undefined) return [{ ...found, plain: whole }];
    const start = new Date(Date.UTC(sentAt.getUTCFullYear() + shift, month, 1));
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    return [{ ...found, ...phraseOf(`in ${title} ${start.getUTCFullYear()}`, "month", start, sentAt) }];
  });
}

const SHIFT: Readonly<Record<string, number>> = { last: -1, this: 0, next: 1 };

const YEAR = /\b(?:in|since|from|until|till|between|by|of) ((?:19|20)\d{2})\b/i;

/** True where a text names a year. */
export function namesYear(text: string): boolean {
  return YEAR.test(text);
}

/** A year that stands by itself is kept as it is. */
function years(text: string, sentAt: Date): Found[] {
  return [...text.matchAll(new RegExp(YEAR, "gi"))].map((match) => {
    const start = new Date(Date.UTC(Number(match[1]), 0, 1));
    return { index: match.index, text: match[0], ...phraseOf(match[0], "year", start, sentAt) };
  });
}
