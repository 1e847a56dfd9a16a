import { withoutSensitive } from "./find-sensitive.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

/** Where a sentence stands in its turn's text. */
interface Placed {
  readonly start: number;
  readonly end: number;
}

/** Cuts sentences that are told together where some hold any of these kinds: dropped are those, and not their neighbours. */
export function sensitiveApart<T extends Placed>(
  groups: readonly (readonly T[])[],
  text: string,
  kinds: readonly SensitiveKind[] | undefined,
): T[][] {
  const hidden = kinds ? withoutSensitive(text, kinds) : text;
  if (hidden === text) return groups.map((group) => [...group]);
  const isHidden = ({ start, end }: Placed) => hidden.slice(start, end) !== text.slice(start, end);
  return groups.flatMap((group) => {
    const parts: T[][] = [];
    let wasHidden: boolean | undefined;
    for (const one of group) {
      const nowHidden = isHidden(one);
      if (nowHidden === wasHidden) parts.at(-1)?.push(one);
      else parts.push([one]);
      wasHidden = nowHidden;
    }
    return parts;
  });
}
