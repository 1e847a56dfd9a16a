import { z } from "zod";
import { UsageError } from "../failure.ts";
import { clean } from "../output/text.ts";

/** Of a key, and of the path to it: what a person wrote there could be anything. */
const LONGEST_NAME = 60;

/** JSON can write half a surrogate pair as an escape, which UTF-8 cannot carry. */
export const HALF_A_PAIR = "is not valid Unicode text: half a surrogate pair stands in it";

export const text = z.string("must be a string").refine((given) => given.isWellFormed(), HALF_A_PAIR);
/** 0 to 1. */
export const share = z.number("must be a number").min(0, "must be at least 0").max(1, "must be at most 1");

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, `must be one of ${words.join(", ")}`);
}

/**
 * An object with these keys and no others. A key may be written in snake case, or by its alias; one of null is as
 * good as absent.
 */
export function record<Shape extends z.ZodRawShape>(
  shape: Shape,
  aliases: ReadonlyMap<string, string> = new Map(),
) {
  const known = Object.keys(shape).join(", ");
  const strict = z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has the unknown key "${shown(issue.keys[0])}"; known are ${known}`
        : "must be an object",
  });
  return z.preprocess((value) => (isObject(value) ? renamed(value, aliases) : value), strict);
}

function renamed(value: Record<string, unknown>, aliases: ReadonlyMap<string, string>) {
  const members = new Map(Object.entries(value).filter(([, member]) => member !== null));
  const named = [...members].map(([key, member]) => {
    const name = aliases.get(key) ?? key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    // What is written twice keeps its key, and is refused by it.
    return [members.has(name) ? key : name, member];
  });
  return Object.fromEntries(named);
}

/** The value as the schema makes it. @throws UsageError naming the place and the key, never quoting a value. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = shown(z.core.toDotPath(issue?.path ?? []));
  throw new UsageError([path === "" ? at : `${at}: ${path}`, issue?.message].join(" "));
}

function shown(name = ""): string {
  const plain = clean(name);
  return plain.length > LONGEST_NAME ? `${plain.slice(0, LONGEST_NAME)}...` : plain;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
