import type { Claim } from "./claim.ts";
import { isOver } from "./modes.ts";
import { lacks, mutual, overlaps, sameSet, tellingly, timesDiffer } from "./overlap.ts";

/** "The bakery is open", where it was planned to open it. */
export function carriesOut({ attribute, value, mode }: Claim, old: Claim): boolean {
  if (mode !== "so" || old.mode !== "planned" || !old.value.includes(attribute)) return false;
  const reached = REACHED[old.attribute] ?? [];
  return value.some((word) => word === old.attribute || reached.includes(word));
}

/** "Ran the Berlin marathon yesterday", which was trained for; "passed the bar exam", which was studied for. */
export function isThrough({ attribute, value, mode, times, cue }: Claim, old: Claim): boolean {
  if (mode !== "so" || isOver(old) || !PREPARES.has(old.attribute) || old.value.length === 0) return false;
  // "Can swim now", who was learning to.
  if (cue && old.value.length === 1 && old.value[0] === attribute) return true;
  if (!(ENDS_WELL.has(attribute) || (DOES.has(attribute) && times.length > 0))) return false;
  return tellingly(old.value, new Set(value)) && !lacks(old.value, value);
}

/** "Isn't doing the marathon after all", which Ada plans to run. */
export function dropsPlan({ attribute, value, mode }: Claim, old: Claim): boolean {
  const isOff = attribute === "do" && (mode === "denied" || mode === "ended");
  return (
    isOff && old.mode === "planned" && value.length > 0 && value.every((word) => old.value.includes(word))
  );
}

const PREPARES = new Set("exercise train prepar prepare practic practice study stud revis revise".split(" "));
const ENDS_WELL = new Set(
  "pass finish complet complete survive surviv qualifi qualify graduat graduate".split(" "),
);
const DOES = new Set("run do sit take swim cycl cycle race walk climb row".split(" "));

/** What something is once it was done. */
const REACHED: Readonly<Record<string, readonly string[]>> = {
  launch: ["live", "onlin", "online"],
  releas: ["live", "availabl", "available"],
  publish: ["live", "onlin", "online", "availabl", "available"],
  ship: ["live"],
  start: ["live", "open"],
  finish: ["don", "done", "ready", "complet", "complete"],
  complet: ["don", "done", "ready", "finish"],
  build: ["don", "done", "ready", "finish"],
};

/** A plan that was carried out, or is planned otherwise. */
export function overtakesPlan(claim: Claim, old: Claim): string | undefined {
  // "The launch has slipped to June", where one launches in April.
  if (claim.value.length + old.value.length === 0)
    return claim.cue && timesDiffer(claim, old) ? "plan_moved" : undefined;
  if (claim.value.length === 0 || !mutual(claim, old)) return undefined;
  if (!tellingly(claim.value, new Set(old.value))) return undefined;
  if (claim.mode === "so") return yearsDiffer(claim, old) ? undefined : "plan_done";
  return sameSet(claim.value, old.value) && timesDiffer(claim, old) ? "plan_moved" : undefined;
}

function yearsDiffer(a: Claim, b: Claim): boolean {
  const years = ({ times }: Claim) => times.filter((time) => /^\d{4}$/.test(time));
  return years(a).length > 0 && years(b).length > 0 && !overlaps(years(a), years(b));
}
