const OF_A_WORD = /[\p{L}\p{M}\p{N}]/u;

/** True where a word or name stands in a text as a word of its own: "Ann" is not in "Annette". Any case. */
export function containsWord(text: string, word: string): boolean {
  const lower = text.toLowerCase();
  const sought = word.toLowerCase();
  if (sought === "") return false;
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, at + 1)) {
    const isWhole =
      !OF_A_WORD.test(lower[at - 1] ?? " ") && !OF_A_WORD.test(lower[at + sought.length] ?? " ");
    if (isWhole) return true;
  }
  return false;
}
