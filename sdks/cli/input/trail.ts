import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { AuditEvent, JsonWebKeySet } from "@mneme/sdk";
import { z } from "zod";
import { UsageError } from "../failure.ts";
import type { Terminal } from "../terminal.ts";
import { readInput, sourceName, unreadable } from "./read.ts";

const event = z.object({
  id: z.string(),
  sequence: z.number().int().positive(),
  time: z.iso.datetime().transform((text) => new Date(text)),
  action: z.string(),
  actor: z.object({ apiKeyId: z.string(), subjectId: z.string(), service: z.string() }),
  projectId: z.string(),
  requestId: z.string(),
  code: z.string(),
  reason: z.string(),
  subjectIds: z.array(z.string()),
  resources: z.array(z.object({ type: z.string(), id: z.string() })),
  resourceCount: z.number(),
  hash: z.string(),
});
const head = z.object({ signedHead: z.string() });
const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })) });

export interface Trail {
  readonly signedHead: string;
  readonly events: AsyncIterable<AuditEvent>;
}

/** A trail as `mneme audit export` writes it. @throws UsageError naming the line that is none of it. */
export async function readTrail(file: string, terminal: Terminal): Promise<Trail> {
  const lines = linesOf(file, terminal);
  const { value } = await lines.next();
  const { signedHead } = parse(head, value ?? "", `the first line of ${sourceName(file)}`);
  return { signedHead, events: eventsOf(lines) };
}

/** @throws UsageError */
export async function readKeySet(file: string, terminal: Terminal): Promise<JsonWebKeySet> {
  return parse(keySet, await readInput(file, terminal), sourceName(file)) as JsonWebKeySet;
}

async function* eventsOf(lines: AsyncIterable<string>): AsyncGenerator<AuditEvent> {
  let number = 1;
  for await (const line of lines) {
    number++;
    if (line.trim() !== "") yield parse(event, line, `line ${number}`);
  }
}

async function* linesOf(file: string, terminal: Terminal): AsyncGenerator<string, void> {
  const input = file === "-" ? terminal.stdin : createReadStream(resolve(terminal.cwd, file));
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    throw unreadable(cause);
  }
}

function parse<T>(schema: z.ZodType<T>, text: string, at: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`${at} is not what 'mneme audit export' or the server writes`, { cause });
  }
}
