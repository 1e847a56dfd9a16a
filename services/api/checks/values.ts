import { type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { invalidField, type MnemeError } from "@mneme/core/errors.ts";
import { keyStep } from "./field-path.ts";
import { nestsTooDeep, TOO_DEEP } from "./nesting.ts";

/**
 * Checks every string and every time of a message, at any depth: no NUL characters, which PostgreSQL cannot
 * keep, no lone surrogates, which are not text, no JSON that nests too deep, and no nanoseconds of more than a
 * second, or of less than none, which would move the time. @throws MnemeError naming the field.
 */
export function checkValues(schema: DescMessage, message: Message): void {
  const fault = findFault(schema, message as unknown as Values, "");
  if (fault) throw fault;
}

type Values = Readonly<Record<string, unknown>>;

function findFault(schema: DescMessage, values: Values, at: string): MnemeError | undefined {
  if (schema.typeName === "google.protobuf.Struct") {
    return nestsTooDeep(values) ? invalidField(at, TOO_DEEP) : findInJson(values, at);
  }
  if (schema.typeName === TimestampSchema.typeName) return findInTime(values, at);
  for (const field of checkedFields(schema)) {
    const value = valueIn(field, values);
    if (value === undefined) continue;
    const fault = findInField(field, value, at === "" ? field.name : `${at}.${field.name}`);
    if (fault) return fault;
  }
  return undefined;
}

function valueIn(field: DescField, values: Values): unknown {
  if (!field.oneof) return values[field.localName];
  const chosen = values[field.oneof.localName] as { case?: string; value?: unknown } | undefined;
  return chosen?.case === field.localName ? chosen.value : undefined;
}

function findInField(field: DescField, value: unknown, at: string): MnemeError | undefined {
  switch (field.fieldKind) {
    case "scalar":
      return findInString(value, at);
    case "message":
      // A field of a wrapper type holds the bare value.
      return typeof value === "object"
        ? findFault(field.message, value as Values, at)
        : findInString(value, at);
    case "list":
      return first((value as readonly unknown[]).entries(), ([index, item]) =>
        field.listKind === "message"
          ? findFault(field.message, item as Values, `${at}[${index}]`)
          : findInString(item, `${at}[${index}]`),
      );
    case "map":
      return first(
        Object.entries(value as Values),
        ([key, item]) =>
          findInString(key, `${at}[...]`) ??
          (field.mapKind === "message"
            ? findFault(field.message, item as Values, at + keyStep(key))
            : findInString(item, at + keyStep(key))),
      );
    default:
      return undefined;
  }
}

/** A Struct's value is plain JSON here. */
function findInJson(value: unknown, at: string): MnemeError | undefined {
  if (Array.isArray(value))
    return first(value.entries(), ([index, item]) => findInJson(item, `${at}[${index}]`));
  if (typeof value !== "object" || value === null) return findInString(value, at);
  return first(
    Object.entries(value),
    ([key, item]) => findInString(key, `${at}[...]`) ?? findInJson(item, at + keyStep(key)),
  );
}

function findInString(value: unknown, at: string): MnemeError | undefined {
  if (typeof value !== "string") return undefined;
  if (value.includes("\0")) return invalidField(at, "must not contain NUL characters");
  return value.isWellFormed() ? undefined : invalidField(at, "is not valid UTF-8");
}

/** JSON can't write such a time; binary Protobuf can. */
function findInTime({ nanos }: Values, at: string): MnemeError | undefined {
  const inSecond = typeof nanos === "number" && nanos >= 0 && nanos < 1_000_000_000;
  return inSecond ? undefined : invalidField(at, "must have nanos from 0 to 999,999,999");
}

function first<T>(items: Iterable<T>, find: (item: T) => MnemeError | undefined): MnemeError | undefined {
  for (const item of items) {
    const fault = find(item);
    if (fault) return fault;
  }
  return undefined;
}

const known = new WeakMap<DescMessage, readonly DescField[]>();

/** The fields that are strings or messages, or may contain some. */
function checkedFields(schema: DescMessage): readonly DescField[] {
  let fields = known.get(schema);
  if (!fields) {
    fields = schema.fields.filter(mayBeAtFault);
    known.set(schema, fields);
  }
  return fields;
}

function mayBeAtFault(field: DescField): boolean {
  switch (field.fieldKind) {
    case "scalar":
      return field.scalar === ScalarType.STRING;
    case "message":
      return true;
    case "list":
      return (
        field.listKind === "message" || (field.listKind === "scalar" && field.scalar === ScalarType.STRING)
      );
    case "map":
      return true;
    default:
      return false;
  }
}
