import { MnemeError } from "../errors.ts";

/** Also of one that another tenant has. */
export function consolidationNotFound(id: string): MnemeError {
  return new MnemeError("not_found", "CONSOLIDATION_NOT_FOUND", "there is no such consolidation", {
    metadata: { consolidation_id: id },
  });
}

/** Nothing says how old episodes must be. */
export function consolidationOff(): MnemeError {
  return new MnemeError(
    "failed_precondition",
    "STATE_CONFLICT",
    "consolidation is off here; set consolidation.after_days of the project or tenant first",
    { metadata: { state: "off" } },
  );
}
