import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { awaitFreshness } from "@mneme/core/freshness/await-freshness.ts";
import { createFreshnessTokens } from "@mneme/core/freshness/tokens.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import { createExtractionSignals } from "@mneme/postgres/extraction-signals.ts";
import { createFreshnessStore } from "@mneme/postgres/freshness-store.ts";
import { acceptDrafts } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord } from "@mneme/postgres/testing/record.ts";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { expect, test } from "vitest";
import { callerOf } from "./call.ts";
import { startTestServer } from "./testing/server.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

test("a search that waits for a write ends within a second of its key being revoked, and reads nothing once it could", async () => {
  await using record = await openTestRecord("held");
  const { database, tenant } = record;
  using keys = trustApiKeys(createApiKeys(database.pool));
  await using signals = createExtractionSignals({ url: record.urls.app, applicationName: "mneme test" });
  const tokens = createFreshnessTokens(new Uint8Array(32));
  const deps = { freshness: createFreshnessStore(database), tokens, signals };
  // No worker is there to make it so.
  const extractionIds = [await acceptDrafts(record, tenant, { userId: "ada" }, [draftOf("Ada sails.")])];
  const waiting = Promise.withResolvers<{ readonly isOver: Promise<string> }>();
  const server = await startTestServer(
    {
      search: {
        async search({ atLeastAsFresh }, context) {
          const { signal } = context;
          const wait = awaitFreshness(deps, callerOf(context), atLeastAsFresh, undefined, signal);
          waiting.resolve({
            isOver: wait.then(
              () => "read",
              () => "ended",
            ),
          });
          await wait;
          return { tokens: 1 };
        },
      },
    },
    { authenticator: keys },
  );
  try {
    const { search } = createClient(
      SearchService,
      createConnectTransport({ baseUrl: server.url, httpVersion: "2" }),
    );
    const atLeastAsFresh = tokens.seal(tenant, { type: "extraction", extractionIds });
    const headers = { authorization: `Bearer ${tenant.apiKey}` };
    const end = failureOfCall(
      search({ scope: { userId: "ada" }, query: "boats", atLeastAsFresh }, { headers }),
    );
    const { isOver } = await waiting.promise;
    await record.admin.query("update mneme.api_keys set revoked_at = now()");
    const since = performance.now();
    expect(await end).toMatchObject({ code: "Unauthenticated", reason: "CREDENTIALS_INVALID" });
    expect(performance.now() - since).toBeLessThan(1_200);
    await record.admin.query("update mneme.extractions set state = 'dropped'");
    expect(await isOver).toBe("ended");
  } finally {
    await server.stop();
  }
});
