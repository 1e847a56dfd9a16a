/** The key under which a table has a value; undefined for a value that it has not, such as an enum's zero. */
export function keyOf<K extends string, V>(table: Readonly<Record<K, V>>, value: V): K | undefined {
  return (Object.keys(table) as K[]).find((key) => table[key] === value);
}
