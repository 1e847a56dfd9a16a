import { sentencesIn } from "../as-said/sentences.ts";
import { holdsContact } from "./contact.ts";
import { holdsCredentials } from "./credentials.ts";
import { holdsGovernmentId } from "./government-id.ts";
import { holdsHealth } from "./health.ts";
import { holdsPayment } from "./payment.ts";
import { SENSITIVE_KINDS, type SensitiveKind } from "./sensitive-kind.ts";

const HOLDS: Readonly<Record<SensitiveKind, (sentence: string) => boolean>> = {
  payment: holdsPayment,
  credentials: holdsCredentials,
  government_id: holdsGovernmentId,
  health: holdsHealth,
  contact: holdsContact,
};

/** The first of these kinds that a text holds, in the order of `SENSITIVE_KINDS`. */
export function sensitiveKindOf(text: string, kinds: Iterable<SensitiveKind>): SensitiveKind | undefined {
  const wanted = new Set(kinds);
  if (wanted.size === 0) return undefined;
  const stretches = stretchesOf(text).map(({ start, end }) => text.slice(start, end));
  return SENSITIVE_KINDS.find((kind) => wanted.has(kind) && stretches.some((one) => HOLDS[kind](one)));
}

/** The text with blanks where its sentences hold any of these kinds: every place stays where it was. */
export function withoutSensitive(text: string, kinds: Iterable<SensitiveKind>): string {
  const wanted = [...new Set(kinds)];
  if (wanted.length === 0) return text;
  let left = text;
  for (const { start, end } of stretchesOf(text)) {
    const told = text.slice(start, end);
    if (!wanted.some((kind) => HOLDS[kind](told))) continue;
    left = left.slice(0, start) + left.slice(start, end).replaceAll(/\S/g, " ") + left.slice(end);
  }
  return left;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Sentences, and with each that asks or leads in what follows: "My card number? 4111 ...". */
function stretchesOf(text: string): Stretch[] {
  const sentences = sentencesIn(text, "en");
  return sentences.flatMap(({ start, end, text: sentence }, i) => {
    const next = sentences[i + 1];
    return next && LEADS_IN.test(sentence)
      ? [
          { start, end },
          { start, end: next.end },
        ]
      : [{ start, end }];
  });
}

const LEADS_IN =
  /\bp\.? ?o\.$|[?:]["'”)]*$|\b(?:number|code|password|key|card|pin|iban|address|email|phone)[.!]?$/i;
