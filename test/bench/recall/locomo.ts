import { readFile } from "node:fs/promises";

/** One turn of a LoCoMo conversation; an image's caption stands behind the text as `[image: ...]`. */
export interface LocomoTurn {
  /** e.g. `D3:12`. */
  readonly id: string;
  readonly session: number;
  readonly speaker: string;
  readonly text: string;
  /** The session's date and time plus one second a turn, so that order is total. */
  readonly sentAt: Date;
}

export interface LocomoQuestion {
  readonly question: string;
  readonly answer: string;
  /** 1 multi-hop, 2 temporal, 3 open-domain, 4 single-hop, 5 adversarial. */
  readonly category: number;
  /** Ids of the turns that answer it. */
  readonly evidence: readonly string[];
}

export interface LocomoConversation {
  readonly id: string;
  readonly participants: readonly [string, string];
  readonly turns: readonly LocomoTurn[];
  readonly questions: readonly LocomoQuestion[];
}

/** Speakers called so are a machine, not a person: their turns go in with the role `assistant` and no name. */
const ASSISTANT = /^(?:the )?(?:ai )?(?:assistant|agent|bot|chatbot)$/i;

/** How a speaker of a file goes into the product. */
export function speakerOf(name: string): {
  readonly role: "user" | "assistant";
  readonly name: string | undefined;
} {
  return ASSISTANT.test(name.trim()) ? { role: "assistant", name: undefined } : { role: "user", name };
}

type Json = Record<string, unknown>;

/**
 * Reads a LoCoMo-format file.
 * @throws Error naming the place, never quoting the text, when the file is not of that format.
 */
export async function readLocomo(path: string): Promise<LocomoConversation[]> {
  return parseLocomo(JSON.parse(await readFile(path, "utf8")));
}

/** As {@link readLocomo}, from parsed JSON: an array of samples, or one sample. */
export function parseLocomo(data: unknown): LocomoConversation[] {
  const samples = Array.isArray(data) ? data : [data];
  return samples.map((sample, index) => parseSample(object(sample, `[${index}]`), `[${index}]`));
}

function parseSample(sample: Json, at: string): LocomoConversation {
  const conversation = object(sample.conversation, `${at}.conversation`);
  const participants = [
    string(conversation.speaker_a, `${at}.speaker_a`),
    string(conversation.speaker_b, `${at}.speaker_b`),
  ] as const;
  const turns = Object.keys(conversation)
    .flatMap((key) => /^session_(\d+)$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((session) => parseSession(conversation, session, at));
  const questions = array(sample.qa ?? [], `${at}.qa`).map((item, index) =>
    parseQuestion(object(item, `${at}.qa[${index}]`), `${at}.qa[${index}]`),
  );
  const id = typeof sample.sample_id === "string" ? sample.sample_id : at;
  return { id, participants, turns, questions };
}

function parseSession(conversation: Json, session: number, at: string): LocomoTurn[] {
  const where = `${at}.session_${session}`;
  const start = parseSessionDate(string(conversation[`session_${session}_date_time`], `${where}_date_time`));
  return array(conversation[`session_${session}`], where).map((item, index) => {
    const turn = object(item, `${where}[${index}]`);
    const text = string(turn.text, `${where}[${index}].text`);
    const caption = typeof turn.blip_caption === "string" ? ` [image: ${turn.blip_caption}]` : "";
    return {
      id: string(turn.dia_id, `${where}[${index}].dia_id`),
      session,
      speaker: string(turn.speaker, `${where}[${index}].speaker`),
      text: (text + caption).trim(),
      sentAt: new Date(start.getTime() + index * 1000),
    };
  });
}

function parseQuestion(item: Json, at: string): LocomoQuestion {
  const category = Number(item.category);
  if (!Number.isInteger(category)) throw new Error(`${at}.category: not a whole number`);
  return {
    question: string(item.question, `${at}.question`),
    answer: String(item.answer ?? item.adversarial_answer ?? ""),
    category,
    evidence: array(item.evidence ?? [], `${at}.evidence`).map((id, i) => string(id, `${at}.evidence[${i}]`)),
  };
}

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
);

/** Reads `1:56 pm on 8 May, 2023` as UTC. */
export function parseSessionDate(text: string): Date {
  const match = /^(\d{1,2}):(\d{2}) ([ap])m on (\d{1,2}) (\w+),? (\d{4})$/i.exec(text.trim());
  if (!match) throw new Error("session date: expected a form like '1:56 pm on 8 May, 2023'");
  const [, hour, minute, half, day, month, year] = match;
  const monthIndex = MONTHS.indexOf((month ?? "").toLowerCase());
  if (monthIndex < 0) throw new Error("session date: unknown month");
  const hours = (Number(hour) % 12) + (half?.toLowerCase() === "p" ? 12 : 0);
  return new Date(Date.UTC(Number(year), monthIndex, Number(day), hours, Number(minute)));
}

function object(value: unknown, at: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${at}: not an object`);
  return value as Json;
}

function array(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${at}: not a list`);
  return value;
}

function string(value: unknown, at: string): string {
  if (typeof value !== "string") throw new Error(`${at}: not a string`);
  return value;
}
