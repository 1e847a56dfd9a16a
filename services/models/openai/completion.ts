import { estimateTokens } from "@mneme/core/cost/estimate-tokens.ts";
import { type CallMeter, unmetered } from "@mneme/core/cost/model-spending.ts";
import type { TokenCounts } from "@mneme/core/cost/token-counts.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type OpenAI from "openai";
import type { APIError } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import type { ChatCompletionCreateParamsNonStreaming, ChatCompletionMessageParam } from "openai/resources";
import { answerFormat } from "./answer.ts";
import { callModel, tokensOf } from "./client.ts";

const responseFormat = zodResponseFormat(answerFormat, "extraction");

/** The JSON Schema of an answer. */
export const ANSWER_SCHEMA = JSON.stringify(responseFormat.json_schema.schema);

/** How strictly a server can be told what to answer, best first. */
export type OutputMode = "json_schema" | "json_object" | "text";
const MODES: readonly OutputMode[] = ["json_schema", "json_object", "text"];

export interface CompletionOptions {
  readonly model: string;
  readonly timeoutMs: number;
  readonly maxOutputTokens: number;
  readonly outputMode: OutputMode;
}

export type Completion =
  | { readonly content: string }
  /** The answer reached `maxOutputTokens`. */
  | { readonly cut: true };

/**
 * One chat completion by a server that may not know all of the protocol: what it refuses (structured output,
 * temperature, the name of the token limit) is not sent again.
 */
export class Completer {
  readonly #client: OpenAI;
  readonly #options: CompletionOptions;
  #mode: OutputMode;
  #temperature = true;
  #limit: "max_completion_tokens" | "max_tokens" | "none" = "max_completion_tokens";

  constructor(client: OpenAI, options: CompletionOptions) {
    this.#client = client;
    this.#options = options;
    this.#mode = options.outputMode;
  }

  /**
   * @throws MnemeError as `callModel` does, and MODEL_REFUSED (`failed_precondition`: asking again would not help)
   *   for a refusal or a content filter, MODEL_OUTPUT_INVALID (`unavailable`) for an answer without a choice.
   */
  async complete(
    messages: readonly ChatCompletionMessageParam[],
    signal: AbortSignal | undefined,
    meter: CallMeter = unmetered,
  ): Promise<Completion> {
    const { model, timeoutMs } = this.#options;
    const call = { model, server: "extractor", timeoutMs, signal } as const;
    for (;;) {
      const mode = this.#mode;
      const request = this.request(messages);
      try {
        const keep = (error: APIError) => this.#canAdapt(error, request);
        const answer = await meter(this.mostOf(request), async () => {
          const value = await callModel(
            call,
            (either) => this.#client.chat.completions.create(request, { signal: either }),
            keep,
          );
          return { value, used: tokensOf(value) };
        });
        return this.read(answer);
      } catch (error) {
        if (error instanceof MnemeError) throw error;
        this.#adapt(error as APIError, mode);
      }
    }
  }

  /** What a server is sent, as far as it is known what it understands. */
  request(messages: readonly ChatCompletionMessageParam[]): ChatCompletionCreateParamsNonStreaming {
    const { model, maxOutputTokens } = this.#options;
    return {
      model,
      messages: this.#mode === "json_schema" ? [...messages] : withSchema(messages),
      ...(this.#mode === "json_schema" ? { response_format: responseFormat } : {}),
      ...(this.#mode === "json_object" ? { response_format: { type: "json_object" } } : {}),
      ...(this.#temperature ? { temperature: 0 } : {}),
      ...(this.#limit === "none" ? {} : { [this.#limit]: maxOutputTokens }),
    };
  }

  /** True for a 400 about a parameter that was sent and can be left out or said otherwise. */
  #canAdapt(error: APIError, request: ChatCompletionCreateParamsNonStreaming): boolean {
    if (error.status !== 400 && error.status !== 422) return false;
    const parameter = refusedParameter(error);
    return parameter !== undefined && parameter in request;
  }

  /** @param mode of the refused request: of several that run at once only the first takes the step. */
  #adapt(error: APIError, mode: OutputMode): void {
    const parameter = refusedParameter(error);
    if (parameter === "temperature") this.#temperature = false;
    else if (parameter === this.#limit) this.#limit = parameter === "max_tokens" ? "none" : "max_tokens";
    else if (parameter === "response_format" && this.#mode === mode) this.#mode = nextMode(mode);
  }

  /** What the request takes at most. */
  mostOf(request: ChatCompletionCreateParamsNonStreaming): TokenCounts {
    const input = estimateTokens(JSON.stringify([request.messages, request.response_format]));
    return { input, cachedInput: 0, output: this.#options.maxOutputTokens };
  }

  /** What a server answered. @throws MnemeError MODEL_OUTPUT_INVALID, MODEL_REFUSED, as `complete` does. */
  read(answer: unknown): Completion {
    const choice = (answer as OpenAI.ChatCompletion | undefined)?.choices?.[0];
    const of = { model: this.#options.model, server: "extractor" };
    if (!choice?.message) {
      throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", "the model server's answer has no choice", {
        metadata: of,
      });
    }
    const { message, finish_reason: finish } = choice;
    if (message.refusal || finish === "content_filter") {
      throw new MnemeError("failed_precondition", "MODEL_REFUSED", "the model refuses to read the messages", {
        metadata: { ...of, finish: finish === "content_filter" ? "content_filter" : "refusal" },
      });
    }
    if (finish === "length") return { cut: true };
    return { content: message.content ?? "" };
  }
}

function nextMode(mode: OutputMode): OutputMode {
  return MODES[MODES.indexOf(mode) + 1] ?? "text";
}

/** Says in words what a server's strict mode would enforce. */
function withSchema(messages: readonly ChatCompletionMessageParam[]): ChatCompletionMessageParam[] {
  const format = `# Format\nAnswer with one JSON object of this JSON Schema and nothing else:\n${ANSWER_SCHEMA}`;
  return messages.map((message) =>
    message.role === "system" ? { ...message, content: `${message.content}\n${format}` } : message,
  );
}

const ADAPTABLE = ["response_format", "temperature", "max_completion_tokens", "max_tokens"] as const;

/** Servers that do not fill `param` name the parameter in the message, which is looked at but never kept. */
function refusedParameter(error: APIError): (typeof ADAPTABLE)[number] | undefined {
  const named = ADAPTABLE.find((parameter) => error.param?.startsWith(parameter));
  if (named) return named;
  const text = `${error.message} ${JSON.stringify(error.error ?? "")}`;
  if (/json_schema|json_object|structured output|grammar/i.test(text)) return "response_format";
  return ADAPTABLE.find((parameter) => text.includes(parameter));
}
