import type { Claim, Reading } from "../claims/claim.ts";
import { overlaps, sameSet, timesDiffer } from "../claims/overlap.ts";

/** What is to be done once, as a plan tells it: "we launch on 3 May"; not "we met on 3 May". */
const TO_COME =
  /\b(?:will \p{Ll}+|(?:are|is) (?:going to )?\p{Ll}+ing|launch|ship|release|start|begin|open|close|move|leave|arrive|fly|deliver|present|publish|deploy|go live|meet|finish|end)(?:s|es)?\b/iu;

interface TeamStatement {
  readonly text: string;
  readonly reading: Reading;
}

/**
 * True where two members tell otherwise of what nobody could have changed in between: another day of what is to come, or
 * that somebody else prefers another thing.
 */
export function disputes(one: TeamStatement, other: TeamStatement): boolean {
  const areToCome = TO_COME.test(one.text) && TO_COME.test(other.text);
  return one.reading.claims.some((a) =>
    other.reading.claims.some(
      (b) => isOfSame(a, b) && ((areToCome && isOtherDay(a, b)) || prefersOther(a, b)),
    ),
  );
}

function isOfSame(a: Claim, b: Claim): boolean {
  return a.subject === b.subject && a.attribute === b.attribute && a.mode === b.mode && a.mode !== "unreal";
}

function isOtherDay(a: Claim, b: Claim): boolean {
  return sameSet(a.value, b.value) && timesDiffer(a, b);
}

function prefersOther(a: Claim, b: Claim): boolean {
  const isTold = a.value.length > 0 && b.value.length > 0;
  return a.attribute === "prefer" && isTold && !overlaps(a.value, b.value);
}
