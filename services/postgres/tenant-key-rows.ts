import type { DeploymentProvider, TransitReference } from "@mneme/core/encryption/key-provider.ts";
import type { TenantKeyVersion } from "@mneme/core/encryption/tenant-key.ts";

export const KEY_COLUMNS = `tenant_id, version, wrapped, provider, provider_key, reference, token_ct,
  token_provider, token_provider_key`;

/** A live version. */
export interface TenantKeyRow {
  readonly tenant_id: string;
  readonly version: number;
  readonly wrapped: Buffer;
  readonly provider: DeploymentProvider | "brought";
  readonly provider_key: string;
  readonly reference: TransitReference | null;
  readonly token_ct: Buffer | null;
  readonly token_provider: DeploymentProvider | null;
  readonly token_provider_key: string | null;
}

export function toVersion(row: TenantKeyRow): TenantKeyVersion {
  const { reference, token_ct, token_provider, token_provider_key } = row;
  const wrapped = { bytes: row.wrapped, provider: row.provider, providerKey: row.provider_key };
  const key = { tenantId: row.tenant_id, version: row.version, wrapped };
  if (!reference || !token_ct || !token_provider) return key;
  const token = { bytes: token_ct, provider: token_provider, providerKey: token_provider_key ?? "" };
  return { ...key, brought: { reference, token } };
}

/** Values of `KEY_COLUMNS` in their order. */
export function fromVersion({ tenantId, version, wrapped, brought }: TenantKeyVersion): unknown[] {
  return [
    tenantId,
    version,
    wrapped.bytes,
    wrapped.provider,
    wrapped.providerKey,
    brought ? JSON.stringify(brought.reference) : null,
    brought?.token.bytes ?? null,
    brought?.token.provider ?? null,
    brought?.token.providerKey ?? null,
  ];
}
