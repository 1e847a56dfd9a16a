interface Placed {
  readonly start: number;
  readonly end: number;
}

/**
 * Groups of sentences, of which those behind the first so many are joined to as few as stay within a length: a long message
 * tells what it tells last in fewer statements, and loses none of it.
 *
 * @param most groups that stay as they are, at least one.
 * @param longest characters of those that are joined.
 */
export function packRest<T extends Placed>(
  groups: readonly (readonly T[])[],
  most: number,
  longest: number,
): T[][] {
  const packed = groups.slice(0, most).map((group) => [...group]);
  let length = longest;
  for (const group of groups.slice(most)) {
    const own = (group.at(-1)?.end ?? 0) - (group[0]?.start ?? 0) + 1;
    length += own;
    if (length <= longest) packed.at(-1)?.push(...group);
    else {
      packed.push([...group]);
      length = own;
    }
  }
  return packed;
}
