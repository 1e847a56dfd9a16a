import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { type FieldViolation, MnemeError, type Reason } from "@mneme/core/errors.ts";
import { formatPath } from "./field-path.ts";

/** Checks a message against the rules of its schema. @throws MnemeError naming every field that breaks one. */
export type CheckRules = (schema: DescMessage, message: Message) => void;

// The schemas' patterns are our own and free of backtracking, and the platform's engine is far faster
// than the validator's.
const patterns = new Map<string, RegExp>();

function regexMatch(pattern: string, against: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) {
    compiled = new RegExp(pattern, "u");
    patterns.set(pattern, compiled);
  }
  return compiled.test(against);
}

/** @param schemas planned at once, so that no first call waits for it. */
export function createCheckRules(schemas: readonly DescMessage[]): CheckRules {
  const validator = createValidator({ regexMatch });
  for (const schema of schemas) validator.validate(schema, create(schema));
  return (schema, message) => {
    const result = validator.validate(schema, message);
    if (result.kind === "valid") return;
    // A rule that can't be evaluated is a fault of the schema, not of the request.
    if (result.kind === "error") throw result.error;
    throw refusal(result.violations);
  };
}

const MAX_NAMED = 32;

function refusal(violations: readonly Violation[]): MnemeError {
  const fields = violations.slice(0, MAX_NAMED).map(fieldViolation);
  const [violation, first] = [violations[0], fields[0]];
  if (!violation || !first) throw new Error("an invalid message without a violation");
  const tooMany = violations.find((one) => one.ruleId === "repeated.max_items");
  if (tooMany) return batchTooLarge(tooMany, fields);
  const others = violations.length - 1;
  const message = `${first.field}: ${first.description}${others > 0 ? ` (and ${others} more)` : ""}`;
  const metadata = { field: first.field };
  return new MnemeError("invalid_argument", reasonOf(violation), message, { metadata, fields });
}

function batchTooLarge(violation: Violation, fields: readonly FieldViolation[]): MnemeError {
  const { field, description } = fieldViolation(violation);
  const limit = /\d+/.exec(violation.message)?.[0] ?? "";
  return new MnemeError("invalid_argument", "BATCH_TOO_LARGE", `${field}: ${description}`, {
    metadata: { field, limit },
    fields: [{ field, description }, ...fields.filter((one) => one.field !== field)],
  });
}

function reasonOf(violation: Violation): Reason {
  const scopeMissing = violation.ruleId === "required" && lastName(violation.field) === "scope";
  return scopeMissing || violation.ruleId === "scope.required" ? "SCOPE_REQUIRED" : "FIELD_INVALID";
}

function lastName(path: Path): string | undefined {
  const last = path.at(-1);
  return last?.kind === "field" ? last.name : undefined;
}

function fieldViolation(violation: Violation): FieldViolation {
  const about = violation.forKey ? "a key " : "";
  return { field: formatPath(violation.field), description: about + describe(violation) };
}

/** The rule's own words, but for two that only readers of schemas would understand. */
function describe({ ruleId, message }: Violation): string {
  if (ruleId === "string.pattern" && message.endsWith("`\\S`")) return "must not be blank";
  if (ruleId === "enum.not_in" && message.endsWith("[0]")) return "must be set";
  return message;
}
