import type { Reading } from "../claims/claim.ts";
import { deniesAlike } from "../claims/denies-alike.ts";
import { readClaims } from "../claims/reading.ts";
import { slotsOf } from "../claims/slot-keys.ts";
import { selvesOf } from "../claims/tellers.ts";
import { containsWord } from "../language/contains-word.ts";
import type { RelationMention } from "../memory/memory.ts";
import type { StreamBatch } from "./ingest-store.ts";
import { mentionsOf } from "./mentions.ts";
import type { KnownCandidate, MergedWords, Proposal } from "./proposal.ts";

const LONGEST_TEXT = 1_000;

/**
 * What a new statement and a known one say together in a model's words, not embedded yet.
 *
 * @returns undefined where the words say what neither says: a model may not invent, deny what nobody denied, or tell of one
 *   what was told of another.
 */
export function mergedWords(
  proposal: Proposal,
  known: KnownCandidate | undefined,
  text: string,
  batch: Pick<StreamBatch, "participants" | "subject">,
): MergedWords | undefined {
  if (!known || text === "" || text.length > LONGEST_TEXT) return undefined;
  const { content, reading } = proposal;
  const selves = selvesOf(batch.subject ? batch.participants : []);
  const isRead = reading.unread === undefined;
  const merged = isRead ? readClaims(text, selves) : reading;
  if (!isOfTheirWords(text, proposal, known)) return undefined;
  if (
    isRead &&
    !(
      deniesAlike(text, [content.statement.text, known.text]) &&
      isSaidOfTheSame(merged, [reading, known.reading])
    )
  )
    return undefined;
  const { statement } = content;
  const names = batch.participants.map(({ name }) => name);
  const { entities, relations } = mentionsOf(text, [...statement.entities, ...known.entities], names);
  const told = {
    ...statement,
    text,
    embeddingText: text,
    entities,
    relations: joined(statement.relations, relations),
  };
  // Told together, it tells of the attributes of both.
  const slots = isRead ? slotsOf(merged) : content.slots;
  return { content: { ...content, statement: told, slots }, reading: merged };
}

function isOfTheirWords(text: string, { content, reading }: Proposal, known: KnownCandidate): boolean {
  const said = new Set([...reading.words, ...known.reading.words]);
  return [...readClaims(text, new Set()).words].every(
    (word) => said.has(word) || containsWord(content.statement.text, word) || containsWord(known.text, word),
  );
}

/** Everybody does what they did: "Ben lent Ann money" is not what "Ann lent Ben money" says. */
function isSaidOfTheSame(merged: Reading, both: readonly Reading[]): boolean {
  const told = both.flatMap(({ claims }) => claims);
  const subjects = new Set(told.map(({ subject }) => subject));
  return merged.claims.every(({ subject, attribute }) => {
    const same = told.filter((one) => one.attribute === attribute);
    return (
      subject === "" ||
      (same.length > 0 ? same.some((one) => one.subject === subject) : subjects.has(subject))
    );
  });
}

/** What was read of the new one, and what rules read of both. */
function joined(own: readonly RelationMention[], read: readonly RelationMention[]): RelationMention[] {
  const keyOf = ({ source, type, target }: RelationMention) => JSON.stringify([source, type, target]);
  return [...new Map([...read, ...own].map((one) => [keyOf(one), one])).values()];
}
