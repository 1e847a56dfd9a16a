import { meterOf } from "../cost/model-spending.ts";
import { type Language, languageOf } from "../language/languages.ts";
import type { Room } from "../memory/make-room.ts";
import type { MemoryDraft } from "../memory/memory.ts";
import {
  isShort,
  statementFeatures,
  type TurnFeatures,
  turnFeatures,
  type WindowTurn,
  windowText,
} from "../search/turn-features.ts";
import type { Participant } from "../tenancy/scope.ts";
import type { RetentionSettings, Settings } from "../tenancy/settings.ts";
import { extractInTime } from "./extract-in-time.ts";
import type { Extractor, ExtractorVersion, Statement, Turn } from "./extractor.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { PendingMessage, StreamBatch } from "./ingest-store.ts";
import { type Lasting, lastingOf } from "./lasting.ts";
import { answersOf } from "./model-answers.ts";
import { findNearestKnown } from "./nearest-known.ts";
import type { Reconciler } from "./reconciler.ts";
import { reviewTimeOf } from "./review-time.ts";
import { dropSensitive } from "./sensitive/drop-sensitive.ts";
import { withoutSensitive } from "./sensitive/find-sensitive.ts";
import { REFUSABLE, type SensitiveKind } from "./sensitive/sensitive-kind.ts";
import { sortStatements } from "./sort-statements.ts";
import { turnShares } from "./turn-shares.ts";

/** A statement with the message that says it and that turn's retrieval features. */
export interface ReadStatement {
  readonly statement: Statement;
  readonly message: PendingMessage;
  readonly features: TurnFeatures;
  readonly lasting: Lasting;
  /** As `reviewTimeOf`. */
  readonly reviewAt: Date | undefined;
}

/** A stream's batch with what its project has it read by. */
export interface ReadableBatch {
  readonly batch: StreamBatch;
  readonly settings: Settings;
  readonly extractor: Extractor;
  /** Decides what the statements mean for what is known; undefined where rules do. */
  readonly reconciler?: Reconciler | undefined;
}

/** What a stream's batch says, before it is compared with what is known. */
export interface StreamReading {
  readonly batch: StreamBatch;
  readonly reconciler: Reconciler | undefined;
  readonly extractor: ExtractorVersion;
  readonly statements: readonly ReadStatement[];
  readonly droppedMessageIds: readonly string[];
  /** Messages of statements whose category the project does not keep, one for each. */
  readonly leftOut: readonly string[];
  /** The same of those that hold what it keeps out, with what that is. */
  readonly sensitive: readonly { readonly messageId: string; readonly kind: SensitiveKind }[];
  /** As of `SortedBySensitivity`. */
  readonly requests: ReadonlyMap<string, SensitiveKind>;
  /** Undefined: nobody new spoke. */
  readonly participants: readonly Participant[] | undefined;
  readonly summary: string | undefined;
  readonly windows: ReadonlyMap<string, string>;
  /** Undefined: any. */
  readonly room: Room | undefined;
}

/**
 * Reads the statements out of a batch: turns go through the extractor, finished statements pass.
 *
 * @throws MnemeError with a `MODEL_*` reason, and why its messages can't be opened.
 */
export async function readStream(
  deps: IngestDeps,
  tenantId: string,
  { batch, settings, extractor, reconciler }: ReadableBatch,
  signal: AbortSignal | undefined,
): Promise<StreamReading> {
  if (batch.unreadable !== undefined) throw batch.unreadable;
  const toInfer = batch.pending.filter(({ draft }) => !draft);
  const output = toInfer.length
    ? await extractInTime(
        extractor,
        {
          turns: toInfer.map(({ turn }) => turn),
          context: batch.context.slice(-10),
          summary: batch.summary,
          nearest: extractor.readsNearest
            ? await findNearestKnown(deps, tenantId, batch, toInfer, signal)
            : [],
          meter: meterOf(deps.spending, {
            tenantId,
            model: extractor.name,
            purpose: "extract",
            shares: turnShares(batch, toInfer),
          }),
          answers: answersOf(deps.answers, tenantId, batch, "extract", signal),
        },
        signal,
      )
    : { statements: [], dropped: [], summary: undefined };
  const excluded = new Set(settings.extraction?.excludeSensitive);
  const finished = batch.pending.flatMap(({ turn, draft }) => (draft ? [storeAsIs(turn, draft)] : []));
  // Refused where they are sent; these were accepted before the project kept it out.
  const verbatim = dropSensitive(finished, new Set([...excluded].filter((kind) => REFUSABLE.has(kind))));
  const language = languageOf(settings.language);
  const shown = withoutExcluded(batch, excluded);
  const features = batchFeatures(shown, language);
  const shownText = new Map(shown.pending.map(({ turn: { messageId, text } }) => [messageId, text]));
  const byMessage = new Map(batch.pending.map((message) => [message.turn.messageId, message]));
  const { kept: sorted, leftOut } = sortStatements(output.statements, settings.extraction);
  const { kept, dropped, requests } = dropSensitive(sorted, excluded, extractor);
  const now = new Date();
  const statements = [...kept, ...verbatim.kept].flatMap((statement) => {
    const messageId = statement.sources[0]?.messageId ?? "";
    const message = byMessage.get(messageId);
    const turn = features.get(messageId);
    if (!message || !turn) return [];
    const span = statement.sources[0] ?? { start: 0, end: 0 };
    const own = statementFeatures(turn, shownText.get(messageId) ?? "", span, language);
    const lasting = lastingOf(message.draft?.expiresAt, settings.retention?.memoryDays, now);
    const told = settings.graphEnabled === false ? withoutGraph(statement) : statement;
    const reviewAt = message.draft?.reviewAt ?? reviewTimeOf(statement, settings.review?.rules, now);
    return [{ statement: told, message, features: own, lasting, reviewAt }];
  });
  return {
    batch,
    reconciler,
    extractor: { name: extractor.name, version: extractor.version },
    statements: inOrder(statements, batch),
    droppedMessageIds: output.dropped.map(({ messageId }) => messageId),
    leftOut: leftOut.flatMap(({ sources: [first] }) =>
      first && byMessage.has(first.messageId) ? [first.messageId] : [],
    ),
    sensitive: [...dropped, ...verbatim.dropped].flatMap(({ statement: { sources }, kind }) => {
      const [first] = sources;
      return first && byMessage.has(first.messageId) ? [{ messageId: first.messageId, kind }] : [];
    }),
    requests: new Map([...requests, ...verbatim.requests]),
    participants: mergeParticipants(batch),
    summary: output.summary && withoutSensitive(output.summary, excluded).trim(),
    windows: reachingWindows(shown, language),
    room: roomOf(settings.retention),
  };
}

function roomOf({ memoriesPerScope, mostRecent = [], whenFull = "archive" }: RetentionSettings = {}) {
  if (memoriesPerScope === undefined && mostRecent.length === 0) return undefined;
  return { most: memoriesPerScope, mostRecent, leaving: whenFull };
}

/** Turns as the windows around statements may show them: what is kept out of memories is not kept beside them either. */
function withoutExcluded(batch: StreamBatch, excluded: ReadonlySet<SensitiveKind>): StreamBatch {
  if (excluded.size === 0) return batch;
  const blanked = (turn: Turn): Turn => ({ ...turn, text: withoutSensitive(turn.text, excluded) });
  return {
    ...batch,
    context: batch.context.map(blanked),
    pending: batch.pending.map((one) => (one.draft ? one : { ...one, turn: blanked(one.turn) })),
  };
}

/** Its names are words of its text, and no more. */
function withoutGraph(statement: Statement): Statement {
  return { ...statement, entities: [], relations: [] };
}

function inOrder(statements: readonly ReadStatement[], batch: StreamBatch): ReadStatement[] {
  const place = new Map(batch.pending.map((message, i) => [message, i]));
  return [...statements].sort((a, b) => (place.get(a.message) ?? 0) - (place.get(b.message) ?? 0));
}

/** A message of an add without inference, or of an import. */
function storeAsIs({ messageId, text, sentAt }: Turn, draft: MemoryDraft): Statement {
  const { kind, category, confidence, importance, origin, validFrom, validTo } = draft;
  return {
    text,
    embeddingText: text,
    kind,
    category,
    confidence,
    importance,
    origin,
    entities: [],
    relations: [],
    sources: [{ messageId, start: 0, end: text.length }],
    valid: { from: validFrom ?? sentAt, to: validTo },
  };
}

interface SessionTurn extends WindowTurn {
  readonly messageId: string;
  readonly isNew: boolean;
}

/** Old and new turns of each session, oldest first: windows never reach over a session's edge. */
function sessionsOf(batch: StreamBatch): SessionTurn[][] {
  const sessions = new Map<string, SessionTurn[]>();
  const add = (turn: Turn, isNew: boolean) => {
    const key = turn.sessionId ?? "";
    const turns = sessions.get(key) ?? [];
    turns.push({ ...turn, isNew });
    sessions.set(key, turns);
  };
  for (const turn of batch.context) add(turn, false);
  // A finished statement is no part of a conversation.
  for (const { turn, draft } of batch.pending) if (!draft) add(turn, true);
  return [...sessions.values()];
}

function batchFeatures(batch: StreamBatch, language: Language): Map<string, TurnFeatures> {
  const features = new Map<string, TurnFeatures>();
  for (const { turn, draft } of batch.pending) {
    if (draft) features.set(turn.messageId, turnFeatures([turn], 0, language));
  }
  for (const turns of sessionsOf(batch)) {
    turns.forEach((turn, i) => {
      if (turn.isNew) features.set(turn.messageId, turnFeatures(turns, i, language));
    });
  }
  return features;
}

/** Windows of turns worked before that now reach a new turn. */
function reachingWindows(batch: StreamBatch, language: Language): Map<string, string> {
  const windows = new Map<string, string>();
  for (const turns of sessionsOf(batch)) {
    turns.forEach((turn, i) => {
      // A long turn's statements have windows of their own, which no neighbour joins.
      if (!turn.isNew && turns[i + 1]?.isNew && isShort(turn.text, language))
        windows.set(turn.messageId, windowText(turns, i, language));
    });
  }
  return windows;
}

/** Names that a stream keeps at most: a room with more speakers gains nothing from stripping names. */
const MAX_PARTICIPANTS = 50;

function mergeParticipants(batch: StreamBatch): Participant[] | undefined {
  const known = new Map(batch.participants.map((one) => [one.name.toLowerCase(), one]));
  for (const { turn } of batch.pending) {
    const name = turn.name?.trim();
    if (!name || known.size >= MAX_PARTICIPANTS) continue;
    if (!known.has(name.toLowerCase())) known.set(name.toLowerCase(), { name, role: turn.role });
  }
  return known.size > batch.participants.length ? [...known.values()] : undefined;
}
