import type { AuditEvent } from "@mneme/sdk";
import { table } from "./table.ts";
import { count } from "./text.ts";

/** Events, one a row. */
export function auditTable(events: readonly AuditEvent[], width: number): string {
  return table(
    [
      { head: "place", width: 9, right: true },
      { head: "time (UTC)", width: 21 },
      { head: "who" },
      { head: "action" },
      { head: "outcome", width: 20 },
      { head: "what" },
    ],
    events.map((event) => [
      String(event.sequence),
      timeOf(event),
      whoOf(event),
      actionOf(event),
      event.reason || event.code,
      whatOf(event),
    ]),
    width,
  );
}

/** An event as one line. */
export function auditLine(event: AuditEvent): string {
  const { sequence, code, reason } = event;
  return [sequence, timeOf(event), whoOf(event), actionOf(event), reason || code, whatOf(event)].join("  ");
}

const timeOf = ({ time }: AuditEvent) => time.toISOString().slice(0, 19).replace("T", " ");

function whoOf({ actor }: AuditEvent): string {
  if (actor.service !== "") return actor.service;
  return actor.subjectId === "" ? `key ${actor.apiKeyId}` : `user ${actor.subjectId} (key ${actor.apiKeyId})`;
}

/** `MemoryService/GetMemory`: whose package it is goes without saying. */
const actionOf = ({ action }: AuditEvent) => action.replace(/^mneme\.[a-z]+\.v1\./, "");

function whatOf({ resources, resourceCount }: AuditEvent): string {
  const [first] = resources;
  if (!first) return "";
  if (resourceCount === 1) return `${first.type} ${first.id}`;
  const types = [...new Set(resources.map(({ type }) => type))];
  return types.length === 1
    ? count(resourceCount, first.type, pluralOf(first.type))
    : `${resourceCount} things`;
}

const PLURALS: Readonly<Record<string, string>> = { memory: "memories" };
const pluralOf = (noun: string) => PLURALS[noun] ?? `${noun}s`;
