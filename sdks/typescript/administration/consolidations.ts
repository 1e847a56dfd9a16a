import type { Client } from "@connectrpc/connect";
import { ConsolidationService } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { consolidationFromWire } from "../convert/consolidation.ts";
import { scopeToWire } from "../convert/scope.ts";
import { InternalError } from "../errors/errors.ts";
import { Pages } from "../pages.ts";
import type { Consolidation, ConsolidationCounts } from "../types/consolidation.ts";
import type { Scope } from "../types/scope.ts";

export interface ListConsolidationsOptions extends CallOptions {
  /** A page, up to 250. */
  readonly pageSize?: number | undefined;
}

export interface UndoOptions extends WriteOptions {
  /** Also where the summary was changed since it was made: what was changed is lost. */
  readonly discardChanges?: boolean | undefined;
}

export interface ConsolidateNowOptions extends WriteOptions {
  /** `nextPageToken` of the call before, to go on where it stopped. */
  readonly pageToken?: string | undefined;
}

/** Summaries of what happened long ago, made where `consolidation.afterDays` is set. */
export class Consolidations {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof ConsolidationService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(ConsolidationService);
  }

  /** Those of a scope, newest first; a session has none of its own. */
  list(scope: Scope, options: ListConsolidationsOptions = {}): Pages<Consolidation> {
    return new Pages(async (pageToken) => {
      const request = { scope: scopeToWire(scope), pageSize: options.pageSize ?? 0, pageToken };
      const response = await this.#caller.call(options, (call) =>
        this.#rpc.listConsolidations(request, call),
      );
      return {
        items: response.consolidations.map(consolidationFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** @throws NotFoundError */
  async get(id: string, options: CallOptions = {}): Promise<Consolidation> {
    const request = { consolidationId: id };
    const response = await this.#caller.call(options, (call) => this.#rpc.getConsolidation(request, call));
    return required(response.consolidation && consolidationFromWire(response.consolidation));
  }

  /**
   * Removes a summary and brings what it told back. None is made of the same again, unless something joins.
   *
   * @throws NotFoundError, and FailedPreconditionError where the summary was changed since and `discardChanges` is not set.
   */
  async undo(
    id: string,
    options: UndoOptions = {},
  ): Promise<{ readonly consolidation: Consolidation; readonly freshnessToken: string }> {
    const { discardChanges = false } = options;
    const request = { consolidationId: id, discardChanges, requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.undoConsolidation(request, call));
    const consolidation = response.consolidation && consolidationFromWire(response.consolidation);
    return { consolidation: required(consolidation), freshnessToken: response.freshnessToken };
  }

  /**
   * Consolidates a scope at once, in its episodes' own words: about 3,000 of them, for up to 15 seconds. Where
   * `episodesLeft` is above 0, call again with `nextPageToken`, and with another `requestId` where you give one.
   *
   * @throws FailedPreconditionError where consolidation is off, and InvalidArgumentError where what is shared with a tenant
   *   is not asked for in its default project.
   */
  async now(scope: Scope, options: ConsolidateNowOptions = {}): Promise<ConsolidationCounts> {
    const { pageToken = "" } = options;
    const request = { scope: scopeToWire(scope), requestId: requestIdOf(options), pageToken };
    const response = await this.#caller.call(options, (call) => this.#rpc.consolidateNow(request, call));
    const { episodes, summaries, archived, changed, withheld, episodesLeft, freshnessToken } = response;
    const nextPageToken = response.nextPageToken || undefined;
    return { episodes, summaries, archived, changed, withheld, episodesLeft, nextPageToken, freshnessToken };
  }
}

function required(consolidation: Consolidation | undefined): Consolidation {
  if (!consolidation) throw new InternalError("the answer holds no consolidation");
  return consolidation;
}
