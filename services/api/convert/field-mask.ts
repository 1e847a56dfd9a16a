import type { DescMessage } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { invalidField } from "@mneme/core/errors.ts";
import type { Change } from "@mneme/core/tenancy/patch.ts";

/** What a mask may name: each field, with the message that a path may lead on into, and how many steps. */
export type Maskable = Readonly<Record<string, { readonly into?: DescMessage; readonly steps?: number }>>;

/** Members that a mask names, outermost first, by their names in TypeScript. */
export type MaskedPath = readonly string[];

/** @throws MnemeError FIELD_INVALID for a mask that names nothing, or what can't be written. */
export function toMaskedPaths(mask: FieldMask | undefined, maskable: Maskable): MaskedPath[] {
  const paths = mask?.paths ?? [];
  if (paths.length === 0) throw invalidField("update_mask", "names no field; say what to write");
  return paths.map((path) => {
    const [first = "", ...rest] = path.split(".");
    const field = Object.hasOwn(maskable, first) ? maskable[first] : undefined;
    const inside = field && namesInside(field.into, rest, field.steps ?? 0);
    if (!inside)
      throw invalidField("update_mask", `may name ${Object.keys(maskable).join(", ")}${leading(maskable)}`);
    return [first, ...inside];
  });
}

function leading(maskable: Maskable): string {
  const into = Object.keys(maskable).filter((name) => maskable[name]?.into);
  return into.length === 0 ? "" : `, or what is in ${into.join(" and ")}, e.g. ${into[0]}.NAME`;
}

function namesInside(
  message: DescMessage | undefined,
  names: readonly string[],
  steps: number,
): string[] | undefined {
  const [name, ...rest] = names;
  if (name === undefined) return [];
  const field = message?.fields.find((one) => one.name === name);
  if (!field || steps === 0) return undefined;
  const inside = namesInside(field.fieldKind === "message" ? field.message : undefined, rest, steps - 1);
  return inside && [field.localName, ...inside];
}

/** The changes that a mask asks for inside one of its fields. @param value the field's new value, in the domain's terms. */
export function changesIn(paths: readonly MaskedPath[], name: string, value: object): Change[] {
  return paths
    .filter(([first]) => first === name)
    .map(([, ...path]) => ({ path, value: path.reduce<unknown>(memberOf, value) }));
}

function memberOf(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>> | undefined)?.[name];
}

/** Whether a mask names this field. */
export function names(paths: readonly MaskedPath[], name: string): boolean {
  return paths.some(([first]) => first === name);
}
