import type { RelationMention } from "../../../../memory/memory.ts";
import { isName, NAME_AHEAD, unmarked } from "./marked-names.ts";

export type Groups = Readonly<Record<string, string | undefined>>;

/** How one clause tells relations. Clauses that are denied, asked or only supposed are no matter of a rule. */
export interface ToldRule {
  /** What a text must hold: most hold nothing of most rules. */
  readonly hint: RegExp;
  /**
   * With PERSON for any person's name, ANY for anything named, WHO for either or somebody's ("Rosa's doctor"), SEVERAL for some
   * of these in a list, THINGS for named things in a list, OWNED for somebody's thing, KIN for how people belong together.
   */
  readonly pattern: string;
  readonly read: (groups: Groups) => readonly (RelationMention | undefined)[];
}

/** One relation; undefined where an end is missing. */
export function edge(
  source: string | undefined,
  type: string,
  target: string | undefined,
): RelationMention | undefined {
  return source && target ? { source: unmarked(source), type, target: unmarked(target) } : undefined;
}

/** Those of a list: "Ann, Bo and Cy". */
export function each(list: string | undefined): string[] {
  return (list ?? "")
    .split(BETWEEN)
    .flatMap((one) => one.replace(/(?: from [^,]+)?(?: (?:both|all))?$/, "") || []);
}

const BETWEEN = new RegExp(`(?:, and |, or | and | or |, )${NAME_AHEAD}`, "u");

/** A relation of each of some with each of others. */
export function edges(
  sources: string | undefined,
  type: string,
  targets: string | undefined,
): (RelationMention | undefined)[] {
  return each(sources).flatMap((source) => each(targets).map((target) => edge(source, type, target)));
}

/** What names nothing: "recommended going", "suggested something else". */
export const VAGUE =
  /^\S*ing\b|^(?:it|that|this|to|them|him|her|one|some|something|anything|nothing|everything|someone|both|all|other|more|less|how|what|when|not|a lot|in|on|at|for|against|so|strongly|very|just|taking|their|his|its)\b/iu;

/** Whether it names nothing; "Boeing" and "Beijing" do. */
export function isVague(what: string | undefined): boolean {
  return what === undefined || (!isName(what) && VAGUE.test(what));
}
