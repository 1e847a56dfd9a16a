import { archiveFaded, type FadeCursor, type FadeDeps } from "./fade.ts";
import { archiveInactive, type InactivityDeps } from "./inactivity.ts";
import type { StepOptions } from "./step-options.ts";

export type ArchivingDeps = FadeDeps & InactivityDeps;

/** Where the walk is: first over memories, then over persons. */
export type ArchivingCursor = FadeCursor & { readonly part?: string | undefined };

export interface ArchivingPage {
  /** Undefined at the end. */
  readonly next: ArchivingCursor | undefined;
  /** faded, left, inactive, returned. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The part of the walk that is over persons. */
export const PERSONS = "persons";

/** A page of what a tenant's settings archive: what has faded, then what is of persons who were away. */
export async function archivePage(
  deps: ArchivingDeps,
  tenantId: string,
  { part, ...cursor }: ArchivingCursor,
  options?: StepOptions,
): Promise<ArchivingPage> {
  if (part === PERSONS) {
    const { archived, restored, next } = await archiveInactive(deps, tenantId, cursor, options);
    return { next: next && { part, ...next }, counts: { inactive: archived, returned: restored } };
  }
  const { archived, left, next } = await archiveFaded(deps, tenantId, cursor, options);
  return { next: next ?? { part: PERSONS }, counts: { faded: archived, left } };
}
