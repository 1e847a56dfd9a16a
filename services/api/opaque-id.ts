const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text that nobody has checked has the form of the ids that we make; in either case of its letters. */
export function isOpaqueId(text: string): boolean {
  return UUID.test(text);
}
