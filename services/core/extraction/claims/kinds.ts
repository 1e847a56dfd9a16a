import type { Claim } from "./claim.ts";
import { classOf, isKind } from "./classes.ts";
import { stem } from "./words.ts";

/** "Has a son", where it was said that there are no children. */
export function isOneOf({ attribute, value }: Claim, old: Claim): boolean {
  const [kind, ...more] = old.value;
  if (attribute !== "own" || old.mode !== "denied" || kind === undefined || more.length > 0) return false;
  const isOfKind = (word: string) => stem(classOf(word) ?? "") === kind || classOf(word) === classOf(kind);
  return value.some((word) => FAMILY[kind]?.has(word) || (isKind(kind) && isOfKind(word)));
}

const FAMILY: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  [
    ["sibling", "brother sister"],
    ["sibl", "brother sister"],
    ["child", "son daughter baby twin"],
    ["kid", "son daughter baby twin"],
  ].map(([kind = "", members = ""]) => [kind, new Set(members.split(" "))]),
);
