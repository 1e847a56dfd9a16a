import type { TokenCounts } from "../../cost/token-counts.ts";
import type { ExtractionInput, ExtractionOutput } from "../extractor.ts";

/** One request of a batch, as its server reads it. */
export interface BulkRequest {
  /** JSON: what the same request would be on its own. */
  readonly body: string;
  /** What it takes at most. */
  readonly most: TokenCounts;
}

/** What a server answered to one request of a batch. */
export interface BulkAnswer {
  /** As it would answer the same request on its own; undefined where it did not answer, or it is no answer. */
  readonly body: unknown;
  /** Undefined where the server does not say. */
  readonly used: TokenCounts | undefined;
}

/** How far a server is with a batch; `ended` whatever became of it: each request has been answered, or never will be. */
export type BatchProgress = "going" | "ended";

/** Reads many people's messages for less, and within a day. */
export interface BulkServer {
  /** Which server it is: its address, without credentials. */
  readonly name: string;
  /** False where it is known to take no batches. */
  readonly isThere: boolean;
  /**
   * Finds all that was sent under this name before, by whoever lost it then, and removes what was left half sent.
   *
   * @param since when it was sent at the earliest.
   * @returns the server's ids, the newest first.
   */
  find(name: string, since: Date, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Sends a batch. @returns the server's id for it.
   *
   * @param name stands with the server beside the batch, so that it is found again; names nobody.
   * @param requests by custom ids, which name nobody either.
   * @throws MnemeError MODEL_NOT_FOUND where the server takes no batches, and as all calls of models' servers.
   */
  send(name: string, requests: ReadonlyMap<string, BulkRequest>, signal?: AbortSignal): Promise<string>;
  look(id: string, signal?: AbortSignal): Promise<BatchProgress>;
  /** Asks for its end; what was answered by then can be had. */
  cancel(id: string, signal?: AbortSignal): Promise<void>;
  /** What was answered, by custom ids. */
  answers(id: string, signal?: AbortSignal): Promise<ReadonlyMap<string, BulkAnswer>>;
  /**
   * Removes all that the server keeps of what was asked and answered, people's words, once the batch has ended: until
   * then it may write more.
   *
   * @returns `going` where it has not, and nothing was removed.
   */
  remove(id: string, signal?: AbortSignal): Promise<BatchProgress>;
}

/** How an extractor reads in batches. */
export interface BulkReader {
  readonly server: BulkServer;
  /** What one request reads at most. */
  readonly most: { readonly turns: number; readonly characters: number };
  /** What to ask about these turns; undefined where that is not one request. */
  request(input: ExtractionInput): BulkRequest | undefined;
  /** What the answer says about the same turns; undefined where it can't be used. */
  read(input: ExtractionInput, answer: BulkAnswer): Promise<ExtractionOutput | undefined>;
}
