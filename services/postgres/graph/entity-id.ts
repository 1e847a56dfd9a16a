import type { NamedEntity } from "../graph-writes.ts";

type Mac = (domain: "entity_id", value: string) => Promise<Buffer>;

/**
 * The id of a name of one type in a project: made of the name by a keyed hash (UUIDv8), so that it tells neither the name
 * nor whether and when somebody else has mentioned it.
 */
export async function entityIdOf(mac: Mac, { projectId, type, folded }: NamedEntity): Promise<string> {
  const bytes = (await mac("entity_id", [projectId, type, folded].join("/"))).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
