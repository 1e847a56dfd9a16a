const ASKED =
  /^(?<who>[^":]{1,80}?), asked "(?<verb>Is|Are|Am|Does|Do) (?<about>[^"?]{1,60}?) still (?<rest>[^"?]{1,120})\?", said (?<said>yes|no)\b[:.]?(?<more>.*)$/isu;

/**
 * An answer as the sentence that it makes of the question: "asked "Does Ada still live in Turku?", said no" is "Ada no
 * longer live in Turku", which is read as "lives". Undefined for what answers another kind of question.
 */
export function answered(text: string): { readonly who: string; readonly plain: string } | undefined {
  const found = ASKED.exec(text)?.groups;
  if (!found) return undefined;
  const { who = "", verb = "", about, rest, said, more = "" } = found;
  const is = /^(?:is|are|am)$/iu.test(verb) ? `${verb.toLowerCase()} ` : "";
  const isNo = said?.toLowerCase() === "no";
  const plain = `${about} ${is}${isNo ? "no longer " : is ? "still " : ""}${rest}.${more && ` ${more.trim()}`}`;
  return { who, plain };
}
