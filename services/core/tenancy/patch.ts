/** A change of one part of a value, e.g. of the members of settings. */
export interface Change {
  /** Members, outermost first; none is the whole value. */
  readonly path: readonly string[];
  /** What the part becomes; undefined takes it out. */
  readonly value: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** The value with its changes made in their order. Parts that hold nothing any more are taken out with it. */
export function patched<T extends object>(value: T, changes: readonly Change[]): T {
  return changes.reduce<unknown>((now, { path, value: next }) => changeAt(now, path, next), value) as T;
}

function changeAt(whole: unknown, path: readonly string[], value: unknown): Members {
  const [name, ...rest] = path;
  if (name === undefined) return (value ?? {}) as Members;
  const members = (whole ?? {}) as Members;
  const { [name]: before, ...others } = members;
  const after = rest.length === 0 ? value : changeAt(before, rest, value);
  const isEmptied = rest.length > 0 && Object.keys(after as Members).length === 0;
  return after === undefined || isEmptied ? others : { ...others, [name]: after };
}
