import validator from "validator";

/** Whether a sentence holds an e-mail address, a telephone number or a postal address. */
export function holdsContact(sentence: string): boolean {
  return holdsEmail(sentence) || holdsTelephone(sentence) || ADDRESSES.some((one) => one.test(sentence));
}

function holdsEmail(sentence: string): boolean {
  return [...sentence.matchAll(/[^\s<>()[\]"',;:]{1,64}@[^\s<>()[\]"',;:!?]{3,190}/g)].some(([found]) =>
    validator.isEmail(found.replace(/\.+$/, "")),
  );
}

const INTERNATIONAL = /(?<![\d+])(?:\+|00(?=[1-9]))\d(?:[ ().-]{0,2}\d){7,14}(?!\d)/;
const NORTH_AMERICAN = /(?<![\d-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?![\d-])/;
const TOLD =
  /\b(?:phone|mobile|cell|cellphone|telephone|tel|landline|whatsapp|signal|fax|hotline|call|text|ring|reach(?:ed)?|sms|handy|telefon|(?:his|her|my|their|your|our|'s) number)\b[^.!?\d]{0,32}(\(?\d(?:[ ()/.-]{0,3}\d){6,13})(?!\d)/i;

function holdsTelephone(sentence: string): boolean {
  if (INTERNATIONAL.test(sentence) || NORTH_AMERICAN.test(sentence)) return true;
  const [, told] = TOLD.exec(sentence) ?? [];
  return told !== undefined && !/^\d{4}-\d{2}-\d{2}/.test(told);
}

const STREETS =
  "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Square|Sq|Place|Pl|Terrace|Close|Crescent|Row|Mews|Highway|Hwy|Parkway";
/** A house's number before the street's name, or behind it. */
const ADDRESSES: readonly RegExp[] = [
  new RegExp(
    `(?<![\\d.,])\\d{1,5}[a-zA-Z]? (?:(?:\\p{Lu}[\\p{L}'’.-]*|\\d{1,3}(?:st|nd|rd|th)) ){1,3}(?:${STREETS})\\b`,
    "u",
  ),
  /(?<!\p{L})\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|gasse|allee|platz|damm|ufer|ring) \d{1,4}[a-z]?(?![\d.,]\d)/u,
  /(?<!\p{L})(?:Rue|Avenue|Boulevard|Calle|Avenida|Via|Viale|Piazza|Rua|Plaza) (?:\p{L}[\p{L}'’.-]* ){0,4}\p{Lu}[\p{L}'’-]*,? \d{1,4}\b/u,
  /(?<![\d.,])\d{1,4},? (?:rue|avenue|boulevard|quai|place) (?:\p{L}[\p{L}'’.-]* ?){1,5}/u,
  /\bP\.? ?O\.? Box \d{1,6}\b/i,
];
