import { z } from "zod";
import { UsageError } from "../failure.ts";
import { clean } from "../output/text.ts";

/** Of a key, and of the path to it: what a person wrote there could be anything. */
const LONGEST_NAME = 60;

export const text = z.string("must be a string");
/** 0 to 1. */
export const share = z.number("must be a number").min(0, "must be at least 0").max(1, "must be at most 1");

/** One of these words. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, `must be one of ${words.join(", ")}`);
}

/**
 * An object with these keys and no others. A key may be written in snake case, or by its `alias`; one of null is as
 * good as absent.
 */
export function record<Shape extends z.ZodRawShape>(
  shape: Shape,
  alias: Readonly<Record<string, string>> = {},
) {
  const known = Object.keys(shape).join(", ");
  const strict = z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has the unknown key "${shown(issue.keys[0])}"; known are ${known}`
        : "must be an object",
  });
  return z.preprocess((value) => (isObject(value) ? renamed(value, alias) : value), strict);
}

function renamed(value: Record<string, unknown>, alias: Readonly<Record<string, string>>) {
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    entries.map(([key, member]) => {
      const name = alias[key] ?? key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      // What is written twice stays as it is, and is refused by that name.
      return [Object.hasOwn(value, name) ? key : name, member];
    }),
  );
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
