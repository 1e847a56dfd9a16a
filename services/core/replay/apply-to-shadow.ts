import { v7 as uuidv7 } from "uuid";
import type {
  AddedDecision,
  Decision,
  MemoryContent,
  PendingMessage,
  StreamResult,
} from "../extraction/ingest-store.ts";
import { prolonged } from "../extraction/lasting.ts";
import { madeBy } from "../extraction/made-by.ts";
import { toldTwice } from "../extraction/surer.ts";
import type { SourceSpan } from "../memory/memory.ts";
import type { ShadowEnd } from "./shadow-memory.ts";
import type { ShadowStream } from "./shadow-stream.ts";

/** Does to a shadow what applying a result does to the record. Shadow ids grow in the order of what is said. */
export function applyToShadow(shadow: ShadowStream, result: StreamResult): void {
  const added = new Map<Decision, string>();
  for (const decision of result.decisions) applyOne(shadow, result, decision, added);
  widenWindows(shadow, result.windows);
}

function applyOne(
  shadow: ShadowStream,
  result: StreamResult,
  decision: Decision,
  added: Map<Decision, string>,
): void {
  const message = result.batch.pending.find(({ turn }) => turn.messageId === decision.messageId);
  if (!message) throw new Error("a decision about a message of another batch");
  switch (decision.outcome) {
    case "drop":
      break;
    case "forget":
      shadow.remove(added.get(decision.added) ?? "");
      break;
    case "delete":
      shadow.remove(decision.memoryId);
      break;
    case "add": {
      endByKnown(shadow, add(shadow, result, message, decision, added), decision);
      break;
    }
    case "supersede": {
      const by = add(shadow, result, message, decision, added);
      for (const target of decision.ended) {
        const id = "memoryId" in target ? target.memoryId : added.get(target.added);
        end(shadow, id ?? "", { at: endOf(decision), by, rule: decision.rule });
      }
      endByKnown(shadow, by, decision);
      break;
    }
    case "update":
      update(shadow, result, message, decision);
      break;
    case "noop":
      confirm(shadow, message, decision);
      break;
    case "reword":
      changeOne(shadow, added.get(decision.added) ?? "", message, ({ statement: { sources } }) =>
        withSources(
          { ...decision.content, statement: { ...decision.content.statement, sources } },
          decision.content.statement.sources,
        ),
      );
      break;
    case "merge":
      changeOne(shadow, added.get(decision.into) ?? "", message, (content) =>
        withSources(toldTwice(content, decision.source), [decision.source]),
      );
  }
}

function endByKnown(shadow: ShadowStream, id: string, { endedBy }: AddedDecision): void {
  if (endedBy && shadow.get(endedBy.memoryId)) end(shadow, id, { ...endedBy, by: endedBy.memoryId });
}

function add(
  shadow: ShadowStream,
  result: StreamResult,
  message: PendingMessage,
  decision: AddedDecision,
  added: Map<Decision, string>,
): string {
  const { sessionId } = message.ids;
  const id = uuidv7();
  added.set(decision, id);
  shadow.set({
    id,
    audience: message.audience,
    ids: message.ids,
    apiKeyId: message.apiKeyId,
    extractionId: message.extractionId,
    content: decision.content,
    embeddingModel: result.embeddingModel,
    sessionIds: sessionId ? [sessionId] : [],
    extractor: madeBy(result, message),
    isGiven: message.draft !== undefined,
    rule: decision.rule,
    ended: undefined,
  });
  return id;
}

/** Since when what a statement ends is no longer so; undefined where it never was. */
function endOf({ content, wasWrong }: Extract<AddedDecision, { outcome: "supersede" }>): Date | undefined {
  return wasWrong ? undefined : (content.statement.valid.from ?? content.features.saidAt);
}

/** Of two ends the first counts; before its beginning it ends there. */
function end(
  shadow: ShadowStream,
  id: string,
  { at: told, by, rule }: Omit<ShadowEnd, "at"> & { readonly at: Date | undefined },
): void {
  const memory = shadow.get(id);
  if (!memory || memory.ended) return;
  const { statement, features } = memory.content;
  const from = statement.valid.from ?? features.saidAt;
  const at = told === undefined || told < from ? from : told;
  const content = { ...memory.content, statement: { ...statement, valid: { ...statement.valid, to: at } } };
  shadow.set({ ...memory, content, ended: { at, by, rule } });
}

function update(
  shadow: ShadowStream,
  result: StreamResult,
  message: PendingMessage,
  { memoryId, content, rule }: Extract<Decision, { outcome: "update" }>,
): void {
  const before = shadow.get(memoryId);
  if (!before) return;
  const { statement } = content;
  changeOne(shadow, memoryId, message, () =>
    withSources(
      { ...content, statement: { ...statement, sources: before.content.statement.sources } },
      statement.sources,
    ),
  );
  const changed = shadow.get(memoryId);
  if (!changed) return;
  const { extractionId } = message;
  const { embeddingModel } = result;
  shadow.set({ ...changed, extractor: madeBy(result, message), extractionId, embeddingModel, rule });
}

/** It is surer, and lasts longer where it would expire before. */
function confirm(
  shadow: ShadowStream,
  message: PendingMessage,
  { memoryId, source, expiresAt }: Extract<Decision, { outcome: "noop" }>,
): void {
  changeOne(shadow, memoryId, message, (content) => {
    const told = withSources(toldTwice(content, source), [source]);
    return { ...told, expiresAt: prolonged(told, expiresAt) };
  });
}

/** What vanished since it was looked up stays away. */
function changeOne(
  shadow: ShadowStream,
  id: string,
  { ids: { sessionId } }: PendingMessage,
  change: (content: MemoryContent) => MemoryContent,
): void {
  const memory = shadow.get(id);
  if (!memory) return;
  const sessionIds = new Set([...memory.sessionIds, ...(sessionId ? [sessionId] : [])]);
  shadow.set({ ...memory, content: change(memory.content), sessionIds: [...sessionIds] });
}

/** Each span once. */
function withSources(content: MemoryContent, more: readonly SourceSpan[]): MemoryContent {
  const { sources } = content.statement;
  const known = new Set(sources.map(keyOf));
  const added = more.filter((span) => !known.has(keyOf(span)));
  return { ...content, statement: { ...content.statement, sources: [...sources, ...added] } };
}

function keyOf({ messageId, start, end: to }: SourceSpan): string {
  return `${messageId}/${start}/${to}`;
}

/** A new turn is in the windows of the turns before it. */
function widenWindows(shadow: ShadowStream, windows: ReadonlyMap<string, string>): void {
  if (windows.size === 0) return;
  for (const memory of shadow.memories) {
    const window = windows.get(memory.content.statement.sources[0]?.messageId ?? "");
    if (window === undefined || memory.ended) continue;
    const { content } = memory;
    shadow.set({ ...memory, content: { ...content, features: { ...content.features, window } } });
  }
}
