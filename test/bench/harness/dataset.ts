import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { Mneme } from "@mneme/sdk";
import type { BenchStack } from "./bench-stack.ts";
import { statement } from "./statements.ts";
import { provisionTenants } from "./tenants.ts";

export const TENANTS = 50;
export const USERS = 20;

export interface Dataset {
  readonly tenants: readonly Provisioned[];
  /** Set where it was loaded in this run: what loading took. */
  readonly load:
    | { readonly memories: number; readonly acceptedMs: number; readonly searchableMs: number }
    | undefined;
}

/** 50 tenants of 20 people each, with `memories` in all; loaded through the API once and kept. */
export async function loadDataset(stack: BenchStack, memories: number): Promise<Dataset> {
  const file = join(stack.dataDir, `dataset-${memories}.json`);
  if (existsSync(file)) return { tenants: JSON.parse(await readFile(file, "utf8")), load: undefined };
  const tenants = await provisionTenants(
    stack,
    Array.from({ length: TENANTS }, (_, t) => `bench ${t}`),
  );
  const perUser = Math.ceil(memories / TENANTS / USERS);
  const begun = performance.now();
  const imports: { mneme: Mneme; extractionIds: readonly string[] }[] = [];
  for (const [t, tenant] of tenants.entries()) {
    const mneme = new Mneme({ url: stack.processes.api.url, apiKey: tenant.apiKey, timeoutMs: 600_000 });
    for (let user = 0; user < USERS; user += 1) {
      const drafts = Array.from({ length: perUser }, (_, i) => ({ text: statement(t, user, i) }));
      const { extractionIds } = await mneme.user(`user-${user}`).import(drafts);
      imports.push({ mneme, extractionIds });
    }
    console.error(`loaded tenant ${t + 1} of ${tenants.length}`);
  }
  const acceptedMs = performance.now() - begun;
  for (const { mneme, extractionIds } of imports) {
    await mneme.waitFor({ extractionIds }, { timeoutMs: 3_600_000 });
  }
  const searchableMs = performance.now() - begun;
  await writeFile(file, JSON.stringify(tenants), { mode: 0o600 });
  return { tenants, load: { memories: perUser * TENANTS * USERS, acceptedMs, searchableMs } };
}
