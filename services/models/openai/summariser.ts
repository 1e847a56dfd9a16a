import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Summariser, SummarySentence, ToldEpisode } from "@mneme/core/consolidation/summariser.ts";
import { estimateTokens } from "@mneme/core/cost/estimate-tokens.ts";
import { unmetered } from "@mneme/core/cost/model-spending.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import type OpenAI from "openai";
import type { ChatCompletionCreateParamsNonStreaming, ChatCompletionFunctionTool } from "openai/resources";
import { z } from "zod";
import { callModel, createOpenAiClient, type OpenAiServer, tokensOf } from "./client.ts";

export interface OpenAiSummariserOptions extends OpenAiServer {
  readonly model: string;
  /** A file of `prompts/consolidate/`. Default `v1`. */
  readonly promptVersion?: string;
  /** One request, in milliseconds. Default 60 s. */
  readonly timeoutMs?: number;
  /** Default 512. */
  readonly maxOutputTokens?: number;
}

const TELL = z.object({
  sentences: z.array(
    z.object({
      text: z.string(),
      episodes: z.array(z.int()).describe("numbers of the episodes that it rests on"),
    }),
  ),
});
const { $schema: _, ...PARAMETERS } = z.toJSONSchema(TELL);
const TOOL: ChatCompletionFunctionTool = {
  type: "function",
  function: { name: "tell", description: "The summary.", strict: true, parameters: PARAMETERS },
};

const tolerant = z.object({
  sentences: z.array(z.object({ text: z.string(), episodes: z.array(z.coerce.number().int()) })),
});

/**
 * Words summaries with a language model behind an OpenAI-compatible server, which answers by calling a tool. It sees no id:
 * episodes are known by small integers, and a sentence that names another makes its whole answer useless.
 */
export function createOpenAiSummariser(options: OpenAiSummariserOptions): Summariser {
  return new OpenAiSummariser(options);
}

/** Summarisers behind one server: the deployment's model, if it has one, and those that projects may name. */
export function createOpenAiSummarisers(
  options: Omit<OpenAiSummariserOptions, "model"> & {
    readonly model: string | undefined;
    readonly projectModels: readonly string[];
  },
): (settings: Settings) => Summariser | undefined {
  const names = new Set([...(options.model === undefined ? [] : [options.model]), ...options.projectModels]);
  const summarisers = new Map(
    [...names].map((model) => [model, createOpenAiSummariser({ ...options, model })]),
  );
  return ({ models }) =>
    summarisers.get(models?.consolidateModel ?? "") ?? summarisers.get(options.model ?? "");
}

class OpenAiSummariser implements Summariser {
  readonly name: string;
  readonly version: string;
  readonly #client: OpenAI;
  readonly #instructions: string;
  readonly #timeoutMs: number;
  readonly #maxOutputTokens: number;

  constructor(options: OpenAiSummariserOptions) {
    const { model, promptVersion = "v1", timeoutMs = 60_000, maxOutputTokens = 512 } = options;
    if (!/^v\d+$/.test(promptVersion))
      throw new Error(`a prompt version is like "v1", not "${promptVersion}"`);
    const file = new URL(`../prompts/consolidate/${promptVersion}.md`, import.meta.url);
    this.#instructions = readFileSync(file, "utf8");
    const shape = this.#instructions + JSON.stringify(TOOL);
    this.name = model;
    this.version = `${promptVersion}-${createHash("sha256").update(shape).digest("hex").slice(0, 12)}`;
    this.#client = createOpenAiClient(options);
    this.#timeoutMs = timeoutMs;
    this.#maxOutputTokens = maxOutputTokens;
  }

  async summarise(
    episodes: readonly ToldEpisode[],
    { meter = unmetered, signal }: Parameters<Summariser["summarise"]>[1],
  ): Promise<readonly SummarySentence[]> {
    const call = { model: this.name, server: "extractor", timeoutMs: this.#timeoutMs, signal } as const;
    const request: ChatCompletionCreateParamsNonStreaming = {
      model: this.name,
      messages: [
        { role: "system", content: this.#instructions },
        { role: "user", content: episodes.map(line).join("\n") },
      ],
      tools: [TOOL],
      tool_choice: "required",
      max_completion_tokens: this.#maxOutputTokens,
    };
    const input = estimateTokens(JSON.stringify([request.messages, request.tools]));
    const answer = await meter({ input, cachedInput: 0, output: this.#maxOutputTokens }, async () => {
      const value = await callModel(call, (either) =>
        this.#client.chat.completions.create(request, { signal: either }),
      );
      return { value, used: tokensOf(value) };
    });
    return this.#sentencesOf(answer);
  }

  #sentencesOf(answer: OpenAI.ChatCompletion): SummarySentence[] {
    const message = answer?.choices?.[0]?.message;
    if (message?.refusal) {
      throw new MnemeError("failed_precondition", "MODEL_REFUSED", "the model refuses to summarise", {
        metadata: { model: this.name, server: "extractor" },
      });
    }
    const calls: readonly unknown[] = Array.isArray(message?.tool_calls) ? message.tool_calls : [];
    const [first] = calls as readonly ({ function?: { arguments?: unknown } } | null)[];
    const read = tolerant.safeParse(parse(first?.function?.arguments));
    if (!read.success) return [];
    return read.data.sentences.map(({ text, episodes }) => {
      // Masks count from 1.
      return { text, episodes: [...new Set(episodes)].map((mask) => mask - 1) };
    });
  }
}

/** One JSON object a line, so that nothing an episode holds can look like another line. */
function line({ text, at }: ToldEpisode, place: number): string {
  return JSON.stringify({
    episode: place + 1,
    day: at.toISOString().slice(0, 10),
    text: text.toWellFormed(),
  });
}

function parse(json: unknown): unknown {
  if (typeof json !== "string") return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
