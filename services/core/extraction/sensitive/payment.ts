import validator from "validator";

/** Whether a sentence holds the number of a card or an account, or what protects one. */
export function holdsPayment(sentence: string): boolean {
  return (
    holdsCardNumber(sentence) ||
    holdsIban(sentence) ||
    (OF_CARDS.test(sentence) && (CARD_CODE.test(sentence) || EXPIRY.test(sentence))) ||
    CARD_CODE_BY_NAME.test(sentence) ||
    holdsAccount(sentence)
  );
}

const OF_CARDS =
  /\b(?:(?:credit|debit|bank|giro|atm|charge|prepaid|corporate|company)[ -]?cards?|cards?|visa|mastercard|amex|american express|maestro|(?:kredit|debit|bank|giro|ec-?)-?karte|tarjeta)\b/i;
const CARD_CODE_BY_NAME = /\b(?:cvv2?|cvc2?|cid|prüfziffer)\b[^.!?]{0,24}?(?<!\d)\d{3,4}(?!\d)/iu;
const CARD_CODE =
  /\b(?:security code|sicherheitscode|kartenprüfnummer|código de seguridad|verification (?:code|number|value)|pin(?: code| number)?|code on the back)\b[^.!?]{0,24}?(?<!\d)\d{3,6}(?![\d/])/i;
const EXPIRY =
  /\b(?:exp|expir\w+|valid (?:until|through|thru|to)|good through)\b[^!?]{0,20}?(?<!\d)(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d{2}(?![\d/-])/i;

/** What numbers are of otherwise, told right before them. */
const OTHER_NUMBER =
  /\b(?:order|tracking|shipment|parcel|invoice|ticket|case|booking|reservation|confirmation|serial|part|item|article|imei|isbn|ean|sku|build|batch|commit|meter|reference|ref)\b[^.!?\d]{0,24}$/i;

function holdsCardNumber(sentence: string): boolean {
  for (const run of sentence.matchAll(/(?<![\d.,/])\d+(?:[ -]\d+){0,18}(?![\d/])/g)) {
    const before = sentence.slice(Math.max(0, run.index - 48), run.index);
    if (OTHER_NUMBER.test(before)) continue;
    if (stretchesOf(run[0].split(/[ -]/), 13, 19).some((digits) => validator.isCreditCard(digits)))
      return true;
  }
  return false;
}

/** What stands together in groups, with as many characters: a number may be followed by another. */
function stretchesOf(groups: readonly string[], least: number, most: number): string[] {
  const found: string[] = [];
  for (let from = 0; from < groups.length; from += 1) {
    let joined = "";
    for (let to = from; to < groups.length && joined.length < most; to += 1) {
      joined += groups[to];
      if (joined.length >= least && joined.length <= most) found.push(joined);
    }
  }
  return found;
}

function holdsIban(sentence: string): boolean {
  for (const run of sentence.matchAll(/\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{1,30}){1,10}/gi)) {
    const groups = run[0].split(/[ -]/);
    for (let to = 1; to <= groups.length; to += 1)
      if (validator.isIBAN(groups.slice(0, to).join(""))) return true;
  }
  return false;
}

const OF_BANKS =
  /\b(?:bank|banking|checking|savings account|current account|routing|sort code|wire|bic|swift|giro|direct debit|kontonummer|blz|sparkasse|banco|cuenta bancaria)\b/i;
const ACCOUNT_NUMBER =
  /\b(?:account|acct|konto|cuenta)(?: ?(?:number|no\.?|nummer|#))?(?!\p{L})[^.!?\d]{0,32}(?<!\d)\d(?:[ -]?\d){5,16}(?!\d| ?(?:[€$£]|euros?|dollars?|pounds?|followers?))/iu;
const SORT_CODE = /\bsort code\b[^.!?\d]{0,12}\d{2}[ -]?\d{2}[ -]?\d{2}(?!\d)/i;

function holdsAccount(sentence: string): boolean {
  if (SORT_CODE.test(sentence) || (OF_BANKS.test(sentence) && ACCOUNT_NUMBER.test(sentence))) return true;
  const [, routing = ""] =
    /\brouting(?: ?(?:number|no\.?|#))?\b[^.!?\d]{0,12}(\d{9})(?!\d)/i.exec(sentence) ?? [];
  return validator.isAbaRouting(routing);
}
