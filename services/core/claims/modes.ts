import type { Claim, Mode } from "./claim.ts";
import type { Manner } from "./manner.ts";

/** "Is moving to", "is starting at": not yet. */
export function planIfGoing({ mode, isGoing }: Manner): Mode {
  return isGoing && mode === "so" ? "planned" : mode;
}

export function endedUnlessUnreal(mode: Mode): Mode {
  if (mode === "unreal" || mode === "planned") return mode === "planned" ? "planned" : "unreal";
  return mode === "denied" ? "so" : "ended";
}

/** It was so and is no more, or is not so. */
export function isOver({ mode }: Claim): boolean {
  return mode === "ended" || mode === "denied" || mode === "former";
}
