import { randomUUID } from "node:crypto";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations } from "@mneme/opensearch/generation.ts";
import { rebrand } from "@mneme/opensearch/index-testing.ts";
import { SCHEMA_VERSION } from "@mneme/opensearch/template.ts";
import { openTestRecord } from "@mneme/postgres/testing/record.ts";
import { expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";

it("says of an index that an older version made what to do", async () => {
  await using record = await openTestRecord("context");
  const pool = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const lines: string[] = [];
  const config = readConfig({
    MNEME_DATABASE_URL: record.urls.app,
    MNEME_RELAY_DATABASE_URL: record.urls.relay,
    MNEME_KEYS_DATABASE_URL: record.urls.keys,
    MNEME_MASTER_KEY_FILE: record.masterKeyFile,
    MNEME_OPENSEARCH_URL: process.env.MNEME_OPENSEARCH_URL,
    MNEME_INDEX_POOL: pool,
    MNEME_TEMPORAL_ADDRESS: process.env.MNEME_TEMPORAL_ADDRESS,
    MNEME_MODEL_DIR: installedModelDir(),
  });
  const log = createLog("info", { write: (line) => lines.push(line) });
  await using context = await createContext(config, log, createMetrics());
  await using client = createIndexClient({ node: config.opensearchUrl });
  const setUp = () => context.setUpIndex(AbortSignal.timeout(30_000));
  try {
    await setUp();
    const [first] = await createGenerations({ client, pool }).list();
    await rebrand(client, first as IndexGeneration, SCHEMA_VERSION - 1);
    await setUp();
    await expect(context.index.requireModel(randomUUID())).rejects.toMatchObject({
      reason: "DEPENDENCY_UNAVAILABLE",
    });
    await rebrand(client, first as IndexGeneration, SCHEMA_VERSION);
    await setUp();
    expect(lines).toHaveLength(1);
  } finally {
    for (const { index } of await createGenerations({ client, pool }).list()) {
      await client.send({ method: "DELETE", path: `/${index}` });
    }
  }
});
