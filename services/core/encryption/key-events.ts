/**
 * Events of calls that changed a tenant's key. They are kept with the change, where keys are, until they are in the
 * tenant's inbox: no transaction spans both. Everything throws DEPENDENCY_UNAVAILABLE when a database does not answer.
 */
export interface KeyEvents {
  /**
   * Puts a tenant's events into its inbox. Where two are at it, or one ends in between, an event may be there twice; in
   * the trail it is once, for it is told by its id.
   *
   * @returns how many.
   */
  deliver(tenantId: string): Promise<number>;
  /**
   * Tenants with events that wait for longer than this, the longest first.
   *
   * @param without tenants that are not asked for; they take no place from others.
   */
  leftOver(idleMs: number, limit: number, without?: readonly string[]): Promise<readonly string[]>;
}
