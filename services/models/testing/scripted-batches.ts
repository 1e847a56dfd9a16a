import type { IncomingMessage } from "node:http";
import type { Batch } from "openai/resources";
import { type Reply, replies } from "./replies.ts";

interface KeptFile {
  readonly id: string;
  readonly filename: string;
  readonly content: string;
  readonly createdAt: number;
  /** As it was uploaded: when it goes by itself. */
  readonly expiry: string | undefined;
}

type Status = Batch["status"];
type Ended = Extract<Status, "completed" | "failed" | "expired" | "cancelled">;

/** Each look moves a batch on by one. */
const STEPS: readonly Status[] = ["validating", "in_progress", "finalizing", "completed"];

/** How lines are answered: as a chat is. */
// biome-ignore lint/suspicious/noExplicitAny: the body of any request
export type AnswerLine = (body: any) => Promise<Reply>;

/**
 * Files and batches as OpenAI's server has them: a batch goes through its states as it is looked at, answers in another
 * order than it was asked, and puts what failed into a file of its own.
 */
export class ScriptedBatches {
  readonly files = new Map<string, KeptFile>();
  readonly all: Batch[] = [];
  /** Every line that was asked, by whichever batch. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field it is about
  readonly lines: any[] = [];
  /** What was called, in order: method and path. */
  readonly routes: string[] = [];
  /** Where batches end; undefined leaves them in progress. */
  endsAs: Ended | undefined = "completed";
  /** True: a batch has ended when it is first looked at. */
  isQuick = false;
  /** Lines of a batch that it has answered by its end; all of them unless told. */
  answersAtMost = Number.POSITIVE_INFINITY;
  /** True: what is cancelled does not end yet. */
  isSlowToCancel = false;
  /** True: nobody answers there. */
  isAway = false;
  /** Replaces the next replies, one a call whose route begins so: `["POST /v1/batches", reply]`. */
  readonly planned: (readonly [route: string, reply: Reply])[] = [];
  /** A call that was served, and whose answer is lost on the way: its route begins so. */
  readonly lost: string[] = [];
  readonly #answer: AnswerLine;

  constructor(answer: AnswerLine) {
    this.#answer = answer;
  }

  /** Undefined where it is another's address. */
  async serve(request: IncomingMessage, text: string): Promise<Reply | undefined> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://scripted");
    if (!/^\/v1\/(files|batches)(\/|$)/.test(pathname)) return undefined;
    const route = `${request.method} ${pathname}`;
    this.routes.push(route);
    if (this.isAway) return replies.status(503);
    const planned = this.planned.findIndex(([prefix]) => route.startsWith(prefix));
    if (planned >= 0) return this.planned.splice(planned, 1)[0]?.[1];
    const reply = await this.#serve(route, searchParams, request, text);
    const lost = this.lost.findIndex((prefix) => route.startsWith(prefix));
    if (lost < 0) return reply;
    this.lost.splice(lost, 1);
    return replies.closeSocket();
  }

  async #serve(
    route: string,
    query: URLSearchParams,
    request: IncomingMessage,
    text: string,
  ): Promise<Reply> {
    const [, id = "", action] = /^\w+ \/v1\/\w+\/([^/]+)(?:\/(\w+))?$/.exec(route) ?? [];
    if (route === "POST /v1/files") return this.#upload(request, text);
    if (route === "GET /v1/files") return this.#listFiles();
    if (route === "POST /v1/batches") return this.#create(JSON.parse(text));
    if (route === "GET /v1/batches") return this.#listBatches(query);
    const file = this.files.get(id);
    const batch = this.all.find((one) => one.id === id);
    if (file && action === "content") return textReply(file.content);
    if (file && route.startsWith("DELETE")) {
      this.files.delete(id);
      return replies.json({ id, object: "file", deleted: true });
    }
    if (batch && action === "cancel") return this.#cancel(batch);
    if (batch) return replies.json(await this.#look(batch));
    return replies.status(404, "not_found");
  }

  async #upload(request: IncomingMessage, text: string): Promise<Reply> {
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const form = await new Response(text, { headers }).formData();
    const file = form.get("file") as File;
    if (form.get("purpose") !== "batch") return replies.status(400, "invalid_purpose");
    const expiry = form.get("expires_after[seconds]")?.toString();
    return replies.json(this.#keep(file.name, await file.text(), expiry));
  }

  #keep(filename: string, content: string, expiry?: string) {
    const id = `file-${this.files.size + this.all.length}-${Math.random().toString(36).slice(2)}`;
    const createdAt = Math.floor(Date.now() / 1_000);
    this.files.set(id, { id, filename, content, createdAt, expiry });
    return { id, object: "file", filename, purpose: "batch", bytes: content.length, created_at: createdAt };
  }

  #listFiles(): Reply {
    const data = [...this.files.values()].map(({ id, filename, createdAt }) => ({
      id,
      filename,
      object: "file",
      purpose: "batch",
      created_at: createdAt,
    }));
    return replies.json({ object: "list", data: data.reverse(), has_more: false });
  }

  #create(body: { input_file_id: string; endpoint: Batch["endpoint"]; metadata?: Batch["metadata"] }): Reply {
    const input = this.files.get(body.input_file_id);
    if (!input) return replies.status(400, "invalid_file");
    const lines = input.content
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    this.lines.push(...lines);
    const batch: Batch = {
      id: `batch_${this.all.length}`,
      object: "batch",
      endpoint: body.endpoint,
      input_file_id: body.input_file_id,
      completion_window: "24h",
      status: "validating",
      created_at: Math.floor(Date.now() / 1_000),
      metadata: body.metadata ?? null,
      request_counts: { total: lines.length, completed: 0, failed: 0 },
    };
    this.all.push(batch);
    return replies.json(batch);
  }

  /** One a page: whoever looks for one must turn pages. */
  #listBatches(query: URLSearchParams): Reply {
    const newestFirst = [...this.all].reverse();
    const from = newestFirst.findIndex(({ id }) => id === query.get("after")) + 1;
    const data = newestFirst.slice(from, from + 1);
    return replies.json({ object: "list", data, has_more: from + 1 < newestFirst.length });
  }

  #cancel(batch: Batch): Reply {
    if (isEnded(batch.status)) return replies.status(409, "batch_ended");
    if (batch.status === "cancelling") return replies.status(409, "batch_cancelling");
    batch.status = "cancelling";
    return replies.json(batch);
  }

  async #look(batch: Batch): Promise<Batch> {
    if (isEnded(batch.status)) return batch;
    if (batch.status === "cancelling") await this.#lookCancelled(batch);
    else if (this.isQuick || batch.status === "finalizing")
      await this.#end(batch, this.endsAs ?? "completed");
    else if (batch.status !== "in_progress" || this.endsAs)
      batch.status = STEPS[STEPS.indexOf(batch.status) + 1] ?? "completed";
    return batch;
  }

  async #lookCancelled(batch: Batch): Promise<void> {
    if (!this.isSlowToCancel) await this.#end(batch, "cancelled");
  }

  async #end(batch: Batch, status: Ended): Promise<void> {
    batch.status = status;
    if (status === "failed") {
      batch.errors = { object: "list", data: [{ code: "invalid_json_line", line: 1, message: "scripted" }] };
      return;
    }
    const answered: string[] = [];
    const failed: string[] = [];
    const lines = (this.files.get(batch.input_file_id)?.content ?? "").split("\n").filter(Boolean).reverse();
    for (const [i, line] of lines.entries()) {
      const { custom_id, body } = JSON.parse(line);
      const reply = i < this.answersAtMost ? await this.#answer(body) : undefined;
      const error = { code: `batch_${status}`, message: "This request could not be executed in time." };
      const response = reply?.kind === "answer" ? responseOf(reply) : null;
      const out = { id: `batch_req_${i}`, custom_id, response, error: response ? null : error };
      (response?.status_code === 200 ? answered : failed).push(JSON.stringify(out));
    }
    batch.request_counts = { total: lines.length, completed: answered.length, failed: failed.length };
    if (answered.length > 0) batch.output_file_id = this.#keep("output.jsonl", `${answered.join("\n")}\n`).id;
    if (failed.length > 0) batch.error_file_id = this.#keep("errors.jsonl", `${failed.join("\n")}\n`).id;
  }
}

function responseOf({ status, body }: Extract<Reply, { kind: "answer" }>) {
  return { status_code: status, request_id: "scripted", body: JSON.parse(body) };
}

function textReply(content: string): Reply {
  return {
    kind: "answer",
    status: 200,
    headers: { "content-type": "application/octet-stream" },
    body: content,
  };
}

function isEnded(status: Status): boolean {
  return ["completed", "failed", "expired", "cancelled"].includes(status);
}
