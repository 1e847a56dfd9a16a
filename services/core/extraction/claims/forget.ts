import { tokenize } from "../embedded/language.ts";
import type { Reading } from "./claim.ts";
import { wordOf } from "./words.ts";

/** What a statement asks to be forgotten. */
export type ForgetRequest =
  /** What was said just before. */
  | { readonly what: "last" }
  /** `topic`: everything that is about it; otherwise only what says so. */
  | { readonly what: "topic" | "statement"; readonly about: string };

const FORGET = String.raw`(?:forget|delete|remove|erase|wipe|drop|discard|unlearn|clear|purge|get rid of|scratch)`;
const NOT_KEEP = String.raw`(?:stop (?:remembering|storing|saving|keeping)|not (?:to )?(?:remember|store|save|keep|record|note|memori[sz]e))`;
/** As the embedded extractor rewrites a request, and as people write it. */
const REQUEST = new RegExp(
  String.raw`^(?:[^".:]{1,60}? (?:told|asked|wants?|would like) (?:the assistant|the other person|the others|[\p{L} ]{1,40}?) )?(?:please |kindly |can you |could you |would you |i want you to |you (?:can|should|may) |just |actually |also |hey |and |,)*(?:to )?(?:please )?(?:${FORGET}|${NOT_KEEP})(?: about)?(?<rest>\s.*|[.!]*)$`,
  "isu",
);
const LAST =
  /^(?:(?:that|this|it|what (?:i|the user|\p{L}+) (?:just |have just |'ve just )?(?:said|told (?:you|\p{L}+(?: \p{L}+)?)|wrote|mentioned)|the last (?:thing|message|bit|part)|my last (?:message|sentence))(?: (?:just now|a moment ago|earlier|please|from (?:your|the) memory))?)?$/iu;
const ABOUT =
  /^(?:(?:everything|anything|all|all of that|whatever|what|the (?:stuff|things?|part|bit|facts?|details?|memor(?:y|ies)|info(?:rmation)?)|any (?:memor(?:y|ies)|info(?:rmation)?|mention))(?: (?:that|which))?(?: (?:i|we|you|the user|the assistant|the other person|[\p{L}]+)(?: (?:have|has|had|'ve))?(?: (?:ever|just))? (?:said|told(?: you| the assistant| the other person| \p{L}+)?|mentioned|wrote|shared|know|knows|remember(?:s|ed)?|stored?|saved?|have|has))?(?: you)? (?:about|on|of|regarding|concerning|with) )(?<about>.+)$/iu;
const TAIL =
  /\s*(?:,? ?(?:please|thanks|thank you|from (?:your|the) memory|from memory|ok(?:ay)?|entirely|completely|for good|now))?[.!\s]*$/iu;

/**
 * Reads a request to forget.
 *
 * @param text one sentence, as it was said or as it was rewritten.
 */
export function forgetRequest(text: string): ForgetRequest | undefined {
  if (text.trim().endsWith("?") && !/\b(?:can|could|would|will) you\b/i.test(text)) return undefined;
  const match = REQUEST.exec(text.trim());
  if (!match) return undefined;
  const rest = (match.groups?.rest ?? "").replace(/\?$/, "").replace(TAIL, "").trim();
  if (LAST.test(rest)) return { what: "last" };
  const about = ABOUT.exec(rest)?.groups?.about;
  if (about) return { what: "topic", about };
  const that = /^(?:the fact )?that (?<said>.+)$/iu.exec(rest)?.groups?.said;
  if (that) return { what: "statement", about: that };
  return {
    what: /^(?:my|the user's|\p{Lu}[\p{L}]*'s|the|our|his|her|their)\b/u.test(rest) ? "topic" : "statement",
    about: rest,
  };
}

/** Whether a statement reads as a request to forget. */
export function asksToForget(text: string): boolean {
  return forgetRequest(text) !== undefined;
}

/**
 * Whether a known statement is what a request is about. All words of a topic must stand in it; of a statement, at least
 * three in five, so that "forget that I live in Berlin" leaves the sister in Berlin alone.
 */
export function isAskedFor(request: Exclude<ForgetRequest, { what: "last" }>, known: Reading): boolean {
  const words = contentOf(request.about);
  if (words.length === 0) return false;
  const has = words.filter((word) => known.words.has(word)).length;
  if (request.what === "topic") return has === words.length;
  return has >= 0.6 * words.length;
}

/** Without who is meant: "my", "the user's", "Ada". */
function contentOf(about: string): string[] {
  const plain = about.replace(
    /^(?:my|our|the user's|\p{Lu}[\p{L}'-]*'s|(?:the user|i|we|\p{Lu}[\p{L}'-]*)(?= (?:\p{Ll}|'m|'ve)))\s*/iu,
    "",
  );
  return [...new Set(tokenize(plain).flatMap((token) => wordOf(token) ?? []))].filter(
    (word) => word !== "user",
  );
}
