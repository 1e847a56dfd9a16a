import { create, createRegistry, type DescMessage, type Message } from "@bufbuild/protobuf";
import { InvalidPathError, type Path, parsePath, pathToString } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { type FieldViolation, MnemeError, type Reason } from "@mneme/core/errors.ts";
import { file_mneme_options_v1_text_rules as textRules } from "@mneme/proto/mneme/options/v1/text_rules_pb.js";
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
  const validator = createValidator({ regexMatch, registry: createRegistry(textRules) });
  for (const schema of schemas) validator.validate(schema, create(schema));
  return (schema, message) => {
    const result = validator.validate(schema, message);
    if (result.kind === "valid") return;
    // A rule that can't be evaluated is a fault of the schema, not of the request.
    if (result.kind === "error") throw result.error;
    throw refusal(schema, telling(result.violations));
  };
}

const NOT_FINITE = "double.finite";

/** Of what is no number at all its bounds tell nothing. */
function telling(violations: readonly Violation[]): readonly Violation[] {
  const of = ({ field }: Violation) => pathToString(field);
  const noNumbers = new Set(violations.filter(({ ruleId }) => ruleId === NOT_FINITE).map(of));
  return violations.filter((one) => one.ruleId === NOT_FINITE || !noNumbers.has(of(one)));
}

const MAX_NAMED = 32;

/** The error speaks of the first violation. A list that is too long is put first: its items' faults say less. */
function refusal(schema: DescMessage, violations: readonly Violation[]): MnemeError {
  const tooLong = violations.find(({ ruleId }) => ruleId === TOO_LONG);
  const ordered = tooLong ? [tooLong, ...violations.filter((one) => one !== tooLong)] : violations;
  const fields = ordered.slice(0, MAX_NAMED).map((violation) => fieldViolation(schema, violation));
  const [first] = fields;
  if (!first) throw new Error("an invalid message without a violation");
  const others = violations.length - 1;
  const message = `${first.field}: ${first.description}${others > 0 ? ` (and ${others} more)` : ""}`;
  const limit = tooLong && { limit: /\d+/.exec(tooLong.message)?.[0] ?? "" };
  const metadata = { field: first.field, ...limit };
  return new MnemeError("invalid_argument", first.reason, message, { metadata, fields });
}

const TOO_LONG = "repeated.max_items";

function reasonOf({ ruleId, field }: Violation): Reason {
  if (ruleId === TOO_LONG) return "BATCH_TOO_LARGE";
  const scopeMissing = ruleId === "required" && lastName(field) === "scope";
  return scopeMissing || ruleId === "scope.required" ? "SCOPE_REQUIRED" : "FIELD_INVALID";
}

function lastName(path: Path): string | undefined {
  const last = path.at(-1);
  return last?.kind === "field" ? last.name : undefined;
}

function fieldViolation(schema: DescMessage, violation: Violation) {
  const about = violation.forKey ? "a key " : "";
  return {
    field: formatPath(subjectOf(schema, violation)),
    description: about + describe(violation),
    reason: reasonOf(violation),
  } satisfies FieldViolation;
}

/** A rule over a whole message has for its id the path of the field that it is about, if it is about one. */
function subjectOf(schema: DescMessage, { field, rule, ruleId }: Violation): Path {
  const isOfMessage = rule.length === 0;
  if (!isOfMessage) return field;
  try {
    return parsePath(schema, field.length === 0 ? ruleId : `${pathToString(field)}.${ruleId}`);
  } catch (error) {
    if (error instanceof InvalidPathError) return field;
    throw error;
  }
}

/** The rule's own words, but for those that only readers of schemas would understand. */
function describe({ ruleId, message }: Violation): string {
  if (ruleId === NOT_FINITE) return "must be a finite number";
  return ruleId === "enum.not_in" && message.endsWith("[0]") ? "must be set" : message;
}
