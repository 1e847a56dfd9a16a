import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { findCandidates } from "@mneme/core/search/find-candidates.ts";
import type { CandidateQuery } from "@mneme/core/search/memory-index.ts";
import { readQueryTime } from "@mneme/core/search/query-time/read-query-time.ts";
import type { SearchCommand } from "@mneme/core/search/search-request.ts";
import { Stopwatch } from "@mneme/core/search/stopwatch.ts";
import { onDatabaseOf } from "@mneme/local/record.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { ANSWER_FIELDS } from "@mneme/opensearch/candidates.ts";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import { multiSearch } from "@mneme/opensearch/multi-search.ts";
import pg from "pg";
import type { BenchStack } from "./bench-stack.ts";
import type { Dataset } from "./dataset.ts";

export interface Question {
  readonly tenant: number;
  readonly user: number;
  readonly text: string;
}

/** What a search through the product can't do without: one embedding and one `_msearch`, the very one it sends. */
export interface RawSearch extends AsyncDisposable {
  search(question: Question): Promise<void>;
  /** Sends the searches of some questions over and over, `times` in all, with their vectors at hand. */
  repeat(questions: readonly Question[], times: number, clients: number): Promise<void>;
}

export async function openRawSearch(stack: BenchStack, { tenants }: Dataset): Promise<RawSearch> {
  const embedder = await createMiniLmEmbedder({ modelDir: stack.modelDir, cacheSize: 0 });
  const index = createIndexClient({ node: stack.engines.opensearch.url });
  const subjects = await readSubjects(stack);

  async function bodyOf({ tenant, user, text }: Question): Promise<string> {
    const { tenantId, projectId } = tenants[tenant] as Dataset["tenants"][number];
    let sent: CandidateQuery | undefined;
    const candidates = async (query: CandidateQuery) => {
      sent = query;
      return { candidates: [], hasUnreadable: false, tookMs: 0 };
    };
    const known = subjects.get(tenantId) ?? [];
    const ids = {
      subject: { id: known[user % known.length] ?? "", epoch: 1 },
      agentId: undefined,
      appId: undefined,
      teamId: undefined,
      sessionId: undefined,
    };
    const command = { filter: {}, ranking: {}, limit: 10 } as SearchCommand;
    const query = analyzeQuery(text, { participants: [], time: readQueryTime(text, new Date()) });
    const deps = { embedder, index: { candidates } };
    await findCandidates(
      deps,
      { tenantId, projectId },
      command,
      { ids, teams: undefined, query, languages: ["en"] },
      new Stopwatch(),
    );
    return multiSearch(sent as CandidateQuery, new Date()).lines;
  }
  const send = (lines: string) =>
    index.send({ method: "POST", path: "/_msearch", query: { filter_path: ANSWER_FIELDS }, lines });

  return {
    search: async (question) => void (await send(await bodyOf(question))),
    async repeat(questions, times, clients) {
      const bodies = await Promise.all(questions.map(bodyOf));
      let sent = 0;
      const client = async () => {
        while (sent < times) await send(bodies[sent++ % bodies.length] as string);
      };
      await Promise.all(Array.from({ length: clients }, client));
    },
    async [Symbol.asyncDispose]() {
      await embedder[Symbol.asyncDispose]();
      await index[Symbol.asyncDispose]();
    },
  };
}

/** The people of each tenant. */
async function readSubjects({ engines, record }: BenchStack): Promise<Map<string, string[]>> {
  const adminUrl = onDatabaseOf(engines.postgres.url, record.urls.app);
  const pool = new pg.Pool({ connectionString: adminUrl, max: 1 });
  try {
    const { rows } = await pool.query<{ tenant_id: string; id: string }>(
      "select tenant_id, id from mneme.subjects order by tenant_id, id",
    );
    const groups = Map.groupBy(rows, (row) => row.tenant_id);
    return new Map([...groups].map(([tenantId, found]) => [tenantId, found.map(({ id }) => id)]));
  } finally {
    await pool.end();
  }
}
