import type { Client } from "@connectrpc/connect";
import { ReplayService } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { differenceFromWire, replayChanges, replayFromWire } from "../convert/replay.ts";
import { required } from "../convert/required.ts";
import { scopeToWire } from "../convert/scope.ts";
import { settingsToWire } from "../convert/settings.ts";
import { Pages } from "../pages.ts";
import { sleep } from "../retry.ts";
import type {
  Replay,
  ReplayChange,
  ReplayDifference,
  ReplaySample,
  ReplaySettings,
} from "../types/replay.ts";
import type { Scope } from "../types/scope.ts";
import type { PageOptions } from "./projects.ts";

/** What to read again, and by what. */
export interface StartReplayOptions extends WriteOptions {
  /** Only this scope's conversations, without a session; those of the whole project if unset. */
  readonly scope?: Scope | undefined;
  readonly settings?: ReplaySettings | undefined;
  readonly sample?: ReplaySample | undefined;
}

/** Which differences to list. */
export interface ListDifferencesOptions extends PageOptions {
  /** All if unset. */
  readonly change?: Exclude<ReplayChange, "same"> | undefined;
}

/** How to wait for a replay. */
export interface WaitForReplayOptions extends CallOptions {
  /** Between two looks, in milliseconds; a second by default. */
  readonly everyMs?: number | undefined;
  /** Told of what every look sees. */
  readonly onChange?: ((replay: Replay) => void) | undefined;
}

const WORKING = new Set(["queued", "running", "waiting", "promoting"]);

/** Conversations that are read again under another model, prompt or extractor, to be compared and taken or left. */
export class Replays {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof ReplayService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(ReplayService);
  }

  /** @throws FailedPreconditionError where the project has five that are neither promoted nor ended. */
  async start(options: StartReplayOptions = {}): Promise<Replay> {
    const { scope, settings, sample } = options;
    const { extraction, models } = settingsToWire(settings);
    const request = {
      ...(scope && { scope: scopeToWire(scope) }),
      settings: { ...(extraction && { extraction }), ...(models && { models }) },
      ...(sample && { sample: sampleToWire(sample) }),
      requestId: requestIdOf(options),
    };
    const { replay } = await this.#caller.call(options, (call) => this.#rpc.startReplay(request, call));
    return replayFromWire(required(replay, "replay"));
  }

  /** @throws NotFoundError */
  async get(id: string, options: CallOptions = {}): Promise<Replay> {
    const request = { replayId: id };
    const { replay } = await this.#caller.call(options, (call) => this.#rpc.getReplay(request, call));
    return replayFromWire(required(replay, "replay"));
  }

  /** Newest first. */
  list(options: PageOptions = {}): Pages<Replay> {
    return new Pages(async (pageToken) => {
      const request = { pageSize: options.pageSize ?? 0, pageToken };
      const response = await this.#caller.call(options, (call) => this.#rpc.listReplays(request, call));
      return {
        items: response.replays.map(replayFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** What it found otherwise than it is known; a person's stand together. @throws NotFoundError */
  differences(id: string, options: ListDifferencesOptions = {}): Pages<ReplayDifference> {
    return new Pages(async (pageToken) => {
      const change = replayChanges.toWire(options.change, "change");
      const request = { replayId: id, change, pageSize: options.pageSize ?? 0, pageToken };
      const response = await this.#caller.call(options, (call) =>
        this.#rpc.listReplayDifferences(request, call),
      );
      return {
        items: response.differences.map(differenceFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** Has what it found applied, person by person. @throws FailedPreconditionError unless it is ready. */
  async promote(id: string, options: WriteOptions = {}): Promise<Replay> {
    const request = { replayId: id, requestId: requestIdOf(options) };
    const { replay } = await this.#caller.call(options, (call) => this.#rpc.promoteReplay(request, call));
    return replayFromWire(required(replay, "replay"));
  }

  /** Has one that failed go on where it was. @throws FailedPreconditionError unless it did. */
  async resume(id: string, options: WriteOptions = {}): Promise<Replay> {
    const request = { replayId: id, requestId: requestIdOf(options) };
    const { replay } = await this.#caller.call(options, (call) => this.#rpc.resumeReplay(request, call));
    return replayFromWire(required(replay, "replay"));
  }

  /** Gives up one that is ready or failed; nothing of it is kept. @throws FailedPreconditionError unless it is. */
  async discard(id: string, options: WriteOptions = {}): Promise<Replay> {
    const request = { replayId: id, requestId: requestIdOf(options) };
    const { replay } = await this.#caller.call(options, (call) => this.#rpc.discardReplay(request, call));
    return replayFromWire(required(replay, "replay"));
  }

  /** Ends one that is not ready yet; nothing of it is kept. @throws FailedPreconditionError if it is. */
  async cancel(id: string, options: WriteOptions = {}): Promise<Replay> {
    const request = { replayId: id, requestId: requestIdOf(options) };
    const { replay } = await this.#caller.call(options, (call) => this.#rpc.cancelReplay(request, call));
    return replayFromWire(required(replay, "replay"));
  }

  /** Looks until nothing is done any more: it is ready, promoted, failed or ended. Give a signal to bound it. */
  async wait(id: string, options: WaitForReplayOptions = {}): Promise<Replay> {
    for (;;) {
      const replay = await this.get(id, options);
      options.onChange?.(replay);
      if (!WORKING.has(replay.state ?? "")) return replay;
      await sleep(options.everyMs ?? 1_000, options.signal);
    }
  }
}

function sampleToWire({ percent, maxStreams, seed = 0 }: ReplaySample) {
  return { ...(percent !== undefined && { percent }), ...(maxStreams !== undefined && { maxStreams }), seed };
}
