import { randomUUID } from "node:crypto";
import { budgetsOf } from "@mneme/core/cost/budget.ts";
import { createBudgetHold } from "@mneme/core/cost/budget-hold.ts";
import { countSpending } from "@mneme/core/cost/count-spending.ts";
import { parsePrices } from "@mneme/core/cost/prices.ts";
import { chooseExtractor, type Extractors } from "@mneme/core/extraction/choose-extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { countAnswers } from "@mneme/core/extraction/model-answers.ts";
import { rulesFor } from "@mneme/core/extraction/rules-for.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { getHistory } from "@mneme/core/memory/history.ts";
import type { Memory, MessageRole } from "@mneme/core/memory/memory.ts";
import { type Advance, advanceReplay } from "@mneme/core/replay/advance-replay.ts";
import type { Replay } from "@mneme/core/replay/replay.ts";
import type { ReplayAsked, ReplayDifference, ReplayWanted } from "@mneme/core/replay/replay-store.ts";
import type { ReplayDeps } from "@mneme/core/replay/replay-stream.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { createOpenAiExtractors } from "@mneme/models/openai/extractors.ts";
import { createOpenAiReconcilers } from "@mneme/models/openai/reconciler.ts";
import { createBudgetStore } from "@mneme/postgres/budget-store.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import { createFeedbackStore } from "@mneme/postgres/feedback/feedback-store.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createMaintenance } from "@mneme/postgres/maintenance.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createModelAnswers } from "@mneme/postgres/model-answers.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createReplayStore } from "@mneme/postgres/replay/replay-store.ts";
import { createReplayWork } from "@mneme/postgres/replay/replay-work.ts";
import { createSpendingStore } from "@mneme/postgres/spending-store.ts";
import { createSettingsSource } from "@mneme/postgres/tenancy/settings-source.ts";
import { requestOf } from "@mneme/postgres/testing/administrator.ts";
import { settingsOf } from "@mneme/postgres/testing/memories.ts";
import type { IngestEngines } from "./ingest-engines.ts";
import { workTenant } from "./work-tenant.ts";

/** One dollar a million tokens. */
const PRICES = parsePrices(
  '{"prices": [{"model": "scripted", "from": "2020-01-01", "input": "1", "output": "1"}]}',
);

/** A tenant whose conversations are read and replayed over the real record and index, without Temporal. */
export class ReplayTenant {
  readonly tenant: Provisioned;
  readonly deps: ReplayDeps;
  readonly ingest: IngestDeps;
  /** What models were asked for, and whether the answer was known. */
  readonly asked: string[] = [];
  readonly #engines: IngestEngines;

  static async open(engines: IngestEngines, server?: { readonly baseUrl: string }, reconcileModel?: string) {
    return new ReplayTenant(engines, await engines.record.provision(), server, reconcileModel);
  }

  private constructor(
    engines: IngestEngines,
    tenant: Provisioned,
    server: { readonly baseUrl: string } | undefined,
    reconcileModel: string | undefined,
  ) {
    this.#engines = engines;
    this.tenant = tenant;
    const { record, index, embedder } = engines;
    const model = server && {
      baseUrl: server.baseUrl,
      model: "scripted",
      projectModels: [],
      timeoutMs: 5_000,
    };
    const extractors: Extractors = {
      standard: "embedded",
      embedded: rulesFor,
      model: model && createOpenAiExtractors(model),
    };
    const pool = record.database.pool;
    const levels = rememberSettings(createSettingsSource(pool), { mostMs: 0 });
    this.ingest = {
      store: this.#ingestStore(),
      index,
      embedder,
      settings: settingsOf(record),
      extractor: chooseExtractor(extractors, {}),
      extractorFor: (settings) => chooseExtractor(extractors, settings),
      ...(model &&
        reconcileModel && { reconcilerFor: createOpenAiReconcilers({ ...model, model: reconcileModel }) }),
      concurrency: 4,
      answers: countAnswers(createModelAnswers(record.database, { days: 30 }), (purpose, isKnown) =>
        this.asked.push(`${purpose} ${isKnown ? "known" : "asked"}`),
      ),
      spending: countSpending(createSpendingStore(pool), {
        prices: PRICES,
        budgets: createBudgetHold(createBudgetStore(pool), {
          budgetsOf: async (tenantId, projectId) => {
            const [project = {}, ofTenant = {}] = await levels.levelsOf(tenantId, projectId);
            return budgetsOf(project, ofTenant);
          },
          leaseMs: 60_000,
        }),
      }),
    };
    this.deps = { work: createReplayWork(record.database), ingest: this.ingest, prices: PRICES };
  }

  /** Says something, and has it read, in one add. */
  async say(
    scope: Scope,
    texts: readonly string[],
    sentAt = new Date(),
    role: MessageRole = "user",
  ): Promise<void> {
    await this.accept(scope, texts, sentAt, role);
    await this.work();
  }

  async accept(scope: Scope, texts: readonly string[], sentAt = new Date(), role: MessageRole = "user") {
    const said = { role, name: undefined, toolCalls: [], toolCallId: undefined } as const;
    return createConversationStore(this.#engines.record.database).accept(this.tenant, {
      scope,
      items: texts.map((text, i) => ({
        type: "turn",
        message: { ...said, text, sentAt: new Date(sentAt.getTime() + i * 1_000) },
      })),
      metadata: {},
      request: { rpc: "AddMessages", requestId: randomUUID(), body: Buffer.from("") },
    });
  }

  /** Reads and indexes what waits. */
  work(): Promise<void> {
    return workTenant(this.#engines.record, this.ingest, this.tenant.tenantId);
  }

  start(asked: Partial<ReplayAsked> = {}): Promise<Replay> {
    const whole = { scope: undefined, settings: {}, sample: { seed: 0 }, ...asked };
    return this.#replays.start(this.tenant, whole, requestOf("StartReplay"));
  }

  /** Takes a replay one step on. */
  step(replayId: string): Promise<Advance> {
    return advanceReplay(this.deps, { tenantId: this.tenant.tenantId, replayId }, { forMs: 60_000 });
  }

  /** Takes a replay on until there is nothing to do, or it waits. */
  async advance(replayId: string): Promise<Replay> {
    let step: Advance;
    do step = await this.step(replayId);
    while (step.next === "again" && step.waitMs === 0);
    return this.get(replayId);
  }

  /** Starts a replay and reads to its end. */
  async replay(asked: Partial<ReplayAsked> = {}): Promise<Replay> {
    const { id } = await this.start(asked);
    return this.advance(id);
  }

  get(replayId: string): Promise<Replay> {
    return this.#replays.get(this.tenant, replayId);
  }

  async end(replayId: string, to: ReplayWanted): Promise<Replay> {
    await this.#replays.change(this.tenant, replayId, to, requestOf("PromoteReplay"));
    return this.advance(replayId);
  }

  async differences(
    replayId: string,
    change?: ReplayDifference["change"],
  ): Promise<readonly ReplayDifference[]> {
    const asked = { replayId, change, pageSize: 250, pageToken: "" };
    return (await this.#replays.differences(this.tenant, asked)).items;
  }

  /** Differences as `change: before -> after`. */
  async told(replayId: string): Promise<string[]> {
    const all = await this.differences(replayId);
    return all
      .map(({ change, before, after }) => `${change}: ${before?.text ?? ""} -> ${after?.text ?? ""}`)
      .sort();
  }

  /** What is known, as lists show it. */
  async memories(scope: Scope, showSuperseded = false): Promise<readonly Memory[]> {
    const listing = { scope, kinds: [], categories: [], showSuperseded, pageSize: 250, pageToken: "" };
    return (await createMemoryStore(this.#engines.record.database).list(this.tenant, listing)).memories;
  }

  async texts(scope: Scope): Promise<string[]> {
    return (await this.memories(scope)).map(({ text }) => text).sort();
  }

  /** Texts that the index finds, whatever they are asked for. */
  async findable({ userId }: Scope): Promise<string[]> {
    await this.work();
    const { tenantId, projectId } = this.tenant;
    const { rows } = await this.#engines.record.admin.query<{ id: string; epoch: number }>(
      `select s.subject_id as id, s.epoch from mneme.streams s join mneme.memories m on m.stream_id = s.id
       where s.tenant_id = $1 and s.subject_id is not null limit 1`,
      [tenantId],
    );
    const all = await this.memories({ userId: userId ?? "" }, true);
    const [vector] = await this.ingest.embedder.embed(["anything"], { purpose: "query" });
    const filter = { tenantId, projectId, subjectId: rows[0]?.id, subjectEpoch: rows[0]?.epoch };
    const [found] = await this.ingest.index.nearest([{ filter, vector: vector as Float32Array, k: 20 }]);
    const ids = new Set(found?.map(({ memoryId }) => memoryId));
    return all.flatMap(({ id, text }) => (ids.has(id) ? [text] : [])).sort();
  }

  /** A memory's story. */
  async story(memoryId: string): Promise<string> {
    const memories = createMemoryStore(this.#engines.record.database);
    return (await getHistory({ memories }, this.tenant, memoryId)).story;
  }

  /** As UpdateMemory does. */
  async changeByHand(scope: Scope, which: RegExp, text: string): Promise<void> {
    const { id } = await this.#one(scope, which);
    const memories = createMemoryStore(this.#engines.record.database);
    const draft = draftOf(text);
    const [vector] = await this.ingest.embedder.embed([text], { purpose: "document" });
    const embedding = {
      vector: vector as Float32Array,
      model: this.ingest.embedder.model,
      isQuestion: false,
      hasTime: false,
    };
    const change = { memoryId: id, draft, fields: new Set(["text" as const]), etag: "", at: "", embedding };
    await memories.change(this.tenant, [change], requestOf("UpdateMemory"));
  }

  /** As GiveFeedback does. */
  async rate(scope: Scope, which: RegExp): Promise<void> {
    const { id: memoryId } = await this.#one(scope, which);
    const given = { scope, memoryId, rating: "positive", comment: "", searchId: undefined } as const;
    await createFeedbackStore(this.#engines.record.database).give(
      this.tenant,
      given,
      requestOf("GiveFeedback"),
    );
  }

  /** As DeleteMemory does. */
  async delete(scope: Scope, which: RegExp): Promise<void> {
    const { id: memoryId } = await this.#one(scope, which);
    const target = { memoryId, etag: "" };
    await createMemoryStore(this.#engines.record.database).delete(
      this.tenant,
      [target],
      requestOf("DeleteMemory"),
    );
  }

  /** As if the replay's time were over, and maintenance had looked. */
  async expire(replayId: string): Promise<void> {
    const { admin, database } = this.#engines.record;
    await admin.query("update mneme.replays set expires_at = now() where id = $1", [replayId]);
    await createMaintenance(database.pool).wakeForgottenReplays(60_000, 100);
  }

  /** As an erasure begins. */
  async fence({ userId }: Scope): Promise<void> {
    const [{ id } = { id: "" }] = await this.memories({ userId: userId ?? "" });
    await this.#engines.record.admin.query(
      `update mneme.subjects set state = 'fenced'
       where id = (select subject_id from mneme.memories where id = $1)`,
      [id],
    );
  }

  /** As it ends in the record. */
  async erase(): Promise<void> {
    const { admin } = this.#engines.record;
    await admin.query("delete from mneme.subjects where tenant_id = $1 and state = 'fenced'", [
      this.tenant.tenantId,
    ]);
  }

  async #one(scope: Scope, which: RegExp): Promise<Memory> {
    const found = (await this.memories(scope)).find(({ text }) => which.test(text));
    if (!found) throw new Error("no such memory");
    return found;
  }

  /** Rows of the shadow that are left. */
  async left(replayId: string): Promise<number> {
    const { rows } = await this.#engines.record.admin.query<{ count: number }>(
      `select ((select count(*) from mneme.replay_memories where replay_id = $1)
         + (select count(*) from mneme.replay_streams where replay_id = $1)
         + (select count(*) from mneme.replay_differences where replay_id = $1))::integer as count`,
      [replayId],
    );
    return rows[0]?.count ?? 0;
  }

  get #replays() {
    return createReplayStore(this.#engines.record.database);
  }

  #ingestStore(): IngestDeps["store"] {
    return createIngestStore(this.#engines.record.database);
  }
}
