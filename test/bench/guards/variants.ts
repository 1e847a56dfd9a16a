/** What stands between a caller and an answer. */
export const GUARDS = ["authentication", "limits", "encryption", "audit"] as const;

export type Guard = (typeof GUARDS)[number];

export interface Variant {
  readonly name: string;
  readonly off: readonly Guard[];
}

export const ALL: Variant = { name: "all guards", off: [] };
/** What it differs by from the first is the bench's own error: two processes are never quite alike. */
export const AGAIN: Variant = { name: "all, another process", off: [] };
export const NONE: Variant = { name: "no guards", off: GUARDS };

export const VARIANTS: readonly Variant[] = [
  ALL,
  AGAIN,
  ...GUARDS.map((guard) => ({ name: `without ${guard}`, off: [guard] })),
  NONE,
];
