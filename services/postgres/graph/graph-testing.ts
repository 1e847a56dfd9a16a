import type { Entity } from "@mneme/core/graph/graph.ts";
import { getEntity, listEntities } from "@mneme/core/graph/read-graph.ts";
import type { EntityMention, RelationMention } from "@mneme/core/memory/memory.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { acceptTurns, readBucketOf } from "../testing/memories.ts";
import type { TestRecord } from "../testing/record.ts";
import { createGraphStore } from "./graph-store.ts";

/** A statement of a turn of its own: its words, "Sarah/person" each whom it names, "Sarah > likes > Rust" what it tells. */
export interface Told {
  readonly text: string;
  readonly names?: readonly string[];
  readonly relations?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

/** Turns that say these statements, worked by an extractor that finds exactly them. */
export async function tell(
  record: TestRecord,
  tenancy: Tenancy,
  scope: Scope,
  told: readonly Told[],
): Promise<void> {
  const said = new Date("2026-03-01T10:00:00Z");
  const texts = told.map(({ text }) => text);
  const accepted = await acceptTurns(record, tenancy, scope, texts, said);
  const { failed } = await readBucketOf(
    record,
    tenancy.tenantId,
    accepted.extraction.id,
    async ({ turns }) => ({
      statements: turns.map((turn) => {
        const one = told.find(({ text }) => text === turn.text);
        return {
          text: turn.text,
          kind: "semantic" as const,
          category: "other",
          confidence: 1,
          importance: 0.5,
          origin: "stated" as const,
          entities: (one?.names ?? []).map(toEntity),
          relations: (one?.relations ?? []).map(toRelation),
          sources: [{ messageId: turn.messageId, start: 0, end: turn.text.length }],
          valid: { from: one?.validFrom, to: one?.validTo },
          embeddingText: turn.text,
        };
      }),
      dropped: [],
      summary: undefined,
    }),
  );
  if (failed.length > 0) throw new Error(`a stream failed: ${JSON.stringify(failed)}`);
}

function toEntity(text: string): EntityMention {
  const [name = "", type = "person"] = text.split("/");
  return { name, type };
}

function toRelation(text: string): RelationMention {
  const [source = "", type = "", target = ""] = text.split(" > ");
  return { source, type, target };
}

/** The graph as somebody reads it, in names. */
export function readerOf(record: TestRecord, tenancy: Tenancy, scope: Scope) {
  const deps = { graph: createGraphStore(record.database) };
  const today = { scope, asOf: undefined, knownAt: undefined };
  const listing = { ...today, types: [], pageSize: 250, pageToken: "" };
  return {
    deps,
    today,
    /** "Sarah Chen = Sarah", each with all its names, the fullest first. */
    async names(options: Partial<Parameters<typeof listEntities>[2]> = {}): Promise<string[]> {
      const { entities } = await listEntities(deps, tenancy, { ...listing, ...options });
      return entities.map(({ names }) => names.map(({ name }) => name).join(" = ")).sort();
    },
    /** @throws Error where there is not exactly one of this name. */
    async find(name: string): Promise<Entity> {
      const { entities } = await listEntities(deps, tenancy, { ...listing, name });
      const [entity] = entities;
      if (!entity || entities.length > 1) throw new Error(`${entities.length} entities of that name`);
      return entity;
    },
    get: (entityId: string) => getEntity(deps, tenancy, { ...today, entityId }),
  };
}
