/** How deep a JSON value of a request may nest. Clients of binary Protobuf could not read one of 50 levels back. */
export const DEEPEST = 32;

/** Whether a JSON value nests deeper than `DEEPEST`; a value that is neither object nor list nests 0 deep. */
export function nestsTooDeep(json: unknown): boolean {
  // A request decides how deep it is: our own stack must not follow it.
  let level = [json];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    level = level.flatMap((value) =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}

/** What is wrong with a value that does. */
export const TOO_DEEP = `is nested more than ${DEEPEST} deep`;
