/** What both entries export beside their `Mneme`. */
export type { ApiKey, CallOptions, RetryEvent, WriteOptions } from "./caller.ts";
export { type ExtractionRef, MnemeClient, type MnemeOptions, type ServerStatus } from "./client.ts";
export * from "./errors/errors.ts";
export type { Reason } from "./errors/reason.ts";
export type { Extractions, ListExtractionsOptions } from "./extractions.ts";
export type { ImportOptions } from "./import.ts";
export type { Memories, VersionedWriteOptions, VersionsOptions } from "./memories.ts";
export type { Page, Pages } from "./pages.ts";
export type { RetryOptions } from "./retry.ts";
export type {
  AddOptions,
  ContextOptions,
  ListOptions,
  MemoryScope,
  ReadOptions,
  SearchOptions,
  SessionScope,
} from "./scope.ts";
export type { AppendOptions, WindowOptions } from "./session.ts";
export type * from "./types/extraction.ts";
export type * from "./types/memory.ts";
export type * from "./types/message.ts";
export type * from "./types/results.ts";
export type * from "./types/scope.ts";
export type * from "./types/search.ts";
export type * from "./types/session.ts";
export type { WaitOptions } from "./wait-for.ts";
