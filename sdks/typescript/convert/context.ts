import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  ContextSectionNameSchema,
  type ContextSectionRequestSchema,
  type Citation as WireCitation,
  type ContextSectionName as WireName,
} from "@mneme/proto/mneme/search/v1/context_pb.js";
import type { GetContextResponse } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import type { SectionWish } from "../scope-options.ts";
import type { Citation, Context, ContextSectionName } from "../types/context.ts";
import { enumCodec } from "./enum.ts";
import {
  degradationFromWire,
  layerFromWire,
  leftOutFromWire,
  leftOutReasons,
  timeFromWire,
} from "./search.ts";
import { toDate } from "./time.ts";

export const sectionNames = enumCodec<ContextSectionName, WireName>(ContextSectionNameSchema);

/** A name alone has its default share. */
export function sectionsToWire(
  sections: readonly (ContextSectionName | SectionWish)[] = [],
): MessageInitShape<typeof ContextSectionRequestSchema>[] {
  return sections.map((section, index) => {
    const { name, share } = typeof section === "object" ? section : { name: section, share: undefined };
    return { name: sectionNames.toWire(name, `sections[${index}].name`), share: share ?? 0 };
  });
}

export function contextFromWire(response: GetContextResponse): Context {
  return {
    text: response.text,
    citations: response.citations.map(citationFromWire),
    tokens: response.tokens,
    tokenizer: response.tokenizer,
    sections: response.sections.map(({ name, heading, lines, tokens }) => ({
      name: sectionNames.fromWire(name),
      heading,
      lines: lines.map(({ text, citation }) => ({ text, citation })),
      tokens,
    })),
    leftOut: response.leftOut.map(leftOutFromWire),
    leftOutCounts: response.leftOutCounts.map(({ section, reason, count }) => ({
      section: sectionNames.fromWire(section),
      reason: leftOutReasons.fromWire(reason),
      count,
    })),
    degraded: response.degraded.map(degradationFromWire),
    time: response.time && timeFromWire(response.time),
  };
}

function citationFromWire(wire: WireCitation): Citation {
  const { number, section, memoryId, messageIds, turn, saidAt } = wire;
  return {
    number,
    section: sectionNames.fromWire(section),
    memoryId: memoryId || undefined,
    messageIds: [...messageIds],
    turn: Number(turn) || undefined,
    saidAt: toDate(saidAt),
    layer: layerFromWire(wire.layer),
    teamId: wire.teamId || undefined,
    toldBy: wire.toldBy || undefined,
    disputedBy: [...wire.disputedBy],
    overriddenBy: wire.overriddenBy || undefined,
  };
}
