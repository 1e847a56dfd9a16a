import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { estimateTokens } from "@mneme/core/cost/estimate-tokens.ts";
import { type CallMeter, unmetered } from "@mneme/core/cost/model-spending.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type {
  ReconcileOptions,
  ReconcileQuestion,
  Reconciler,
  ToldText,
  Verdict,
} from "@mneme/core/extraction/reconciler.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import type OpenAI from "openai";
import type { ChatCompletionCreateParamsNonStreaming, ChatCompletionMessageParam } from "openai/resources";
import { callModel, createOpenAiClient, type OpenAiServer, tokensOf } from "./client.ts";
import { readVerdicts, type ToolCall, VERDICT_TOOLS } from "./verdicts.ts";

export interface OpenAiReconcilerOptions extends OpenAiServer {
  readonly model: string;
  /** A file of `prompts/reconcile/`. Default `v1`. */
  readonly promptVersion?: string;
  /** One request, in milliseconds. Default 60 s. */
  readonly timeoutMs?: number;
  /** Default 2,048. */
  readonly maxOutputTokens?: number;
  /** People that are asked about at once. Default 8. */
  readonly concurrency?: number;
}

/**
 * Decides with a language model behind an OpenAI-compatible server, which answers by calling tools. It sees no id:
 * statements and memories are known by small integers, and a call that names others is left out. Where it said nothing
 * of a statement it is asked once more.
 */
export function createOpenAiReconciler(options: OpenAiReconcilerOptions): Reconciler {
  return new OpenAiReconciler(options);
}

/** Reconcilers behind one server: the deployment's model, if it has one, and those that projects may name. */
export function createOpenAiReconcilers(
  options: Omit<OpenAiReconcilerOptions, "model"> & {
    readonly model: string | undefined;
    readonly projectModels: readonly string[];
  },
): (settings: Settings) => Reconciler | undefined {
  const names = [
    ...new Set([...(options.model === undefined ? [] : [options.model]), ...options.projectModels]),
  ];
  const reconcilers = new Map(names.map((model) => [model, createOpenAiReconciler({ ...options, model })]));
  return ({ models }) =>
    reconcilers.get(models?.reconcileModel ?? "") ?? reconcilers.get(options.model ?? "");
}

class OpenAiReconciler implements Reconciler {
  readonly name: string;
  readonly version: string;
  readonly concurrency: number;
  readonly #client: OpenAI;
  readonly #instructions: string;
  readonly #timeoutMs: number;
  readonly #maxOutputTokens: number;

  constructor(options: OpenAiReconcilerOptions) {
    const {
      model,
      promptVersion = "v1",
      timeoutMs = 60_000,
      maxOutputTokens = 2_048,
      concurrency = 8,
    } = options;
    if (!/^v\d+$/.test(promptVersion))
      throw new Error(`a prompt version is like "v1", not "${promptVersion}"`);
    const file = new URL(`../prompts/reconcile/${promptVersion}.md`, import.meta.url);
    this.#instructions = readFileSync(file, "utf8");
    const shape = this.#instructions + JSON.stringify(VERDICT_TOOLS);
    this.name = model;
    this.version = `${promptVersion}-${createHash("sha256").update(shape).digest("hex").slice(0, 12)}`;
    this.concurrency = concurrency;
    this.#client = createOpenAiClient(options);
    this.#timeoutMs = timeoutMs;
    this.#maxOutputTokens = maxOutputTokens;
  }

  async reconcile(
    question: ReconcileQuestion,
    options: ReconcileOptions,
  ): Promise<readonly (Verdict | undefined)[]> {
    if (question.statements.length === 0) return [];
    const messages: ChatCompletionMessageParam[] = [
      { role: "system", content: this.#instructions },
      { role: "user", content: render(question) },
    ];
    const asked = JSON.stringify([this.name, this.version, this.#maxOutputTokens, messages]);
    const known = await options.answers?.find(asked);
    if (known !== undefined) return readRounds(JSON.parse(known) as ToolCall[][], question);
    const rounds = await this.#askInRounds(messages, question, options);
    const verdicts = readRounds(rounds, question);
    // Where nothing was of use, another try may fare better.
    if (verdicts.some((verdict) => verdict)) await options.answers?.keep(asked, JSON.stringify(rounds));
    return verdicts;
  }

  /** Asked a second time where the first left statements without a verdict. */
  async #askInRounds(
    messages: readonly ChatCompletionMessageParam[],
    question: ReconcileQuestion,
    { meter = unmetered, signal }: ReconcileOptions,
  ): Promise<ToolCall[][]> {
    const first = await this.#ask(messages, meter, signal);
    const missing = readVerdicts(first, question).flatMap((verdict, i) => (verdict ? [] : [i + 1]));
    if (missing.length === 0) return [first];
    const again = `Statements ${missing.join(", ")} have no valid call yet. Call one tool for each of these alone.`;
    return [first, await this.#ask([...messages, { role: "user", content: again }], meter, signal)];
  }

  async #ask(
    messages: readonly ChatCompletionMessageParam[],
    meter: CallMeter,
    signal: AbortSignal | undefined,
  ): Promise<ToolCall[]> {
    const call = { model: this.name, server: "extractor", timeoutMs: this.#timeoutMs, signal } as const;
    const request: ChatCompletionCreateParamsNonStreaming = {
      model: this.name,
      messages: [...messages],
      tools: [...VERDICT_TOOLS],
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
    return this.#callsOf(answer);
  }

  #callsOf(answer: OpenAI.ChatCompletion): ToolCall[] {
    const message = answer?.choices?.[0]?.message;
    const metadata = { model: this.name, server: "extractor" };
    if (!message) {
      throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", "the model server's answer has no choice", {
        metadata,
      });
    }
    if (message.refusal) {
      throw new MnemeError("failed_precondition", "MODEL_REFUSED", "the model refuses to decide", {
        metadata,
      });
    }
    const calls: readonly unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
    return calls.flatMap((one) => {
      const called = (one as { function?: { name?: unknown; arguments?: unknown } } | null)?.function;
      const { name, arguments: json } = called ?? {};
      return typeof name === "string" && typeof json === "string" ? [{ name, arguments: json }] : [];
    });
  }
}

/** What was said of a statement first counts. */
function readRounds(
  rounds: readonly (readonly ToolCall[])[],
  question: ReconcileQuestion,
): (Verdict | undefined)[] {
  const all = rounds.map((calls) => readVerdicts(calls, question));
  return question.statements.map((_, i) => all.find((verdicts) => verdicts[i])?.[i]);
}

/** One JSON object a line, so that nothing a statement holds can look like another line. */
function render({ statements, known }: ReconcileQuestion): string {
  const lines = (all: readonly ToldText[], mask: string) =>
    all.length === 0
      ? "(none)"
      : all
          .map(({ text, by, saidAt }, i) =>
            JSON.stringify({
              [mask]: i + 1,
              said_at: saidAt.toISOString().slice(0, 10),
              ...(by && { by: by.toWellFormed() }),
              text: text.toWellFormed(),
            }),
          )
          .join("\n");
  return `Known:\n${lines(known, "memory")}\n\nNew:\n${lines(statements, "statement")}`;
}
