import { MONTHS } from "../../../search/time-words.ts";
import { WEEKDAYS } from "./calendar.ts";
import type { DatePlace } from "./context.ts";

const WEEKDAY = new RegExp(`^(?:${WEEKDAYS.join("|")})$`, "i");
const MONTH = new RegExp(`^(?:${MONTHS.join("|")})$`, "i");
const SUCH =
  /\b(?:(?:an?|one|another|any|some|no|what|which|same|typical|random|normal|regular|average|single)(?: (?:typical|random|normal|regular|rainy|sunny|lazy|busy|quiet|cold|hot|wet|dark|long|slow|bad|good|great|nice|lovely|hard|crazy|hectic))?) $/i;
const SOMEBODYS = /\b(?:my|your|our|his|her|their|its) (?:(?:whole|entire|usual) )?$/i;
/** "I think that Friday works", not "we met that Friday". */
const THAT = /\bthat $/i;
const ACTS = /^ (?:is|was|will|would|works?|suits?|i|we|you|he|she|it|they|my|the|our)\b/i;

/** "A rainy Monday", "that Friday", "my Friday class": one of many, or one that was told of before. */
export function isCommonNoun({ named, before, after }: DatePlace): boolean {
  const weekday = WEEKDAY.test(named);
  if (!weekday && !MONTH.test(named)) return false;
  if (SUCH.test(before) || (THAT.test(before) && !ACTS.test(after))) return true;
  return weekday && SOMEBODYS.test(before);
}
