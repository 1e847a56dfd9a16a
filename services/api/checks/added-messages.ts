import { create } from "@bufbuild/protobuf";
import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import { MemoryDraftSchema } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import type { Message } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { type CheckRules, createCheckRules } from "./violations.ts";

/**
 * Checks of added messages what the schema's rules can't say: all of them together, and texts that become
 * statements as they are.
 *
 * @throws MnemeError BATCH_TOO_LARGE, FIELD_INVALID.
 */
export type CheckMessages = (messages: readonly Message[], bodyBytes: number, infer: boolean) => void;

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Plans the rules of statements once. */
export function createCheckMessages(): CheckMessages {
  const checkRules = createCheckRules([MemoryDraftSchema]);
  return (messages, bodyBytes, infer) => {
    if (bodyBytes > MAX_BODY_BYTES) throw tooLarge();
    if (infer) return;
    messages.forEach(({ text }, index) => {
      const fault = faultAsStatement(checkRules, text);
      if (fault) throw invalidField(`messages[${index}].text`, `${fault} where it is stored as a statement`);
    });
  };
}

function tooLarge(): MnemeError {
  const description = `take more than ${MAX_BODY_BYTES} bytes together; send them in several calls`;
  return new MnemeError("invalid_argument", "BATCH_TOO_LARGE", `messages: ${description}`, {
    metadata: { field: "messages", limit: String(MAX_BODY_BYTES) },
    fields: [{ field: "messages", description }],
  });
}

/** What the contract says against it as a MemoryDraft's text, which may not be empty here. */
function faultAsStatement(checkRules: CheckRules, text: string): string | undefined {
  if (text === "") return "must not be blank";
  try {
    checkRules(MemoryDraftSchema, create(MemoryDraftSchema, { text }));
    return undefined;
  } catch (error) {
    if (error instanceof MnemeError && error.fields[0]) return error.fields[0].description;
    throw error;
  }
}
