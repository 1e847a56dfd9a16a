import type { JsonObject } from "./harness/call.ts";
import type { Names } from "./harness/world.ts";

/** How a procedure is tried. */
export interface Probe {
  /** What is sent; several to a procedure that takes a stream. */
  readonly request: (names: Names) => JsonObject | readonly JsonObject[];
  /** What its owner's answer shows of the owner's own: words and names, or ids alone. */
  readonly shows?: "words" | "ids";
  /** Whose key succeeds: an administrator's who audits too, by default. */
  readonly owner?: "operator";
  /** What its owner is answered where that can't be success here, and why. */
  readonly ownerCode?: readonly [code: string, because: string];
  /** Takes something away that other probes need: comes behind those of a lower rank. */
  readonly rank?: 1 | 2;
}

const memory = "mneme.memory.v1.MemoryService";
const search = "mneme.search.v1.SearchService";
const graph = "mneme.graph.v1.GraphService";
const consolidation = "mneme.consolidation.v1.ConsolidationService";
const extraction = "mneme.extraction.v1.ExtractionService";
const session = "mneme.session.v1.SessionService";
const tenancy = "mneme.tenancy.v1.TenancyService";
const keys = "mneme.access.v1.ApiKeyService";
const tokens = "mneme.access.v1.UserTokenService";
const operator = "mneme.operator.v1.OperatorService";
const audit = "mneme.audit.v1.AuditService";
const feedback = "mneme.feedback.v1.FeedbackService";
const replay = "mneme.replay.v1.ReplayService";
const encryption = "mneme.encryption.v1.TenantKeyService";

const person = ({ userId }: Names) => ({ userId });
const whole = ({ userId, agentId, appId, sessionId }: Names) => ({ userId, agentId, appId, sessionId });
const told = ({ toldUserId }: Names) => ({ userId: toldUserId });
const update = ({ memoryId, etag }: Names) => ({
  memoryId,
  memory: { importance: 0.25 },
  updateMask: "importance",
  etag,
});
const filter = { metadata: { color: { stringValue: "blue" } } };

/** Of every procedure; one that is missing here fails the suite. */
export const PROBES: Readonly<Record<string, Probe>> = {
  [`${memory}/AddMessages`]: {
    request: (names) => ({
      scope: whole(names),
      messages: [{ role: "ROLE_USER", text: "I whistle." }],
      metadata: { color: { stringValue: "blue" } },
      waitFor: "WAIT_FOR_EXTRACTED",
    }),
    shows: "words",
  },
  [`${memory}/ImportMemories`]: {
    request: (names) => [{ scope: whole(names), memory: { text: "They whistle." } }],
  },
  [`${memory}/GetMemory`]: { request: ({ memoryId }) => ({ memoryId }), shows: "words" },
  [`${memory}/ListMemories`]: {
    request: (names) => ({ scope: person(names), pageSize: 1, pageToken: names.memoriesPage }),
    shows: "words",
  },
  [`${memory}/UpdateMemory`]: { request: (names) => ({ update: update(names) }), shows: "words" },
  [`${memory}/ListMemoryReviews`]: { request: (names) => ({ scope: person(names) }) },
  [`${memory}/ArchiveMemory`]: {
    request: ({ otherMemoryId }) => ({ memoryId: otherMemoryId }),
    shows: "words",
  },
  [`${memory}/RestoreMemory`]: {
    request: ({ otherMemoryId }) => ({ memoryId: otherMemoryId }),
    shows: "words",
  },
  [`${memory}/DeleteMemory`]: { request: ({ memoryId }) => ({ memoryId }), rank: 1 },
  [`${memory}/DeleteAllMemories`]: { request: (names) => ({ scope: person(names) }), rank: 2 },
  [`${memory}/BatchGetMemories`]: {
    request: ({ memoryId, otherMemoryId }) => ({ memoryIds: [memoryId, otherMemoryId] }),
    shows: "words",
  },
  [`${memory}/BatchUpdateMemories`]: {
    request: (names) => ({ updates: [{ ...update(names), etag: "" }] }),
    shows: "words",
  },
  [`${memory}/BatchDeleteMemories`]: {
    request: ({ otherMemoryId }) => ({ memoryIds: [otherMemoryId] }),
    rank: 1,
  },
  [`${memory}/ListMemoryVersions`]: { request: ({ memoryId }) => ({ memoryId }), shows: "words" },
  [`${memory}/GetMemoryHistory`]: { request: ({ memoryId }) => ({ memoryId }), shows: "words" },
  [`${search}/Search`]: {
    request: (names) => ({
      scope: person(names),
      layers: ["LAYER_SHARED"],
      query: "Who likes bees?",
      atLeastAsFresh: names.freshness,
      tokenBudget: 2000,
    }),
    shows: "words",
  },
  [`${search}/GetContext`]: {
    request: (names) => ({
      scope: whole(names),
      query: "Who likes bees?",
      tokenBudget: 2000,
    }),
    shows: "words",
  },
  [`${search}/GetProfile`]: { request: (names) => ({ scope: whole(names) }), shows: "words" },
  [`${graph}/GetEntity`]: {
    request: (names) => ({ scope: told(names), entityId: names.entityId }),
    shows: "words",
  },
  [`${graph}/ListEntities`]: { request: (names) => ({ scope: told(names) }), shows: "words" },
  [`${graph}/ListNeighbours`]: {
    request: (names) => ({ scope: told(names), entityId: names.entityId, relationTypes: ["likes"] }),
    shows: "words",
  },
  [`${graph}/FindPaths`]: {
    request: (names) => ({
      scope: told(names),
      fromEntityId: names.entityId,
      toEntityId: names.otherEntityId,
    }),
  },
  [`${graph}/Traverse`]: {
    request: (names) => ({ scope: told(names), entityIds: [names.entityId, names.otherEntityId] }),
    shows: "words",
  },
  [`${graph}/MergeEntities`]: {
    request: (names) => ({
      scope: told(names),
      entityId: names.entityId,
      otherEntityIds: [names.otherEntityId],
      allowDifferentTypes: true,
    }),
    shows: "words",
  },
  [`${graph}/SplitEntity`]: {
    request: (names) => ({
      scope: told(names),
      entityId: names.entityId,
      nameIds: [names.otherEntityId],
    }),
    shows: "words",
  },
  [`${consolidation}/ListConsolidations`]: {
    request: ({ swamUserId }) => ({ scope: { userId: swamUserId } }),
    shows: "words",
  },
  [`${consolidation}/GetConsolidation`]: {
    request: ({ consolidationId }) => ({ consolidationId }),
    shows: "words",
  },
  [`${consolidation}/ConsolidateNow`]: { request: ({ swamUserId }) => ({ scope: { userId: swamUserId } }) },
  [`${consolidation}/UndoConsolidation`]: {
    request: ({ consolidationId }) => ({ consolidationId }),
    shows: "words",
    rank: 1,
  },
  [`${extraction}/GetExtraction`]: { request: ({ extractionId }) => ({ extractionId }), shows: "words" },
  [`${extraction}/ListExtractions`]: {
    request: (names) => ({ pageSize: 1, pageToken: names.extractionsPage }),
    shows: "words",
  },
  [`${extraction}/RetryExtraction`]: {
    request: ({ failedExtractionId }) => ({ extractionId: failedExtractionId }),
    shows: "words",
  },
  [`${extraction}/WatchExtraction`]: { request: ({ extractionId }) => ({ extractionId }), shows: "words" },
  [`${session}/AppendSession`]: {
    request: (names) => ({ scope: whole(names), turns: [{ role: "ROLE_USER", text: "I hum." }] }),
    shows: "words",
  },
  [`${session}/GetSession`]: { request: (names) => ({ scope: whole(names) }), shows: "words" },
  [`${session}/EndSession`]: { request: (names) => ({ scope: whole(names) }), rank: 1 },

  [`${feedback}/GiveFeedback`]: {
    request: (names) => ({
      scope: person(names),
      memoryId: names.memoryId,
      rating: "RATING_NEGATIVE",
      comment: `Not ${names.marker}.`,
    }),
  },
  [`${feedback}/ListFeedback`]: { request: ({ memoryId }) => ({ memoryId }), shows: "words" },
  [`${feedback}/ReportMiss`]: {
    request: (names) => ({
      scope: person(names),
      query: `Where is ${names.marker}?`,
      expectedMemoryId: names.memoryId,
    }),
  },
  [`${feedback}/ListMisses`]: { request: () => ({}), shows: "words" },

  [`${replay}/StartReplay`]: { request: (names) => ({ scope: told(names) }), shows: "words" },
  [`${replay}/GetReplay`]: { request: ({ replayId }) => ({ replayId }), shows: "words" },
  [`${replay}/ListReplays`]: { request: () => ({}), shows: "words" },
  [`${replay}/ListReplayDifferences`]: {
    request: ({ replayId }) => ({ replayId, change: "REPLAY_CHANGE_REMOVED" }),
    shows: "words",
  },
  [`${replay}/PromoteReplay`]: { request: (names) => ({ replayId: names.plainReplayId }), rank: 1 },
  [`${replay}/ResumeReplay`]: {
    request: ({ replayId }) => ({ replayId }),
    ownerCode: ["failed_precondition", "it did not fail"],
  },
  [`${replay}/CancelReplay`]: {
    request: ({ replayId }) => ({ replayId }),
    ownerCode: ["failed_precondition", "it is ready, and can be discarded alone"],
  },
  [`${replay}/DiscardReplay`]: { request: ({ replayId }) => ({ replayId }), rank: 1 },

  [`${tenancy}/GetTenant`]: { request: () => ({}), shows: "ids" },
  [`${tenancy}/UpdateTenant`]: {
    request: () => ({ settings: { graphEnabled: true }, updateMask: "settings.graphEnabled" }),
    shows: "ids",
  },
  [`${tenancy}/CreateProject`]: { request: ({ marker }) => ({ name: `project ${marker}` }) },
  [`${tenancy}/GetProject`]: { request: ({ projectId }) => ({ projectId }), shows: "ids" },
  [`${tenancy}/ListProjects`]: { request: () => ({}), shows: "ids" },
  [`${tenancy}/UpdateProject`]: {
    request: ({ projectId }) => ({
      projectId,
      settings: { graphEnabled: true },
      updateMask: "settings.graphEnabled",
    }),
    shows: "ids",
  },
  [`${tenancy}/ListUsage`]: { request: ({ projectId }) => ({ projectId, fromDay: "2020-01-01" }) },
  [`${tenancy}/GetBudget`]: { request: ({ projectId }) => ({ projectId }) },
  [`${tenancy}/CreateTeam`]: { request: ({ marker }) => ({ teamId: `another team ${marker}` }) },
  [`${tenancy}/GetTeam`]: { request: ({ teamId }) => ({ teamId }), shows: "words" },
  [`${tenancy}/ListTeams`]: { request: () => ({}), shows: "words" },
  [`${tenancy}/UpdateTeam`]: {
    request: ({ teamId, marker }) => ({ teamId, name: `Renamed ${marker}`, updateMask: "name" }),
    shows: "words",
  },
  [`${tenancy}/DeleteTeam`]: { request: ({ teamId }) => ({ teamId }), rank: 2 },
  [`${tenancy}/CreateGrant`]: {
    request: ({ teamId, agentId }) => ({ teamId, grantee: { agentId }, access: "ACCESS_READ" }),
    shows: "words",
  },
  [`${tenancy}/ListGrants`]: { request: ({ teamId }) => ({ teamId }), shows: "words" },
  [`${tenancy}/DeleteGrant`]: { request: ({ grantId }) => ({ grantId }), rank: 1 },

  [`${keys}/CreateApiKey`]: {
    request: ({ projectId, marker }) => ({ name: `key ${marker}`, projectId, roles: ["ROLE_READER"] }),
    shows: "ids",
  },
  [`${keys}/GetApiKey`]: { request: ({ apiKeyId }) => ({ apiKeyId }), shows: "ids" },
  [`${keys}/ListApiKeys`]: { request: () => ({}), shows: "ids" },
  [`${keys}/RotateApiKey`]: {
    request: ({ apiKeyId }) => ({ apiKeyId, overlapSeconds: 600 }),
    shows: "ids",
  },
  [`${keys}/RevokeApiKey`]: { request: ({ apiKeyId }) => ({ apiKeyId }), shows: "ids", rank: 2 },
  [`${tokens}/MintUserToken`]: { request: ({ userId }) => ({ userId }) },

  [`${operator}/CreateTenant`]: {
    request: ({ marker }) => ({ name: `tenant ${marker}` }),
    owner: "operator",
  },
  [`${operator}/GetTenant`]: { request: ({ tenantId }) => ({ tenantId }), owner: "operator", shows: "ids" },
  [`${operator}/ListTenants`]: { request: () => ({}), owner: "operator" },
  [`${operator}/ListTenantUsage`]: { request: () => ({}), owner: "operator" },
  [`${operator}/UpdateTenant`]: {
    request: ({ tenantId }) => ({ tenantId, limits: { streams: 50 }, updateMask: "limits.streams" }),
    owner: "operator",
    shows: "ids",
  },
  [`${operator}/CreateTenantAdminKey`]: { request: ({ tenantId }) => ({ tenantId }), owner: "operator" },
  [`${operator}/GetPlacement`]: {
    request: ({ tenantId }) => ({ tenantId }),
    owner: "operator",
    shows: "ids",
  },
  [`${operator}/MoveTenant`]: {
    request: ({ tenantId }) => ({ tenantId, ownIndex: true }),
    owner: "operator",
    shows: "ids",
  },
  [`${operator}/RotateSigningKey`]: { request: () => ({}), owner: "operator" },

  [`${audit}/ListAuditEvents`]: { request: ({ userId }) => ({ filter: { userId } }), shows: "ids" },
  [`${audit}/StreamAuditEvents`]: { request: () => ({ untilNow: true }), shows: "ids" },
  [`${audit}/VerifyAudit`]: { request: () => ({}) },

  [`${encryption}/GetTenantKey`]: { request: () => ({}) },
  [`${encryption}/RotateTenantKey`]: { request: () => ({}) },
  [`${encryption}/BringTenantKey`]: {
    request: ({ marker }) => ({
      transit: { url: "https://127.0.0.1:1/", key: `key-${marker}` },
      token: marker,
    }),
    ownerCode: ["invalid_argument", "this deployment takes no transit engine in its own network"],
  },
  [`${encryption}/ReturnTenantKey`]: { request: () => ({}) },
};

/** Metadata that names what the index filters by, for requests that take a filter. */
export const RESERVED_FILTERS: readonly JsonObject[] = [
  "tenant_id",
  "project_id",
  "subject_id",
  "_routing",
  "_index",
  "bool",
  "script",
].map((name) => ({ ...filter, metadata: { [name]: { stringValue: "*" } } }));
