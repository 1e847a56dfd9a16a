import { type Stretch, sentences } from "../language.ts";

const ACTS =
  "(?:are|were|have|had|will|would|can|could|should|must|may|might|do|did|need|look|make|know|sound|seem|love|like|get|got|met|moved|live|want|think|enjoy|come|came|go|went|really|never|always)";
const ASKS = "(?:do|did|are|were|have|had|can|could|will|would|should|might|must)(?:n't)?";
/** "A photo of you two dancing", "you all obviously had fun", not "you all morning". */
const BUSY = "(?!morning|evening|during|spring|early|only|family|dai|week|month|year)\\w{2,}(?:ing|ly)";
const ENDS = "\\s*(?:$|[.,!?;:)])";

/** "Y'all", "you guys", "you two should"; not "I saw you two weeks ago" and "I'll tell you all about it". */
export const SEVERAL_YOU = new RegExp(
  `\\b(?:${[
    "y['’]all",
    "you (?:guys|folks)",
    `(?<=^|[.!?] |\\b${ASKS} )you two`,
    `(?<=\\b${ASKS} )you all`,
    `(?:(?<=\\b(?:of|see|saw|with|picture|imagine) )you two|you all)(?=\\s+${BUSY}\\b)`,
    `you two(?=${ENDS}|\\s+(?:${ACTS}|and|for|to|with|at|in|on)\\b)`,
    `you all(?=${ENDS}|\\s+(?:${ACTS}|and|on|this|next|again|tomorrow|tonight|soon)\\b)`,
  ].join("|")})\\b`,
  "gi",
);

/** The sentences of a turn that are said to more than one. */
export function saidToSeveral(text: string): Stretch[] {
  if (text.search(SEVERAL_YOU) < 0) return [];
  return sentences(text).filter((sentence) => sentence.text.search(SEVERAL_YOU) >= 0);
}
