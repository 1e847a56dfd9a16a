import { MnemeError } from "../errors.ts";

/** The same for a memory that never was, is deleted, or is another tenant's. */
export function memoryNotFound(memoryId: string): MnemeError {
  return new MnemeError("not_found", "MEMORY_NOT_FOUND", "there is no such memory", {
    metadata: { memory_id: memoryId },
  });
}
