/** Who is named for a pronoun. */
export type Who = "speaker" | "addressee" | "group";

/** What a pronoun is in its sentence. */
export type Use = "subject" | "object" | "owner" | "owned" | "self";

/** Pronouns that get a name, lower-cased. */
export const FORMS: ReadonlyMap<string, readonly [Who, Use]> = new Map<string, readonly [Who, Use]>([
  ["i", ["speaker", "subject"]],
  ["me", ["speaker", "object"]],
  ["my", ["speaker", "owner"]],
  ["mine", ["speaker", "owned"]],
  ["myself", ["speaker", "self"]],
  ["you", ["addressee", "subject"]],
  ["your", ["addressee", "owner"]],
  ["yours", ["addressee", "owned"]],
  ["yourself", ["addressee", "self"]],
  ["yourselves", ["addressee", "self"]],
  ["we", ["group", "subject"]],
  ["us", ["group", "object"]],
  ["our", ["group", "owner"]],
  ["ours", ["group", "owned"]],
  ["ourselves", ["group", "self"]],
]);

/** "You" where anyone is meant. */
export const ONE: Readonly<Record<Use, string>> = {
  subject: "one",
  object: "one",
  owner: "one's",
  owned: "one's",
  self: "oneself",
};
