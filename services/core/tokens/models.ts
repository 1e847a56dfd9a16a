import { modelToEncodingMap } from "gpt-tokenizer/mapping";
import * as models from "gpt-tokenizer/models";
import { ENCODINGS, type EncodingName } from "./encodings.ts";

/** What stands behind a model's name for one of its states. */
const STATE = /-(?:\d{4}-\d{2}-\d{2}|\d{4}|latest|preview)$/;

/** The encoding of a model of OpenAI, or the one of that name; undefined for what is not known. */
export function encodingOf(model: string): EncodingName | undefined {
  for (let name: string | undefined = plainName(model); name; name = shorter(name)) {
    if (isEncoding(name)) return name;
    if (!Object.hasOwn(models, name)) continue;
    const encoding = (modelToEncodingMap as Readonly<Record<string, string | undefined>>)[name];
    // The library's rule: a model that no other encoding lists is counted by the newest.
    return encoding !== undefined && isEncoding(encoding) ? encoding : "o200k_base";
  }
  return undefined;
}

/** Without who serves it (`openai/`, `azure/`) and whose it became by tuning (`ft:gpt-4o:acme::1`). */
function plainName(model: string): string {
  const name = model.trim().toLowerCase();
  const served = name.slice(name.lastIndexOf("/") + 1);
  return served.startsWith("ft:") ? (served.split(":")[1] ?? "") : served;
}

function shorter(name: string): string | undefined {
  const short = name.replace(STATE, "");
  return short === name ? undefined : short;
}

function isEncoding(name: string): name is EncodingName {
  return Object.hasOwn(ENCODINGS, name);
}
