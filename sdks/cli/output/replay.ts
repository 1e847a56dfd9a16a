import type { Replay, ReplayDifference } from "@mneme/sdk";
import { facts, table } from "./table.ts";
import { clean, count, formatDate, formatMs } from "./text.ts";
import { dollars } from "./usage.ts";

export function replayFacts(replay: Replay): string {
  const { id, state, scope, totals, waitingUntilTime, failureReason, expireTime } = replay;
  const { spent } = totals;
  const failures = totals.failures.map(({ reason, count: times }) => `${reason} ${times}`);
  const isOver = state === "promoted" || state === "cancelled" || state === "discarded";
  return facts([
    ["replay", id],
    [
      "state",
      waitingUntilTime ? `waiting for a budget until ${formatDate(waitingUntilTime)}` : (state ?? ""),
    ],
    ["why", failureReason],
    ["of", scope ? clean(Object.values(scope).filter(Boolean).join(", ")) : "the whole project"],
    ["read by", replay.extractor],
    ["decided by", replay.reconciler || "rules"],
    [
      "read",
      `${totals.doneStreams} of ${count(totals.streams, "stream")}, ${count(totals.messages, "message")}`,
    ],
    ["not read", failures.length > 0 ? `${totals.failedStreams} (${failures.join(", ")})` : undefined],
    ["found", changesText(replay)],
    [
      "left out",
      totals.leftOut.map(({ reason, count: times }) => `${times} ${words(reason)}`).join(", ") || "none",
    ],
    ["kept", totals.kept > 0 ? `${totals.kept} that people have rated` : undefined],
    [
      "spent",
      `${dollars(spent.microdollars)} dollars, ${count(spent.calls, "call")}, ${spent.knownAnswers} answered before, ${formatMs(spent.workMs)}`,
    ],
    ["expires", isOver ? undefined : formatDate(expireTime)],
  ]);
}

function changesText({ totals }: Replay): string {
  const sums = new Map<string, number>();
  for (const { change = "other", count: times } of totals.changes) {
    sums.set(change, (sums.get(change) ?? 0) + times);
  }
  const told = ["same", "added", "removed", "changed"].map((change) => `${sums.get(change) ?? 0} ${change}`);
  return told.join(", ");
}

const words = (name: string | undefined) => (name ?? "").replaceAll("_", " ");

export function replayTable(replays: readonly Replay[], width: number): string {
  return table(
    [
      { head: "replay", width: 38 },
      { head: "state", width: 12 },
      { head: "read by" },
      { head: "found" },
      { head: "when", width: 18 },
    ],
    replays.map((replay) => [
      replay.id,
      replay.state ?? "",
      replay.extractor,
      changesText(replay),
      formatDate(replay.createTime),
    ]),
    width,
  );
}

/** As a patch shows it: what was known behind a minus, what the replay has behind a plus. */
export function differenceLines(differences: readonly ReplayDifference[]): string {
  return differences.map(differenceText).join("\n");
}

function differenceText({ change, changedFields, state, before, after, memoryId }: ReplayDifference): string {
  const fields = changedFields.length > 0 ? `: ${changedFields.map(words).join(", ")}` : "";
  const done = state === "open" || state === undefined ? "" : `, ${state}`;
  const lines = [`${change ?? ""}${fields}${done}${memoryId ? ` (${memoryId})` : ""}`];
  if (before) lines.push(`  - ${clean(before.text)} [${before.kind ?? ""}, ${clean(before.category)}]`);
  if (after) lines.push(`  + ${clean(after.text)} [${after.kind ?? ""}, ${clean(after.category)}]`);
  return lines.join("\n");
}
