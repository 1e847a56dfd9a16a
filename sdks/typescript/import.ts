import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { MemoryDraftSchema } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import {
  type ImportMemoriesRequestSchema,
  MemoryService,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { type Caller, requestIdOf, type WriteOptions } from "./caller.ts";
import { draftToWire } from "./convert/memory.ts";
import { scopeToWire } from "./convert/scope.ts";
import { UnimplementedError } from "./errors/errors.ts";
import { checkRequest } from "./transport/checked-requests.ts";
import type { MemoryDraft } from "./types/memory.ts";
import type { ImportResult } from "./types/results.ts";
import type { Scope } from "./types/scope.ts";

/** How to import. `timeoutMs` and retries hold for each part. */
export interface ImportOptions extends WriteOptions {
  /** Statements a part; 500 by default. A part is one stream, kept in memory so that it can be sent again. */
  readonly partSize?: number | undefined;
  /** Told after every part how many statements are kept so far. */
  readonly onProgress?: ((accepted: number) => void) | undefined;
}

type Drafts = Iterable<string | MemoryDraft> | AsyncIterable<string | MemoryDraft>;
type ImportRequest = MessageInitShape<typeof ImportMemoriesRequestSchema>;

const DEFAULT_PART_SIZE = 500;

/**
 * Sends statements part by part, in order. The parts' request ids derive from the import's: an import that broke
 * in the middle and is repeated with the same `requestId`, statements and part size stores nothing twice.
 */
export async function importMemories(
  caller: Caller,
  scope: Scope,
  drafts: Drafts,
  options: ImportOptions,
): Promise<ImportResult> {
  if (!caller.settings.streamsRequests) {
    throw new UnimplementedError(
      "import needs to stream its request, which fetch cannot: import from Node, or use add(messages, { infer: false })",
    );
  }
  const rpc = caller.client(MemoryService);
  const requestId = requestIdOf(options);
  const extractionIds: string[] = [];
  let accepted = 0;
  let freshnessToken = "";
  let part = 0;
  for await (const statements of parts(drafts, options.partSize ?? DEFAULT_PART_SIZE)) {
    const requests = statements.map(
      (draft, index): ImportRequest => ({ memory: draftToWire(draft, `memories[${accepted + index}]`) }),
    );
    requests.forEach((request, index) => {
      checkRequest(MemoryDraftSchema, request.memory ?? {}, `memories[${accepted + index}]`);
    });
    Object.assign(requests[0] ?? {}, { scope: scopeToWire(scope), requestId: `${requestId}:${part}` });
    const response = await send(caller, rpc, requests, options);
    part++;
    accepted += response.accepted;
    extractionIds.push(...response.extractionIds);
    freshnessToken = response.freshnessToken;
    options.onProgress?.(accepted);
  }
  return { extractionIds, accepted, freshnessToken };
}

function send(
  caller: Caller,
  rpc: Client<typeof MemoryService>,
  requests: readonly ImportRequest[],
  options: ImportOptions,
) {
  // A part takes as long as it takes: only the whole deadline limits a try.
  return caller.call(options, (call) => rpc.importMemories(replay(requests), call), true);
}

async function* replay(requests: readonly ImportRequest[]) {
  yield* requests;
}

async function* parts(drafts: Drafts, size: number) {
  let part: (string | MemoryDraft)[] = [];
  for await (const draft of drafts) {
    part.push(draft);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
