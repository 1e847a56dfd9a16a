import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import { type KeyProviders, KeyRefusedError } from "../encryption/key-provider.ts";
import { asHeard, type DeploymentWrapped } from "../encryption/tenant-key.ts";
import type { KeptSigningKey, NewSigningKey, PublicJwk } from "./signing-key-store.ts";

/** The one algorithm: Ed25519, so that no header can choose a weaker one. */
export const ALGORITHM = "EdDSA";

/** @throws MnemeError DEPENDENCY_UNAVAILABLE of `key_provider`, also where it refuses. */
export async function newPair(providers: KeyProviders): Promise<NewSigningKey> {
  const pair = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const publicJwk = (await exportJWK(pair.publicKey)) as PublicJwk;
  const { d = "" } = await exportJWK(pair.privateKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, publicJwk, wrapped: await wrapPrivate(providers, kid, Buffer.from(d, "base64url")) };
}

/** Wraps a private part by what the deployment wraps with now. @throws MnemeError as `newPair` does. */
export async function wrapPrivate(
  providers: KeyProviders,
  kid: string,
  bytes: Uint8Array,
): Promise<DeploymentWrapped> {
  const provider = providers.standard;
  const wrapping = providers.of(provider).wrap(contextOf(kid), bytes);
  const wrapped = await wrapping.catch((error: unknown) => {
    throw asHeard(error);
  });
  return { ...wrapped, provider };
}

/**
 * @throws KeyRefusedError where what wrapped it says no, or is not set in this process; MnemeError
 *   DEPENDENCY_UNAVAILABLE where it is set and does not answer.
 */
export async function unwrapPrivate(
  providers: KeyProviders,
  { kid, wrapped }: KeptSigningKey,
): Promise<Uint8Array> {
  if (!wrapped) throw new Error("a key that signs no more has no private part");
  // Waiting for it would be waiting for the operator: who took it away means to do without.
  if (!providers.has(wrapped.provider))
    throw new KeyRefusedError("deployment", "the provider that wrapped it is not set any more");
  return providers.of(wrapped.provider).unwrap(contextOf(kid), wrapped.bytes);
}

/** @throws as `unwrapPrivate` does. */
export async function openPrivate(providers: KeyProviders, key: KeptSigningKey): Promise<CryptoKey> {
  const bytes = await unwrapPrivate(providers, key);
  return toKey({ ...key.publicJwk, d: Buffer.from(bytes).toString("base64url") });
}

/** Of an Ed25519 key, which is never one of bytes. */
export async function toKey(jwk: PublicJwk & { readonly d?: string }): Promise<CryptoKey> {
  return (await importJWK(jwk, ALGORITHM)) as CryptoKey;
}

function contextOf(kid: string): string {
  return `signing-key/${kid}`;
}
