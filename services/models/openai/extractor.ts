import { MnemeError } from "@mneme/core/errors.ts";
import type { BulkReader, BulkServer } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import type {
  DroppedTurn,
  ExtractionInput,
  ExtractionOutput,
  Extractor,
  Statement,
  TryLimits,
} from "@mneme/core/extraction/extractor.ts";
import type { ChatCompletionMessageParam } from "openai/resources";
import { abortError } from "../abort.ts";
import { readAnswer } from "./answer.ts";
import { createOpenAiClient, type OpenAiServer } from "./client.ts";
import { ANSWER_SCHEMA, Completer, type Completion, type OutputMode } from "./completion.ts";
import { type Piece, toChunks } from "./pieces.ts";
import {
  DEFAULT_CATEGORIES,
  loadPrompt,
  type Prompt,
  type ReadingRules,
  renderConversation,
} from "./prompt.ts";
import { type Grounded, groundAnswer } from "./statements.ts";

export interface OpenAiExtractorOptions extends OpenAiServer {
  readonly model: string;
  /** A file of `prompts/extract/`. Default `v1`. */
  readonly promptVersion?: string;
  /** Of the project whose conversations it reads. Statements in another category than these become `other`. */
  readonly rules?: ReadingRules;
  /** One request, in milliseconds. Default 60 s. */
  readonly timeoutMs?: number;
  /** Default 4,096. An answer that reaches it is asked for again in halves. */
  readonly maxOutputTokens?: number;
  /** Messages a request. Default 20. */
  readonly maxMessages?: number;
  /** Characters of new messages a request; a longer message is read in stretches. Default 16,000. */
  readonly maxCharacters?: number;
  /** The best that the server knows; it is found out on the first request. Default `json_schema`. */
  readonly outputMode?: OutputMode;
  /** People that are read at once, each with a request of their own. Default 8. */
  readonly concurrency?: number;
  /** Where the same server takes batches; what may wait is read as everything else without it. */
  readonly batches?: BulkServer;
}

/**
 * Reads statements with a language model behind an OpenAI-compatible server. What the model answers is held
 * against the messages: a statement whose quote stands in none of them is left out.
 *
 * An answer that is not what was asked for is sent back once with what is wrong. If that does not help, it is
 * MODEL_OUTPUT_INVALID, `unavailable`: models answer differently another time, so the activity's tries are worth it,
 * and after them the extraction is a dead letter that can be revived. Nothing is ever half done: `extract` gives
 * every turn as a source or as dropped, or throws. Errors are those of `callModel` and `Completer`.
 */
export function createOpenAiExtractor(
  options: OpenAiExtractorOptions,
  completer: Completer = createCompleter(options),
): Extractor {
  return new OpenAiExtractor(options, completer);
}

/** Asks a model; what it finds out of the server serves all extractors that share it. */
export function createCompleter(options: OpenAiExtractorOptions): Completer {
  const {
    model,
    timeoutMs = REQUEST_MS,
    maxOutputTokens = OUTPUT_TOKENS,
    outputMode = "json_schema",
  } = options;
  return new Completer(createOpenAiClient(options), { model, timeoutMs, maxOutputTokens, outputMode });
}

const REQUEST_MS = 60_000;
const OUTPUT_TOKENS = 4_096;
const CONTEXT_TURNS = 10;
/** Full requests that a try makes for one person; what they gave is kept before the next are made. */
const TRY_REQUESTS = 4;
/** A try may take this many time-outs of a request: the longest message, of 128 KiB, is at most 16 stretches. */
const TRY_TIMEOUTS = 20;
const LONGEST_TRY_MS = 100 * 60_000;

class OpenAiExtractor implements Extractor {
  readonly name: string;
  readonly version: string;
  readonly readsNearest = true;
  readonly concurrency: number;
  readonly most: TryLimits;
  readonly bulk?: BulkReader;
  readonly #prompt: Prompt;
  readonly #completer: Completer;
  readonly #maxOutputTokens: number;
  readonly #categories: readonly string[];
  readonly #limits: { readonly maxPieces: number; readonly maxCharacters: number };

  constructor(options: OpenAiExtractorOptions, completer: Completer) {
    const { model, rules = {}, timeoutMs = REQUEST_MS, promptVersion = "v1" } = options;
    const {
      maxMessages = 20,
      maxCharacters = 16_000,
      concurrency = 8,
      maxOutputTokens = OUTPUT_TOKENS,
    } = options;
    this.concurrency = concurrency;
    this.#maxOutputTokens = maxOutputTokens;
    this.most = {
      turns: TRY_REQUESTS * maxMessages,
      characters: TRY_REQUESTS * maxCharacters,
      ms: Math.min(TRY_TIMEOUTS * timeoutMs, LONGEST_TRY_MS),
    };
    this.#prompt = loadPrompt(promptVersion, rules, ANSWER_SCHEMA);
    this.name = model;
    this.version = this.#prompt.version;
    const named = rules.categories?.map(({ name }) => name) ?? DEFAULT_CATEGORIES;
    // What is not kept is known by its name to whoever drops it.
    this.#categories = [...named, ...(rules.notKept ?? []), ...(rules.sensitive ?? [])];
    this.#limits = { maxPieces: maxMessages, maxCharacters };
    this.#completer = completer;
    if (options.batches) this.bulk = this.#bulkBy(options.batches);
  }

  #bulkBy(server: BulkServer): BulkReader {
    const { maxPieces: turns, maxCharacters: characters } = this.#limits;
    return {
      server,
      most: { turns, characters },
      request: (input) => {
        const { chunks } = this.#chunksOf(input);
        const [pieces] = chunks;
        if (!pieces || chunks.length > 1) return undefined;
        const request = this.#completer.request(this.#messages(input, pieces));
        return { body: JSON.stringify(request), most: this.#completer.mostOf(request) };
      },
      read: async (input, { body }) => {
        const { chunks, unread } = this.#chunksOf(input);
        const [pieces] = chunks;
        if (!pieces || chunks.length > 1 || body === undefined) return undefined;
        const read = this.#readOne(body, pieces);
        if (!read) return undefined;
        // As if it had been asked now.
        const asked = this.#askedOf(this.#messages(input, pieces));
        await input.answers?.keep(asked, JSON.stringify(read.completion));
        return merge([read.grounded], unread);
      },
    };
  }

  /** Undefined where it was cut short, or can't be used. */
  #readOne(
    body: unknown,
    pieces: readonly Piece[],
  ): { completion: Completion; grounded: Grounded } | undefined {
    try {
      const completion = this.#completer.read(body);
      const read = this.#read(completion, pieces);
      return "problem" in read || !read.grounded ? undefined : { completion, grounded: read.grounded };
    } catch (error) {
      if (error instanceof MnemeError) return undefined;
      throw error;
    }
  }

  /** All that an answer depends on. */
  #askedOf(messages: readonly ChatCompletionMessageParam[]): string {
    return JSON.stringify([this.name, this.version, this.#maxOutputTokens, messages]);
  }

  #chunksOf({ turns }: ExtractionInput): {
    readonly chunks: readonly (readonly Piece[])[];
    readonly unread: readonly DroppedTurn[];
  } {
    const unread = turns.flatMap(unreadTurn);
    const skip = new Set(unread.map(({ messageId }) => messageId));
    const read = turns.filter(({ messageId }) => !skip.has(messageId));
    return { chunks: toChunks(read, this.#limits), unread };
  }

  #messages(input: ExtractionInput, pieces: readonly Piece[]): ChatCompletionMessageParam[] {
    return [
      { role: "system", content: this.#prompt.instructions },
      { role: "user", content: renderConversation(input, pieces) },
    ];
  }

  async extract(input: ExtractionInput, signal?: AbortSignal): Promise<ExtractionOutput> {
    if (signal?.aborted) throw abortError(signal);
    const { chunks, unread } = this.#chunksOf(input);
    const parts: ExtractionOutput[] = [];
    let { summary, context } = input;
    for (const pieces of chunks) {
      const part = await this.#extractPieces({ ...input, summary, context }, pieces, signal);
      parts.push(part);
      summary = part.summary ?? summary;
      context = laterContext(context, pieces);
    }
    return merge(parts, unread);
  }

  async #extractPieces(
    input: ExtractionInput,
    pieces: readonly Piece[],
    signal: AbortSignal | undefined,
  ): Promise<ExtractionOutput> {
    const grounded = await this.#ask(input, pieces, signal);
    if (grounded) return grounded;
    if (pieces.length === 1) throw this.#invalid("length");
    // Too much to say in one answer: the halves are asked one after the other, the second knowing the first.
    const half = Math.ceil(pieces.length / 2);
    const first = await this.#extractPieces(input, pieces.slice(0, half), signal);
    const summary = first.summary ?? input.summary;
    const context = laterContext(input.context, pieces.slice(0, half));
    const second = await this.#extractPieces({ ...input, summary, context }, pieces.slice(half), signal);
    return merge([first, second], []);
  }

  /** Undefined if the answer was cut short. */
  async #ask(
    input: ExtractionInput,
    pieces: readonly Piece[],
    signal: AbortSignal | undefined,
  ): Promise<Grounded | undefined> {
    const messages = this.#messages(input, pieces);
    const asked = this.#askedOf(messages);
    const known = await input.answers?.find(asked);
    if (known !== undefined) {
      const read = this.#read(JSON.parse(known) as Completion, pieces);
      if (!("problem" in read)) return read.grounded;
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      const completion = await this.#completer.complete(messages, signal, input.meter);
      const read = this.#read(completion, pieces);
      if (!("problem" in read)) {
        // Only what was of use: asked again after a useless one, a model may do better.
        await input.answers?.keep(asked, JSON.stringify(completion));
        return read.grounded;
      }
      messages.push(
        { role: "assistant", content: contentOf(completion).slice(0, REPAIR_CHARACTERS) || "(empty)" },
        {
          role: "user",
          content: `That cannot be used: ${read.problem}. Answer again with the JSON object alone.`,
        },
      );
    }
    throw this.#invalid("format");
  }

  /** `grounded` is undefined of an answer that was cut short. */
  #read(
    completion: Completion,
    pieces: readonly Piece[],
  ): { readonly grounded: Grounded | undefined } | { readonly problem: string } {
    if ("cut" in completion) return { grounded: undefined };
    const read = readAnswer(completion.content);
    if (!("answer" in read)) return read;
    const grounded = groundAnswer(read.answer, pieces, this.#categories);
    return isInvented(grounded) ? { problem: "no quote stands in the message it cites" } : { grounded };
  }

  #invalid(problem: "format" | "length"): MnemeError {
    return new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", "the model's answer cannot be read", {
      metadata: { model: this.name, server: "extractor", problem },
    });
  }
}

function contentOf(completion: Completion): string {
  return "content" in completion ? completion.content : "";
}

/** How much of a useless answer the model is shown again. */
const REPAIR_CHARACTERS = 20_000;

/** It had something to say, and none of it was said by anyone. */
function isInvented({ statements, ungrounded }: Grounded): boolean {
  return ungrounded > 0 && statements.length === 0;
}

/** Turns that no model need see: a system's words are instructions, not memories. */
function unreadTurn({ messageId, role, text }: ExtractionInput["turns"][number]): DroppedTurn[] {
  if (text.trim() === "") return [{ messageId, reason: "empty" }];
  return role === "system" ? [{ messageId, reason: "filtered" }] : [];
}

function laterContext(
  context: ExtractionInput["context"],
  pieces: readonly Piece[],
): ExtractionInput["context"] {
  return [...context, ...new Set(pieces.map(({ turn }) => turn))].slice(-CONTEXT_TURNS);
}

/** A turn read in stretches is dropped only if none of them says anything. */
function merge(parts: readonly ExtractionOutput[], unread: readonly DroppedTurn[]): ExtractionOutput {
  const statements: Statement[] = parts.flatMap((part) => part.statements);
  const used = new Set(statements.flatMap(({ sources }) => sources.map(({ messageId }) => messageId)));
  const dropped = new Map<string, DroppedTurn>();
  for (const one of [...unread, ...parts.flatMap((part) => part.dropped)]) {
    if (!used.has(one.messageId) && !dropped.has(one.messageId)) dropped.set(one.messageId, one);
  }
  const summary = parts.findLast((part) => part.summary !== undefined)?.summary;
  return { statements, dropped: [...dropped.values()], summary };
}
