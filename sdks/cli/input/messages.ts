import type { Message } from "@mneme/sdk";
import { z } from "zod";
import { UsageError } from "../failure.ts";
import { ROLES } from "../options.ts";
import { isBlank } from "./blank.ts";
import { checked, HALF_A_PAIR, isObject, oneOf, record, text } from "./checked.ts";
import { date } from "./date.ts";
import { oversize } from "./message-size.ts";

const toolCall = z.preprocess(
  // OpenAI nests name and arguments in "function".
  (value) =>
    isObject(value) && isObject(value.function) ? { ...value, ...value.function, function: null } : value,
  record({
    id: text.optional(),
    type: oneOf(["function"]).optional(),
    name: text,
    // Anything but text is sent as JSON, which has escapes.
    arguments: z
      .unknown()
      .refine((given) => typeof given !== "string" || given.isWellFormed(), HALF_A_PAIR)
      .optional(),
  }),
);

const message = record(
  {
    role: oneOf(ROLES).optional(),
    name: text.optional(),
    text: text.default(""),
    sentAt: date.optional(),
    toolCallId: text.optional(),
    toolCalls: z.array(toolCall, "must be a list").optional(),
  },
  new Map([["content", "text"]]),
);

/** What holds for the turns that do not say it themselves, and what becomes of them. */
export interface MessageReading extends Pick<Message, "role" | "name" | "sentAt"> {
  /** Every text is stored as one statement, which is shorter. */
  readonly asStatements?: boolean;
}

/**
 * Reads turns from JSON (one message, a list, or `{"messages": [...]}`) or JSON Lines. A message is
 * `{role, text, name, sentAt, toolCalls, toolCallId}`; `content` for the text and snake case do as well.
 * @throws UsageError naming the place, never quoting the text; also for what is larger than the server takes.
 */
export function parseMessages(content: string, reading: MessageReading): Message[] {
  return parseJsonOrLines(content).map(({ value, at }) => toMessage(value, at, reading));
}

function toMessage(
  value: unknown,
  at: string,
  { asStatements = false, ...defaults }: MessageReading,
): Message {
  const given = checked(message, typeof value === "string" ? { text: value } : value, at);
  const role = given.role ?? defaults.role;
  if (role === undefined)
    throw new UsageError(`${at}: role is missing (${ROLES.join(", ")}); --role gives one to all without`);
  const name = given.name ?? defaults.name;
  const turn = { ...given, role, name, sentAt: given.sentAt ?? defaults.sentAt };
  const fault = emptiness(turn, asStatements) ?? oversize(turn, asStatements);
  if (fault !== undefined) throw new UsageError(`${at}: ${fault}`);
  return turn;
}

function emptiness({ text, toolCalls }: Message, asStatements: boolean): string | undefined {
  if (!isBlank(text)) return undefined;
  if (asStatements) return "text must not be blank where it is stored as a statement";
  return toolCalls?.length ? undefined : "text must not be blank where there are no toolCalls";
}

/** A parsed value with where it stands. */
interface Item {
  readonly value: unknown;
  readonly at: string;
}

const wrapper = record({ messages: z.array(z.unknown(), "must be a list") });

/** The items of a JSON list, of `{"messages": [...]}`, of a single JSON value, or of JSON Lines. */
function parseJsonOrLines(content: string): Item[] {
  const whole = tryParse(content);
  if (whole === undefined) return lines(content);
  const { value } = whole;
  const list = isObject(value) && "messages" in value ? checked(wrapper, value, "the file").messages : value;
  return Array.isArray(list)
    ? list.map((item, index) => ({ value: item, at: `item ${index + 1}` }))
    : [{ value: list, at: "item 1" }];
}

function lines(content: string): Item[] {
  return content.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "") return [];
    const parsed = tryParse(line);
    if (parsed === undefined) throw new UsageError(`line ${index + 1} is not valid JSON`);
    return [{ value: parsed.value, at: `line ${index + 1}` }];
  });
}

function tryParse(content: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(content) };
  } catch {
    return undefined;
  }
}
