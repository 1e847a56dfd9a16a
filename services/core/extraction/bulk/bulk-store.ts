import type { StreamBatch } from "../ingest-store.ts";

/** Why what may wait is read by calls of its own. */
export type DirectReason =
  /** Its project does not want batches, or has no model read. */
  | "off"
  /** The model's server takes none. */
  | "unsupported"
  /** A batch would have taken more than a budget allows. */
  | "budget"
  /** A batch came to nothing, or left it out. */
  | "unanswered";

/** A batch of a project, on its way. */
export interface ModelBatch {
  readonly id: string;
  readonly projectId: string;
  readonly state: "gathered" | "sending" | "sent" | "closed";
  readonly model: string | undefined;
  readonly extractorVersion: string | undefined;
  /** Its server's id. */
  readonly providerId: string | undefined;
  readonly sendingAt: Date | undefined;
}

/** What one request reads: messages that follow each other in one stream. */
export interface BatchRequest {
  readonly number: number;
  readonly streamId: string;
  /** In order. */
  readonly messageIds: readonly string[];
  /** Who bears what it takes: the key of its first message, as `countedKey`. */
  readonly apiKeyId: string | undefined;
}

/** A project some of whose people wait for a batch. */
export interface GatheredProject {
  readonly tenantId: string;
  readonly projectId: string;
}

/** Where batches are kept. */
export interface BulkStore {
  /** Projects, over all tenants, some of whose people have waited for so long, or so many of whose people wait. */
  listGathered(waitedMs: number, many: number, limit: number): Promise<readonly GatheredProject[]>;
  /** Makes a batch of people who wait, those first who have waited longest, and has it sent. @returns whether any did. */
  gather(project: GatheredProject, streams: number): Promise<boolean>;
  /** Has batches looked after that nobody has looked after for so long. @returns how many. */
  wakeForgotten(idleMs: number, limit: number): Promise<number>;
  get(tenantId: string, batchId: string): Promise<ModelBatch | undefined>;
  /** The batch's streams, those first who have waited longest. */
  streams(tenantId: string, batchId: string): Promise<readonly string[]>;
  /**
   * Notes what is about to be sent, instead of what was before. Streams without a request wait for the next batch.
   *
   * @returns when that was first so.
   */
  begin(
    tenantId: string,
    batchId: string,
    by: { readonly model: string; readonly extractorVersion: string },
    requests: readonly BatchRequest[],
  ): Promise<Date>;
  /** Notes that it is with its server. */
  sent(tenantId: string, batchId: string, providerId: string): Promise<void>;
  /** In order of their numbers, a stream's in the order of its messages. */
  requests(tenantId: string, batchId: string): Promise<readonly BatchRequest[]>;
  /** Notes that somebody looks after it. @returns false where none of its messages is waited for any more. */
  touch(tenantId: string, batchId: string): Promise<boolean>;
  /** Has streams go on. @param reason why what they have waiting is read by calls of its own; undefined: it need not. */
  release(
    tenantId: string,
    batchId: string,
    streamIds: readonly string[],
    reason: DirectReason | undefined,
  ): Promise<void>;
  /** Has those go on who wait for a batch of the project that has not been made. */
  releaseGathered(project: GatheredProject, reason: DirectReason): Promise<void>;
  /** Nothing of it is left to do. */
  close(tenantId: string, batchId: string): Promise<void>;
}

/** What reading in batches needs of ingest's record beside that. */
export interface BulkMessages {
  /** Sets a stream aside for a batch: nothing of it is loaded until it is released, until then at the latest. */
  setAside(
    tenantId: string,
    stream: Pick<StreamBatch, "streamId" | "projectId">,
    until: Date,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Has what was to wait for a batch read by calls of its own. */
  readDirectly(
    tenantId: string,
    extractionIds: readonly string[],
    reason: DirectReason,
    signal?: AbortSignal,
  ): Promise<void>;
  /** The next messages of a stream that may wait, up to the first that may not. */
  loadBulk(
    tenantId: string,
    streamId: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<StreamBatch | undefined>;
  /** What a request reads; undefined where any of it was worked, dropped or deleted meanwhile. */
  loadRequest(
    tenantId: string,
    request: BatchRequest,
    signal?: AbortSignal,
  ): Promise<StreamBatch | undefined>;
}
