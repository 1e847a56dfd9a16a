import { create } from "@bufbuild/protobuf";
import type { ContextCommand, PromptContext } from "@mneme/core/context/context-request.ts";
import {
  CONTEXT_SECTIONS,
  type ContextSectionName,
  DEFAULT_SHARES,
  type SectionWish,
} from "@mneme/core/context/sections.ts";
import type { Citation } from "@mneme/core/context/write-block.ts";
import {
  CitationSchema,
  type ContextSectionRequest,
  ContextSectionName as WireName,
} from "@mneme/proto/mneme/search/v1/context_pb.js";
import {
  type GetContextRequest,
  type GetContextResponse,
  GetContextResponseSchema,
} from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromLayer } from "./layer.ts";
import { fromQueryTime } from "./query-time.ts";
import { fromDegradation, fromLeftOut, fromReason, toQuestion } from "./search.ts";
import { fromDate } from "./time.ts";

const NAMES: Readonly<Record<ContextSectionName, WireName>> = {
  profile: WireName.PROFILE,
  facts: WireName.FACTS,
  events: WireName.EVENTS,
  procedures: WireName.PROCEDURES,
  turns: WireName.TURNS,
  recent: WireName.RECENT,
};

const DEFAULT_MOST_RECENT = 10;

export function toContextCommand(request: GetContextRequest, deadline: Date): ContextCommand {
  const { model, allSessions, mostRecent } = request;
  const sections = toWishes(request.sections, mostRecent > 0);
  const newest = mostRecent || DEFAULT_MOST_RECENT;
  return { ...toQuestion(request, deadline), sections, mostRecent: newest, model, allSessions };
}

/** All of them if none is named, what was said last only where it is wanted. */
function toWishes(sections: readonly ContextSectionRequest[], withRecent: boolean): SectionWish[] {
  const wanted = sections.flatMap(({ name, share }) => {
    const section = keyOf(NAMES, name);
    return section ? [{ section, share }] : [];
  });
  const usual = CONTEXT_SECTIONS.filter((section) => withRecent || section !== "recent");
  const wishes = wanted.length > 0 ? wanted : usual.map((section) => ({ section, share: 0 }));
  return wishes.map(({ section, share }) => ({ section, share: share || DEFAULT_SHARES[section] }));
}

export function fromContext(context: PromptContext): GetContextResponse {
  return create(GetContextResponseSchema, {
    text: context.text,
    citations: context.citations.map(fromCitation),
    tokens: context.tokens,
    leftOut: context.leftOut.map(fromLeftOut),
    degraded: context.degraded.map(fromDegradation),
    time: fromQueryTime(context.time),
    tokenizer: context.tokenizer,
    sections: context.sections.map(({ section, heading, lines, tokens }) => ({
      name: NAMES[section],
      heading,
      lines: lines.map(({ text, number }) => ({ text, citation: number })),
      tokens,
    })),
    leftOutCounts: context.leftOutCounts.map(({ section, reason, count }) => {
      return { section: NAMES[section], reason: fromReason(reason), count };
    }),
  });
}

function fromCitation({ number, memoryId, messageIds, saidAt, section, turn, shared }: Citation) {
  return create(CitationSchema, {
    number,
    memoryId: memoryId ?? "",
    messageIds: [...messageIds],
    saidAt: fromDate(saidAt),
    section: NAMES[section],
    turn: BigInt(turn ?? 0),
    layer: fromLayer(shared?.layer),
    teamId: shared?.teamId ?? "",
    toldBy: shared?.toldBy ?? "",
    disputedBy: [...(shared?.disputedBy ?? [])],
    overriddenBy: shared?.overriddenBy ?? "",
  });
}
