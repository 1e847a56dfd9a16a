import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { DescMethod } from "@bufbuild/protobuf";
import pg from "pg";
import { provisionSharedTenant, sharedStack } from "../../harness/shared-stack.ts";
import { call, type Json, type JsonObject, type Outcome } from "./call.ts";
import { nameOf } from "./served.ts";

/** Everything of somebody's that a request can name. All values are strings, so that any may stand for any other. */
export interface Names {
  readonly tenantId: string;
  readonly projectId: string;
  readonly apiKeyId: string;
  readonly userId: string;
  readonly agentId: string;
  readonly appId: string;
  readonly sessionId: string;
  readonly teamId: string;
  readonly grantId: string;
  /** Of whom entities are known. */
  readonly toldUserId: string;
  readonly entityId: string;
  readonly otherEntityId: string;
  /** Of whom something was consolidated. */
  readonly swamUserId: string;
  readonly consolidationId: string;
  readonly memoryId: string;
  readonly otherMemoryId: string;
  readonly extractionId: string;
  readonly failedExtractionId: string;
  /** It found otherwise what was told of. */
  readonly replayId: string;
  /** It found nothing otherwise. */
  readonly plainReplayId: string;
  readonly etag: string;
  readonly memoriesPage: string;
  readonly extractionsPage: string;
  readonly freshness: string;
  /** Stands in all names above that are the application's. */
  readonly marker: string;
}

/** A tenant with something of every kind. */
export interface World {
  readonly names: Names;
  /** Stands in every text that was stored, and in nothing that a request names. */
  readonly word: string;
  /** Of the tenant: administers and audits it. */
  readonly secret: string;
}

/** Calls a procedure by its name; only what the server serves. */
export type Caller = (name: string, request: JsonObject, secret?: string) => Promise<Outcome>;

export function callerOf(methods: readonly DescMethod[], secret: string): Caller {
  const byName = new Map(methods.map((method) => [nameOf(method), method]));
  const { url } = sharedStack();
  return (name, request, other = secret) => {
    const method = byName.get(name);
    if (!method) throw new Error(`${name} is not served`);
    return call(url, method, other, [request]);
  };
}

/** Makes a tenant with memories, an extraction, a session, a team, a grant, and tokens of all kinds. */
export async function makeWorld(methods: readonly DescMethod[]): Promise<World> {
  const marker = `zq${randomBytes(6).toString("hex")}`;
  const word = `xj${randomBytes(6).toString("hex")}`;
  const { tenantId, projectId, apiKey: secret } = await provisionSharedTenant(`isolation ${marker}`);
  const api = callerOf(methods, secret);
  const tell = async (name: string, request: JsonObject) => first(await api(name, request));
  const own = {
    userId: `user-${marker}`,
    agentId: `agent-${marker}`,
    appId: `app-${marker}`,
    sessionId: `session-${marker}`,
    teamId: `team-${marker}`,
  };
  await tell("mneme.tenancy.v1.TenancyService/CreateTeam", { teamId: own.teamId, name: `Team ${word}` });
  const granted = await tell("mneme.tenancy.v1.TenancyService/CreateGrant", {
    teamId: own.teamId,
    grantee: { userId: own.userId },
    access: "ACCESS_WRITE",
  });
  const scope = { userId: own.userId, agentId: own.agentId, appId: own.appId, sessionId: own.sessionId };
  const added = await tell("mneme.memory.v1.MemoryService/AddMessages", {
    scope,
    messages: ["likes bees", "keeps goats", "sails boats"].map((text) => ({
      role: "ROLE_USER",
      text: `${word} ${text}.`,
    })),
    infer: false,
    waitFor: "WAIT_FOR_SEARCHABLE",
  });
  await tell("mneme.session.v1.SessionService/AppendSession", {
    scope,
    turns: [{ role: "ROLE_USER", text: `${word} is talking.` }],
    taskState: { note: word },
  });
  const listed = await tell("mneme.memory.v1.MemoryService/ListMemories", {
    scope: { userId: own.userId },
    pageSize: 1,
  });
  const all = await tell("mneme.memory.v1.MemoryService/ListMemories", { scope: { userId: own.userId } });
  const [memory, other] = (all.memories ?? []) as unknown as readonly { id: string; etag: string }[];
  await tell("mneme.feedback.v1.FeedbackService/GiveFeedback", {
    scope: { userId: own.userId },
    memoryId: memory?.id ?? "",
    rating: "RATING_POSITIVE",
    comment: `${word} says so.`,
  });
  await tell("mneme.feedback.v1.FeedbackService/ReportMiss", {
    scope: { userId: own.userId },
    query: `Where is ${word}?`,
  });
  const failed = await tell("mneme.memory.v1.MemoryService/AddMessages", {
    scope,
    messages: [{ role: "ROLE_USER", text: `${word} again.` }],
    infer: false,
    waitFor: "WAIT_FOR_SEARCHABLE",
  });
  await fail(text(failed, "extractionId"));
  const toldUserId = `told-${marker}`;
  const entities = await tellOfEntities(tell, toldUserId, word);
  const replayId = await replay(tell, toldUserId, { extraction: { includeCategories: ["finance"] } });
  const plainReplayId = await replay(tell, toldUserId, {});
  const swamUserId = `swam-${marker}`;
  const consolidationId = await consolidate(tell, swamUserId, word);
  const extractions = await tell("mneme.extraction.v1.ExtractionService/ListExtractions", { pageSize: 1 });
  const key = await tell("mneme.access.v1.ApiKeyService/GetApiKey", {});
  await share(tell, text(key, "apiKey", "apiKeyId"), word);
  if (!memory || !other) throw new Error("the world has no memories");
  return {
    secret,
    word,
    names: {
      tenantId,
      projectId,
      apiKeyId: text(key, "apiKey", "apiKeyId"),
      ...own,
      grantId: text(granted, "grant", "grantId"),
      toldUserId,
      entityId: entities("The"),
      otherEntityId: entities("Anna"),
      swamUserId,
      consolidationId,
      memoryId: memory.id,
      otherMemoryId: other.id,
      extractionId: text(added, "extractionId"),
      failedExtractionId: text(failed, "extractionId"),
      replayId,
      plainReplayId,
      etag: memory.etag,
      memoriesPage: text(listed, "nextPageToken"),
      extractionsPage: text(extractions, "nextPageToken"),
      freshness: text(added, "freshnessToken"),
      marker,
    },
  };
}

/** Tells everybody of the project, and of the tenant, what a search with layers finds. */
async function share(
  tell: (name: string, request: JsonObject) => Promise<JsonObject>,
  apiKeyId: string,
  word: string,
): Promise<void> {
  await tell("mneme.tenancy.v1.TenancyService/CreateGrant", {
    ofTenant: true,
    grantee: { apiKeyId },
    access: "ACCESS_WRITE",
  });
  for (const sharedWith of ["SHARED_WITH_PROJECT", "SHARED_WITH_TENANT"]) {
    await tell("mneme.memory.v1.MemoryService/AddMessages", {
      scope: { sharedWith },
      messages: [{ role: "ROLE_USER", text: `${word} likes bees everywhere.` }],
      infer: false,
      waitFor: "WAIT_FOR_SEARCHABLE",
    });
  }
}

/** Lets the rules read something with names in it. @returns finds the id of an entity by how its name begins. */
async function tellOfEntities(
  tell: (name: string, request: JsonObject) => Promise<JsonObject>,
  userId: string,
  word: string,
): Promise<(beginning: string) => string> {
  await tell("mneme.memory.v1.MemoryService/AddMessages", {
    scope: { userId },
    messages: [
      { role: "ROLE_USER", text: `I read "The ${word}" last year.` },
      { role: "ROLE_USER", text: "My sister Anna lives in Lisbon." },
    ],
    waitFor: "WAIT_FOR_SEARCHABLE",
  });
  const listed = await tell("mneme.graph.v1.GraphService/ListEntities", { scope: { userId } });
  const entities = (listed.entities ?? []) as unknown as readonly { entityId: string; name: string }[];
  return (beginning) => {
    const entity = entities.find(({ name }) => name.startsWith(beginning));
    if (!entity) throw new Error(`the world has no entity ${beginning}`);
    return entity.entityId;
  };
}

/** Has a person's conversations read again. @returns the replay's id, once it is ready. */
async function replay(
  tell: (name: string, request: JsonObject) => Promise<JsonObject>,
  userId: string,
  settings: JsonObject,
): Promise<string> {
  const started = await tell("mneme.replay.v1.ReplayService/StartReplay", { scope: { userId }, settings });
  const replayId = text(started, "replay", "id");
  for (;;) {
    const got = await tell("mneme.replay.v1.ReplayService/GetReplay", { replayId });
    if (text(got, "replay", "state") === "REPLAY_STATE_READY") return replayId;
    await pause(50);
  }
}

/** Has what happened long ago told by a summary. @returns the consolidation's id. */
async function consolidate(
  tell: (name: string, request: JsonObject) => Promise<JsonObject>,
  userId: string,
  word: string,
): Promise<string> {
  const settings = { consolidation: { afterDays: 30 } };
  await tell("mneme.tenancy.v1.TenancyService/UpdateProject", {
    settings,
    updateMask: "settings.consolidation",
  });
  for (const sentAt of ["2025-03-04T09:00:00Z", "2025-03-11T09:00:00Z"])
    await tell("mneme.memory.v1.MemoryService/AddMessages", {
      scope: { userId },
      messages: [{ role: "ROLE_USER", text: `I went swimming with ${word} yesterday.`, sentAt }],
      waitFor: "WAIT_FOR_SEARCHABLE",
    });
  await tell("mneme.consolidation.v1.ConsolidationService/ConsolidateNow", { scope: { userId } });
  const listed = await tell("mneme.consolidation.v1.ConsolidationService/ListConsolidations", {
    scope: { userId },
  });
  const [one] = (listed.consolidations ?? []) as unknown as readonly { id: string }[];
  if (!one) throw new Error("the world has no consolidation");
  return one.id;
}

/** Only a failed extraction can be retried. */
async function fail(extractionId: string): Promise<void> {
  const admin = new pg.Client({ connectionString: sharedStack().adminUrl });
  await admin.connect();
  await admin.query(
    "update mneme.extractions set state = 'failed', failure_reason = 'MODEL_REFUSED', failed_at = now() where id = $1",
    [extractionId],
  );
  await admin.end();
}

/** Names that are nobody's, of the same form. */
export function nobody(like: Names): Names {
  const fresh = randomBytes(6).toString("hex");
  const names = Object.entries(like).map(([name, value]) => {
    if (/^[0-9a-f]{8}-/.test(value)) return [name, randomUUID()];
    if (name.endsWith("Page") || name === "freshness" || name === "etag") return [name, broken(value)];
    return [name, value.replace(like.marker, `nq${fresh}`)];
  });
  return Object.fromEntries(names) as Names;
}

/** A token of the same form that nobody was given. */
function broken(token: string): string {
  const bytes = Buffer.from(token, "base64url");
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  return bytes.toString("base64url");
}

export function first(outcome: Outcome): JsonObject {
  const [answer] = outcome.answers;
  if (outcome.code !== "ok") throw new Error(`a world could not be made: ${outcome.code} ${outcome.message}`);
  return (answer ?? {}) as JsonObject;
}

function text(object: JsonObject, ...path: readonly string[]): string {
  const value = path.reduce<Json | undefined>((at, name) => (at as JsonObject | undefined)?.[name], object);
  if (typeof value !== "string" || value === "") throw new Error(`the world has no ${path.join(".")}`);
  return value;
}
