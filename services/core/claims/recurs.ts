import type { Claim, Reading } from "./claim.ts";

/**
 * True of what is done again and again ("went swimming"), where the statement names no day: told in the same words at
 * another time, it happened once more. Who moved, married or grew up somewhere tells of the same again.
 */
export function recurs({ claims, unread }: Reading): boolean {
  if (unread !== undefined || claims.some(({ times }) => times.length > 0)) return false;
  return claims.some(isDoneAgain);
}

function isDoneAgain({ mode, attribute, value, cue }: Claim): boolean {
  if (mode !== "so" || cue) return false;
  return DEEDS.has(attribute) || (attribute === "own" && value.some((word) => HAD.has(word)));
}

/** As lemmas or stems. */
const DEEDS: ReadonlySet<string> = new Set(
  `go run swim jog walk hike climb cycl cycle bike ride ski surf row sail skat skate danc dance sing play train exercis
  exercise practic practice meditat meditate eat cook bake baked drink watch see visit meet talk chat speak read write
  draw paint attend travel fly drive sleep nap oversleep clean garden fish hunt camp win beat scor score miss argu argue
  fight cry faint feel volunteer babysit make`.split(/\s+/),
);

/** "Had dinner with Tom", "had a migraine". */
const HAD: ReadonlySet<string> = new Set(
  `dinner lunch breakfast brunch supper coffe coffee tea beer pizza sushi drink migrain migraine headach headache nightmar
  nightmare dream lesson class meet meeting appoint appointment checkup argu argument fight massag massage walk swim
  picnic barbecu barbecue`.split(/\s+/),
);
