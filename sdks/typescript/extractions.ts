import type { Client } from "@connectrpc/connect";
import type { Extraction as WireExtraction } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "./caller.ts";
import { extractionFromWire, states } from "./convert/extraction.ts";
import { scopeToWire } from "./convert/scope.ts";
import { InternalError } from "./errors/errors.ts";
import { Pages } from "./pages.ts";
import type { Extraction, ExtractionState } from "./types/extraction.ts";
import type { Scope } from "./types/scope.ts";

/** Which extractions to list. */
export interface ListExtractionsOptions extends CallOptions {
  /** Only those of this scope. */
  readonly scope?: Scope | undefined;
  readonly state?: ExtractionState | undefined;
  /** Extractions a page, up to 250. */
  readonly pageSize?: number | undefined;
}

/** The work between accepted adds and their memories. */
export class Extractions {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof ExtractionService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(ExtractionService);
  }

  /** @throws NotFoundError */
  async get(id: string, options: CallOptions = {}): Promise<Extraction> {
    const request = { extractionId: id };
    const response = await this.#caller.call(options, (call) => this.#rpc.getExtraction(request, call));
    return required(response.extraction);
  }

  /** Newest first, each with its first 100 memory ids. */
  list(options: ListExtractionsOptions = {}): Pages<Extraction> {
    return new Pages(async (pageToken) => {
      const request = {
        ...(options.scope === undefined ? {} : { scope: scopeToWire(options.scope) }),
        state: states.toWire(options.state, "state"),
        pageSize: options.pageSize ?? 0,
        pageToken,
      };
      const response = await this.#caller.call(options, (call) => this.#rpc.listExtractions(request, call));
      return {
        items: response.extractions.map(extractionFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** Queues a failed extraction again. @throws FailedPreconditionError if it has not failed. */
  async retry(id: string, options: WriteOptions = {}): Promise<Extraction> {
    const request = { extractionId: id, requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.retryExtraction(request, call));
    return required(response.extraction);
  }

  /**
   * The extraction now and at every change, until it is searchable, failed or dropped. One stream, not opened
   * again when it breaks: `mneme.waitFor` does that.
   */
  async *watch(id: string, options: CallOptions = {}): AsyncGenerator<Extraction, void, undefined> {
    const responses = this.#caller.stream(options, (call) =>
      this.#rpc.watchExtraction({ extractionId: id }, call),
    );
    for await (const response of responses) yield required(response.extraction);
  }
}

function required(extraction: WireExtraction | undefined): Extraction {
  if (extraction === undefined) throw new InternalError("the server answered without the extraction");
  return extractionFromWire(extraction);
}
