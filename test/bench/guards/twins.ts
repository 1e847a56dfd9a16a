import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onDatabaseOf } from "@mneme/local/record.ts";
import { tenantAlias } from "@mneme/opensearch/tenant-alias.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import pg from "pg";
import type { BenchStack } from "../harness/bench-stack.ts";
import { provisionTenants } from "../harness/tenants.ts";
import { openFiller } from "./fill.ts";

/** Two tenants that hold the same: one as every tenant does, one whose content was never sealed. */
export interface Twins {
  readonly sealed: Provisioned;
  readonly plain: Provisioned;
}

/** Of tenant, project and key: far above what the bench sends, so that it is the counting that costs. */
const LIMITS = { requestsPerSecond: 1_000, burst: 1_000 };

/** Filled once and kept. @param memories of each. */
export async function loadTwins(stack: BenchStack, memories: number): Promise<Twins> {
  const file = join(stack.dataDir, `guards-${memories}.json`);
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8"));
  const { worker } = stack.processes;
  // It would open what was never sealed.
  await worker.kill("SIGTERM");
  const twins = await fillTwins(stack, memories);
  await worker.start();
  await writeFile(file, JSON.stringify(twins), { mode: 0o600 });
  return twins;
}

async function fillTwins(stack: BenchStack, memories: number): Promise<Twins> {
  await using filler = await openFiller(stack.surroundings, memories);
  const sealed = await provision(stack, "sealed");
  await filler.ensureIndexed(sealed.tenantId);
  const shard = await shardOf(stack, sealed.tenantId);
  // On one shard: then both are found in the same segments, beside the same other memories.
  for (;;) {
    const plain = await provision(stack, "plain");
    await filler.ensureIndexed(plain.tenantId);
    if ((await shardOf(stack, plain.tenantId)) !== shard) continue;
    await filler.fill(sealed, "sealed");
    await filler.fill(plain, "plain");
    await requireAlike(stack, [sealed.tenantId, plain.tenantId]);
    await settle(stack, sealed);
    return { sealed, plain };
  }
}

async function provision(stack: BenchStack, name: string): Promise<Provisioned> {
  const [made] = await provisionTenants(stack, [`guards ${name}`], LIMITS);
  if (!made) throw new Error("no tenant was made");
  await administer(stack, async (admin) => {
    for (const table of ["projects", "api_keys"]) {
      await admin.query(`update mneme.${table} set limits = $2 where tenant_id = $1`, [
        made.tenantId,
        LIMITS,
      ]);
    }
  });
  return made;
}

async function shardOf({ engines }: BenchStack, tenantId: string): Promise<string> {
  const found = await ask(`${engines.opensearch.url}/${tenantAlias(tenantId)}/_search_shards`);
  const { shards } = found as { readonly shards: readonly (readonly { index: string; shard: number }[])[] };
  return shards.map(([one]) => `${one?.index}/${one?.shard}`).join();
}

/** @throws Error where one holds more than the other. */
async function requireAlike(stack: BenchStack, tenantIds: readonly string[]): Promise<void> {
  const { rows } = await administer(stack, (admin) =>
    admin.query<{ versions: string }>(
      `select count(*) as versions from mneme.memory_versions
       where tenant_id = any ($1) and indexed_revision > 0 and not refused group by tenant_id`,
      [tenantIds],
    ),
  );
  const counts = rows.map(({ versions }) => versions);
  if (counts.length !== tenantIds.length || new Set(counts).size > 1) {
    throw new Error(`the tenants are no twins: they hold ${counts.join(" and ")}`);
  }
}

/** What either engine would tidy up some time later would be done while one variant is measured. */
async function settle(stack: BenchStack, { tenantId }: Provisioned): Promise<void> {
  const alias = `${stack.engines.opensearch.url}/${tenantAlias(tenantId)}`;
  const [index] = Object.keys((await ask(`${alias}/_alias`)) as object);
  await ask(`${stack.engines.opensearch.url}/${index}/_forcemerge?max_num_segments=1`, "POST");
  await administer(stack, (admin) => admin.query("vacuum analyze"));
}

async function ask(url: string, method = "GET"): Promise<unknown> {
  const response = await fetch(url, { method });
  if (!response.ok) throw new Error(`the engine answered ${response.status}`);
  return response.json();
}

/** With the superuser's connection to the record. */
export async function administer<T>(
  { engines, record }: BenchStack,
  work: (admin: pg.Client) => Promise<T>,
): Promise<T> {
  const admin = new pg.Client(onDatabaseOf(engines.postgres.url, record.urls.app));
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
