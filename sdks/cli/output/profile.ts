import type { Profile, ProfileLine } from "@mneme/sdk";
import { clean, count, formatDate } from "./text.ts";

/** Groups with their lines; with `explain` also what each line rests on. */
export function profileText({ groups }: Profile, explain: boolean): string {
  if (groups.length === 0) return "Nothing is known.";
  return groups
    .map(({ name, lines }) =>
      [`${heading(name)}:`, ...lines.map((line) => lineText(line, explain))].join("\n"),
    )
    .join("\n\n");
}

function heading(name = "other"): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function lineText(line: ProfileLine, explain: boolean): string {
  const said = `- ${clean(line.text)} (since ${formatDate(line.since)})`;
  if (!explain) return said;
  const sources = `${count(line.messageIds.length, "message")}, last ${formatDate(line.lastSaidAt)}`;
  return `${said}\n  ${clean(line.category)}, ${sources}: ${line.memoryIds.map(clean).join(", ")}`;
}

/** `12 lines over the limit, 3 over the budget, 40 memories not read`; empty where all is told. */
export function profileLeftOut({ leftOut: { limit, budget, outdated, notRead } }: Profile): string {
  return [
    ...(limit > 0 ? [`${count(limit, "line")} over the limit`] : []),
    ...(budget > 0 ? [`${count(budget, "line")} over the budget`] : []),
    ...(outdated > 0 ? [`${count(outdated, "memory", "memories")} outdated`] : []),
    ...(notRead > 0 ? [`${count(notRead, "memory", "memories")} not read`] : []),
  ].join(", ");
}
