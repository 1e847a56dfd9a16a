import type { JWK_OKP_Public } from "jose";
import type { DeploymentWrapped } from "../encryption/tenant-key.ts";

export type PublicJwk = JWK_OKP_Public & { readonly kty: "OKP" };

/** A pair of Ed25519 keys as it is kept. */
export interface KeptSigningKey {
  /** RFC 7638's thumbprint of the public key. */
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  /** 32 bytes, wrapped; undefined once the key signs no more. */
  readonly wrapped: DeploymentWrapped | undefined;
  readonly createdAt: Date;
  readonly retiredAt: Date | undefined;
}

/** A pair that is to sign from now on. */
export type NewSigningKey = Pick<KeptSigningKey, "kid" | "publicJwk"> & {
  readonly wrapped: DeploymentWrapped;
};

/** Where signing keys are kept. Everything throws DEPENDENCY_UNAVAILABLE when it does not answer. */
export interface SigningKeyStore {
  /** Newest first. At most one of them signs. */
  all(): Promise<readonly KeptSigningKey[]>;
  /**
   * Keeps a key that signs from now on, in place of `replaced`, whose private part is forgotten.
   *
   * @returns false where another than `replaced` signs by now; nothing was changed then.
   */
  add(key: NewSigningKey, replaced: string | undefined): Promise<boolean>;
  /**
   * Keeps the private part of the key that signs, wrapped anew.
   *
   * @returns false where it was not `from` any more; nothing was changed then.
   */
  rewrapped(kid: string, from: DeploymentWrapped, to: DeploymentWrapped): Promise<boolean>;
}
