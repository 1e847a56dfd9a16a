import type { Extraction } from "@mneme/sdk";
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
    ["tries", extraction.attempts === 0 ? undefined : String(extraction.attempts)],
    [
      "failure",
      failure && `${failure.message} (${failure.reason ?? "unknown"}, ${formatDate(failure.failTime)})`,
    ],
    ["extractor", extraction.extractor],
    ["accepted", formatDate(extraction.createTime)],
    ["extracted", formatDate(extraction.extractTime)],
    ["searchable", formatDate(extraction.searchableTime)],
  ]);
}

/** `3 added, 1 unchanged`. */
export function countsText({ counts }: Extraction): string {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${n} ${name}`)
    .join(", ");
}
