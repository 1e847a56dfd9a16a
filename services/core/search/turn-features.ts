import type { MessageRole } from "../memory/memory.ts";
import { holdsTime } from "./time-words.ts";

/** What windows and features need of one turn. */
export interface WindowTurn {
  /** Turns of one session stand together; undefined is a session of its own kind. */
  readonly sessionId: string | undefined;
  /** The speaker's name, if known. */
  readonly name: string | undefined;
  readonly role: MessageRole;
  readonly text: string;
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

/**
 * Text of the window field of `turns[index]`: turns `index-2 .. index+1` of the same session. A neighbour
 * joins only if it and the turn are both under {@link WINDOW_WORDS} words: long answers would drown it.
 */
export function windowText(turns: readonly WindowTurn[], index: number): string {
  const centre = turns[index];
  if (!centre) return "";
  const short = isShort(centre.text);
  const parts: string[] = [];
  for (let i = Math.max(0, index - WINDOW_BEFORE); i <= index + WINDOW_AFTER; i += 1) {
    const turn = turns[i];
    if (!turn || turn.sessionId !== centre.sessionId) continue;
    if (i === index || (short && isShort(turn.text))) parts.push(turn.text);
  }
  return parts.join("\n");
}

/** Everything the index keeps of `turns[index]`, for each memory whose first source it is. */
export function turnFeatures(turns: readonly WindowTurn[], index: number): TurnFeatures {
  const turn = turns[index];
  if (!turn) throw new RangeError("no such turn");
  return {
    window: windowText(turns, index),
    speaker: turn.name?.trim().toLowerCase() || undefined,
    isQuestion: isQuestion(turn.text),
    hasTime: holdsTime(turn.text),
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
): TurnFeatures {
  const text = turnText.slice(stretch.start, stretch.end);
  if (isShort(turnText) || text.trim() === "") return features;
  return { ...features, window: text, isQuestion: isQuestion(text), hasTime: holdsTime(text) };
}

/** Whether neighbours may join a turn's window. */
export function isShort(text: string): boolean {
  return wordCount(text) < WINDOW_WORDS;
}

/** True where a turn ends with a question mark and is under {@link QUESTION_WORDS} words. */
export function isQuestion(text: string): boolean {
  const spoken = withoutImage(text.trimEnd()).trimEnd();
  return /\?["')\]]*$/.test(spoken) && wordCount(spoken) < QUESTION_WORDS;
}

/** Cut by its brackets: one pattern up to the end, tried at each blank, would take quadratic time. */
function withoutImage(text: string): string {
  if (!text.endsWith("]")) return text;
  const behind = text.lastIndexOf("]", text.length - 2) + 1;
  const opens = text.slice(behind).search(/\[image:/i);
  return opens < 0 ? text : text.slice(0, behind + opens);
}

/** Words parted by white space. */
export function wordCount(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
