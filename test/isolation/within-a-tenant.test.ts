import { randomUUID } from "node:crypto";
import type { DescMethod } from "@bufbuild/protobuf";
import { getOption } from "@bufbuild/protobuf";
import { PERMISSIONS_OF, type Role } from "@mneme/core/tenancy/roles.ts";
import { Permission, permission as permissionOption } from "@mneme/proto/mneme/options/v1/options_pb.js";
import { beforeAll, describe, expect, it } from "vitest";
import { provisionSharedOperator, provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";
import { call, type JsonObject, looksOf } from "./harness/call.ts";
import { nameOf, servedMethods } from "./harness/served.ts";
import { callerOf, first, makeWorld, type Names, nobody, type World } from "./harness/world.ts";
import { PROBES } from "./probes.ts";

/** What holds memories; the other services administer. */
const DATA = /^mneme\.(consolidation|memory|search|graph|extraction|session|feedback|replay)\./;
const { url } = sharedStack();
const served = await servedMethods(url);

let theirs: World;
beforeAll(async () => {
  theirs = await makeWorld(served);
});

/** Makes somebody new inside their tenant, who has done nothing yet. @returns a secret. */
const insiders: Readonly<Record<string, () => Promise<string>>> = {
  "another project's key": async () => {
    const api = callerOf(served, theirs.secret);
    const made = await api("mneme.tenancy.v1.TenancyService/CreateProject", { name: randomUUID() });
    const { projectId } = first(made).project as { projectId: string };
    const draft = { name: "of another project", projectId, roles: ["ROLE_ADMIN"] };
    return first(await api("mneme.access.v1.ApiKeyService/CreateApiKey", draft)).secret as string;
  },
  "another user's token": () => userToken(randomUUID()),
};

async function userToken(userId: string): Promise<string> {
  const permissions = ["READ", "WRITE", "DELETE"].map((one) => `USER_PERMISSION_${one}`);
  const api = callerOf(served, theirs.secret);
  const minted = await api("mneme.access.v1.UserTokenService/MintUserToken", { userId, permissions });
  return first(minted).token as string;
}

const requestsOf = (method: DescMethod, names: Names) =>
  [PROBES[nameOf(method)]?.request(names) ?? {}].flat() as JsonObject[];

const data = served
  .filter((method) => DATA.test(method.parent.typeName))
  .map((method) => ({ name: nameOf(method), method }));

describe.each(Object.entries(insiders))("%s", (_, insider) => {
  it.each(data)("is told of what is there no more than of what is not by $name", async ({ method }) => {
    const secret = await insider();
    const ask = (names: Names) => call(url, method, secret, requestsOf(method, names));
    // Nobody's first: what a call of theirs leaves behind is the insider's own.
    const control = await ask(nobody(theirs.names));
    const outcome = await ask(theirs.names);
    expect(looksOf(outcome)).toEqual(looksOf(control));
    expect(outcome.raw).not.toContain(theirs.word);
    expect(outcome.code).not.toBe("internal");
  });

  it("left everything as it was", async () => {
    const api = callerOf(served, theirs.secret);
    const { userId } = theirs.names;
    const listed = first(await api("mneme.memory.v1.MemoryService/ListMemories", { scope: { userId } }));
    const memories = listed.memories as unknown as readonly { version: number; text: string }[];
    expect(memories.filter(({ text }) => text.startsWith(theirs.word)).map(({ version }) => version)).toEqual(
      [1, 1, 1, 1],
    );
  });
});

describe("a user's token", () => {
  it.each(
    served
      .filter((method) => !DATA.test(method.parent.typeName))
      .map((method) => ({ name: nameOf(method), method })),
  )("may not $name", async ({ method }) => {
    const secret = await userToken("somebody else");
    const outcome = await call(url, method, secret, requestsOf(method, theirs.names));
    expect([outcome.code, outcome.reason]).toEqual(["permission_denied", "PERMISSION_MISSING"]);
  });
});

describe.each(Object.keys(PERMISSIONS_OF) as Role[])("the role %s", (role) => {
  let secret: string;
  beforeAll(async () => {
    secret =
      role === "operator"
        ? await provisionSharedOperator()
        : (await provisionSharedTenant(role, [role])).apiKey;
  });

  it.each(served.map((method) => ({ name: nameOf(method), method })))(
    "may do what its permissions say, at $name",
    async ({ method }) => {
      const permission = Permission[getOption(method, permissionOption)];
      const names = nobody(theirs.names);
      const outcome = await call(url, method, secret, requestsOf(method, names));
      const isAllowed = (PERMISSIONS_OF[role] as readonly string[]).includes(permission ?? "");
      // Some refuse by themselves what a permission alone does not allow.
      const isRefused = outcome.message === `the credentials lack ${permission}`;
      expect([permission, isRefused]).toEqual([permission, !isAllowed]);
      expect(outcome.code).not.toBe("internal");
    },
  );
});
