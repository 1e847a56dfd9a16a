import { anyCase } from "../language/any-case.ts";
import { IDIOMS } from "./idioms/idioms.ts";
import { REWRITES } from "./rewrites.ts";

const UNREAL = /\b(?:if|wish(?:es)?|would|could|might|maybe|imagine|pretend|almost|nearly|all but)\b/iu;

/**
 * Says a sentence in the plain form that most statements have, for comparing what it claims.
 *
 * @param selves as of `readClaims`.
 */
export function restated(sentence: string, selves: ReadonlySet<string>): string {
  if (UNREAL.test(sentence)) return sentence;
  const self = selfOf(selves);
  return [...IDIOMS, ...REWRITES].reduce(
    (text, rewrite) => rewrite(text, self),
    sentence.replaceAll(OWN_KIN, "my $&"),
  );
}

/** "Dad's home from hospital": whoever says so has them for a parent. */
const OWN_KIN =
  /(?<=^|[,;:] |\b(?:and|but|because|since|when|so|that) )(?:[Mm]um(?:my)?|[Mm]om(?:my)?|[Dd]ad(?:dy)?|[Gg]ran(?:ny|dma|dad|dpa)?|[Nn]an(?:na)?)(?=['’]s |['’]s$| (?!and\b))/gu;

const PATTERNS = new WeakMap<ReadonlySet<string>, string>();

/** Whatever the letters of a name, those of other words tell names from nouns. */
function selfOf(selves: ReadonlySet<string>): string {
  const known = PATTERNS.get(selves);
  if (known !== undefined) return known;
  const names = [...selves].sort((a, b) => b.length - a.length);
  const self = `(?:${[...names, "I"].map(anyCase).join("|")})`;
  PATTERNS.set(selves, self);
  return self;
}
