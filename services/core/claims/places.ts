import type { Token } from "../extraction/embedded/language.ts";

/** Whether one can live there: "a village near Bonn", "berlin", and not "sweatpants", "fear" or "the back row". */
export function isPlace(phrase: readonly Token[]): boolean {
  if (phrase.some(({ pos }) => pos === "PROPN")) return true;
  const head = headOf(phrase);
  if (head === undefined) return phrase.length > 0 && !phrase.some((token) => isOf(SPOTS, token));
  return !isOf(STATES, head) && !isOf(SPOTS, head);
}

/** Whether one can be employed there: "a small bakery", "stripe", and not "night", "hours" or "home". */
export function isEmployer(phrase: readonly Token[]): boolean {
  if (phrase.some(({ pos }) => pos === "PROPN")) return true;
  const head = headOf(phrase);
  return head !== undefined && !isOf(NO_EMPLOYERS, head) && !isOf(STATES, head);
}

/** Whether one belongs there without being employed: "the gym on Mill Road", "the Green Party". */
export function isClub(phrase: readonly Token[]): boolean {
  const head = phrase.findLast(({ pos }) => pos === "NOUN" || pos === "PROPN");
  return head !== undefined && isOf(CLUBS, head);
}

/** "The back row of the theatre": what stands before "of" is what it is. */
function headOf(phrase: readonly Token[]): Token | undefined {
  const of = phrase.findIndex(({ lower }) => /^(?:of|these|this|last|next)$/.test(lower));
  return (of < 0 ? phrase : phrase.slice(0, of)).findLast(({ pos }) => pos === "NOUN");
}

function isOf(words: ReadonlySet<string>, { lower, lemma }: Token): boolean {
  return words.has(lower) || words.has(lemma);
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/u));

/** Where one sits, lies or stands for a while, and what one goes on to. */
const SPOTS = set(
  `row seat front back left right middle end start top bottom couch sofa bed bedroom kitchen table desk chair floor corner
  window balcony bench garden yard car bathroom shower line lane queue level round topic subject page chapter point step
  stage phase question issue list group next`,
);
const STATES = set(
  `fear hope peace denial harmony poverty luxury hell heaven exile comfort chaos style squalor debt hiding dread terror
  isolation solitude darkness silence constant bliss misery past present future moment sin love dream sweatpants jeans
  pajamas pyjamas leggings slippers fun free`,
);
const NO_EMPLOYERS = set(
  `night day week weekend hour minute month year moment time noon midnight dawn dusk morning afternoon evening home once
  least most pace speed level age cost expense living money pay exam interview test deadline goal change cause people
  person kid child guest friend colleague coworker cat dog desk computer laptop standing bed table kitchen change reason
  hand side therapist doctor coach tutor trainer teacher exercise diet book`,
);
const CLUBS = set(
  `club gym choir band group class course league party church mosque synagogue temple union association society forum meetup
  server chat channel call meeting lunch dinner breakfast trip committee board force forces queue waitlist waitinglist
  community program programme challenge tour cult gang squad library marathon race crew`,
);
