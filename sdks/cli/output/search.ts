import type { Degradation, Hit, LeftOut, QueryTime, ScoreParts, SearchResult } from "@mneme/sdk";
import { sourceText } from "./memory.ts";
import { table } from "./table.ts";
import { clean, count, formatDate, formatMs } from "./text.ts";

/** Hits, one a row; with `explain` also what each score is made of and where the hit comes from. */
export function searchText(result: SearchResult, width: number, explain: boolean): string {
  if (result.hits.length === 0) return ["Nothing found.", ...notes(result)].join("\n");
  const hits = table(
    [
      { head: "#", width: 5, right: true },
      { head: "score", width: 9, right: true },
      { head: "memory" },
      { head: "said", width: 18 },
    ],
    result.hits.map((hit, index) => [
      String(index + 1),
      hit.score.toFixed(3),
      cell(hit, explain),
      saidAt(hit),
    ]),
    width,
  );
  return [hits, ...notes(result)].join("\n");
}

function cell(hit: Hit, explain: boolean): string {
  const { memory, parts } = hit;
  const text = [memory.text, ...remarks(hit)].map(clean).join("\n");
  if (!explain) return text;
  const sources = memory.sources.map((source) => `<- ${sourceText(source)}`);
  return [text, ...[partsText(parts), ...sources, memory.id].map(clean)].join("\n");
}

/** `team sales, told by Ben, disputed by 0197…`: of what is shared. */
function remarks({ memory, layer, toldBy, disputedBy, overriddenBy }: Hit): string[] {
  const parts = [
    ...(layer === "team" ? [`team ${memory.scope.teamId ?? ""}`] : layer === undefined ? [] : [layer]),
    ...(toldBy === undefined ? [] : [`told by ${toldBy}`]),
    ...(disputedBy.length > 0 ? [`disputed by ${disputedBy.join(", ")}`] : []),
    ...(overriddenBy === undefined ? [] : [`overridden by ${overriddenBy}`]),
  ];
  return parts.length > 0 ? [`(${parts.join(", ")})`] : [];
}

function saidAt({ memory }: Hit): string {
  return formatDate(memory.sources[0]?.sentAt ?? memory.validFrom);
}

/** `cos .61 bm25 7.2 entity 0 = dense .61 + keyword .35 ... x recency 1`, without what did not play. */
export function partsText({ similarity, bm25, entity, terms, fused, factors, rerank }: ScoreParts): string {
  const played = Object.entries(terms).filter(([, value]) => value !== 0);
  const factor = Object.entries(factors).filter(([, value]) => value !== 1);
  return [
    `cos ${similarity.toFixed(3)}`,
    `bm25 ${bm25.toFixed(2)}`,
    ...(entity === 0 ? [] : [`entity ${entity.toFixed(2)}`]),
    `= ${fused.toFixed(3)}`,
    ...(played.length > 0
      ? [`(${played.map(([name, value]) => `${name} ${signed(value)}`).join(" ")})`]
      : []),
    ...(rerank
      ? [
          `reranked ${rerank.score.toFixed(3)} (place ${rerank.rankBefore} -> ${rerank.rankAfter}, ${formatMs(rerank.latencyMs)})`,
        ]
      : []),
    ...factor.map(([name, value]) => `x ${name} ${value.toFixed(3)}`),
  ].join(" ");
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(3)}`;
}

function notes({ hits, tokens, time, timings, leftOut, degraded }: SearchResult): string[] {
  const lines = [
    `${count(hits.length, "memory", "memories")}, ${count(tokens, "token")}, ${formatMs(timings.totalMs)} on the server`,
  ];
  if (leftOut.length > 0) lines.push(`left out: ${leftOutText(leftOut)}`);
  return [...lines, ...timeLines(time), ...degradedLines(degraded)];
}

/** `time: event, until 2026-03-15, by 0197…`: how the query was understood. */
export function timeLines(time: QueryTime | undefined): string[] {
  if (!time) return [];
  const { kind, from, to, anchorMemoryId, withEnded } = time;
  const parts = [
    kind ?? "other",
    ...(from ? [`from ${formatDate(from)}`] : []),
    ...(to ? [`until ${formatDate(to)}`] : []),
    ...(anchorMemoryId ? [`by ${anchorMemoryId}`] : []),
    ...(withEnded ? ["with what has ended"] : []),
  ];
  return [`time: ${parts.join(", ")}`];
}

/** `12 limit, 3 budget`. */
export function leftOutText(leftOut: readonly LeftOut[]): string {
  const reasons = Map.groupBy(leftOut, ({ reason }) => reason ?? "other");
  return [...reasons].map(([reason, items]) => `${items.length} ${reason.replace("_", " ")}`).join(", ");
}

export function degradedLines(degraded: readonly Degradation[]): string[] {
  return degraded.map(({ part, effect }) => `degraded, without ${part}: ${effect}`);
}
