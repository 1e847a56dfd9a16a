import { isPlainEnglish, spokenLanguage } from "../extraction/as-said/spoken-language.ts";
import { DEFAULT_LANGUAGE } from "../language/languages.ts";
import type { Reading } from "./claim.ts";
import { forgetElsewhere } from "./forgetting/elsewhere.ts";
import { asksToForget } from "./forgetting/request.ts";
import { readClaims } from "./reading.ts";

/**
 * Reads what a statement claims where it is told in English, the only language whose claims are read. Of any other its
 * words alone are known: it repeats what says the very same, and says nothing about anything else.
 *
 * @param selves as of `readClaims`.
 * @param language what the project's people write in, a primary tag.
 */
export function readTold(text: string, selves: ReadonlySet<string>, language: string): Reading {
  const unread = unreadLanguage(text, language);
  const reading = readClaims(text, selves);
  if (unread === undefined) return reading;
  return {
    ...reading,
    speaker: undefined,
    claims: [],
    parts: [],
    aliases: new Map(),
    isDenied: false,
    corrects: false,
    admitsMistake: false,
    unread,
  };
}

/**
 * Whether a statement reads as a request to forget, in the language that it is told in.
 *
 * @param said the words of the message that it rests on.
 * @param language what the project's people write in, a primary tag.
 */
export function asksToForgetIn(language: string, text: string, said: string): boolean {
  const unread = unreadLanguage(text, language);
  return unread === undefined ? asksToForget(text) : forgetElsewhere(said, unread) !== undefined;
}

function unreadLanguage(text: string, language: string): string | undefined {
  if (language !== DEFAULT_LANGUAGE) return isPlainEnglish(text) ? undefined : language;
  const spoken = spokenLanguage(text);
  return spoken === DEFAULT_LANGUAGE ? undefined : spoken;
}
