import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import type { Memory, MemoryKind } from "../memory/memory.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import { type SearchDeps, searchMemories } from "./search-memories.ts";
import type { Degradation, LeftOut, SearchCommand, SearchTimings } from "./search-request.ts";

export type ContextCommand = Omit<SearchCommand, "limit" | "minSimilarity" | "minScore">;

/** What a number in the text stands for. */
export interface Citation {
  readonly number: number;
  readonly memoryId: string;
  readonly messageIds: readonly string[];
  readonly saidAt: Date;
}

export interface PromptContext {
  /** Ready to paste; empty when there is nothing to say. */
  readonly text: string;
  readonly citations: readonly Citation[];
  /** Of the whole text, never above the budget. */
  readonly tokens: number;
  readonly leftOut: readonly LeftOut[];
  readonly degraded: readonly Degradation[];
  readonly timings: SearchTimings;
}

const HEADINGS: Readonly<Record<MemoryKind, string>> = {
  semantic: "Known facts:",
  episodic: "What happened:",
  procedural: "How things are done:",
};
const KINDS = Object.keys(HEADINGS) as MemoryKind[];
const MOST_LINES = 100;
/** Shorter lines hardly exist: date, citation and bullet alone take ten tokens. */
const LEAST_LINE_TOKENS = 15;

/**
 * Writes what is known about a query as a block for a prompt: by kind, oldest first within, each line with
 * its date and its citation.
 *
 * @throws MnemeError as `searchMemories`.
 */
export async function getContext(
  deps: SearchDeps,
  tenancy: Tenancy,
  command: ContextCommand,
  signal?: AbortSignal,
): Promise<PromptContext> {
  const { tokenBudget } = command;
  const limit = Math.min(MOST_LINES, Math.max(5, Math.ceil(tokenBudget / LEAST_LINE_TOKENS)));
  const { hits, leftOut, degraded, timings } = await searchMemories(
    deps,
    tenancy,
    { ...command, limit },
    signal,
    // The number is not known yet; the widest one is counted. Sources' texts are not sent.
    { render: (memory) => line(memory, limit), bytesOf: ({ text }) => Buffer.byteLength(text) },
  );
  // The lines fit; where the headings make it too long, the last ones give way.
  const kept = hits.map(({ memory }) => memory);
  while (kept.length > 0 && write(kept).tokens > tokenBudget) kept.pop();
  const dropped = hits.slice(kept.length).map(({ memory, score }): LeftOut => {
    return { memoryId: memory.id, reason: "budget", score };
  });
  return { ...write(kept), leftOut: [...dropped, ...leftOut], degraded, timings };
}

function write(memories: readonly Memory[]): Pick<PromptContext, "text" | "citations" | "tokens"> {
  const citations: Citation[] = [];
  const blocks = KINDS.flatMap((kind) => {
    const ofKind = memories.filter((memory) => memory.kind === kind);
    if (ofKind.length === 0) return [];
    const lines = ofKind
      .toSorted((a, b) => saidAt(a).getTime() - saidAt(b).getTime())
      .map((memory) => {
        const number = citations.length + 1;
        const messageIds = [...new Set(memory.sources.map(({ messageId }) => messageId))];
        citations.push({ number, memoryId: memory.id, messageIds, saidAt: saidAt(memory) });
        return line(memory, number);
      });
    return [[HEADINGS[kind], ...lines].join("\n")];
  });
  const text = blocks.join("\n\n");
  return { text, citations, tokens: text === "" ? 0 : countTokens(text) };
}

function line(memory: Memory, number: number): string {
  const day = saidAt(memory).toISOString().slice(0, 10);
  return `- ${memory.text.replace(/\s+/gu, " ").trim()} (${day}) [${number}]`;
}

function saidAt(memory: Memory): Date {
  return memory.sources[0]?.sentAt ?? memory.validFrom;
}
