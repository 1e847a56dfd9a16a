import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import { v7 as uuidv7 } from "uuid";

/**
 * What makes a repeated write the same write. An empty request id is made up, so that nothing repeats it.
 *
 * @param rpc the procedure's own name, e.g. `UpdateMemory`.
 */
export function toWriteRequest<Desc extends DescMessage>(
  rpc: string,
  schema: Desc,
  request: MessageShape<Desc> & { readonly requestId: string },
): WriteRequest {
  return { rpc, requestId: request.requestId || uuidv7(), body: canonicalBody(schema, request) };
}

/** The request's bytes without what does not change the write: its id, and what to wait for. */
export function canonicalBody<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc>,
): Uint8Array {
  return toBinary(schema, { ...request, requestId: "", waitFor: 0 }, { writeUnknownFields: false });
}
