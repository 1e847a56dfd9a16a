import type { MemoryRow } from "./memory-rows.ts";

/** Parameters that hold the moments which a statement asks for, each null where it is not asked; `null` where there is none. */
export interface Moments {
  readonly asOf?: string | undefined;
  readonly knownAt?: string | undefined;
}

/**
 * `memories m` is not in the archive; or went there after the moment that was known at, when it was found; or is told by a
 * summary that holds only later than the moment that was so, so that within a summary's span its episodes answer.
 */
export function foundThen({ asOf, knownAt }: Moments): string {
  const wentLater = knownAt ? `or m.archived_at > ${knownAt}::timestamptz` : "";
  const toldLater = asOf ? `or ${isToldLater(asOf)}` : "";
  return `(m.archived_at is null ${wentLater} ${toldLater})`;
}

function isToldLater(asOf: string): string {
  return `m.archive_reason = 'consolidated' and ${asOf}::timestamptz is not null and exists (
    select from consolidation_episodes te
    join consolidations tc on tc.tenant_id = te.tenant_id and tc.id = te.consolidation_id and tc.state = 'active'
    join memories ts on ts.tenant_id = tc.tenant_id and ts.id = tc.summary_id and ts.archived_at is null
    join memory_versions tv on tv.tenant_id = ts.tenant_id and tv.memory_id = ts.id and tv.version = ts.current_version
    where te.tenant_id = m.tenant_id and te.memory_id = m.id and tv.valid_from > ${asOf}::timestamptz)`;
}

/** Without what was not known yet: that it would go into the archive. */
export function asKnown<Row extends Pick<MemoryRow, "archived_at" | "archive_reason">>(
  row: Row,
  knownAt: Date | undefined,
): Row {
  const isLater = knownAt && row.archived_at && row.archived_at > knownAt;
  return isLater ? { ...row, archived_at: null, archive_reason: null } : row;
}
