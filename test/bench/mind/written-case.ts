import { z } from "zod";

/** What becomes of a statement; `NONE`: nothing of the turn is kept, and nothing known changes. */
export const LABELS = ["ADD", "UPDATE", "SUPERSEDE", "DELETE", "NOOP", "NONE"] as const;
export type Label = (typeof LABELS)[number];

const turn = z.strictObject({
  text: z.string().min(1),
  /** The speaker's name; of a turn without one the application gave none. */
  by: z.string().min(1).optional(),
  role: z.enum(["user", "assistant", "tool"]).default("user"),
  at: z.iso.datetime(),
});

/**
 * Statements that hold once the case is over, or hold no longer: each is known by words or phrases
 * ("lives in berlin", where "has left Berlin" is no match) that it has all of.
 */
const words = z.array(z.string().min(1)).min(1);

const writtenCase = z.strictObject({
  /** kebab-case, unique over all files. */
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  /** Whether one person speaks with an agent, or several people of a team share what they tell. */
  scope: z.enum(["person", "team"]).default("person"),
  /** Said before, each in an add of its own: what is known. */
  before: z.array(turn).default([]),
  /** Said now, in one add. */
  now: z.array(turn).min(1),
  /** What may become of what is said now; the first is the label that the matrix counts. */
  expect: z.array(z.enum(LABELS)).min(1),
  /** Found by their words among what holds afterwards. */
  holds: z.array(words).default([]),
  /** Not to be found among what holds afterwards (superseded, deleted, or never kept). */
  gone: z.array(words).default([]),
  /** Why, where a reader might doubt it. */
  note: z.string().optional(),
});

export type WrittenCase = z.infer<typeof writtenCase>;

/** A file of cases of one kind, e.g. `moves.json`. */
export const caseFile = z.strictObject({ about: z.string(), cases: z.array(writtenCase).min(1) });

const fact = z.strictObject({
  /** As a person would write it down. */
  fact: z.string().min(1),
  /** A statement tells it if it has, of each group, at least one: the beginnings of words, case apart. */
  words: z.array(z.array(z.string().min(1)).min(1)).min(1),
});

/** A conversation with the facts that a careful reader would keep of it. */
export const goldConversation = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  about: z.string(),
  turns: z.array(turn).min(4),
  /** What must be kept. */
  facts: z.array(fact).min(1),
  /** True and said, but nobody would miss it: telling it is no mistake, and leaving it out neither. */
  also: z.array(fact).default([]),
  /** What nobody said as a fact: hypotheses, suggestions, quotes of others, jokes. A statement that tells it is wrong. */
  wrong: z.array(fact).default([]),
});

export type GoldConversation = z.infer<typeof goldConversation>;
