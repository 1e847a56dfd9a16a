import { beforeAll, describe, expect, it } from "vitest";
import type { AuditEvent } from "./types/audit.ts";
import { type JsonWebKeySet, verifyAuditTrail } from "./verify-audit-trail.ts";

const TENANT = "0197a0a0-0000-7000-8000-000000000001";
/** The server's own test has the same: see docs/security/audit.md. */
const FIRST: AuditEvent = {
  id: "0197a0a0-0000-7000-8000-000000000002",
  sequence: 1,
  time: new Date("2026-03-01T10:00:00.250Z"),
  action: "mneme.memory.v1.MemoryService/GetMemory",
  actor: { apiKeyId: "0197a0a0-0000-7000-8000-000000000003", subjectId: "", service: "" },
  projectId: "0197a0a0-0000-7000-8000-000000000004",
  requestId: "call-1",
  code: "not_found",
  reason: "MEMORY_NOT_FOUND",
  subjectIds: ["0197a0a0-0000-7000-8000-000000000005"],
  resources: [{ type: "memory", id: "0197a0a0-0000-7000-8000-000000000006" }],
  resourceCount: 1,
  hash: "54e832c642a745e57f1acd4425b141540f416d139a23cd8e726fa8bcc103f620",
};
const SECOND: AuditEvent = {
  ...FIRST,
  sequence: 2,
  requestId: "call-2",
  hash: "ceecb2aa7aaf31283937c697fb63371f77a02874baa919d9665ccd035029f8ab",
};

let pair: CryptoKeyPair;
let keys: JsonWebKeySet;
beforeAll(async () => {
  pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  keys = { keys: [{ ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid: "one" }] };
});

async function signed(claims: object, header: object = {}): Promise<string> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const said = `${part({ alg: "EdDSA", kid: "one", typ: "mneme-audit-head+jwt", ...header })}.${part(claims)}`;
  const signature = await crypto.subtle.sign("Ed25519", pair.privateKey, Buffer.from(said));
  return `${said}.${Buffer.from(signature).toString("base64url")}`;
}
const headOf = ({ sequence, hash }: AuditEvent, header?: object) =>
  signed({ tenant_id: TENANT, sequence, hash }, header);

describe("a trail that was exported", () => {
  it("verifies, also where it goes on behind what was signed, or begins later", async () => {
    const whole = [FIRST, SECOND];
    expect(await verifyAuditTrail(whole, await headOf(SECOND), keys)).toEqual({
      valid: true,
      checked: 2,
      flaw: undefined,
      flawSequence: undefined,
      firstSequence: 1,
      signedSequence: 2,
    });
    expect(await verifyAuditTrail(whole, await headOf(FIRST), keys)).toMatchObject({
      valid: true,
      signedSequence: 1,
    });
    expect(await verifyAuditTrail([SECOND], await headOf(SECOND), keys)).toMatchObject({
      valid: true,
      firstSequence: 2,
    });
  });

  it.each([
    { does: "was changed", events: [FIRST, { ...SECOND, code: "ok" }], flaw: "changed", flawSequence: 2 },
    { does: "lacks an event", events: [FIRST, { ...SECOND, sequence: 3 }], flaw: "missing", flawSequence: 2 },
    { does: "ends too early", events: [FIRST], flaw: "truncated", flawSequence: 2 },
    { does: "is empty", events: [], flaw: "truncated", flawSequence: 1 },
  ])("and $does is found", async ({ events, flaw, flawSequence }) => {
    const found = await verifyAuditTrail(events, await headOf(SECOND), keys);
    expect(found).toMatchObject({ valid: false, flaw, flawSequence });
  });

  it("and is another tenant's, or not what was signed, is found", async () => {
    const others = await signed({ tenant_id: FIRST.id, sequence: 2, hash: SECOND.hash });
    expect(await verifyAuditTrail([FIRST, SECOND], others, keys)).toMatchObject({
      flaw: "changed",
      flawSequence: 1,
    });
    const another = await headOf({ ...SECOND, hash: FIRST.hash });
    expect(await verifyAuditTrail([FIRST, SECOND], another, keys)).toMatchObject({
      flaw: "signature",
      flawSequence: 2,
    });
  });

  it("takes no head that is not signed by one of the keys, as a head", async () => {
    const good = await headOf(SECOND);
    const heads = [
      "",
      "no.j.ws",
      `${good.slice(0, -4)}AAAA`,
      await headOf(SECOND, { typ: "mneme-user-token+jwt" }),
      await headOf(SECOND, { alg: "none" }),
      await headOf(SECOND, { kid: "two" }),
    ];
    for (const head of heads) {
      expect(await verifyAuditTrail([FIRST, SECOND], head, keys)).toMatchObject({ flaw: "signature" });
    }
  });
});
