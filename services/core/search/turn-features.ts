import { DEFAULT_LANGUAGE, type Language, languageOf } from "../language/languages.ts";
import { asksAnything, countWords, holdsTime } from "../language/read-text.ts";
import type { MessageRole } from "../memory/memory.ts";

/** What windows and features need of one turn. */
export interface WindowTurn {
  /** Turns of one session stand together; undefined is a session of its own kind. */
  readonly sessionId: string | undefined;
  /** The speaker's name, if known. */
  readonly name: string | undefined;
  readonly role: MessageRole;
  readonly text: string;
  readonly sentAt: Date;
}

/** What the index keeps of the turn that a memory comes from. */
export interface TurnFeatures {
  /** The texts of the turns around it, oldest first (retrieval recipe). */
  readonly window: string;
  /** Lower-cased name of who said it; undefined where only the role is known. */
  readonly speaker: string | undefined;
  readonly isQuestion: boolean;
  readonly hasTime: boolean;
}

/** A neighbour joins a window only while it and the turn are both under this many words. */
export const WINDOW_WORDS = 60;
/** A question of at least this many words tells enough to be evidence. */
export const QUESTION_WORDS = 25;
/** Turns before and after that a window reaches. */
export const WINDOW_BEFORE = 2;
export const WINDOW_AFTER = 1;

/** Who says nothing for so long, in ms, begins another conversation, whether or not the application names sessions. */
export const PAUSE = 3_600_000;

/**
 * Text of the window field of `turns[index]`: turns `index-2 .. index+1` of the same session, up to a {@link PAUSE}. A
 * neighbour joins only if it and the turn are both under {@link WINDOW_WORDS} words: long answers would drown it.
 */
export function windowText(turns: readonly WindowTurn[], index: number, language = languageOf()): string {
  const centre = turns[index];
  if (!centre) return "";
  const short = isShort(centre.text, language);
  const parts: string[] = [];
  for (let i = Math.max(0, index - WINDOW_BEFORE); i <= index + WINDOW_AFTER; i += 1) {
    const turn = turns[i];
    if (!turn || turn.sessionId !== centre.sessionId || isPausedBetween(turns, i, index)) continue;
    if (i === index || (short && isShort(turn.text, language))) parts.push(turn.text);
  }
  return parts.join("\n");
}

function isPausedBetween(turns: readonly WindowTurn[], one: number, other: number): boolean {
  const stretch = turns.slice(Math.min(one, other), Math.max(one, other) + 1);
  return stretch.some(({ sentAt }, i) => {
    const before = stretch[i - 1];
    return before !== undefined && Math.abs(sentAt.getTime() - before.sentAt.getTime()) > PAUSE;
  });
}

/** Everything the index keeps of `turns[index]`, for each memory whose first source it is. */
export function turnFeatures(
  turns: readonly WindowTurn[],
  index: number,
  language = languageOf(),
): TurnFeatures {
  const turn = turns[index];
  if (!turn) throw new RangeError("no such turn");
  return {
    window: windowText(turns, index, language),
    speaker: turn.name?.trim().toLowerCase() || undefined,
    ...textFeatures(turn.text, language),
  };
}

/**
 * Features of one statement of a turn. Short turns lend theirs; of a long one, which stands alone and gives
 * several statements, each has its own stretch: else all of them would match whatever one of them says.
 * @param stretch what the statement's first source spans.
 */
export function statementFeatures(
  features: TurnFeatures,
  turnText: string,
  stretch: { readonly start: number; readonly end: number },
  language = languageOf(),
): TurnFeatures {
  const text = turnText.slice(stretch.start, stretch.end);
  if (isShort(turnText, language) || text.trim() === "") return features;
  return { ...features, window: text, ...textFeatures(text, language) };
}

/** What a text tells of itself. */
export function textFeatures(
  text: string,
  language = languageOf(),
): Pick<TurnFeatures, "isQuestion" | "hasTime"> {
  return { isQuestion: isQuestion(text, language), hasTime: holdsTime(text, language) };
}

/** Whether neighbours may join a turn's window. */
export function isShort(text: string, language = languageOf()): boolean {
  return countWords(text, language) < WINDOW_WORDS;
}

/** True where a turn asks at its end and is under {@link QUESTION_WORDS} words. */
export function isQuestion(text: string, language: Language = languageOf()): boolean {
  const spoken = withoutImage(text.trimEnd()).trimEnd();
  const asks =
    language.tag === DEFAULT_LANGUAGE ? /\?["')\]]*$/.test(spoken) : asksAnything(spoken, language);
  return asks && countWords(spoken, language) < QUESTION_WORDS;
}

/** Cut by its brackets: one pattern up to the end, tried at each blank, would take quadratic time. */
function withoutImage(text: string): string {
  if (!text.endsWith("]")) return text;
  const behind = text.lastIndexOf("]", text.length - 2) + 1;
  const opens = text.slice(behind).search(/\[image:/i);
  return opens < 0 ? text : text.slice(0, behind + opens);
}
