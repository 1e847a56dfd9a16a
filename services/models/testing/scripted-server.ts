import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultChat, defaultEmbeddings, defaultRerank } from "./default-replies.ts";
import { namedReplies, type Reply, type ReplyName } from "./replies.ts";
import { ScriptedBatches } from "./scripted-batches.ts";

export type Endpoint = "chat" | "embeddings" | "rerank";

const ROUTES: ReadonlyMap<string, Endpoint> = new Map([
  ["POST /v1/chat/completions", "chat"],
  ["POST /v1/embeddings", "embeddings"],
  // Cohere's protocol, and that of text-embeddings-inference.
  ["POST /v2/rerank", "rerank"],
  ["POST /rerank", "rerank"],
]);

export interface RecordedRequest {
  readonly endpoint: Endpoint;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field it is about
  readonly body: any;
}

/** Answers a request; undefined leaves it to the default handler. */
export type Handler = (request: RecordedRequest) => Reply | undefined | Promise<Reply | undefined>;

export interface ScriptedOptions {
  readonly chat?: Handler;
  readonly embeddings?: Handler;
  readonly rerank?: Handler;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Of the default embeddings. Default 384. */
  readonly dimension?: number;
  /** True: it takes files and batches, whose requests are answered as chats are; they are no `requests`. */
  readonly takesBatches?: boolean;
}

export interface ScriptedServer extends AsyncDisposable {
  /** What to give an OpenAI client, e.g. `http://127.0.0.1:40123/v1`. */
  readonly baseUrl: string;
  /** What to give a client of a reranker, e.g. `http://127.0.0.1:40123`. */
  readonly origin: string;
  readonly port: number;
  /** Every request so far, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** What it has of files and batches. */
  readonly batches: ScriptedBatches;
  /** The next answers of an endpoint, one a request, before its handler is asked again. */
  next(endpoint: Endpoint, ...answers: readonly Reply[]): void;
  /** Drops planned answers and recorded requests. */
  reset(): void;
}

/**
 * An OpenAI-compatible server on loopback that answers as told. Without handlers it extracts one statement a
 * message from our own prompt, embeds by hashing words and reranks by shared words, always the same for the same request.
 *
 * From another process: `POST /control/next {"endpoint": "chat", "replies": ["broken_json", ...]}` plans
 * answers by name, `GET /control/requests` counts requests by endpoint, `POST /control/reset` starts over.
 */
export async function startScriptedOpenAi(options: ScriptedOptions = {}): Promise<ScriptedServer> {
  const script = new Script(options);
  const server = createServer((request, response) => {
    script.serve(request, response).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    origin: `http://127.0.0.1:${port}`,
    port,
    requests: script.requests,
    batches: script.batches,
    next: (endpoint, ...answers) => script.plan(endpoint, answers),
    reset: () => script.reset(),
    [Symbol.asyncDispose]: () => close(server),
  };
}

class Script {
  readonly requests: RecordedRequest[] = [];
  readonly #planned: Record<Endpoint, Reply[]> = { chat: [], embeddings: [], rerank: [] };
  readonly #options: ScriptedOptions;
  readonly batches = new ScriptedBatches(async (body) => {
    const answer = await this.#options.chat?.({ endpoint: "chat", headers: {}, body });
    return answer ?? defaultChat(body);
  });

  constructor(options: ScriptedOptions) {
    this.#options = options;
  }

  plan(endpoint: Endpoint, answers: readonly Reply[]): void {
    this.#planned[endpoint].push(...answers);
  }

  reset(): void {
    this.requests.length = 0;
    for (const planned of Object.values(this.#planned)) planned.length = 0;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readBody(request);
    const route = `${request.method} ${request.url}`;
    const batches = this.#options.takesBatches ? await this.batches.serve(request, text) : undefined;
    if (batches) return send(batches, response);
    const endpoint = ROUTES.get(route);
    if (endpoint) return this.#answer(endpoint, request, text, response);
    const control = this.#control(route, text);
    response.writeHead(control === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(control ?? { error: { message: "no such route" } }));
  }

  async #answer(endpoint: Endpoint, request: IncomingMessage, text: string, response: ServerResponse) {
    const recorded = { endpoint, headers: request.headers, body: JSON.parse(text) };
    this.requests.push(recorded);
    const planned = this.#planned[endpoint].shift() ?? (await this.#options[endpoint]?.(recorded));
    send(planned ?? this.#default(recorded), response);
  }

  #default({ endpoint, body }: RecordedRequest): Reply {
    if (endpoint === "chat") return defaultChat(body);
    return endpoint === "rerank"
      ? defaultRerank(body)
      : defaultEmbeddings(body, this.#options.dimension ?? 384);
  }

  #control(route: string, text: string): unknown {
    if (route === "GET /control/requests") {
      const count = (endpoint: Endpoint) => this.requests.filter((one) => one.endpoint === endpoint).length;
      return { chat: count("chat"), embeddings: count("embeddings"), rerank: count("rerank") };
    }
    if (route === "POST /control/reset") this.reset();
    else if (route === "POST /control/next") this.#planByName(JSON.parse(text));
    else return undefined;
    return {};
  }

  #planByName({ endpoint, replies }: { endpoint: Endpoint; replies: readonly ReplyName[] }): void {
    this.plan(
      endpoint,
      replies.map((name) => namedReplies[name]()),
    );
  }
}

function send(reply: Reply, response: ServerResponse): void {
  if (reply.kind === "answer") response.writeHead(reply.status, reply.headers).end(reply.body);
  if (reply.kind === "close_socket") response.destroy();
  if (reply.kind === "hang_in_body")
    response.writeHead(200, { "content-type": "application/json" }).write("{");
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
