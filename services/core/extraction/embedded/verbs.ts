/** Base forms that are their own past tense: left alone, since they read well as past. */
const PAST_LIKE_BASE = new Set(
  "put read let set cut hit cost hurt quit shut split spread beat cast burst rid shed bid thrust upset".split(
    " ",
  ),
);
const MODAL = new Set(
  "can could will would shall should may might must ca wo ought used better cannot".split(" "),
);
const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ["am", "is"],
  ["are", "is"],
  ["were", "was"],
  ["have", "has"],
  ["do", "does"],
  ["'ve", "has"],
  ["'re", "is"],
]);

/** Irregular past forms that a lemmatiser may miss. */
const PAST = new Set(
  `was were had did went got made took came saw knew gave found told became left felt brought began kept held wrote
   stood heard meant met ran paid sat spoke led grew lost fell sent built understood drew broke spent rose drove bought
   wore chose ate taught won flew caught forgot sold sang threw slept swam woke thought said began drank rode shot stuck
   struck tore wound fought hid laid lent lit shook showed stole swore swept swung hung dealt dug fed froze hurt knelt
   sought shone slid spun stung sank bit bent blew bound bred cried tried`.split(/\s+/),
);

/** True for was, went, lost, started ...: a form that stands as past tense. */
export function isPastForm(lower: string): boolean {
  return (
    PAST.has(lower) ||
    PAST.has(lower.replace(/^(?:re|un|over|under|mis|out|up)(?=\w{3})/, "")) ||
    (/[^aeiou]ed$|[aeiouy]{1,2}ed$/.test(lower) && lower.length > 3 && !NOT_PAST.has(lower))
  );
}
const NOT_PAST = new Set("need feed seed speed breed weed indeed bleed greed creed heed excited".split(" "));

const PARTICIPLES = new Set(
  `been come gone done seen known become run begun gotten grown born written hidden ridden bitten eaten beaten fallen taken
   broken spoken woken stolen given driven proven risen chosen frozen forgotten shown worn torn sworn thrown flown drawn
   drunk sung swum`.split(/\s+/),
);

/** True for been, gone, felt, started ...: a form that stands behind "have". */
export function isParticiple(lower: string): boolean {
  return isPastForm(lower) || PARTICIPLES.has(lower);
}

/** "Put", "read": an order, a present or a past form. */
export function readsAsPast(lower: string): boolean {
  return PAST_LIKE_BASE.has(lower);
}

export function isModal(lower: string): boolean {
  return MODAL.has(lower);
}

/** Third person singular of a base form: go, goes; try, tries; have, has. Other forms come back as they are. */
export function thirdPerson(base: string): string {
  const irregular = IRREGULAR.get(base);
  if (irregular) return irregular;
  if (isModal(base) || PAST_LIKE_BASE.has(base)) return base;
  if (/(?:[sxz]|ch|sh|[^aeiou]o)$/.test(base)) return `${base}es`;
  if (/[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}ies`;
  return `${base}s`;
}

/** True where a finite verb of this form agrees with "I" or "you" but not with a name. */
export function needsAgreement(lower: string, lemma: string, pos: string): boolean {
  if (IRREGULAR.has(lower)) return true;
  if (isModal(lower) || PAST_LIKE_BASE.has(lower)) return false;
  if (pos !== "VERB" && pos !== "AUX" && pos !== "NOUN" && pos !== "ADJ" && pos !== "ADP") return false;
  return lower === lemma && /^[a-z]+$/.test(lower) && !isPastForm(lower) && !/[aeiouy].*ing$/.test(lower);
}
