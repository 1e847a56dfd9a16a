/**
 * Whether a text tells a fact of a gold conversation: it has, of each group, at least one alternative, a word
 * or a phrase that begins where a word begins, case apart: "mov" is in "moved" and not in "removed", and a
 * number is whole, so that "20" is not in "2026".
 */
export function tells(text: string, words: readonly (readonly string[])[]): boolean {
  return words.every((alternatives) => alternatives.some((start) => beginning(start).test(text)));
}

const beginning = (start: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(start)}${/\d$/.test(start) ? "(?!\\d)" : ""}`, "iu");
