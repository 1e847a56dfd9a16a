import { randomUUID } from "node:crypto";
import { budgetsOf } from "@mneme/core/cost/budget.ts";
import { createBudgetHold } from "@mneme/core/cost/budget-hold.ts";
import { type CountedSpending, countSpending } from "@mneme/core/cost/count-spending.ts";
import { NO_PRICES, type Prices } from "@mneme/core/cost/prices.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import type { Extraction } from "@mneme/core/extraction/extraction.ts";
import type { ExtractionOutput, Extractor, Turn } from "@mneme/core/extraction/extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { IngestStore, IngestTarget } from "@mneme/core/extraction/ingest-store.ts";
import type { FairTurns } from "@mneme/core/limits/fair-turns.ts";
import type { AcceptedItem } from "@mneme/core/memory/conversation-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { createBudgetStore } from "@mneme/postgres/budget-store.ts";
import { createBudgetWaits } from "@mneme/postgres/budget-waits.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import { createExtractionStore } from "@mneme/postgres/extraction-store.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { createSpendingStore } from "@mneme/postgres/spending-store.ts";
import { createSettingsSource } from "@mneme/postgres/tenancy/settings-source.ts";
import { requestOf, setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { settingsOf } from "@mneme/postgres/testing/memories.ts";
import type { StayLimits } from "../ingest/deps.ts";
import type { IngestEngines } from "./ingest-engines.ts";

/** What became of an add. */
export interface ExtractionRow {
  readonly state: string;
  readonly attempts: number;
}

/** How much of an add came to nothing. */
export interface DroppedRow {
  readonly all: number;
  readonly sensitive: Readonly<Record<string, number>>;
  readonly byCategory: Readonly<Record<string, number>>;
}

const BUCKET = 3;

/**
 * One bucket of a tenant of its own, over the real stores. The model is the test's: a turn becomes one statement,
 * unless `read` throws. The engines can't be made to fail on demand, they serve other suites meanwhile: what an
 * adapter says while its engine is away is thrown in front of one of its methods.
 */
export class TestBucket {
  readonly target: IngestTarget;
  readonly store: IngestStore;
  /** The streams that each load was told to leave alone. */
  readonly loads: (readonly string[])[] = [];
  /** Called with each text that is read; throw to fail. */
  read: (text: string, signal?: AbortSignal) => unknown = () => undefined;
  /** Called before each load, and each transaction that keeps what was read; throw to fail. */
  beforeLoad: () => unknown = () => undefined;
  beforeApply: (texts: readonly string[]) => unknown = () => undefined;
  /** Called before each refresh of the index; throw to fail. */
  beforeRefresh: () => unknown = () => undefined;
  /** Of its activities, where they differ from the suites'. */
  limits: Partial<StayLimits> = {};
  aloneInTurn: FairTurns = (_, work) => work();
  /** Instead of the test's model. */
  extractor: Extractor = {
    name: "test",
    version: "1",
    extract: ({ turns }, signal) => this.#extract(turns, signal),
  };
  /** What reads by what the project sets, where that is not `extractor`. */
  extractorFor: IngestDeps["extractorFor"];
  spending: IngestDeps["spending"];
  readonly #engines: IngestEngines;
  readonly #tenant: Provisioned;

  static async open(engines: IngestEngines): Promise<TestBucket> {
    return new TestBucket(engines, await engines.record.provision());
  }

  private constructor(engines: IngestEngines, tenant: Provisioned) {
    this.#engines = engines;
    this.#tenant = tenant;
    this.target = { tenantId: tenant.tenantId, bucket: BUCKET };
    this.store = createIngestStore(engines.record.database);
  }

  get deps(): IngestDeps {
    const { index, embedder, record } = this.#engines;
    const { store, extractor, extractorFor, spending } = this;
    return {
      ...(spending && { spending }),
      ...(extractorFor && { extractorFor }),
      settings: settingsOf(record),
      extractor,
      embedder,
      store: {
        ...store,
        load: async (target, options, signal) => {
          await this.beforeLoad();
          this.loads.push(options.exclude);
          return store.load(target, options, signal);
        },
        apply: async (tenantId, results, signal) => {
          await this.beforeApply(results.flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.text)));
          return store.apply(tenantId, results, signal);
        },
      },
      index: {
        ...index,
        refresh: async (signal) => {
          await this.beforeRefresh();
          return index.refresh(signal);
        },
      },
    };
  }

  /** Makes these the settings of the project. */
  set(settings: Settings): Promise<void> {
    return setOnProject(this.#engines.record, this.#tenant, settings);
  }

  /** Holds models' calls to the budgets that are set, and counts them. */
  holdToBudgets(prices: Prices = NO_PRICES): CountedSpending {
    const { pool } = this.#engines.record.database;
    const settings = rememberSettings(createSettingsSource(pool), { mostMs: 0 });
    const budgets = createBudgetHold(createBudgetStore(pool), {
      budgetsOf: async (tenantId, projectId) => {
        const [project = {}, tenant = {}] = await settings.levelsOf(tenantId, projectId);
        return budgetsOf(project, tenant);
      },
      leaseMs: 60_000,
    });
    const spending = countSpending(createSpendingStore(pool), { budgets, prices });
    this.spending = spending;
    return spending;
  }

  /** Lets those go on who wait for a budget. @returns how many. */
  async release(): Promise<number> {
    const waiting = () =>
      this.#count("select count(*) from mneme.streams where tenant_id = $1 and held_until is not null");
    const before = await waiting();
    await createBudgetWaits(this.#engines.record.database.pool).release(100);
    return before - (await waiting());
  }

  /** An extraction as its owner sees it. */
  get(extractionId: string): Promise<Extraction> {
    return createExtractionStore(this.#engines.record.database).get(this.#tenant, extractionId);
  }

  /** Whether a search of what somebody said is told that some of it waits. */
  async isHeld(userId: string): Promise<boolean | undefined> {
    const found = await createSearchStore(this.#engines.record.database).resolve(this.#tenant, { userId });
    return found?.isHeld;
  }

  /** As if whoever waits for a budget had done so for this long; settings that are as old are no news then. */
  async ageHolds(): Promise<void> {
    await this.#query("update mneme.held_projects set held_at = now() where tenant_id = $1");
  }

  /** As if the month of those who wait for a budget had turned. */
  async turnMonth(): Promise<void> {
    await this.#query("update mneme.held_projects set until = now() where tenant_id = $1");
    await this.#query(
      `with spend as (delete from mneme.model_spend where tenant_id = $1)
       update mneme.model_calls set day = day - interval '1 month' where tenant_id = $1`,
    );
  }

  /** One add by one person. @returns its extraction's id. */
  add(userId: string, ...texts: string[]): Promise<string> {
    return this.#accept(userId, turnsOf(texts));
  }

  /** One add by one person that may wait for a batch. @returns its extraction's id. */
  addBulk(userId: string, ...texts: string[]): Promise<string> {
    return this.#accept(userId, turnsOf(texts), "bulk");
  }

  /** Finished statements, as an import brings them. */
  import(userId: string, ...texts: string[]): Promise<string> {
    const sentAt = new Date();
    return this.#accept(
      userId,
      texts.map((text) => ({ type: "draft", draft: draftOf(text), sentAt })),
    );
  }

  async #accept(
    userId: string,
    items: readonly AcceptedItem[],
    processing: Extraction["processing"] = "now",
  ): Promise<string> {
    const { extraction } = await createConversationStore(this.#engines.record.database).accept(this.#tenant, {
      scope: { userId },
      items,
      metadata: {},
      processing,
      request: { rpc: "AddMessages", requestId: randomUUID(), body: Buffer.from("") },
    });
    await this.#moveHere(extraction.id);
    return extraction.id;
  }

  /** As BatchDeleteMemories does, of all that is known. */
  async deleteKnown(userId: string): Promise<void> {
    const store = createMemoryStore(this.#engines.record.database);
    const page = { kinds: [], categories: [], showSuperseded: true, pageSize: 250, pageToken: "" };
    const { memories } = await store.list(this.#tenant, { scope: { userId }, ...page });
    const targets = memories.map(({ id }) => ({ memoryId: id, etag: "" }));
    await store.delete(this.#tenant, targets, requestOf("BatchDeleteMemories"));
  }

  /** As DeleteAllMemories does. */
  async deleteAll(userId: string): Promise<void> {
    const request = requestOf("DeleteAllMemories");
    await createMemoryStore(this.#engines.record.database).deleteAll(this.#tenant, { userId }, request);
  }

  /** As RetryExtraction does. */
  async revive(extractionId: string): Promise<void> {
    const request = { rpc: "RetryExtraction", requestId: randomUUID(), body: Buffer.from(extractionId) };
    await createExtractionStore(this.#engines.record.database).retry(this.#tenant, extractionId, request);
  }

  async of(extractionId: string): Promise<ExtractionRow> {
    const [row] = await this.#query<ExtractionRow>(
      "select state, attempts from mneme.extractions where tenant_id = $1 and id = $2",
      [extractionId],
    );
    if (!row) throw new Error("no such extraction");
    return row;
  }

  /** Why the last try failed. */
  async reasonOf(extractionId: string): Promise<string | undefined> {
    const [row] = await this.#query<{ failure_reason: string }>(
      "select failure_reason from mneme.extractions where tenant_id = $1 and id = $2",
      [extractionId],
    );
    return row?.failure_reason;
  }

  /** States of all adds, oldest first. */
  async states(): Promise<string[]> {
    const rows = await this.#query<ExtractionRow>(
      "select state from mneme.extractions where tenant_id = $1 order by id",
    );
    return rows.map(({ state }) => state);
  }

  async streamOf(extractionId: string): Promise<string> {
    const [row] = await this.#query<{ stream_id: string }>(
      "select stream_id from mneme.extractions where tenant_id = $1 and id = $2",
      [extractionId],
    );
    return row?.stream_id ?? "";
  }

  /** Messages that were worked. */
  async countWorked(): Promise<number> {
    return this.#count("select count(*) from mneme.messages where tenant_id = $1 and state = 'done'");
  }

  /** How many of an add's turns and statements came to nothing, and of these why. */
  async droppedOf(extractionId: string): Promise<DroppedRow | undefined> {
    const [row] = await this.#query<DroppedRow>(
      `select dropped as all, dropped_sensitive as sensitive, dropped_by_category as "byCategory"
       from mneme.extractions where tenant_id = $1 and id = $2`,
      [extractionId],
    );
    return row;
  }

  /** What was kept, oldest first: what made it, and how much of the graph it tells. */
  async kept(): Promise<{ category: string; extractor: string; entities: number; relations: number }[]> {
    return this.#query(
      `select category, extractor,
         (select count(*)::integer from mneme.memory_entities e where e.memory_id = v.memory_id) as entities,
         (select count(*)::integer from mneme.relations r where r.memory_id = v.memory_id) as relations
       from mneme.memory_versions v where tenant_id = $1 order by memory_id`,
    );
  }

  /** Memories that can be found. */
  async countIndexed(): Promise<number> {
    return this.#count(
      "select count(*) from mneme.memory_versions where tenant_id = $1 and indexed_revision >= revision",
    );
  }

  async #count(text: string): Promise<number> {
    const [row] = await this.#query<{ count: string }>(text);
    return Number(row?.count);
  }

  async #query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.#engines.record.admin.query<Row>(text, [this.target.tenantId, ...values]);
    return rows;
  }

  /** Which bucket a stream comes to is chance; no workflow looks into the others. */
  async #moveHere(extractionId: string): Promise<void> {
    await this.#query(
      `with stream as (
         update mneme.streams set bucket = $3 where tenant_id = $1 and bucket <> $3
           and id = (select stream_id from mneme.extractions where tenant_id = $1 and id = $2) returning id),
       moved as (
         update mneme.messages set bucket = $3 where tenant_id = $1 and stream_id in (select id from stream))
       update mneme.extractions set bucket = $3 where tenant_id = $1 and stream_id in (select id from stream)`,
      [extractionId, BUCKET],
    );
  }

  async #extract(turns: readonly Turn[], signal?: AbortSignal): Promise<ExtractionOutput> {
    for (const { text } of turns) await this.read(text, signal);
    return {
      statements: turns.map(({ messageId, text }) => contentOf(text, messageId).statement),
      dropped: [],
      summary: undefined,
    };
  }
}

function turnsOf(texts: readonly string[]): AcceptedItem[] {
  const said = { role: "user", name: undefined, toolCalls: [], toolCallId: undefined } as const;
  const sentAt = new Date();
  return texts.map((text) => ({ type: "turn", message: { ...said, text, sentAt } }));
}

/** What an adapter throws while what it stands for is away. */
export function outage(dependency: "postgres" | "opensearch" | "model"): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", `no ${dependency}`, {
    metadata: { dependency },
  });
}
