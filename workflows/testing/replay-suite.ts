import type { Reply } from "@mneme/models/testing/replies.ts";
import {
  type Handler,
  type ScriptedServer,
  startScriptedOpenAi,
} from "@mneme/models/testing/scripted-server.ts";
import { type IngestEngines, openIngestEngines } from "./ingest-engines.ts";
import { ReplayTenant } from "./replay-tenant.ts";
import { type Readings, readerOf } from "./scripted-reader.ts";

export const ADA = { userId: "ada" };
export const BO = { userId: "bo" };
export const MAY = new Date("2026-05-01T10:00:00Z");
export const JUNE = new Date("2026-06-01T10:00:00Z");
/** Asks for a replay by the suite's model. */
export const BY_MODEL = { settings: { models: { extractor: "model" } } } as const;

/** Replays on the real engines, by a model that reads as each test says. */
export class ReplaySuite implements AsyncDisposable {
  readonly engines: IngestEngines;
  readonly server: ScriptedServer;
  /** What the model writes down. */
  readings: Readings = {};
  /** What it answers instead, where it does. */
  instead: (texts: readonly string[]) => Reply | undefined = () => undefined;
  readonly #resources: AsyncDisposableStack;

  static async open(): Promise<ReplaySuite> {
    await using opened = new AsyncDisposableStack();
    const engines = opened.use(await openIngestEngines());
    const chat: Handler = (request) => readerOf(suite.readings, (texts) => suite.instead(texts))(request);
    const server = opened.use(await startScriptedOpenAi({ chat }));
    const suite = new ReplaySuite(engines, server, opened.move());
    return suite;
  }

  private constructor(engines: IngestEngines, server: ScriptedServer, resources: AsyncDisposableStack) {
    this.engines = engines;
    this.server = server;
    this.#resources = resources;
  }

  get record() {
    return this.engines.record;
  }

  /** A tenant of its own. */
  openTenant(reconcileModel?: string): Promise<ReplayTenant> {
    return ReplayTenant.open(this.engines, this.server, reconcileModel);
  }

  /** Forgets what the test before told the model, and what it was asked. */
  reset(readings: Readings = {}): void {
    this.server.reset();
    this.readings = readings;
    this.instead = () => undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
