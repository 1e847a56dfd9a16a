import type { Memory, Metadata, Scope, Source } from "@mneme/sdk";
import { facts, table } from "./table.ts";
import { clean, formatDate } from "./text.ts";

/** Memories, one a row. */
export function memoryTable(memories: readonly Memory[], width: number): string {
  return table(
    [{ head: "id", width: 38 }, { head: "memory" }, { head: "since", width: 18 }],
    memories.map((memory) => [
      memory.id,
      clean([memory.text, ...remarks(memory)].join(" ")),
      formatDate(memory.validFrom),
    ]),
    width,
  );
}

function remarks({ validTo, archiveTime }: Memory): string[] {
  return [
    ...(validTo ? [`(until ${formatDate(validTo)})`] : []),
    ...(archiveTime ? [`(archived ${formatDate(archiveTime)})`] : []),
  ];
}

/** Everything about one memory. */
export function memoryFacts(memory: Memory): string {
  const { provenance } = memory;
  return facts([
    ["memory", memory.text],
    ["id", memory.id],
    ["version", `${memory.version}${memory.outcome ? ` (${memory.outcome})` : ""}, etag ${memory.etag}`],
    ["kind", [memory.kind, memory.category, memory.origin].filter(Boolean).join(", ")],
    ["confidence", `${memory.confidence}, importance ${memory.importance}`],
    ["about", scopeText(memory.scope)],
    ["mentions", memory.entities.map(({ name, type }) => `${name} (${type})`).join(", ")],
    ["valid", period(memory.validFrom, memory.validTo)],
    ["known", period(memory.recordedFrom, memory.recordedTo)],
    ["expires", formatDate(memory.expireTime)],
    ["review", formatDate(memory.reviewTime)],
    ["replaced by", memory.replacedBy],
    [
      "archived",
      [formatDate(memory.archiveTime), memory.archiveReason?.replace("_", " ")].filter(Boolean).join(", "),
    ],
    ["rests on", memory.derivedFrom.join(", ")],
    ["metadata", metadataText(memory.metadata)],
    [
      "written by",
      provenance &&
        [provenance.extractor, provenance.extractorVersion, provenance.embeddingModel, provenance.rule]
          .filter(Boolean)
          .join(" "),
    ],
    ...memory.sources.map((source, index) => [index === 0 ? "said" : "", sourceText(source)] as const),
  ]);
}

/** `2026-03-01 09:30 Ada: "..."`. */
export function sourceText(source: Source): string {
  const who = source.name ?? source.role ?? "someone";
  const what = source.text === "" ? `message ${source.messageId}` : `"${source.text}"`;
  return [formatDate(source.sentAt), `${who}: ${what}`].filter(Boolean).join(" ");
}

export function scopeText(scope: Scope): string {
  const members = [
    ["user", scope.userId],
    ["agent", scope.agentId],
    ["app", scope.appId],
    ["team", scope.teamId],
    ["session", scope.sessionId],
    ["shared with", scope.sharedWith],
  ];
  return members.flatMap(([name, id]) => (id ? [`${name} ${id}`] : [])).join(", ");
}

function metadataText(metadata: Metadata): string {
  return Object.entries(metadata)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function period(from: Date | undefined, to: Date | undefined): string {
  if (from === undefined && to === undefined) return "";
  return [from && `since ${formatDate(from)}`, to && `until ${formatDate(to)}`].filter(Boolean).join(" ");
}
