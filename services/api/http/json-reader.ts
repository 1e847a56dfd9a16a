import {
  type DescField,
  type DescMessage,
  fromJson,
  fromJsonString,
  type JsonValue,
} from "@bufbuild/protobuf";
import { type FieldViolation, invalidField } from "@mneme/core/errors.ts";
import { keyStep } from "../checks/field-path.ts";
import { nestsTooDeep, TOO_DEEP } from "../checks/nesting.ts";
import { fromMnemeError, malformedRequest, toConnectError, type WireError } from "../convert/error.ts";
import { decodeMarkingFaults } from "./invalid-text.ts";
import { isObject, timesExist } from "./json-times.ts";

/** What Connect takes for reading JSON; it does not declare the decoder. */
export interface JsonReading {
  readonly ignoreUnknownFields: boolean;
  readonly textDecoder: { decode(bytes: Uint8Array): string };
}

/**
 * How JSON bodies of one message type are read: what can't be read is refused, naming the field. Connect's
 * own error would name none and quote the value. JSON is parsed again for it; binary isn't.
 *
 * A field or an enum's value of an unknown name is refused too. People write JSON by hand, and a filter
 * that is passed over for a typing mistake would answer with more than was asked for.
 */
export function readingJson(schema: DescMessage): JsonReading {
  return { ...OPTIONS, textDecoder: { decode: (bytes) => check(schema, decodeMarkingFaults(bytes)) } };
}

const OPTIONS = { ignoreUnknownFields: false };

function check(schema: DescMessage, text: string): string {
  try {
    fromJsonString(schema, text, OPTIONS);
  } catch (error) {
    throw toConnectError(refusal(schema, text), error);
  }
  if (!timesExist(schema, JSON.parse(text))) throw toConnectError(refusal(schema, text));
  return text;
}

function refusal(schema: DescMessage, text: string): WireError {
  let json: JsonValue;
  try {
    json = JSON.parse(text);
  } catch {
    return malformedRequest("the body is not valid JSON");
  }
  const fault = findFault(schema, json, "");
  if (!fault) return malformedRequest(`the body is not a ${schema.typeName} in JSON`);
  return fromMnemeError(invalidField(fault.field, fault.description));
}

/** The first field whose value can't be read, found by reading fields one at a time. */
function findFault(schema: DescMessage, json: JsonValue, at: string): FieldViolation | undefined {
  if (!isObject(json)) return at === "" ? undefined : { field: at, description: "is not an object" };
  for (const field of schema.fields) {
    const value = json[field.jsonName] ?? json[field.name];
    if (value === undefined || value === null || reads(field, value)) continue;
    return faultOf(field, value, at === "" ? field.name : `${at}.${field.name}`);
  }
  const known = new Set(schema.fields.flatMap(({ jsonName, name }) => [jsonName, name]));
  const unknown = Object.keys(json).find((key) => !known.has(key));
  if (unknown === undefined) return undefined;
  return { field: at + keyStep(unknown), description: `is not a field of ${schema.typeName}` };
}

function reads(field: DescField, value: JsonValue): boolean {
  const json = { [field.jsonName]: value };
  try {
    fromJson(field.parent, json, OPTIONS);
    return timesExist(field.parent, json);
  } catch {
    return false;
  }
}

function faultOf(field: DescField, value: JsonValue, at: string): FieldViolation {
  if (field.fieldKind === "list") {
    if (!Array.isArray(value)) return { field: at, description: "is not a list" };
    const index = value.findIndex((item) => !reads(field, [item]));
    return index < 0 ? unreadable(field, at) : within(field, value[index] ?? null, `${at}[${index}]`);
  }
  if (field.fieldKind === "map") {
    if (!isObject(value)) return { field: at, description: "is not an object" };
    const entry = Object.entries(value).find(([key, item]) => !reads(field, { [key]: item }));
    return entry ? within(field, entry[1], at + keyStep(entry[0])) : unreadable(field, at);
  }
  return within(field, value, at);
}

function within(field: DescField, value: JsonValue, at: string): FieldViolation {
  const own = field.message && !field.message.typeName.startsWith("google.protobuf.");
  if (field.message?.typeName === "google.protobuf.Struct" && nestsTooDeep(value)) {
    return { field: at, description: TOO_DEEP };
  }
  return (own && field.message && findFault(field.message, value, at)) || unreadable(field, at);
}

function unreadable(field: DescField, at: string): FieldViolation {
  const type = field.message?.typeName ?? field.enum?.typeName;
  if (type === "google.protobuf.Timestamp") return { field: at, description: "is not a time in RFC 3339" };
  if (field.enum) return { field: at, description: `is not the name of a value of ${type}` };
  return { field: at, description: type ? `cannot be read as ${type}` : "is of another type or malformed" };
}
