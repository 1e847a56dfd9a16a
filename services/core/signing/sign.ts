import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from "jose";
import type { SigningKeys } from "./signing-keys.ts";
import { ALGORITHM } from "./signing-pair.ts";

/** What is signed. It stands in the header, so that nothing passes for something else. */
export type SignedType = "mneme-user-token+jwt" | "mneme-audit-head+jwt";

export interface VerifyOptions extends Omit<JWTVerifyOptions, "algorithms" | "typ" | "crit"> {
  /** For how long a key's signatures count after it was retired, in milliseconds; for ever by default. */
  readonly retiredMs?: number;
}

/** Signs claims by the deployment's current key: a compact JWS that names the key. */
export async function sign(
  keys: Pick<SigningKeys, "current">,
  typ: SignedType,
  claims: JWTPayload,
): Promise<string> {
  const { kid, privateKey } = await keys.current();
  return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid, typ }).sign(privateKey);
}

/**
 * @returns the claims, or undefined for what no key of ours signed as this type, and for claims that are not as asked
 *   for, e.g. expired.
 * @throws MnemeError DEPENDENCY_UNAVAILABLE while the keys can't be read.
 */
export async function verify(
  keys: Pick<SigningKeys, "find">,
  typ: SignedType,
  signed: string,
  { retiredMs = Number.POSITIVE_INFINITY, ...options }: VerifyOptions = {},
): Promise<JWTPayload | undefined> {
  const keyOf = async ({ kid = "" }: { readonly kid?: string }) => {
    const key = await keys.find(kid);
    const retiredAt = key?.retiredAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (!key || Date.now() - retiredAt > retiredMs) throw new errors.JWKSNoMatchingKey();
    return key.publicKey;
  };
  try {
    const { payload } = await jwtVerify(signed, keyOf, { ...options, algorithms: [ALGORITHM], typ });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
