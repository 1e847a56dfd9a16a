/** The default page is 50; validation keeps it at most 250. */
export function pageSize(wire: number): number {
  return wire || 50;
}
