import { meterOf } from "../cost/model-spending.ts";
import { languageOf } from "../language/languages.ts";
import { type Room, roomOf } from "../memory/make-room.ts";
import type { MemoryDraft } from "../memory/memory.ts";
import { statementFeatures, type TurnFeatures } from "../search/turn-features.ts";
import type { Participant } from "../tenancy/scope.ts";
import type { Settings } from "../tenancy/settings.ts";
import { extractInTime } from "./extract-in-time.ts";
import type { Extractor, ExtractorVersion, Statement, Turn } from "./extractor.ts";
import { asksIn, type Requests } from "./forgetting/requests.ts";
import type { DecidingDeps } from "./ingest-deps.ts";
import type { PendingMessage, StreamBatch } from "./ingest-store.ts";
import { type Lasting, lastingOf } from "./lasting.ts";
import { answersOf } from "./model-answers.ts";
import { findNearestKnown } from "./nearest-known.ts";
import type { Reconciler } from "./reconciler.ts";
import { reviewTimeOf } from "./review-time.ts";
import { type BlankedMessage, blankMessages } from "./sensitive/blank-messages.ts";
import { dropSensitive } from "./sensitive/drop-sensitive.ts";
import { withoutSensitive } from "./sensitive/find-sensitive.ts";
import { REFUSABLE, type SensitiveKind } from "./sensitive/sensitive-kind.ts";
import { withoutExcluded } from "./sensitive/without-excluded.ts";
import { type CategoryRule, sortStatements } from "./sort-statements.ts";
import { batchFeatures, reachingWindows } from "./stream-windows.ts";
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
  /** Since when what it says is kept, which its expiry counts from; now if undefined. */
  readonly keptAt?: Date | undefined;
}

/** What a stream's batch says, before it is compared with what is known. */
export interface StreamReading {
  readonly batch: StreamBatch;
  readonly reconciler: Reconciler | undefined;
  /** What the project's people write in: a primary tag. */
  readonly language: string;
  readonly extractor: ExtractorVersion;
  readonly statements: readonly ReadStatement[];
  readonly droppedMessageIds: readonly string[];
  /** Messages of statements whose category the project does not keep, one for each, with the rule that says so. */
  readonly leftOut: readonly { readonly messageId: string; readonly rule: CategoryRule }[];
  /** The same of those that hold what it keeps out, with what that is. */
  readonly sensitive: readonly { readonly messageId: string; readonly kind: SensitiveKind }[];
  readonly requests: Requests;
  /** As `blankMessages`. */
  readonly blanked: ReadonlyMap<string, BlankedMessage>;
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
  deps: DecidingDeps,
  tenantId: string,
  { batch, settings, extractor, reconciler, keptAt = new Date() }: ReadableBatch,
  signal: AbortSignal | undefined,
): Promise<StreamReading> {
  if (batch.unreadable !== undefined) throw batch.unreadable;
  const excluded = new Set(settings.extraction?.excludeSensitive);
  const toInfer = batch.pending.filter(({ draft }) => !draft);
  const nearest =
    toInfer.length > 0 && extractor.readsNearest
      ? await findNearestKnown(deps, tenantId, batch, toInfer, signal)
      : [];
  // Earlier messages' words stand in a summary, and nobody knows what an answer given long ago was shown.
  const isKnownWhat = extractor.readsNearest && batch.summary === "";
  const shownIds = isKnownWhat ? nearest.map(({ memoryId }) => memoryId) : undefined;
  const output = toInfer.length
    ? await extractInTime(
        extractor,
        {
          turns: toInfer.map(({ turn }) => turn),
          context: batch.context.slice(-10),
          summary: batch.summary,
          nearest,
          keptOut: [...excluded],
          meter: meterOf(deps.spending, {
            tenantId,
            model: extractor.name,
            purpose: "extract",
            shares: turnShares(batch, toInfer),
          }),
          // What is kept out of memories is kept in no answer either.
          answers:
            excluded.size > 0
              ? undefined
              : answersOf(deps.answers, tenantId, batch, "extract", signal, shownIds),
        },
        signal,
      )
    : { statements: [], dropped: [], summary: undefined };
  const finished = batch.pending.flatMap(({ turn, draft }) => (draft ? [storeAsIs(turn, draft)] : []));
  const language = languageOf(settings.language);
  const byMessage = new Map(batch.pending.map((message) => [message.turn.messageId, message]));
  const asks = asksIn(language.tag, byMessage);
  // Refused where they are sent; these were accepted before the project kept it out.
  const refusable = new Set([...excluded].filter((kind) => REFUSABLE.has(kind)));
  const verbatim = dropSensitive(finished, refusable, asks);
  const shown = withoutExcluded(batch, excluded);
  const features = batchFeatures(shown, language);
  const shownText = new Map(shown.pending.map(({ turn: { messageId, text } }) => [messageId, text]));
  const sorted = sortStatements(output.statements, settings.extraction ?? {}, asks);
  const { kept, dropped, requests } = dropSensitive(sorted.kept, excluded, asks);
  const statements = [...kept, ...verbatim.kept].flatMap((statement) => {
    const messageId = statement.sources[0]?.messageId ?? "";
    const message = byMessage.get(messageId);
    const turn = features.get(messageId);
    if (!message || !turn) return [];
    const span = statement.sources[0] ?? { start: 0, end: 0 };
    const own = statementFeatures(turn, shownText.get(messageId) ?? "", span, language);
    const lasting = lastingOf(message.draft?.expiresAt, settings.retention?.memoryDays, keptAt);
    const told = settings.graphEnabled === false ? withoutGraph(statement) : statement;
    const reviewAt = message.draft?.reviewAt ?? reviewTimeOf(statement, settings.review?.rules, keptAt);
    return [{ statement: told, message, features: own, lasting, reviewAt }];
  });
  return {
    batch,
    reconciler,
    language: language.tag,
    extractor: { name: extractor.name, version: extractor.version },
    statements: inOrder(statements, batch),
    droppedMessageIds: output.dropped.map(({ messageId }) => messageId),
    leftOut: sorted.leftOut.flatMap(({ statement: { sources }, rule }) => {
      const [first] = sources;
      return first && byMessage.has(first.messageId) ? [{ messageId: first.messageId, rule }] : [];
    }),
    sensitive: [...dropped, ...verbatim.dropped].flatMap(({ statement: { sources }, kind }) => {
      const [first] = sources;
      return first && byMessage.has(first.messageId) ? [{ messageId: first.messageId, kind }] : [];
    }),
    requests: new Map([...requests, ...verbatim.requests, ...sorted.requests]),
    blanked: blankMessages(batch, shown, excluded, {
      kept,
      dropped: [...dropped, ...verbatim.dropped].map(({ statement }) => statement),
    }),
    participants: mergeParticipants(batch),
    summary: output.summary && withoutSensitive(output.summary, excluded).trim(),
    windows: reachingWindows(shown, language),
    room: roomOf(settings.retention),
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
