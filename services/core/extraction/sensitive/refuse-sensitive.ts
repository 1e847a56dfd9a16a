import { MnemeError } from "../../errors.ts";
import type { Metadata } from "../../memory/memory.ts";
import type { Tenancy } from "../../tenancy/caller.ts";
import type { SettingsOf } from "../../tenancy/settings-of.ts";
import { sensitiveKindOf } from "./find-sensitive.ts";
import { REFUSABLE, type SensitiveKind } from "./sensitive-kind.ts";

/** What an application asks to have stored as it is. */
export interface OwnWords {
  readonly text?: string | undefined;
  readonly metadata?: Metadata | undefined;
  /** Paths in the request. */
  readonly fields: { readonly text: string; readonly metadata: string };
}

/** What a project keeps out even where the application says it itself. */
export async function refusedKinds(
  settings: SettingsOf,
  { tenantId, projectId }: Tenancy,
): Promise<readonly SensitiveKind[]> {
  const { extraction } = await settings.of(tenantId, projectId);
  return (extraction?.excludeSensitive ?? []).filter((kind) => REFUSABLE.has(kind));
}

/** @throws MnemeError SENSITIVE_EXCLUDED naming the field and the kind, never the words. */
export function refuseSensitive(
  kinds: readonly SensitiveKind[],
  { text = "", metadata, fields }: OwnWords,
): void {
  if (kinds.length === 0) return;
  refuse(sensitiveKindOf(text, kinds), fields.text);
  for (const value of Object.values(metadata ?? {}))
    if (typeof value === "string") refuse(sensitiveKindOf(value, kinds), fields.metadata);
}

function refuse(kind: SensitiveKind | undefined, field: string): void {
  if (kind === undefined) return;
  const description = `holds what the project keeps out of its memories (${kind}); leave it out`;
  throw new MnemeError("invalid_argument", "SENSITIVE_EXCLUDED", `${field}: ${description}`, {
    metadata: { field, kind },
    fields: [{ field, description }],
  });
}
