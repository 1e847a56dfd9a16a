import { invalidField, MnemeError } from "../errors.ts";

/** What is of different types is mostly not one. @param types two or more, e.g. "person". */
export function differentTypes(types: readonly string[]): MnemeError {
  return invalidField(
    "allow_different_types",
    `these are of the types ${types.join(" and ")}; set it where they are one all the same`,
  );
}

/** The same for one that never was, one of others, and one that no visible memory mentions. */
export function entityNotFound(entityId: string): MnemeError {
  return new MnemeError("not_found", "ENTITY_NOT_FOUND", "the scope's memories mention no such entity", {
    metadata: { entity_id: entityId },
  });
}
