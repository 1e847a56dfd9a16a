import { MnemeError } from "../errors.ts";

/** The same for one that never was, one of others, and one that no visible memory mentions. */
export function entityNotFound(entityId: string): MnemeError {
  return new MnemeError("not_found", "ENTITY_NOT_FOUND", "the scope's memories mention no such entity", {
    metadata: { entity_id: entityId },
  });
}
