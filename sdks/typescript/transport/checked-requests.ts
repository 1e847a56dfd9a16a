import { create, type DescMessage, type MessageInitShape, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { getTextEncoding, INT32_MAX, INT32_MIN } from "@bufbuild/protobuf/wire";
import type { Transport } from "@connectrpc/connect";
import { invalidField } from "../errors/errors.ts";

/**
 * Sends through `transport` only what the wire can carry: writing anything else would break in the middle of the call,
 * or send another value. Its calls reject with an InvalidArgumentError that names the field, before anything is sent.
 * Of what a request streams that holds for the first message; the others its caller checks by `checkRequest`, and
 * names as its own caller knows them.
 */
export function checkedRequests(transport: Transport): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, values) {
      checkRequest(method.input, input);
      return transport.unary(method, signal, timeoutMs, header, input, values);
    },
    async stream(method, signal, timeoutMs, header, input, values) {
      const messages = input[Symbol.asyncIterator]();
      // Asked for here: what the input throws inside a stream, connect tells as a fault of its own.
      const first = await messages.next();
      if (!first.done) checkRequest(method.input, first.value);
      return transport.stream(method, signal, timeoutMs, header, from(first, messages), values);
    },
  };
}

async function* from<T>(first: IteratorResult<T>, messages: AsyncIterator<T>): AsyncIterable<T> {
  for (let next = first; !next.done; next = await messages.next()) yield next.value;
}

/**
 * @param at path of the message in the request, for errors.
 * @throws InvalidArgumentError for a value that its field cannot hold: numbers that are not finite, or not whole and
 * of 32 bits, texts with half a surrogate pair, and what is of another type.
 */
export function checkRequest<Desc extends DescMessage>(
  schema: Desc,
  message: MessageInitShape<Desc>,
  at = "",
): void {
  checkMessage(reflect(schema, create(schema, message)), at);
}

function checkMessage(message: ReflectMessage, at: string): void {
  const isJson = JSON_TYPES.has(message.desc.typeName);
  const set = message.fields.filter((field) => message.isSet(field));
  if (message.desc.typeName === JSON_VALUE && set.length === 0) throw invalidField(at, "must be JSON");
  for (const field of set) {
    const path = isJson ? at : at === "" ? field.name : `${at}.${field.name}`;
    switch (field.fieldKind) {
      case "list":
        for (const [index, item] of message.get(field).entries())
          checkValue(field, item, `${path}[${index}]`);
        break;
      case "map":
        for (const [key, item] of message.get(field).entries()) {
          if (textFault(key) !== undefined)
            throw invalidField(path, "has a key that is not valid Unicode text");
          checkValue(field, item, `${path}[${JSON.stringify(key)}]`);
        }
        break;
      default:
        checkValue(field, message.get(field), path);
    }
  }
}

/** How a Struct is written; its parts are no fields to whoever wrote the JSON. */
const JSON_VALUE = "google.protobuf.Value";
const JSON_TYPES: ReadonlySet<string> = new Set([
  "google.protobuf.Struct",
  "google.protobuf.ListValue",
  JSON_VALUE,
]);

interface Kind {
  readonly message?: DescMessage | undefined;
  readonly scalar?: ScalarType | undefined;
}

function checkValue({ message, scalar }: Kind, value: unknown, path: string): void {
  if (message !== undefined) checkMessage(value as ReflectMessage, path);
  const fault = scalarFault(scalar, value);
  if (fault !== undefined) throw invalidField(path, fault);
}

function scalarFault(scalar: ScalarType | undefined, value: unknown): string | undefined {
  switch (scalar) {
    case ScalarType.STRING:
      return textFault(value);
    case ScalarType.INT32:
      return isInt32(value) ? undefined : "must be a whole number of 32 bits";
    case ScalarType.DOUBLE:
      return Number.isFinite(value) ? undefined : "must be a finite number";
    case ScalarType.BOOL:
      return typeof value === "boolean" ? undefined : "must be true or false";
    default:
      return undefined;
  }
}

function isInt32(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= INT32_MIN && value <= INT32_MAX;
}

function textFault(value: unknown): string | undefined {
  if (typeof value !== "string") return "must be a string";
  return getTextEncoding().checkUtf8(value)
    ? undefined
    : "is not valid Unicode text: half a surrogate pair stands in it";
}
