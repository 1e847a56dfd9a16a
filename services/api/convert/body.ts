import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";

/**
 * The canonical bytes of a write, by which a repeated request id is told from a reused one. What does not
 * change the write (the id itself, what to wait for) is left out.
 */
export function canonicalBody<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc>,
): Uint8Array {
  return toBinary(schema, { ...request, requestId: "", waitFor: 0 }, { writeUnknownFields: false });
}
