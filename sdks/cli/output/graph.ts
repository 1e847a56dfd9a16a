import type { GraphEntity, Relation } from "@mneme/sdk";
import { facts, table } from "./table.ts";
import { clean, formatDate } from "./text.ts";

/** Entities, one a row. */
export function entityTable(entities: readonly GraphEntity[], width: number): string {
  return table(
    [{ head: "id", width: 38 }, { head: "name" }, { head: "type", width: 14 }],
    entities.map(({ entityId, names, type }) => [
      entityId,
      clean(names.map(({ name }) => name).join(" = ")),
      clean(type),
    ]),
    width,
  );
}

/** Everything about one entity. */
export function entityFacts({ entityId, name, type, names, merges, memoryIds }: GraphEntity): string {
  const nameOf = new Map(names.map((one) => [one.nameId, one.name]));
  return facts([
    ["entity", name],
    ["id", entityId],
    ["type", type],
    ...names.map((one) => ["name", `${one.name} (${one.type}) ${one.nameId}`] as const),
    ...merges.map(
      ({ nameId, otherNameId, rule, mergeTime }) =>
        [
          "merged",
          [nameOf.get(nameId), "and", nameOf.get(otherNameId), `(${rule})`, formatDate(mergeTime)].join(" "),
        ] as const,
    ),
    ["memories", memoryIds.join(", ")],
  ]);
}

/** `Sarah -recommended-> Rust (2026-03-01 09:30, 2 memories)`, one a line. */
export function relationLines(relations: readonly Relation[], entities: readonly GraphEntity[]): string {
  if (relations.length === 0) return "No relations.";
  const nameOf = new Map(entities.map(({ entityId, name }) => [entityId, name]));
  return relations
    .map(({ sourceEntityId, type, targetEntityId, validFrom, validTo, evidence }) => {
      const ends = [sourceEntityId, targetEntityId].map((id) => clean(nameOf.get(id) ?? id));
      const until = validTo ? ` until ${formatDate(validTo)}` : "";
      const told = evidence.map(({ memoryId }) => memoryId).join(", ");
      return `${ends[0]} -${clean(type)}-> ${ends[1]} (since ${formatDate(validFrom)}${until}; ${told})`;
    })
    .join("\n");
}
