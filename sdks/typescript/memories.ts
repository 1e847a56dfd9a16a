import type { Client } from "@connectrpc/connect";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "./caller.ts";
import { historyFromWire } from "./convert/history.ts";
import { memoryFromWire, updateToWire } from "./convert/memory.ts";
import { fromDate } from "./convert/time.ts";
import { InternalError } from "./errors/errors.ts";
import { Pages } from "./pages.ts";
import { type Times, timesToWire } from "./times.ts";
import type { MemoryHistory } from "./types/history.ts";
import type { Memory, MemoryPatch, MemoryUpdate } from "./types/memory.ts";
import type { BatchGetResult, BatchUpdateResult, DeleteResult, UpdateResult } from "./types/results.ts";

/** A write that may be bound to the version that was read. */
export interface VersionedWriteOptions extends WriteOptions {
  /** Only if the memory still is this version; AbortedError with ETAG_MISMATCH otherwise. */
  readonly etag?: string | undefined;
}

/** Which state of memories to read; `asOf` leaves out what was not so then. */
export interface GetOptions extends CallOptions, Times {}

/** Which versions of a memory to list. */
export interface VersionsOptions extends CallOptions {
  /** Only what was known at this time. */
  readonly knownAt?: Date | undefined;
  /** Versions a page, up to 250; fewer where they are long. */
  readonly pageSize?: number | undefined;
}

/** Memories by id, whatever scope they are in. */
export class Memories {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof MemoryService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(MemoryService);
  }

  /** @throws NotFoundError, also where at `asOf` or `knownAt` it was not so or not known. */
  async get(id: string, options: GetOptions = {}): Promise<Memory> {
    const request = { memoryId: id, ...timesToWire(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.getMemory(request, call));
    return required(response.memory);
  }

  /**
   * Changes the patch's fields; the old version stays in the history. What it holds already is not written again: a
   * patch that changes nothing makes no version.
   */
  async update(id: string, patch: MemoryPatch, options: VersionedWriteOptions = {}): Promise<UpdateResult> {
    const request = {
      update: updateToWire({ id, patch, etag: options.etag }, "update"),
      requestId: requestIdOf(options),
    };
    const response = await this.#caller.call(options, (call) => this.#rpc.updateMemory(request, call));
    return { memory: required(response.memory), freshnessToken: response.freshnessToken };
  }

  /** Archives a memory: kept, and found by no search until it is told again or restored. */
  async archive(id: string, options: VersionedWriteOptions = {}): Promise<UpdateResult> {
    const request = { memoryId: id, etag: options.etag ?? "", requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.archiveMemory(request, call));
    return { memory: required(response.memory), freshnessToken: response.freshnessToken };
  }

  /** Brings a memory back from the archive, whatever archived it. */
  async restore(id: string, options: VersionedWriteOptions = {}): Promise<UpdateResult> {
    const request = { memoryId: id, etag: options.etag ?? "", requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.restoreMemory(request, call));
    return { memory: required(response.memory), freshnessToken: response.freshnessToken };
  }

  /** Deletes a memory with all its versions. */
  async delete(id: string, options: VersionedWriteOptions = {}): Promise<void> {
    const request = { memoryId: id, etag: options.etag ?? "", requestId: requestIdOf(options) };
    await this.#caller.call(options, (call) => this.#rpc.deleteMemory(request, call));
  }

  /**
   * Reads up to 1,000 memories.
   * @throws ResourceExhaustedError where they hold more than 3 MiB; `metadata.fitting` says how many of the ids to
   * ask for first.
   */
  async batchGet(ids: readonly string[], options: GetOptions = {}): Promise<BatchGetResult> {
    const request = { memoryIds: [...ids], ...timesToWire(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.batchGetMemories(request, call));
    return { memories: response.memories.map(memoryFromWire), notFound: [...response.notFound] };
  }

  /** Changes up to 1,000 memories, all or none, as `update` does. One answer may not hold all of them. */
  async batchUpdate(
    updates: readonly MemoryUpdate[],
    options: WriteOptions = {},
  ): Promise<BatchUpdateResult> {
    const request = {
      updates: updates.map((update, index) => updateToWire(update, `updates[${index}]`)),
      requestId: requestIdOf(options),
    };
    const response = await this.#caller.call(options, (call) => this.#rpc.batchUpdateMemories(request, call));
    return { memories: response.memories.map(memoryFromWire), freshnessToken: response.freshnessToken };
  }

  /** Deletes up to 1,000 memories, all or none. */
  async batchDelete(ids: readonly string[], options: WriteOptions = {}): Promise<DeleteResult> {
    const request = { memoryIds: [...ids], requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.batchDeleteMemories(request, call));
    return { deleted: response.deleted };
  }

  /**
   * What happened to a memory, and to those that it replaced and was replaced by, as entries and as a story.
   * @throws NotFoundError
   */
  async history(id: string, options: CallOptions = {}): Promise<MemoryHistory> {
    const request = { memoryId: id };
    return historyFromWire(
      await this.#caller.call(options, (call) => this.#rpc.getMemoryHistory(request, call)),
    );
  }

  /** A memory's versions, newest first. */
  versions(id: string, options: VersionsOptions = {}): Pages<Memory> {
    return new Pages(async (pageToken) => {
      const knownAt = fromDate(options.knownAt, "known_at");
      const request = {
        memoryId: id,
        pageSize: options.pageSize ?? 0,
        pageToken,
        ...(knownAt === undefined ? {} : { knownAt }),
      };
      const response = await this.#caller.call(options, (call) =>
        this.#rpc.listMemoryVersions(request, call),
      );
      return {
        items: response.versions.map(memoryFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }
}

function required(memory: Parameters<typeof memoryFromWire>[0] | undefined): Memory {
  if (memory === undefined) throw new InternalError("the server answered without the memory");
  return memoryFromWire(memory);
}
