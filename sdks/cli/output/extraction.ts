import type { Extraction, ExtractionCounts } from "@mneme/sdk";
import { scopeText } from "./memory.ts";
import { facts, table } from "./table.ts";
import { formatDate } from "./text.ts";

/** Extractions, one a row. */
export function extractionTable(extractions: readonly Extraction[], width: number): string {
  return table(
    [
      { head: "id", width: 38 },
      { head: "state", width: 12 },
      { head: "messages", width: 10, right: true },
      { head: "memories" },
      { head: "accepted", width: 18 },
    ],
    extractions.map((extraction) => [
      extraction.id,
      extraction.state ?? "",
      String(extraction.messageCount),
      extraction.failure?.message ?? countsText(extraction),
      formatDate(extraction.createTime),
    ]),
    width,
  );
}

/** Everything about one extraction. */
export function extractionFacts(extraction: Extraction): string {
  const { failure } = extraction;
  return facts([
    ["extraction", extraction.id],
    ["state", extraction.state],
    ["of", scopeText(extraction.scope)],
    ["messages", String(extraction.messageCount)],
    ["memories", countsText(extraction)],
    ["sensitive", notKept(sensitiveCounts([extraction]))],
    ["categories", notKept(categoryCounts([extraction]))],
    ["tries", extraction.attempts === 0 ? undefined : String(extraction.attempts)],
    [
      "failure",
      failure && `${failure.message} (${failure.reason ?? "unknown"}, ${formatDate(failure.failTime)})`,
    ],
    ["waits for", waitingText(extraction)],
    ["processing", processingText(extraction)],
    ["extractor", extraction.extractor],
    ["accepted", formatDate(extraction.createTime)],
    ["extracted", formatDate(extraction.extractTime)],
    ["searchable", formatDate(extraction.searchableTime)],
  ]);
}

function waitingText({ waiting }: Extraction): string | undefined {
  return (
    waiting && `a ${waiting.cause ?? "reason unknown"}, until ${formatDate(waiting.untilTime)} at the latest`
  );
}

const DIRECTLY: Readonly<Record<NonNullable<Extraction["directReason"]>, string>> = {
  off: "the project has no batches",
  unsupported: "the model's server takes no batches",
  budget: "a batch might have passed the budget",
  unanswered: "the batch gave no answer",
};

/** Undefined where nobody asked for anything but at once. */
function processingText({ processing, directReason }: Extraction): string | undefined {
  if (processing !== "bulk") return undefined;
  return directReason ? `bulk, read by itself: ${DIRECTLY[directReason]}` : "bulk";
}

/** `3 added, 1 unchanged, 1 not kept (deleted since said)`, of all of them together; empty where nothing came of them. */
export function countsText(...extractions: readonly Extraction[]): string {
  const sums = Object.entries(sumOf(extractions)).filter(([, n]) => n > 0);
  return sums
    .map(([name, n]) => (name === "dropped" ? `${n} not kept (${whyDropped(extractions)})` : `${n} ${name}`))
    .join(", ");
}

/** Undefined where nothing was dropped for that. */
function notKept(counts: Counts): string | undefined {
  return counts.size === 0 ? undefined : `${listed(counts)} (not kept)`;
}

/** Whether a memory came of one, or one that was known already holds its statement. */
export function keptAny(extractions: readonly Extraction[]): boolean {
  const { added, updated, superseded, unchanged } = sumOf(extractions);
  return added + updated + superseded + unchanged > 0;
}

function sumOf(extractions: readonly Extraction[]): ExtractionCounts {
  const none = { added: 0, updated: 0, superseded: 0, unchanged: 0, deleted: 0, dropped: 0 };
  return extractions.reduce(
    (sum, { counts }) => ({
      added: sum.added + counts.added,
      updated: sum.updated + counts.updated,
      superseded: sum.superseded + counts.superseded,
      unchanged: sum.unchanged + counts.unchanged,
      deleted: sum.deleted + counts.deleted,
      dropped: sum.dropped + counts.dropped,
    }),
    none,
  );
}

/** Why what was dropped was: what the project keeps out, and leaves out, and what else may be the reason. */
function whyDropped(extractions: readonly Extraction[]): string {
  const sensitive = sensitiveCounts(extractions);
  const categories = categoryCounts(extractions);
  if (sensitive.size + categories.size === 0) return whyElse(extractions);
  const others = sumOf(extractions).dropped - total(sensitive) - total(categories);
  return [
    ...(sensitive.size > 0 ? [`kept out by the project: ${listed(sensitive)}`] : []),
    ...(categories.size > 0 ? [`left out by the project's categories: ${listed(categories)}`] : []),
    ...(others > 0 ? [`${others} ${whyElse(extractions)}`] : []),
  ].join("; ");
}

/** How many of each, in words. */
type Counts = ReadonlyMap<string, number>;

function sensitiveCounts(extractions: readonly Extraction[]): Counts {
  return added(extractions.map(({ droppedSensitive }) => droppedSensitive));
}

function categoryCounts(extractions: readonly Extraction[]): Counts {
  const counts = added(extractions.map(({ droppedByCategory }) => droppedByCategory));
  return new Map([...counts].map(([rule, n]) => [rule.replaceAll("_", " "), n]));
}

function added(all: readonly Readonly<Record<string, number>>[]): Counts {
  const sums = new Map<string, number>();
  for (const [name, n] of all.flatMap((counts) => Object.entries(counts)))
    sums.set(name, (sums.get(name) ?? 0) + n);
  return sums;
}

function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, n) => sum + n, 0);
}

/** `2 payment, 1 health`. */
function listed(counts: Counts): string {
  return [...counts].map(([name, n]) => `${n} ${name}`).join(", ");
}

/** A finished statement is left out only where it was deleted after it was said; of turns the server does not say which it was. */
function whyElse(extractions: readonly Extraction[]): string {
  const finished = extractions.every(
    ({ counts, extractor }) => counts.dropped === 0 || extractor.startsWith("import/"),
  );
  return finished
    ? "deleted since said"
    : "nothing to remember, a request that named nothing known, or deleted since said";
}
