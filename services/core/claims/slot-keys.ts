import type { Reading } from "./claim.ts";

/** Claims of a statement that it is found by; long ones tell of many things, and their first ones are enough. */
const MOST = 8;

/** By what a statement is found when something else is said of the same: whom it is about and what of them. */
export function slotsOf({ claims }: Reading): string[] {
  const slots = claims
    .filter(({ attribute, mode }) => attribute !== "*" && mode !== "unreal")
    .map(({ subject, attribute }) => `${subject} ${attribute}`);
  return [...new Set(slots)].slice(0, MOST);
}
