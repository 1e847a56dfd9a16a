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
  /** `closing`: nothing of it is waited for, but its server may still have some of it. */
  readonly state: "gathered" | "sending" | "sent" | "closing" | "closed";
  readonly model: string | undefined;
  readonly extractorVersion: string | undefined;
  /** The name of the server that it was sent to, whatever its project's settings say since. */
  readonly server: string | undefined;
  /** Its server's id. */
  readonly providerId: string | undefined;
  readonly sendingAt: Date | undefined;
  /** How often somebody was about to send it, or found that another had. */
  readonly sends: number;
  /** Its end was asked for because somebody whose words it has is gone: the others are asked for again. */
  readonly isCut: boolean;
}

/** What is about to read a batch. */
export interface BatchReading {
  readonly model: string;
  readonly extractorVersion: string;
  readonly server: string;
}

/** Whoever is about to send a batch: nobody else has begun since, while the batch counts as many `sends`. */
export interface BegunBatch {
  readonly sends: number;
  /** When it was first about to be sent. */
  readonly at: Date;
}

/** Who of a batch still waits for it. */
export interface BatchWaiters {
  /** Whether anybody does. */
  readonly isWaitedFor: boolean;
  /** Whether somebody whose words it has is gone, or about to be. */
  readonly isSomebodyGone: boolean;
}

/** Why files of a batch may be left with its server. */
export type LeftReason =
  /** It did not answer, or refused to. */
  | "unreachable"
  /** It never said that the batch has ended. */
  | "still_going"
  /** It is not this deployment's any more. */
  | "unknown_server";

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

/** People of a tenant who wait for one batch, or for one that has not been made. */
export interface OverdueStreams {
  readonly tenantId: string;
  readonly projectId: string;
  readonly batchId: string | undefined;
  readonly streamIds: readonly string[];
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
   * @returns undefined, with nothing noted, where somebody else has begun or sent it since it counted as many `sends`.
   */
  begin(
    tenantId: string,
    batch: Pick<ModelBatch, "id" | "sends">,
    by: BatchReading,
    requests: readonly BatchRequest[],
  ): Promise<BegunBatch | undefined>;
  /**
   * Notes that it is with its server.
   *
   * @returns false where another of its sendings is, or it is over: this one is to go, and `closeBatch` looks for it.
   */
  sent(tenantId: string, batchId: string, providerId: string): Promise<boolean>;
  /** In order of their numbers, a stream's in the order of its messages. */
  requests(tenantId: string, batchId: string): Promise<readonly BatchRequest[]>;
  /** Notes that somebody looks after it. */
  touch(tenantId: string, batchId: string): Promise<BatchWaiters>;
  /** Notes that it ends because somebody is gone. */
  cut(tenantId: string, batchId: string): Promise<void>;
  /** Has those streams wait for the next batch who are not gone and may wait for longer. */
  regather(tenantId: string, batchId: string, streamIds: readonly string[]): Promise<void>;
  /**
   * Has those of the streams go on that wait for this batch, or for none that has been made.
   *
   * @param reason why what they have waiting is read by calls of its own; undefined: it need not.
   */
  release(
    tenantId: string,
    batchId: string | undefined,
    streamIds: readonly string[],
    reason: DirectReason | undefined,
  ): Promise<void>;
  /** Has so many go on who wait for a batch of the project that has not been made. @returns how many did. */
  releaseGathered(project: GatheredProject, reason: DirectReason, limit: number): Promise<number>;
  /** So many, over all tenants, who have waited for longer than they may. */
  listOverdue(limit: number): Promise<readonly OverdueStreams[]>;
  /**
   * Nothing of it is left to do.
   *
   * @param left why files may be left with its server all the same.
   * @returns false where somebody has sent it, or tried to, since it counted as many `sends`.
   */
  close(tenantId: string, batch: Pick<ModelBatch, "id" | "sends">, left?: LeftReason): Promise<boolean>;
}

/** What a request was to read, as far as it still waits. */
export type WaitingRequest =
  /** None of it does: it was worked or dropped meanwhile. */
  | "over"
  /** Earlier messages of its stream wait: their turn is first. */
  | "overtakes"
  | {
      readonly batch: StreamBatch;
      /** False where some of it was worked or dropped meanwhile: no answer is about what is left. */
      readonly isWhole: boolean;
    };

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
  /** What a request reads. */
  loadRequest(tenantId: string, request: BatchRequest, signal?: AbortSignal): Promise<WaitingRequest>;
}
