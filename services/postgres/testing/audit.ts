import { CallAudit } from "@mneme/core/audit/call-audit.ts";
import { beginningOf, hashEvent } from "@mneme/core/audit/hash.ts";
import type { AuditAnchors, HeadSigner } from "@mneme/core/audit/head.ts";
import { createHeadSigner } from "@mneme/core/audit/sign-head.ts";
import { type Verification, verifyTrail } from "@mneme/core/audit/verify-trail.ts";
import type { KeyProviders } from "@mneme/core/encryption/key-provider.ts";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { createSigningKeys } from "@mneme/core/signing/signing-keys.ts";
import { createAuditAnchors } from "../audit-anchors.ts";
import { type AuditChain, createAuditChain } from "../audit-chain.ts";
import { type ChainedRow, EVENT_COLUMNS, toChained } from "../audit-rows.ts";
import { createAuditStore } from "../audit-store.ts";
import { createPool } from "../pool.ts";
import { createSigningKeyStore } from "../signing-key-store.ts";
import type { TestRecord } from "./record.ts";

/** The audit of a test's record: chain, anchors and verification, over the real databases. */
export interface TestAudit extends AsyncDisposable {
  readonly chain: AuditChain;
  readonly anchors: AuditAnchors;
  readonly signer: HeadSigner;
  verify(tenantId: string, after?: number): Promise<Verification>;
  /** Chains all that waits of a tenant. */
  settle(tenantId: string): Promise<void>;
}

/** @param wrapping what wraps the key that signs, in place of the record's master key. */
export async function openTestAudit(record: TestRecord, wrapping?: KeyProviders): Promise<TestAudit> {
  const keyPool = createPool({
    url: record.urls.keys,
    schema: "public",
    applicationName: "mneme test",
    max: 2,
  });
  const providers = wrapping ?? (await createLocalKeyProviders({ file: record.masterKeyFile }));
  const signer = createHeadSigner(createSigningKeys(createSigningKeyStore(keyPool), providers));
  const anchors = createAuditAnchors(keyPool);
  const chain = createAuditChain({ pool: record.database.pool, anchors, signer });
  const trail = createAuditStore(record.database);
  return {
    chain,
    anchors,
    signer,
    verify: (tenantId, after = 0) =>
      verifyTrail({ trail, anchors, signer }, tenantId, { after, most: Number.POSITIVE_INFINITY }),
    async settle(tenantId) {
      while (((await chain.chain(tenantId, 1_000)) ?? 0) > 0);
    },
    [Symbol.asyncDispose]: () => keyPool.end(),
  };
}

/** A call that nobody made, for the tenant's first project. */
export function testCall(projectId: string, action = "mneme.memory.v1.MemoryService/GetMemory"): CallAudit {
  const actor = { apiKeyId: "", subjectId: "", service: "" };
  return new CallAudit({ action, actor, projectId, requestId: "test" });
}

/** What somebody with all rights over the record would do to hide a change: every hash computed anew. */
export async function forgeHashes(record: TestRecord, tenantId: string): Promise<void> {
  const { rows } = await record.admin.query<ChainedRow>(
    `select sequence, hash, ${EVENT_COLUMNS} from mneme.audit_events where tenant_id = $1 order by sequence`,
    [tenantId],
  );
  let hash = beginningOf(tenantId);
  for (const event of rows.map(toChained)) {
    hash = hashEvent(hash, event, event.sequence);
    await record.admin.query(
      "update mneme.audit_events set hash = $3 where tenant_id = $1 and sequence = $2",
      [tenantId, event.sequence, hash],
    );
  }
}
