import type { Memory } from "./memory.ts";

/** Bytes that a memory takes in an answer, its sources' texts among them: as JSON, which is about as long as the wire. */
export function memoryBytes(memory: Memory): number {
  return Buffer.byteLength(JSON.stringify(memory));
}
