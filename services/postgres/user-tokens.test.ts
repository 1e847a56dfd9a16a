import { randomUUID } from "node:crypto";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { sign } from "@mneme/core/signing/sign.ts";
import { createSigningKeys, type SigningKeys } from "@mneme/core/signing/signing-keys.ts";
import type { Authenticator } from "@mneme/core/tenancy/authenticator.ts";
import { type Caller, countedKey } from "@mneme/core/tenancy/caller.ts";
import { mintUserToken, type People } from "@mneme/core/tenancy/mint-user-token.ts";
import { trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { takeKeysAndTokens, trustUserTokens } from "@mneme/core/tenancy/user-token-authenticator.ts";
import { createUserTokens, type UserPermission, type UserTokens } from "@mneme/core/tenancy/user-tokens.ts";
import fc from "fast-check";
import { base64url, decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKeys } from "./api-keys.ts";
import { createPeople } from "./people.ts";
import type { Provisioned } from "./provision.ts";
import { createSigningKeyStore } from "./signing-key-store.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";
import { createUserTokenGrounds } from "./user-token-grounds.ts";

let record: TestRecord;
let pool: pg.Pool;
let keys: SigningKeys;
let userTokens: UserTokens;
let people: People;
const keyTrust = new DisposableStack();
let authenticator: Authenticator;
beforeAll(async () => {
  record = await openTestRecord("user-tokens");
  pool = new pg.Pool({ connectionString: record.urls.keys, max: 2 });
  const providers = await createLocalKeyProviders({ file: record.masterKeyFile });
  keys = createSigningKeys(createSigningKeyStore(pool), providers);
  userTokens = createUserTokens(keys, "mneme");
  people = createPeople(record.database);
  const apiKeys = keyTrust.use(trustApiKeys(createApiKeys(record.database.pool)));
  const grounds = createUserTokenGrounds(record.database);
  authenticator = takeKeysAndTokens(apiKeys, trustUserTokens(userTokens, grounds));
});
afterAll(async () => {
  keyTrust.dispose();
  await pool?.end();
  await record?.[Symbol.asyncDispose]();
});

const callerOf = async ({ apiKey }: Provisioned): Promise<Caller> => {
  const known = await authenticator.authenticate({ secret: apiKey });
  if (!known) throw new Error("a key that was made does not work");
  return known.caller;
};
const mint = async (
  tenant: Provisioned,
  userId = "ada@example.com",
  permissions: readonly UserPermission[] = ["read"],
) => {
  const command = { userId, permissions, ttlSeconds: 60 };
  return (await mintUserToken({ people, userTokens }, await callerOf(tenant), command)).token;
};
const known = (secret: string, projectId?: string) => authenticator.authenticate({ secret, projectId });
const as = async (secret: string) => (await known(secret))?.caller;

describe("a token", () => {
  it("is of its user, and holds what it was minted for", async () => {
    const { tenantId, projectId } = record.tenant;
    const { apiKeyId } = await callerOf(record.tenant);
    const caller = await as(await mint(record.tenant, "ada@example.com", ["read", "delete"]));
    const [subject] = (await record.admin.query("select id, epoch from mneme.subjects")).rows;
    expect(caller).toMatchObject({
      tenantId,
      projectId,
      apiKeyId,
      isOfTenant: false,
      userId: "ada@example.com",
    });
    expect(caller?.reach).toEqual({ principals: [subject.id], subject });
    expect([...(caller?.permissions ?? [])].sort()).toEqual([
      "EXTRACTION_READ",
      "MEMORY_DELETE",
      "MEMORY_READ",
      "SESSION_READ",
    ]);
  });

  it("counts as what its key counts as, also once that was rotated", async () => {
    const tenant = await record.provision();
    const first = randomUUID();
    await record.admin.query("update mneme.api_keys set first_id = $2 where tenant_id = $1", [
      tenant.tenantId,
      first,
    ]);
    const [key, user] = [await callerOf(tenant), await as(await mint(tenant))];
    expect([key, user].map((caller) => caller && countedKey(caller))).toEqual([first, first]);
  });

  it("says nothing of the person", async () => {
    const token = await mint(record.tenant);
    expect(decodeProtectedHeader(token)).toEqual({
      alg: "EdDSA",
      typ: "mneme-user-token+jwt",
      kid: (await keys.current()).kid,
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ iss: "mneme", aud: "mneme", scope: "read", epoch: 1 });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(60);
    expect(Object.keys(claims).sort()).toEqual(
      ["aud", "epoch", "exp", "iat", "iss", "jti", "key", "project", "scope", "sub", "tenant"].sort(),
    );
    // Not by her first name alone: three letters that an id may hold as well.
    expect(JSON.stringify(claims)).not.toMatch(/ada@|example/);
  });

  it("is minted for no more than its key may do, and for nobody who is being erased", async () => {
    const caller = await callerOf(record.tenant);
    const deps = { people, userTokens };
    const reader = { ...caller, permissions: new Set(["MEMORY_READ", "EXTRACTION_READ", "SESSION_READ"]) };
    const command = { userId: "bo", permissions: ["read", "write"], ttlSeconds: 60 } as const;
    await expect(mintUserToken(deps, reader, command)).rejects.toMatchObject({
      reason: "PERMISSION_MISSING",
      metadata: { permission: "MEMORY_WRITE" },
    });
    await expect(mintUserToken(deps, { ...caller, projectId: "" }, command)).rejects.toMatchObject({
      reason: "PROJECT_NOT_FOUND",
    });
    const { id } = await people.ensure(caller, "fenced");
    await record.admin.query("update mneme.subjects set state = 'fenced' where id = $1", [id]);
    await expect(mintUserToken(deps, caller, { ...command, userId: "fenced" })).rejects.toMatchObject({
      reason: "SUBJECT_FENCED",
    });
  });

  it("reaches its own project alone", async () => {
    const token = await mint(record.tenant);
    const { projectId } = record.tenant;
    expect((await known(token, projectId))?.refusal).toBeUndefined();
    expect(await known(token, crypto.randomUUID())).toMatchObject({
      caller: { projectId },
      refusal: { reason: "PROJECT_NOT_FOUND" },
    });
  });
});

describe("within a second, a token ends with", () => {
  const ENDS: readonly (readonly [string, string, (token: string) => Promise<void>])[] = [
    ["its key's revocation", "update mneme.api_keys set revoked_at = now() where tenant_id = $1", gone],
    ["its key's end", "update mneme.api_keys set expires_at = now() where tenant_id = $1", gone],
    ["its person's fence", "update mneme.subjects set state = 'fenced' where tenant_id = $1", gone],
    ["its person's epoch", "update mneme.subjects set epoch = epoch + 1 where tenant_id = $1", gone],
    ["its tenant's suspension", "update mneme.tenants set state = 'suspended' where id = $1", suspended],
    [
      "its project's archiving",
      "update mneme.projects set state = 'suspended' where tenant_id = $1",
      suspended,
    ],
    [
      "its key's permissions",
      "update mneme.api_keys set roles = '{auditor}' where tenant_id = $1",
      powerless,
    ],
  ];
  async function gone(token: string) {
    expect(await as(token)).toBeUndefined();
  }
  async function suspended(token: string) {
    expect((await known(token))?.refusal).toMatchObject({ reason: "SUSPENDED" });
  }
  async function powerless(token: string) {
    expect((await as(token))?.permissions).toEqual(new Set());
  }

  it.concurrent.for(ENDS)("%s", async ([, sql, ended], { expect }) => {
    const tenant = await record.provision();
    const token = await mint(tenant);
    expect((await as(token))?.permissions).toContain("MEMORY_READ");
    await record.admin.query(sql, [tenant.tenantId]);
    const since = performance.now();
    await expect.poll(() => ended(token).then(() => true), { interval: 50, timeout: 3_000 }).toBe(true);
    expect(performance.now() - since).toBeLessThan(1_500);
  });
});

describe("nothing else passes for a token:", () => {
  let token: string;
  let claims: ReturnType<typeof decodeJwt>;
  beforeAll(async () => {
    token = await mint(record.tenant);
    claims = decodeJwt(token);
  });
  const typ = "mneme-user-token+jwt";
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

  it("no text at all", () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.base64String(), fc.tuple(part(), part(), part()).map(join)),
        async (text) => {
          expect(await userTokens.read(text)).toBeUndefined();
        },
      ),
    ));

  it("no changed byte", () =>
    fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.base64String({ minLength: 4 }), async (at, by) => {
        const changed = token.slice(0, at) + by.charAt(0) + token.slice(at + 1);
        // The same bytes may be written otherwise, and be read or not.
        if (bytesOf(changed) === bytesOf(token)) return;
        expect(await userTokens.read(changed)).toBeUndefined();
      }),
    ));

  it("no other claims under the same signature", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom("sub", "tenant", "project", "key", "scope", "exp", "epoch", "aud", "iss"),
        fc.jsonValue(),
        async (name, value) => {
          const payload = base64url.encode(JSON.stringify({ ...claims, [name]: value }));
          const [header, before, signature] = token.split(".");
          if (payload === before) return;
          expect(await userTokens.read(join([header ?? "", payload, signature ?? ""]))).toBeUndefined();
        },
      ),
    ));

  it("no other algorithm, and no other key", async () => {
    const { keys: published } = await keys.published();
    const [{ kid = "", x = "" } = {}] = published as { kid?: string; x?: string }[];
    const other = await generateKeyPair("EdDSA", { crv: "Ed25519" });
    const rsa = await generateKeyPair("RS256");
    const signed = (alg: string, key: Parameters<SignJWT["sign"]>[0], named = kid) =>
      new SignJWT(claims).setProtectedHeader({ alg, typ, kid: named }).sign(key);
    const unsigned = new UnsecuredJWT(claims).encode();
    const none = base64url.encode(JSON.stringify({ alg: "none", typ, kid }));
    const forged = [
      unsigned,
      join([none, token.split(".")[1] ?? "", ""]),
      // The public key taken for a secret, as bytes and as everybody reads it.
      await signed("HS256", base64url.decode(x)),
      await signed("HS256", Buffer.from(JSON.stringify(published[0]))),
      await signed("EdDSA", other.privateKey),
      await signed("EdDSA", other.privateKey, "another"),
      await signed("RS256", rsa.privateKey),
    ];
    for (const one of forged) expect(await userTokens.read(one), one).toBeUndefined();
  });

  it("nothing that we signed as something else, for others, or for another time", async () => {
    const read = async (changes: object, type = typ) =>
      userTokens.read(await sign(keys, type as typeof typ, { ...claims, ...changes }));
    expect(await read({})).toBeDefined();
    for (const type of ["JWT", "mneme-certificate+jwt", "at+jwt"])
      expect(await read({}, type)).toBeUndefined();
    const wrong = [
      { aud: "another" },
      { aud: undefined },
      { iss: "another" },
      { exp: inSeconds(-10) },
      { exp: undefined },
      { iat: inSeconds(-4_000) },
      { iat: inSeconds(60) },
      { iat: undefined },
      { nbf: inSeconds(60) },
      { jti: undefined },
      { sub: "ada" },
      { epoch: 0 },
      { tenant: undefined },
      { scope: "read operator" },
      { scope: "" },
    ];
    for (const change of wrong) expect(await read(change), JSON.stringify(change)).toBeUndefined();
  });

  it("no token of a person, key or project that are not there together", async () => {
    const stranger = await record.provision();
    const others = { tenant: stranger.tenantId, project: stranger.projectId };
    const { apiKeyId } = await callerOf(stranger);
    const changes = [
      others,
      { ...others, key: apiKeyId },
      { project: stranger.projectId },
      { key: apiKeyId },
      { sub: crypto.randomUUID() },
      { epoch: 2 },
    ];
    for (const change of changes)
      expect(await as(await sign(keys, typ, { ...claims, ...change }))).toBeUndefined();
  });
});

const part = () => fc.base64String().map((text) => text.replaceAll("=", ""));
const join = (parts: readonly string[]) => parts.join(".");
const bytesOf = (token: string) =>
  JSON.stringify(token.split(".").map((one) => Buffer.from(one, "base64url").toString("hex")));
