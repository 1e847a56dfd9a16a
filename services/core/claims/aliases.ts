import { SELF } from "./claim.ts";
import { KIN, kinOf } from "./lexicon.ts";

const NAME = String.raw`(?<name>\p{Lu}[\p{L}'-]{0,40}\p{L})`;
const WHO = String.raw`(?:(?<owner>[Tt]he user|\p{Lu}[\p{L}-]{0,40}(?: \p{Lu}[\p{L}-]{0,40})?)(?: and others)?(?:'s|s')|[Mm]y|[Oo]ur|[Tt]heir)`;
const KIND = String.raw`(?:\p{Ll}[\p{L}-]{0,40} ){0,2}?(?<kin>\p{Ll}[\p{L}-]+)`;
const PATTERNS = [
  String.raw`${WHO} ${KIND},? (?:called |named )?${NAME}(?! and\b)`,
  String.raw`${WHO} ${KIND}(?:'s name is|'s name's| is called| is named|'s called) ${NAME}`,
  String.raw`\b[Aa]n? ${KIND},? (?:called|named|whose name is|(?:his|her|their|its) name is|(?:his|her|their|its) name's) ${NAME}`,
  String.raw`${NAME},? (?:is )?${WHO} ${KIND}`,
  String.raw`\b[Aa]n? ${KIND}\b[^.]{0,80}[.,] (?:[Hh]is|[Hh]er|[Tt]heir|[Ii]ts) name(?: is|'s) ${NAME}`,
].map((pattern) => new RegExp(pattern, "gu"));

/**
 * Whom or what proper names stand for: "Ada's son Cian" makes Cian `self/son`.
 *
 * @param selves as of `readClaims`.
 */
export function aliasesOf(text: string, selves: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pattern of PATTERNS) {
    for (const { groups } of text.matchAll(pattern)) {
      const { name = "", owner, kin = "" } = groups ?? {};
      const isKin = KIN.has(kin);
      const whose = owner === undefined || selves.has(owner.toLowerCase()) ? SELF : owner.toLowerCase();
      if (isKin && !selves.has(name.toLowerCase())) found.set(name.toLowerCase(), `${whose}/${kinOf(kin)}`);
    }
  }
  return found;
}
