import { fileURLToPath } from "node:url";
import type { Message } from "@mneme/sdk";
import {
  type LocomoConversation,
  type LocomoQuestion,
  type LocomoTurn,
  readLocomo,
  speakerOf,
} from "@mneme/test/bench/recall/locomo.ts";

const BUNDLED = fileURLToPath(new URL("conversation.json", import.meta.url));
const MINUTE_MS = 60_000;
/** Of questions that nothing in the conversation answers; there is no evidence to find. */
const ADVERSARIAL = 5;
const MOST_QUESTIONS = 20;

/** A turn as it is played. */
export interface Turn {
  /** Its id in the file, e.g. `D3:12`. */
  readonly id: string;
  readonly session: number;
  readonly message: Message & { readonly sentAt: Date };
}

/** A question with what should be found. */
export interface Question {
  readonly text: string;
  readonly answer: string;
  readonly category: number;
  /** Ids of the turns that answer it. */
  readonly evidence: readonly string[];
}

/** A conversation ready to be played. */
export interface Conversation {
  readonly id: string;
  readonly participants: readonly string[];
  readonly turns: readonly Turn[];
  readonly questions: readonly Question[];
}

/**
 * Reads conversations of a LoCoMo-format file, or the bundled one.
 * @param questions how many questions to keep of each, spread evenly.
 * @throws Error naming the place, never quoting the text, when the file cannot be read.
 */
export async function readConversations(
  file: string | undefined,
  limits: { readonly conversations: number; readonly questions: number | undefined },
): Promise<{ conversations: Conversation[]; inFile: number }> {
  const all = await readFileOf(file ?? BUNDLED);
  const conversations = all
    .slice(0, limits.conversations)
    .map((conversation) => prepare(conversation, limits.questions ?? MOST_QUESTIONS));
  return { conversations, inFile: all.length };
}

async function readFileOf(file: string): Promise<LocomoConversation[]> {
  try {
    return await readLocomo(file);
  } catch (cause) {
    // JSON's own messages quote the file.
    const why = cause instanceof SyntaxError ? "it is not JSON" : (cause as Error).message;
    throw new Error(`The conversation cannot be read: ${why}.`, { cause });
  }
}

function prepare(conversation: LocomoConversation, most: number): Conversation {
  const known = new Set(conversation.turns.map(({ id }) => id));
  const questions = conversation.questions.filter(({ category }) => category !== ADVERSARIAL);
  return {
    id: conversation.id,
    participants: conversation.participants,
    turns: playable(conversation.turns),
    questions: spread(questions, most).map((question) => toQuestion(question, known)),
  };
}

/** Turns with a minute between them, counted from their session's start. */
function playable(turns: readonly LocomoTurn[]): Turn[] {
  const starts = new Map<number, { first: number; at: number }>();
  return turns.map((turn, index) => {
    const start = starts.get(turn.session) ?? { first: index, at: turn.sentAt.getTime() };
    starts.set(turn.session, start);
    const sentAt = new Date(start.at + (index - start.first) * MINUTE_MS);
    return {
      id: turn.id,
      session: turn.session,
      message: { ...speakerOf(turn.speaker), text: turn.text, sentAt },
    };
  });
}

function toQuestion(question: LocomoQuestion, known: ReadonlySet<string>): Question {
  const { question: text, answer, category } = question;
  // Some files name several turns in one string, or turns that do not exist.
  const evidence = question.evidence.flatMap((id) => id.split(/[;,\s]+/)).filter((id) => known.has(id));
  return { text, answer, category, evidence: [...new Set(evidence)] };
}

/** At most `most` items, evenly from the whole list. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
}
