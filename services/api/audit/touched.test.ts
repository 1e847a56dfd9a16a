import { create, type DescMessage, type DescMethod } from "@bufbuild/protobuf";
import { CallAudit, OK } from "@mneme/core/audit/call-audit.ts";
import { MemorySchema } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import { BatchGetMemoriesRequestSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { HitSchema } from "@mneme/proto/mneme/search/v1/search_pb.js";
import { SearchResponseSchema } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { describe, expect, it } from "vitest";
import type { RouteDeps } from "../routes/deps.ts";
import { productServices } from "../routes/register.ts";
import { canTouch, isClosed, noteTouched, touchedBy } from "./touched.ts";

// Routes take their dependencies apart when they are made, and use them when they are called.
const methods: readonly DescMethod[] = productServices({} as RouteDeps).flatMap(
  ({ service }) => service.methods,
);
const nameOf = ({ parent, name }: DescMethod) => `${parent.typeName}/${name}`;

/** Every message that stands in one. */
function within(schema: DescMessage, seen = new Set<DescMessage>()): Set<DescMessage> {
  if (seen.has(schema) || isClosed(schema)) return seen;
  seen.add(schema);
  for (const { message } of schema.fields) if (message) within(message, seen);
  return seen;
}

/** Calls that name nothing by an id of ours: what they touch is told by the store, or they touch nothing that has one. */
const TOLD_OTHERWISE = [
  // By the store: sessions, and the people of a scope.
  "mneme.memory.v1.MemoryService/DeleteAllMemories",
  // By the use case: what it makes and archives.
  "mneme.consolidation.v1.ConsolidationService/ConsolidateNow",
  "mneme.session.v1.SessionService/AppendSession",
  "mneme.session.v1.SessionService/GetSession",
  "mneme.session.v1.SessionService/EndSession",
  "mneme.access.v1.UserTokenService/MintUserToken",
  // Teams are named by the application's own ids, and told by the store.
  "mneme.tenancy.v1.TenancyService/CreateTeam",
  "mneme.tenancy.v1.TenancyService/GetTeam",
  "mneme.tenancy.v1.TenancyService/ListTeams",
  "mneme.tenancy.v1.TenancyService/UpdateTeam",
  "mneme.tenancy.v1.TenancyService/DeleteTeam",
  // The one that the tenant or the deployment has.
  "mneme.encryption.v1.TenantKeyService/GetTenantKey",
  "mneme.encryption.v1.TenantKeyService/RotateTenantKey",
  "mneme.encryption.v1.TenantKeyService/BringTenantKey",
  "mneme.encryption.v1.TenantKeyService/ReturnTenantKey",
  "mneme.operator.v1.OperatorService/RotateSigningKey",
  // The trail itself.
  "mneme.audit.v1.AuditService/ListAuditEvents",
  "mneme.audit.v1.AuditService/StreamAuditEvents",
  "mneme.audit.v1.AuditService/VerifyAudit",
];

describe("every RPC", () => {
  it("has decided of each field that looks like an id whether it is told", () => {
    const messages = new Set(methods.flatMap(({ input, output }) => [...within(input), ...within(output)]));
    const undecided = [...messages].flatMap(({ fields }) =>
      fields.filter(
        (field) => /(^|_)(id|ids|by|from)$|^not_found$/.test(field.name) && touchedBy(field) === null,
      ),
    );
    // Times and places are no ids.
    expect(
      undecided.map(String).filter((name) => !/valid_from|QueryTime\.from|recorded_from/.test(name)),
    ).toEqual([]);
    expect(messages.size).toBeGreaterThan(80);
  });

  it("tells what it touches by an id in its request or answer, or is known to be told otherwise", () => {
    const silent = methods.filter(({ input, output }) => !canTouch(input) && !canTouch(output)).map(nameOf);
    expect(silent.sort()).toEqual([...TOLD_OTHERWISE].sort());
  });
});

describe("what is noted of a message", () => {
  const ID = "01890000-0000-7000-8000-00000000000a";
  const OTHER = "01890000-0000-7000-8000-00000000000b";
  const notedOf = (schema: DescMessage, message: object) => {
    const actor = { apiKeyId: "", subjectId: "", service: "" };
    const audit = new CallAudit({ action: "", actor, projectId: "", requestId: "" });
    noteTouched(audit, schema, message);
    return audit.draft(OK).event.resources;
  };

  it("is every id of ours, once, in lower case", () => {
    const memory = create(MemorySchema, { id: ID, text: OTHER, replacedBy: OTHER });
    const hit = create(HitSchema, { memory });
    const answer = create(SearchResponseSchema, {
      hits: [hit, hit],
      leftOut: [{ memoryId: ID.toUpperCase() }],
    });
    expect(notedOf(SearchResponseSchema, answer)).toEqual([{ type: "memory", id: ID }]);
  });

  it("is nothing that a client could have written in an id's place", () => {
    const request = create(BatchGetMemoriesRequestSchema, { memoryIds: ["ada@example.org", `${ID} `, ID] });
    expect(notedOf(BatchGetMemoriesRequestSchema, request)).toEqual([{ type: "memory", id: ID }]);
  });
});
