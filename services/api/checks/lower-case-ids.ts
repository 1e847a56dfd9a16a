import { type DescField, type DescMessage, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import { type FieldRules, field as rulesOf } from "@mneme/proto/buf/validate/validate_pb.js";

/**
 * Writes the ids of a message in lower case, at any depth: whatever its schema has for a UUID. Such an id may come in either case,
 * and is compared as text wherever it is not PostgreSQL that compares.
 *
 * @param message is valid; it is changed.
 */
export function lowerIds(schema: DescMessage, message: Message): void {
  lower(planOf(schema), message as unknown as Values);
}

type Values = Record<string, unknown>;

interface Plan {
  readonly ids: readonly DescField[];
  readonly inner: readonly { readonly field: DescField; readonly plan: Plan }[];
}

function lower({ ids, inner }: Plan, message: Values): void {
  for (const field of ids) {
    const place = placeOf(field, message);
    const value = place?.values[place.name];
    if (place && typeof value === "string") place.values[place.name] = value.toLowerCase();
    if (place && Array.isArray(value)) {
      place.values[place.name] = value.map((id: string) => id.toLowerCase());
    }
  }
  for (const { field, plan } of inner) {
    const place = placeOf(field, message);
    const value = place?.values[place.name];
    for (const one of Array.isArray(value) ? value : [value]) if (one) lower(plan, one as Values);
  }
}

/** Where a field's value is kept. @returns undefined where another of its group was chosen. */
function placeOf(field: DescField, message: Values): { values: Values; name: string } | undefined {
  if (!field.oneof) return { values: message, name: field.localName };
  const chosen = message[field.oneof.localName] as Values | undefined;
  return chosen?.case === field.localName ? { values: chosen, name: "value" } : undefined;
}

const plans = new WeakMap<DescMessage, Plan>();

/** Most requests have few ids or none; no request's message contains itself, but those of Protobuf's own. */
function planOf(schema: DescMessage): Plan {
  const known = plans.get(schema);
  if (known) return known;
  const fields = schema.typeName.startsWith("google.") ? [] : schema.fields;
  const inner = fields.flatMap((field) => {
    if (!field.message || field.fieldKind === "map") return [];
    const plan = planOf(field.message);
    return plan.ids.length + plan.inner.length > 0 ? [{ field, plan }] : [];
  });
  const plan = { ids: fields.filter(isId), inner };
  plans.set(schema, plan);
  return plan;
}

/** Whether a field, or each of its items, must be a UUID. */
export function isId(field: DescField): boolean {
  if (!hasOption(field, rulesOf)) return false;
  const rules = getOption(field, rulesOf);
  return mustBeId(rules.type.case === "repeated" ? rules.type.value.items : rules);
}

function mustBeId(rules: FieldRules | undefined): boolean {
  return rules?.type.case === "string" && rules.type.value.wellKnown.case === "uuid";
}
