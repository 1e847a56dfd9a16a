import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { z } from "zod";

/** With a calendar: no 30 February, and no hour 24. */
const time = z.iso.datetime({ offset: true });

/**
 * Whether the calendar has every time in a message's JSON. The Protobuf parser reads times by `Date.parse`,
 * which takes 30 February for 2 March and hour 24 for the next day.
 *
 * @param json what the parser takes for such a message.
 */
export function timesExist(schema: DescMessage, json: JsonValue): boolean {
  if (schema.typeName === "google.protobuf.Timestamp") return time.safeParse(json).success;
  // The other well-known types hold no times of ours; a Struct's are text.
  if (schema.typeName.startsWith("google.protobuf.") || !isObject(json)) return true;
  return schema.fields.every((field) => {
    const { message } = field;
    if (!message) return true;
    // Where both names are given the parser reads both.
    const values = [json[field.jsonName], json[field.name]].filter((value) => value != null);
    const items = field.fieldKind === "message" ? values : values.flatMap((value) => Object.values(value));
    return items.every((item) => timesExist(message, item));
  });
}

export function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
