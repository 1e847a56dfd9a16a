import type { BulkAnswer } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import { z } from "zod";
import { tokensOf } from "./client.ts";

const line = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.literal(200), body: z.unknown() }),
});

/** Reads a batch's output file, in whatever order it is. Lines that are no answer are left out. */
export function readAnswers(jsonl: string): Map<string, BulkAnswer> {
  const answers = new Map<string, BulkAnswer>();
  for (const text of jsonl.split("\n")) {
    const parsed = line.safeParse(parse(text));
    if (!parsed.success) continue;
    const { custom_id, response } = parsed.data;
    answers.set(custom_id, { body: response.body, used: tokensOf(response.body) });
  }
  return answers;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
