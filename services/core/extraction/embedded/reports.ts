import { type Token, tokenize } from "./language.ts";
import { isParticiple, isPastForm } from "./verbs.ts";

/** Of what an assistant thought or felt, nothing follows for anybody. */
const INNER =
  /^(?:was|were|had|did|thought|meant|said|told|asked|heard|loved|liked|hoped|wished|wanted|noted|noticed|understood|learned|learnt|assumed|guessed|felt|enjoyed|believed|figured|knew|known|read|got|misunderstood|mentioned|suggested|recommended|explained|described|been)$/;
/** Words between "I" and what was done. */
const BESIDE = /^(?:have|'ve|has|just|also|already|now|gone|went|ahead|and|successfully|even|,|then)$/;
/** "Booked: Friday, 13 to 17." */
const DONE =
  /^(?:booked|added|moved|sent|saved|cancell?ed|scheduled|rescheduled|ordered|updated|created|reserved|confirmed|removed|changed|deleted|set|registered|refunded|shipped|paid|found|arranged|postponed)\b/i;
/** Acts that somebody may later ask for; "I'll be here", "I'll keep that in mind" promise none. */
const PROMISED =
  /^(?:remind|send|resend|call|ring|phone|book|order|email|e-mail|text|message|schedule|reschedule|reserve|ship|refund|deliver|prepare|give|bring|pay|transfer|cancel|notify|ping|wake|arrange|forward|replace|credit|contact|return|repair|waive|extend|renew|invite|submit|file|meet|follow|check|get back)$/;
const PASSIVE =
  /\b(?:is|are|was|were|has been|have been|got) (?:now |already |all |successfully )?(?:booked|confirmed|scheduled|rescheduled|reserved|ordered|shipped|sent|cancell?ed|refunded|paid|approved|rejected|delivered|saved|updated|registered|renewed|extended|moved|postponed|delayed)\b/i;
/** "I see a fault on your line", "According to your calendar ...". */
const FOUND =
  /^(?:(?:I|we) (?:can )?see (?:an?|the|no|two|three|\d+|your|that your)\b|according to (?:the|your|our|my)\b|(?:the|your|our) (?:search|results?|calendar|records?|system|inbox|statement|lookup|report) (?:says?|shows?|lists?|has|have|found|returns?|returned)\b)/i;
const CONDITIONAL = /\b(?:if|unless|would|could|should|can|may|might)\b/i;

/**
 * True for what an assistant did, found or promised: "I've moved the call to Friday.", "Booked: Friday, 13 to 17."
 * What it suggests, asks, repeats or knows in general is no memory of anybody.
 */
export function reports(sentence: string): boolean {
  if (FOUND.test(sentence)) return true;
  if (PASSIVE.test(sentence)) return !CONDITIONAL.test(sentence);
  const tokens = tokenize(sentence).filter(
    ({ lower }) => !/^(?:then|so|ok|okay|done|,|\.|:|-|and)$/.test(lower),
  );
  if (DONE.test(tokens[0]?.lower ?? "")) return tokens.some(({ pos }, i) => i > 0 && TELLING.test(pos));
  if (!/^(?:I|we)$/i.test(tokens[0]?.lower ?? "")) return false;
  return did(tokens) || promises(tokens);
}

const TELLING = /^(?:NOUN|PROPN|NUM)$/;

function did(tokens: readonly Token[]): boolean {
  const verb = tokens.slice(1).find(({ lower }) => !BESIDE.test(lower))?.lower ?? "";
  return !INNER.test(verb) && (isPastForm(verb) || isParticiple(verb) || /^(?:set|put)$/.test(verb));
}

function promises(tokens: readonly Token[]): boolean {
  const words = tokens.map(({ lower }) => lower).filter((lower) => !/^(?:also|then|just|now)$/.test(lower));
  const verb = /^(?:i|we) (?:will|shall|am going to|are going to) (get back|\S+)/.exec(words.join(" "))?.[1];
  return PROMISED.test(verb ?? "") && !/\b(?:if|unless)\b/.test(words.join(" "));
}
