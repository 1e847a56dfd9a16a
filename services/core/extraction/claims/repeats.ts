import type { Claim, Reading, Relation } from "./claim.ts";
import { isAkin } from "./classes.ts";
import { FRAMES, LIGHT } from "./lexicon.ts";

const NONE: Relation = { type: "none" };
/** Two wordings of one thing lie so close, if no number or name tells them apart. */
const REWORDED = 0.82;
/** What adds to something known is about it, and lies near it. */
const RICHER = 0.5;

/**
 * Whether a new statement says the same as a known one, less or more. A change has been ruled out before.
 *
 * @param cosine of their vectors; 0 where nobody has looked.
 */
export function repeats(fresh: Reading, known: Reading, cosine: number, isOtherMoment: boolean): Relation {
  const frame = framesOf(fresh, known);
  const telling = (words: ReadonlySet<string>) => [...words].filter((word) => !frame.has(word));
  const isKnown = (word: string) => [...known.words].some((other) => isAkin(word, other));
  const isSaid = (word: string) => [...fresh.words].some((other) => isAkin(word, other));
  const less = telling(known.words).filter((word) => !isSaid(word));
  const more = telling(fresh.words).filter((word) => !isKnown(word));
  const common = telling(fresh.words).filter((word) => isKnown(word) && !LIGHT.has(word));
  if (!isAboutSame(fresh, known) || (common.length === 0 && !sharesClaim(fresh, known))) return NONE;
  const isPlain = fresh.parts.every(({ signs }) => !signs.isUnreal);
  if (more.length === 0 && (cosine >= REPEATED || sharesClaim(fresh, known)))
    return { type: less.length === 0 ? "same" : "poorer", rule: "known" };
  if (isOtherMoment) return NONE;
  const isWordy = (words: readonly string[]) => words.every((word) => !/^\p{N}/u.test(word));
  const differs = more.filter((word) => !LIGHT.has(word)).length;
  if (cosine >= REWORDED && isWordy([...more, ...less]) && differs <= 1 && less.length <= 2 && isPlain)
    return { type: "same", rule: "reworded" };
  const kept = telling(known.words).length - less.length;
  const isKept = less.length === 0 || (kept >= 2 && less.length === 1 && cosine >= 0.7);
  if (isKept && isPlain && cosine >= RICHER && known.words.size <= LONGEST)
    return { type: "richer", rule: "richer" };
  return NONE;
}

/** Fewer words than known, all of them known: so near it must lie to say nothing else. */
const REPEATED = 0.6;
/** Content words of what is replaced by its richer wording: more say several things. */
const LONGEST = 8;

function framesOf(fresh: Reading, known: Reading): ReadonlySet<string> {
  const attributes = known.claims.filter((old) =>
    fresh.claims.some((claim) => claim.attribute === old.attribute),
  );
  return new Set([
    ...attributes.flatMap(({ attribute }) => [...(FRAMES[attribute] ?? []), attribute]),
    ...IDLE,
  ]);
}

const IDLE = "call nam name own remember know sure forget btw own other user".split(" ");

/** Somebody in common, or nobody else's in either. */
function isAboutSame(fresh: Reading, known: Reading): boolean {
  const resolved = ({ subject }: Claim) =>
    known.aliases.get(subject) ?? fresh.aliases.get(subject) ?? subject;
  const subjects = fresh.claims.map(resolved).filter((subject) => subject !== "");
  const others = known.claims.map(resolved).filter((subject) => subject !== "");
  return (
    subjects.length === 0 ||
    others.length === 0 ||
    subjects.some((subject) => others.includes(subject)) ||
    fresh.claims.some(({ subject }) => known.words.has(subject)) ||
    known.claims.some(({ subject }) => fresh.words.has(subject))
  );
}

function sharesClaim(fresh: Reading, known: Reading): boolean {
  return fresh.claims.some((claim) =>
    known.claims.some(
      (old) => claim.mode === old.mode && claim.subject === old.subject && sameThing(claim, old),
    ),
  );
}

/** The same attribute with the same value, or one that says it closer. */
function sameThing(a: Claim, b: Claim): boolean {
  if (a.attribute !== b.attribute || a.narrowed.some((word) => !b.narrowed.includes(word))) return false;
  const [small, big] = a.value.length < b.value.length ? [a, b] : [b, a];
  if (small.value.length === 0)
    return big.value.length === 0 && a.times.length > 0 && a.times.every((time) => b.times.includes(time));
  return (
    small.value.every((word) => big.value.includes(word)) && small.value.some((word) => !LIGHT.has(word))
  );
}
