/**
 * Splits items into batches of at most `maxPadded` cells, a batch being padded to its longest item; an item
 * longer than that is a batch of its own. Items of similar length end up together, so little is padded.
 *
 * @returns indexes into `lengths`, each exactly once.
 */
export function planBatches(lengths: readonly number[], maxPadded: number): number[][] {
  const order = lengths.map((_, index) => index);
  order.sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  const batches: number[][] = [];
  let current: number[] = [];
  for (const index of order) {
    // Sorted upwards, so the newcomer is the longest.
    if (current.length > 0 && (current.length + 1) * (lengths[index] as number) > maxPadded) {
      batches.push(current);
      current = [];
    }
    current.push(index);
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
