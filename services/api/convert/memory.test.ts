import { toBinary } from "@bufbuild/protobuf";
import { ANSWER_BYTES } from "@mneme/core/answer-bytes.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { memoryBytes } from "@mneme/core/memory/memory-bytes.ts";
import { MemorySchema } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import { expect, it } from "vitest";
import { fromMemory } from "./memory.ts";

const ID = "01890000-0000-7000-8000-000000000001";
const DATE = new Date("2026-03-01T10:00:00.123Z");

/** What gRPC clients take in one message unless told otherwise. */
const CLIENT_BYTES = 4 * 1024 * 1024;

/** The least that a memory has. */
const BARE: Memory = {
  id: ID,
  version: 1,
  etag: "",
  text: "",
  kind: "semantic",
  category: "",
  confidence: 1,
  importance: 1,
  origin: "stated",
  scope: {},
  entities: [],
  sources: [],
  derivedFrom: [],
  metadata: {},
  validFrom: DATE,
  validTo: undefined,
  recordedFrom: DATE,
  recordedTo: undefined,
  replacedBy: undefined,
  createdAt: DATE,
  expiresAt: undefined,
  extractor: "",
  extractorVersion: "",
  embeddingModel: "",
  extractionId: undefined,
  outcome: "add",
};

const source = {
  messageId: ID,
  start: 0,
  end: 9,
  role: "user",
  name: "🐝".repeat(128),
  sentAt: DATE,
} as const;
/** Numbers are what JSON writes shorter than the wire. */
const numbers = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`k${i}`, i % 10]));

it.each<[string, Partial<Memory>]>([
  ["nothing in it", {}],
  ["numbers for metadata", { metadata: numbers }],
  ["sources whose turns are gone", { sources: Array(20).fill({ ...source, name: undefined, text: "" }) }],
  ["the longest turns", { sources: Array(20).fill({ ...source, text: "🐝".repeat(32 * 1024) }) }],
  ["many that it rests on", { derivedFrom: Array(100).fill(ID) }],
])("a memory with %s is counted for what it takes on the wire", (_, members) => {
  const memory = { ...BARE, ...members };
  const onTheWire = toBinary(MemorySchema, fromMemory(memory)).length;
  expect((onTheWire / memoryBytes(memory)) * ANSWER_BYTES).toBeLessThan(CLIENT_BYTES);
});
