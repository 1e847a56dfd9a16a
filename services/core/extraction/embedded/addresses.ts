const STOPS = String.raw`\s.,!?;:'"’”)\]}>`;
/** Endings by which a bare name is known for a site or a file: "left.then" lacks a blank behind its stop. */
const SITE = "(?:com|org|net|io|dev|app|co|info|edu|gov|ai|tv|uk|de|fr|es|nl|ch|eu|me)";
const FILE =
  "(?:txt|pdf|docx?|xlsx?|pptx?|csv|md|json|ya?ml|xml|html?|css|[jt]sx?|py|java|cpp|sh|jpe?g|png|gif|svg|mp[34]|wav|zip|exe)";
const BARE = String.raw`[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*`;

/**
 * Patterns of web and mail addresses, file paths, handles and hash tags, none ending with a sentence's stop:
 * "me" in them is nobody and their "?" asks nothing.
 */
export const ADDRESSES: readonly string[] = [
  String.raw`(?<![\p{L}\p{N}])(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/|www\.|mailto:)[^\s<>"“”]*[^<“${STOPS}]`,
  String.raw`(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`,
  String.raw`(?<![\p{L}\p{N}])(?:[A-Za-z]:|\\)\\[^\s<>"|?*]*[^<|*${STOPS}]`,
  String.raw`(?<![\p{L}\p{N}./~<])(?:~|\.{1,2})?\/[\p{L}\p{N}_.-][^\s<>"|?*]*[^<|*${STOPS}]`,
  String.raw`(?<![\p{L}\p{N}@#/&])[@#][\p{L}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?`,
  String.raw`(?<![\p{L}\p{N}_.-])${BARE}\.(?:${SITE}(?![\p{L}\p{N}_-])(?:\/[^\s<>"]*[^<${STOPS}])?|${FILE}(?![\p{L}\p{N}_-]))`,
  String.raw`(?<![\p{L}\p{N}_./-])[\p{L}\p{N}_-]+(?:\/[\p{L}\p{N}_.-]+)+\.[a-z]{1,5}(?![\p{L}\p{N}])`,
];

const OPENS = new RegExp(`^["']?(?:${ADDRESSES.join("|")})`, "u");

/** True for a text whose first word must keep its small letter. */
export function opensWithAddress(text: string): boolean {
  return OPENS.test(text);
}
