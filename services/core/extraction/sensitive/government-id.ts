/** Whether a sentence holds the number of an identity document, or one that a state gives people. */
export function holdsGovernmentId(sentence: string): boolean {
  if (holdsSocialSecurityNumber(sentence) || INSURANCE_NUMBER.test(sentence)) return true;
  for (const { index, 0: name } of sentence.matchAll(DOCUMENTS)) {
    const behind = sentence.slice(index + name.length, index + name.length + 60);
    if (numbersIn(behind.replace(/\bno\./i, "").split(/[.!?](?=\s)/)[0] ?? "")) return true;
  }
  return false;
}

const DOCUMENTS =
  /\b(?:passports?|(?:national )?id(?:entity)? ?(?:cards?|numbers?|no\.?)|national id|(?:driver'?s?|drivers'?|driving) licen[cs]e|licen[cs]e number|(?:tax|taxpayer)(?: id(?:entification)?)?(?: number| no\.?)?|tin|itin|ssn|ein|social security(?: number)?|social insurance number|sin number|(?:national insurance|ni)(?: (?:number|no\.?))|nino|national insurance|nhs number|medicare(?: number)?|medicaid(?: number)?|residence permit|green card|visa number|alien (?:registration )?number|voter id|military id|aadhaar|pan card|curp|cpf|rg|dni|nie|bsn|pesel|codice fiscale|personnummer|steuer-?id(?:entifikationsnummer)?|steuernummer|sozialversicherungsnummer|personalausweis(?:nummer)?|reisepass(?:nummer)?|führerschein(?:nummer)?|birth certificate number)\b/giu;

/** Six characters or more that hold four digits, in up to five groups, and are no date. */
function numbersIn(text: string): boolean {
  for (const [run] of text.matchAll(
    /(?<![\p{L}\d])(?:[A-Z]{0,4}\d[A-Z\d]*|[A-Z]{1,6}(?=[ -]?\d))(?:[ ./-]?[A-Z\d]*\d[A-Z\d]*){0,5}(?![\p{Ll}])/gu,
  )) {
    if (
      /^\d{4}-\d{2}(?:-\d{2})?$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^(?:19|20)\d{2}(?:[ -](?:19|20)\d{2})?$/.test(
        run,
      )
    )
      continue;
    const characters = run.replaceAll(/[ ./-]/g, "");
    if (characters.length >= 6 && characters.replaceAll(/\D/g, "").length >= 4) return true;
  }
  return false;
}

/** None begins with 000, 666 or 9, and no group is all zeros; 9 begins a taxpayer's number. */
const SOCIAL_SECURITY = /(?<![\d-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g;
const OTHER_NUMBER =
  /\b(?:order|tracking|part|serial|item|article|invoice|ticket|case|model|batch|lot|flight|room|extension|version)\b[^.!?\d]{0,24}$/i;

function holdsSocialSecurityNumber(sentence: string): boolean {
  return [...sentence.matchAll(SOCIAL_SECURITY)].some(
    ({ index }) => !OTHER_NUMBER.test(sentence.slice(Math.max(0, index - 48), index)),
  );
}

/** The United Kingdom's, whose letters and digits stand like nothing else. */
const INSURANCE_NUMBER = /\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/;
