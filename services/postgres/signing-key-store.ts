import type { DeploymentProvider } from "@mneme/core/encryption/key-provider.ts";
import type { KeptSigningKey, SigningKeyStore } from "@mneme/core/signing/signing-key-store.ts";
import type pg from "pg";
import { asUnavailable, withClient } from "./pool.ts";

interface SigningKeyRow {
  readonly kid: string;
  readonly public_jwk: KeptSigningKey["publicJwk"];
  readonly wrapped: Buffer | null;
  readonly provider: DeploymentProvider;
  readonly provider_key: string;
  readonly created_at: Date;
  readonly retired_at: Date | null;
}

/** Signing keys, beside the data keys. */
export function createSigningKeyStore(pool: pg.Pool): SigningKeyStore {
  return {
    async all() {
      const { rows } = await pool
        .query<SigningKeyRow>({
          name: "signing_keys",
          text: `select kid, public_jwk, wrapped, provider, provider_key, created_at, retired_at
                 from signing_keys order by created_at desc`,
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return rows.map(toSigningKey);
    },
    add({ kid, publicJwk, wrapped }, replaced) {
      return withClient(pool, async (client, discard) => {
        try {
          await client.query("begin");
          await client.query(
            "update signing_keys set retired_at = now(), wrapped = null where kid = $1 and retired_at is null",
            [replaced ?? null],
          );
          // Two at once meet on the index: the second waits for the first, and then changes nothing.
          const { rowCount } = await client.query(
            `insert into signing_keys (kid, public_jwk, wrapped, provider, provider_key)
             values ($1, $2, $3, $4, $5) on conflict do nothing`,
            [kid, JSON.stringify(publicJwk), wrapped.bytes, wrapped.provider, wrapped.providerKey],
          );
          await client.query(rowCount ? "commit" : "rollback");
          return rowCount === 1;
        } catch (error) {
          await client.query("rollback").catch(discard);
          throw error;
        }
      });
    },
    async rewrapped(kid, from, to) {
      const { rowCount } = await pool
        .query({
          name: "rewrap_signing_key",
          text: `update signing_keys set wrapped = $3, provider = $4, provider_key = $5
                 where kid = $1 and wrapped = $2`,
          values: [kid, from.bytes, to.bytes, to.provider, to.providerKey],
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return rowCount === 1;
    },
  };
}

function toSigningKey(row: SigningKeyRow): KeptSigningKey {
  const { wrapped, provider, provider_key: providerKey } = row;
  return {
    kid: row.kid,
    publicJwk: row.public_jwk,
    wrapped: wrapped ? { bytes: wrapped, provider, providerKey } : undefined,
    createdAt: row.created_at,
    retiredAt: row.retired_at ?? undefined,
  };
}
