/** What both entries export beside their `Mneme`. */
export type { Audit, ListAuditOptions, StreamAuditOptions, VerifyAuditOptions } from "./audit.ts";
export type { CallOptions, RetryEvent, WriteOptions } from "./caller.ts";
export { type ExtractionRef, MnemeClient, type MnemeOptions, type ServerStatus } from "./client.ts";
export type { ApiKeySource, UserTokenSource } from "./credentials.ts";
export * from "./errors/errors.ts";
export type { Reason } from "./errors/reason.ts";
export type { Extractions, ListExtractionsOptions } from "./extractions.ts";
export type { FeedbackCalls, FeedbackOptions, ListFeedbackOptions, MissOptions } from "./feedback.ts";
export type {
  Graph,
  GraphOptions,
  ListEntitiesOptions,
  NeighbourOptions,
  PathOptions,
  RelationOptions,
  TraverseOptions,
} from "./graph.ts";
export type { ImportOptions } from "./import.ts";
export type { GetOptions, Memories, VersionedWriteOptions, VersionsOptions } from "./memories.ts";
export type { Page, Pages } from "./pages.ts";
export type { RetryOptions } from "./retry.ts";
export type { MemoryScope, SessionScope } from "./scope.ts";
export type * from "./scope-options.ts";
export type { AppendOptions, WindowOptions } from "./session.ts";
export type * from "./types/audit.ts";
export type * from "./types/context.ts";
export type * from "./types/extraction.ts";
export type * from "./types/feedback.ts";
export type * from "./types/graph.ts";
export type * from "./types/history.ts";
export type * from "./types/memory.ts";
export type * from "./types/message.ts";
export type * from "./types/profile.ts";
export type * from "./types/results.ts";
export type * from "./types/review.ts";
export type * from "./types/scope.ts";
export type * from "./types/search.ts";
export type * from "./types/session.ts";
export type { MintedToken, MintOptions, UserPermission, UserTokens } from "./user-tokens.ts";
export { type JsonWebKeySet, type TrailVerification, verifyAuditTrail } from "./verify-audit-trail.ts";
export type { WaitOptions } from "./wait-for.ts";
