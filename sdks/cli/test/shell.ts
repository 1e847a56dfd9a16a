import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { HttpServer } from "@mneme/sdk/test/http-server.ts";
import { KEY, MemoryServer } from "@mneme/sdk/test/memory-server.ts";
import { run } from "../run.ts";

/** What a command line did. */
export class Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;

  constructor(code: number, out: string, err: string) {
    this.code = code;
    this.out = out;
    this.err = err;
  }

  /** Standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was printed
  get json(): any {
    return JSON.parse(this.out);
  }
}

/** How to run a command line. */
export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly columns?: number;
  /** Called after every write to standard output. */
  readonly onOut?: () => void;
}

/** Runs command lines in this process, in a folder of their own, against a server over HTTP. */
export class Shell implements AsyncDisposable {
  readonly server: MemoryServer;
  readonly cwd: string;
  readonly url: string;
  readonly #http: HttpServer;

  private constructor(server: MemoryServer, http: HttpServer, url: string, cwd: string) {
    this.server = server;
    this.#http = http;
    this.url = url;
    this.cwd = cwd;
  }

  /** @param more routes beside those of memories. */
  static async open(more: ConstructorParameters<typeof HttpServer>[0] = () => undefined): Promise<Shell> {
    const server = new MemoryServer();
    const http = new HttpServer((router) => {
      server.routes(router);
      more(router);
    });
    return new Shell(server, http, await http.listen(), await mkdtemp(join(tmpdir(), "mneme-cli-")));
  }

  /** Writes a file into the folder and says its name. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(this.cwd, name), content);
    return name;
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    let out = "";
    let err = "";
    const code = await run(args, {
      env: options.env ?? { MNEME_URL: this.url, MNEME_API_KEY: KEY },
      cwd: this.cwd,
      stdin: Readable.from(Buffer.from(options.stdin ?? ""), { objectMode: false }),
      stdout: {
        write: (text) => {
          out += text;
          options.onOut?.();
        },
        ...(options.columns && { columns: options.columns }),
      },
      stderr: { write: (text) => (err += text) },
      signal: options.signal ?? new AbortController().signal,
    });
    return new Ran(code, out, err);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
    await rm(this.cwd, { recursive: true, force: true });
  }
}
