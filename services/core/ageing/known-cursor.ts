import { validate } from "uuid";

type Cursor = Readonly<Record<string, string | undefined>>;

/**
 * Where a step of ageing goes on, of what was carried to it: maybe by another version of a worker. Whatever this one does not
 * understand in whole is undefined, and begins the step again: what is done already is not done twice.
 *
 * @param known `ids`: the fields that hold ids. `parts`: what `part` may be.
 */
export function knownCursor(
  cursor: Cursor | undefined,
  { ids, parts = [] }: { readonly ids: readonly string[]; readonly parts?: readonly string[] },
): Cursor | undefined {
  if (!cursor) return undefined;
  const set = Object.entries(cursor).filter(([, value]) => value !== undefined && value !== null);
  const isKnown = ([field, value]: (typeof set)[number]) =>
    field === "part" ? parts.some((part) => part === value) : ids.includes(field) && validate(value);
  // The last one of a project, and not of which.
  const isAstray = ids.includes("projectId") && cursor.after && !cursor.projectId;
  return set.every(isKnown) && !isAstray ? Object.fromEntries(set) : undefined;
}
