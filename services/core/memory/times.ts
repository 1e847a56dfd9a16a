/**
 * Which state of the world and of our knowledge a read asks for. Both move freely and combine; neither goes past a
 * deletion, an erasure, a fence or an expiry.
 */
export interface MemoryTimes {
  /** Valid time: what was true then. Undefined means now. */
  readonly asOf?: Date | undefined;
  /** Record time: what was known then. Undefined means now. */
  readonly knownAt?: Date | undefined;
}
