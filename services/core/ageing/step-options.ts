/** How long one call of a step of ageing goes on. */
export interface StepOptions {
  /** How long it begins more, milliseconds; it does something in any case. To the end of what it has in hand if undefined. */
  readonly forMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
