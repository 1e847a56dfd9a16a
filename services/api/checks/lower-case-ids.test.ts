import { create, type DescMessage } from "@bufbuild/protobuf";
import { ListAuditEventsRequestSchema } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import {
  BatchGetMemoriesRequestSchema,
  BatchUpdateMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { CreateGrantRequestSchema } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { describe, expect, test } from "vitest";
import type { RouteDeps } from "../routes/deps.ts";
import { productServices } from "../routes/register.ts";
import { isId, lowerIds } from "./lower-case-ids.ts";

const ID = "0190a000-0000-7000-8000-00000000ABCD";
const LOWER = ID.toLowerCase();

/** Ids that the application made, or that are no UUIDs. */
const OTHERS = /^(user|agent|app|team|session|request|tool_call)_id$/;

describe("lowerIds", () => {
  test("finds ids in lists, in messages and among what one of must be set, and leaves others' ids as they are", () => {
    const list = create(BatchGetMemoriesRequestSchema, { memoryIds: [ID, LOWER] });
    lowerIds(BatchGetMemoriesRequestSchema, list);
    expect(list.memoryIds).toEqual([LOWER, LOWER]);

    const updates = create(BatchUpdateMemoriesRequestSchema, { updates: [{ memoryId: ID }], requestId: ID });
    lowerIds(BatchUpdateMemoriesRequestSchema, updates);
    expect(updates).toMatchObject({ updates: [{ memoryId: LOWER }], requestId: ID });

    const filtered = create(ListAuditEventsRequestSchema, { filter: { resourceId: ID, userId: ID } });
    lowerIds(ListAuditEventsRequestSchema, filtered);
    expect(filtered.filter).toMatchObject({ apiKeyId: "", resourceId: LOWER, userId: ID });

    const grantees = [
      { case: "projectId", value: ID },
      { case: "userId", value: ID },
    ] as const;
    const granted = grantees.map((grantee) => {
      const grant = create(CreateGrantRequestSchema, { teamId: ID, grantee: { grantee } });
      lowerIds(CreateGrantRequestSchema, grant);
      expect(grant.teamId).toBe(ID);
      return grant.grantee?.grantee.value;
    });
    expect(granted).toEqual([LOWER, ID]);
  });

  test("knows every field of a request that holds an id of ours", () => {
    const unknown: string[] = [];
    const look = (schema: DescMessage) => {
      if (schema.typeName.startsWith("google.")) return;
      for (const field of schema.fields) {
        if (field.message) look(field.message);
        else if (/_ids?$/.test(field.name) && !OTHERS.test(field.name) && !isId(field)) {
          unknown.push(`${schema.typeName}.${field.name}`);
        }
      }
    };
    const services = productServices({} as RouteDeps).map(({ service }) => service);
    for (const { input } of services.flatMap(({ methods }) => methods)) look(input);
    expect(unknown).toEqual([]);
  });
});
