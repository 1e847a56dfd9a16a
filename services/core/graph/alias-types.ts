/** Relations that say that both ends are one, in the words of the rules and of models. */
export const ALIAS_TYPES: ReadonlySet<string> = new Set([
  "also_called",
  "also_known_as",
  "alias_of",
  "nicknamed",
  "goes_by",
  "same_as",
]);
