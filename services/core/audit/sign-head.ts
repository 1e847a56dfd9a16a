import { sign, verify } from "../signing/sign.ts";
import type { SigningKeys } from "../signing/signing-keys.ts";
import type { HeadSigner } from "./head.ts";

/** Heads are signed by the deployment's keys, as claims `tenant_id`, `sequence` and `hash` (hexadecimal). */
export function createHeadSigner(keys: Pick<SigningKeys, "current" | "find">): HeadSigner {
  return {
    sign: (tenantId, { sequence, hash }) =>
      sign(keys, "mneme-audit-head+jwt", {
        tenant_id: tenantId,
        sequence,
        hash: Buffer.from(hash).toString("hex"),
        iat: Math.floor(Date.now() / 1000),
      }),
    async verify(head, tenantId, { sequence, hash }) {
      const claims = await verify(keys, "mneme-audit-head+jwt", head);
      return (
        claims?.tenant_id === tenantId &&
        claims.sequence === sequence &&
        claims.hash === Buffer.from(hash).toString("hex")
      );
    },
  };
}
