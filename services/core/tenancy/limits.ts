/** What may be used at one level: a tenant, a project, an API key. Unset members mean the deployment's default. */
export interface Limits {
  /** Calls a second, averaged. */
  readonly requestsPerSecond?: number | undefined;
  /** Calls that may come at once after a pause. */
  readonly burst?: number | undefined;
  /** A day, UTC. */
  readonly messagesPerDay?: number | undefined;
  /** Memories held at a time. */
  readonly memories?: number | undefined;
  /** Read and written by models a month, UTC. */
  readonly modelTokensPerMonth?: number | undefined;
  /** Streams open at a time. */
  readonly streams?: number | undefined;
}

/** As the record keeps them: the members of `Limits`, each a number. */
export type StoredLimits = Readonly<Record<string, unknown>>;

/** Reads stored limits; what is no number is none. */
export function limitsOf(stored: StoredLimits): Limits {
  const number = (name: keyof Limits) => {
    const value = stored[name];
    return typeof value === "number" ? value : undefined;
  };
  return {
    requestsPerSecond: number("requestsPerSecond"),
    burst: number("burst"),
    messagesPerDay: number("messagesPerDay"),
    memories: number("memories"),
    modelTokensPerMonth: number("modelTokensPerMonth"),
    streams: number("streams"),
  };
}
