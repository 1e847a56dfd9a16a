import type { Message, Role, ToolCall } from "@mneme/sdk";
import { UsageError } from "../failure.ts";

type Json = Record<string, unknown>;

/**
 * Reads turns from JSON (one message, a list, or `{"messages": [...]}`) or JSON Lines. A message is
 * `{role, text, name, sentAt, toolCalls, toolCallId}`; `content`, `sent_at`, `tool_calls` and `tool_call_id` do as well.
 * @throws UsageError naming the place, never quoting the text.
 */
export function parseMessages(text: string): Message[] {
  return parseJsonOrLines(text).map(({ value, at }) => toMessage(value, at));
}

/** A parsed value with where it stands. */
export interface Item {
  readonly value: unknown;
  readonly at: string;
}

/** The items of a JSON list, of `{"messages"|"memories": [...]}`, of a single JSON value, or of JSON Lines. */
export function parseJsonOrLines(text: string): Item[] {
  const whole = tryParse(text);
  if (whole === undefined) return lines(text);
  const value = whole.value;
  const inner = isObject(value) ? (value.messages ?? value.memories ?? value) : value;
  return Array.isArray(inner)
    ? inner.map((item, index) => ({ value: item, at: `item ${index + 1}` }))
    : [{ value: inner, at: "item 1" }];
}

function lines(text: string): Item[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === "") return [];
    const parsed = tryParse(line);
    if (parsed === undefined) throw new UsageError(`line ${index + 1} is not valid JSON`);
    return [{ value: parsed.value, at: `line ${index + 1}` }];
  });
}

function tryParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function toMessage(value: unknown, at: string): Message {
  if (typeof value === "string") return { text: value };
  if (!isObject(value)) throw new UsageError(`${at}: expected an object with a text`);
  return {
    role: optional(value.role, "string", at, "role") as Role | undefined,
    name: optional(value.name, "string", at, "name"),
    text: optional(value.text ?? value.content ?? "", "string", at, "text") ?? "",
    sentAt: optionalDate(value.sentAt ?? value.sent_at, at, "sentAt"),
    toolCallId: optional(value.toolCallId ?? value.tool_call_id, "string", at, "toolCallId"),
    toolCalls: toolCalls(value.toolCalls ?? value.tool_calls, at),
  };
}

function toolCalls(value: unknown, at: string): ToolCall[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new UsageError(`${at}: toolCalls must be a list`);
  return value.map((call: Json) => {
    // OpenAI nests name and arguments in "function".
    const named = isObject(call.function) ? call.function : call;
    if (typeof named.name !== "string") throw new UsageError(`${at}: a tool call needs a name`);
    return { id: optional(call.id, "string", at, "id"), name: named.name, arguments: named.arguments };
  });
}

/** @throws UsageError unless the value is absent or of the type. */
export function optional<T extends "string" | "number">(
  value: unknown,
  type: T,
  at: string,
  name: string,
): (T extends "string" ? string : number) | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw new UsageError(`${at}: ${name} must be a ${type}`);
  return value as never;
}

/** @throws UsageError unless the value is absent or an ISO date. */
export function optionalDate(value: unknown, at: string, name: string): Date | undefined {
  const text = optional(value, "string", at, name);
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new UsageError(`${at}: ${name} must be a date such as 2026-03-01T14:30:00Z`);
  return date;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
