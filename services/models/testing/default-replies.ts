import { createHash } from "node:crypto";
import { type Reply, replies } from "./replies.ts";

interface PromptMessage {
  readonly n: number;
  readonly role: string;
  readonly name?: string;
  readonly text: string;
}

const SMALL_TALK =
  /^(hi|hello|hey|thanks|thank you|ok|okay|bye|good (morning|night|evening))\b[^.?!]*[.?!]*$/i;
const QUOTE_LENGTH = 400;

/** One statement a message of a person, read off the numbered lines of our own extraction prompt. */
export function defaultChat(body: { messages: readonly { role: string; content: string }[] }): Reply {
  const prompt = body.messages.findLast(({ content }) => content.includes('\n{"n":1,'))?.content ?? "";
  const messages = prompt.split("\n").flatMap(numberedMessage);
  const said = messages.filter(({ role, text }) => role !== "assistant" && !SMALL_TALK.test(text.trim()));
  return replies.content({
    statements: said.map(statement),
    skipped: messages
      .filter((message) => !said.includes(message))
      .map(({ n }) => ({ message: n, reason: "small_talk" })),
    summary: `${said.length} messages were worked.`,
  });
}

function numberedMessage(line: string): PromptMessage[] {
  if (!line.startsWith('{"n":')) return [];
  return [JSON.parse(line) as PromptMessage];
}

function statement({ n, role, name, text }: PromptMessage) {
  const speaker = name ?? "The user";
  return {
    text: `${speaker} said: ${text.slice(0, QUOTE_LENGTH)}`,
    evidence: [{ message: n, quote: text.slice(0, QUOTE_LENGTH) }],
    kind: "semantic",
    category: "other",
    confidence: 0.9,
    importance: 0.5,
    origin: role === "tool" ? "tool" : "stated",
    entities: [{ name: speaker, type: "person" }],
    relations: [],
    valid_from: null,
    valid_to: null,
  };
}

/** Words hashed into dimensions: texts that share words are near, and the same text is the same vector. */
export function defaultEmbeddings(
  body: { input: string | readonly string[]; encoding_format?: string },
  dimension: number,
): Reply {
  const texts = typeof body.input === "string" ? [body.input] : body.input;
  return replies.vectors(
    texts.map((text) => hashedWords(text, dimension)),
    body.encoding_format,
  );
}

function hashedWords(text: string, dimension: number): Float32Array {
  const vector = new Float32Array(dimension);
  for (const word of ["", ...(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]) {
    const hash = createHash("sha256").update(word).digest();
    const index = hash.readUInt32LE(0) % dimension;
    vector[index] =
      (vector[index] as number) + (hash.readUInt8(4) % 2 === 0 ? 1 : -1) * (word === "" ? 0.1 : 1);
  }
  return vector;
}

/** The share of the query's words that a text holds, by either protocol. */
export function defaultRerank(body: {
  query: string;
  documents?: readonly string[];
  texts?: readonly string[];
}): Reply {
  const wanted = wordsIn(body.query);
  const share = (text: string) => {
    const held = wordsIn(text);
    return [...wanted].filter((word) => held.has(word)).length / Math.max(1, wanted.size);
  };
  const protocol = body.documents ? "cohere" : "tei";
  return replies.reranked((body.documents ?? body.texts ?? []).map(share), protocol);
}

const wordsIn = (text: string) => new Set(text.toLowerCase().match(/\p{L}+/gu));
