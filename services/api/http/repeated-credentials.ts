/**
 * Node keeps the first of several Authorization headers and drops the others without a word. Here all of them stay, as
 * HTTP joins repeated headers, and that is no credential: a proxy may have looked at another one than we would.
 */
export function joinCredentials(header: Headers, rawHeaders: readonly string[]): void {
  const isOne = (name: string | undefined) => name?.toLowerCase() === "authorization";
  // Names and values in turn.
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && isOne(rawHeaders[i - 1]));
  if (values.length > 1) header.set("authorization", values.join(", "));
}
