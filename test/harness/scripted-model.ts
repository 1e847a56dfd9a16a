import type { Reply } from "@mneme/models/testing/replies.ts";
import {
  type Endpoint,
  type RecordedRequest,
  type ScriptedServer,
  startScriptedOpenAi,
} from "@mneme/models/testing/scripted-server.ts";

/** What the model answers, one after the other, about new messages that hold a word. */
type Behaviour = () => Reply | undefined;

/** A model server that behaves badly about some words, and well about all others. */
export class ScriptedModel implements AsyncDisposable {
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #dimension: number;
  readonly #port: number;
  #server: ScriptedServer | undefined;

  private constructor(server: ScriptedServer, dimension: number) {
    this.#server = server;
    this.#port = server.port;
    this.#dimension = dimension;
  }

  static async start(dimension = 384): Promise<ScriptedModel> {
    let model: ScriptedModel | undefined;
    const handler = (request: RecordedRequest) => model?.answer(request);
    const server = await startScriptedOpenAi({
      chat: handler,
      embeddings: handler,
      rerank: handler,
      dimension,
    });
    model = new ScriptedModel(server, dimension);
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  /** Of its reranker. */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From now on, whatever is asked about a word is answered so; undefined is the good answer. */
  misbehave(word: string, behaviour: Behaviour): void {
    this.#behaviours.set(word, behaviour);
  }

  /** Answers well again. */
  heal(word: string): void {
    this.#behaviours.delete(word);
  }

  /** Requests about a word, oldest first; those before the server was last stopped are forgotten. */
  requests(endpoint: Endpoint, word: string): RecordedRequest[] {
    return (this.#server?.requests ?? []).filter(
      (request) => request.endpoint === endpoint && subjectOf(request).includes(word),
    );
  }

  /** Nothing listens any more. */
  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  /** Listens again where it did. */
  async resume(): Promise<void> {
    const handler = (request: RecordedRequest) => this.answer(request);
    this.#server = await startScriptedOpenAi({
      chat: handler,
      embeddings: handler,
      rerank: handler,
      port: this.#port,
      dimension: this.#dimension,
    });
  }

  answer(request: RecordedRequest): Reply | undefined {
    const subject = subjectOf(request);
    const [, behaviour] = [...this.#behaviours].find(([word]) => subject.includes(word)) ?? [];
    return behaviour?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** What a request asks about: the new messages of our extraction prompt, the texts to embed, or the question. */
function subjectOf({ endpoint, body }: RecordedRequest): string {
  if (endpoint === "embeddings") return JSON.stringify(body.input);
  if (endpoint === "rerank") return body.query;
  const messages = body.messages as readonly { readonly content: string }[];
  const prompt = messages.findLast(({ content }) => content.includes('\n{"n":1,'))?.content ?? "";
  return prompt
    .split("\n")
    .filter((line) => line.startsWith('{"n":'))
    .join("\n");
}
