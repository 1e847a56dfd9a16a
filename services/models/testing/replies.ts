/** What the scripted server answers with: a status and body, or one of the ways a server fails to. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** Never answers. */
  | { readonly kind: "hang" }
  /** Sends the head of a good answer and then nothing. */
  | { readonly kind: "hang_in_body" }
  /** Closes the connection without an answer. */
  | { readonly kind: "close_socket" };

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return {
    kind: "answer",
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** A tool and what it is called with. */
export type ScriptedCall = readonly [name: string, args: unknown];

interface Choice {
  readonly content: string | null;
  readonly calls?: readonly ScriptedCall[];
  readonly refusal?: string;
  readonly finish?: "stop" | "length" | "content_filter";
}

/** What each answer says that it took. */
export const CHAT_TOKENS = 100;
/** How many of these were read from the server's cache. */
export const CACHED_TOKENS = 30;
/** What each text says that embedding or reranking it took. */
export const TEXT_TOKENS = 7;

function completion({ content, refusal, calls, finish = "stop" }: Choice): Reply {
  return json({
    id: "chatcmpl-scripted",
    object: "chat.completion",
    created: 0,
    model: "scripted",
    choices: [
      {
        index: 0,
        finish_reason: finish,
        logprobs: null,
        message: {
          role: "assistant",
          content,
          refusal: refusal ?? null,
          ...(calls && { tool_calls: calls.map(toolCall) }),
        },
      },
    ],
    usage: {
      prompt_tokens: CHAT_TOKENS - 10,
      prompt_tokens_details: { cached_tokens: CACHED_TOKENS },
      completion_tokens: 10,
      total_tokens: CHAT_TOKENS,
    },
  });
}

/** Arguments that are a string are sent as they are: they need not be JSON. */
function toolCall([name, args]: ScriptedCall, i: number) {
  const json = typeof args === "string" ? args : JSON.stringify(args);
  return { id: `call_${i}`, type: "function", function: { name, arguments: json } };
}

function failure(status: number, code: string, param: string | null = null, headers = {}): Reply {
  return json({ error: { message: `scripted ${code}`, type: "scripted", code, param } }, status, headers);
}

/** @param rows one a text. */
function vectors(rows: readonly Float32Array[], encoding: unknown = "float"): Reply {
  const data = rows.map((row, index) => ({
    object: "embedding",
    index,
    embedding:
      encoding === "base64"
        ? Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString("base64")
        : [...row],
  }));
  const tokens = rows.length * TEXT_TOKENS;
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return json({ object: "list", data, model: "scripted", usage });
}

/** @param scores one a text; answers come best first. */
function reranked(scores: readonly number[], protocol: "cohere" | "tei" = "cohere"): Reply {
  const rows = scores.map((score, index) => ({ index, score })).sort((a, b) => b.score - a.score);
  const tokens = scores.length * TEXT_TOKENS;
  if (protocol === "tei") return json(rows, 200, { "x-compute-tokens": String(tokens) });
  const results = rows.map(({ index, score }) => ({ index, relevance_score: score }));
  return json({ id: "rerank-scripted", results, usage: { total_tokens: tokens } });
}

/** Everything a test may want a model server to answer. */
export const replies = {
  /** The model's text as it is. */
  text: (content: string) => completion({ content }),
  /** The model's text, encoded. */
  content: (value: unknown) => completion({ content: JSON.stringify(value) }),
  /** Calls of tools. */
  calls: (...calls: readonly ScriptedCall[]) => completion({ content: null, calls }),
  /** A JSON text that stops in the middle. */
  brokenJson: () => completion({ content: '{"statements": [{"text": "The sentence that never' }),
  /** Good JSON that is not what was asked for. */
  nonsense: () => completion({ content: '{"weather": "purple", "statements": "forty-two"}' }),
  prose: () => completion({ content: "Sure! Here is what I think about your conversation." }),
  empty: () => completion({ content: "" }),
  refusal: () => completion({ content: null, refusal: "I can't help with that." }),
  contentFilter: () => completion({ content: null, finish: "content_filter" }),
  /** The answer ran into the limit of output tokens. */
  cutShort: () => completion({ content: '{"statements": [', finish: "length" }),
  noChoices: () => json({ id: "x", object: "chat.completion", created: 0, model: "scripted", choices: [] }),
  /** A proxy's page instead of an API's answer. */
  html: (): Reply => ({
    kind: "answer",
    status: 200,
    headers: { "content-type": "text/html" },
    body: "<html>Welcome</html>",
  }),
  /** The HTTP body itself is no JSON. */
  brokenBody: (): Reply => ({
    kind: "answer",
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"choices": [',
  }),
  rateLimited: (retryAfterSeconds = 1) =>
    failure(429, "rate_limit_exceeded", null, { "retry-after": String(retryAfterSeconds) }),
  status: (status: number, code = "scripted_error") => failure(status, code),
  /** What servers answer that do not know a parameter. */
  unsupported: (param: string) => failure(400, "unsupported_parameter", param),
  vectors,
  reranked,
  /** Any JSON. */
  json: (body: unknown) => json(body),
  hang: (): Reply => ({ kind: "hang" }),
  hangInBody: (): Reply => ({ kind: "hang_in_body" }),
  closeSocket: (): Reply => ({ kind: "close_socket" }),
};

/** Replies by name, for tests that steer a server in another process over its control address. */
export const namedReplies = {
  broken_json: replies.brokenJson,
  nonsense: replies.nonsense,
  prose: replies.prose,
  empty: replies.empty,
  refusal: replies.refusal,
  content_filter: replies.contentFilter,
  cut_short: replies.cutShort,
  broken_body: replies.brokenBody,
  rate_limited: () => replies.rateLimited(1),
  server_error: () => replies.status(500),
  bad_request: () => replies.status(400),
  hang: replies.hang,
  hang_in_body: replies.hangInBody,
  close_socket: replies.closeSocket,
  wrong_dimension: () => replies.vectors([new Float32Array(7).fill(1)]),
} satisfies Record<string, () => Reply>;
export type ReplyName = keyof typeof namedReplies;
