export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 250;

/** What a list answers with at most: the default for 0, and never more than the most. */
export function pageSizeOf(asked: number): number {
  return asked > 0 ? Math.min(asked, MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE;
}
