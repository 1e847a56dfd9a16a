import type { SubjectRef } from "../tenancy/scope.ts";
import type { StreamBatch } from "./ingest-store.ts";

/** What an answer was for. */
export type AnswerPurpose = "extract" | "reconcile" | "summarise";

/** Whose words an answer was made of: it goes with them. */
export interface AnswerOwner {
  readonly tenantId: string;
  readonly projectId: string;
  readonly streamId: string;
  readonly subject: SubjectRef | undefined;
  readonly purpose: AnswerPurpose;
  /** Messages that the model was shown. */
  readonly messageIds: readonly string[];
  /** Memories of the stream that it was shown; undefined where nobody knows, or the record does not have them, as in a replay. */
  readonly memoryIds?: readonly string[] | undefined;
  /** Of memories that nobody knows: none of the stream may have been deleted since. */
  readonly quietSince?: Date | undefined;
}

/** Answers of models, by everything that they were asked. */
export interface ModelAnswers {
  /** What the model answered before; undefined where it was not asked, or that is kept no longer. */
  find(owner: AnswerOwner, asked: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Keeps an answer that was of use. Of a person who is being erased, or a memory that is gone, nothing is. */
  keep(owner: AnswerOwner, asked: string, answer: string, signal?: AbortSignal): Promise<void>;
}

/** The answers of one owner. */
export interface KnownAnswers {
  find(asked: string): Promise<string | undefined>;
  keep(asked: string, answer: string): Promise<void>;
}

/** Told whether an answer was known, at each question. */
export type OnAnswer = (purpose: AnswerPurpose, isKnown: boolean) => void;

/** The same answers, counted. */
export function countAnswers(answers: ModelAnswers, onAnswer: OnAnswer): ModelAnswers {
  return {
    async find(owner, asked, signal) {
      const answer = await answers.find(owner, asked, signal);
      onAnswer(owner.purpose, answer !== undefined);
      return answer;
    },
    keep: (owner, asked, answer, signal) => answers.keep(owner, asked, answer, signal),
  };
}

/**
 * Those for what is asked about a batch; undefined where none are kept.
 *
 * @param memoryIds known memories that the question tells; undefined where it may tell of others, too.
 */
export function answersOf(
  answers: ModelAnswers | undefined,
  tenantId: string,
  { projectId, streamId, subject, context, pending, loadedAt }: StreamBatch,
  purpose: AnswerPurpose,
  signal: AbortSignal | undefined,
  memoryIds?: readonly string[],
): KnownAnswers | undefined {
  if (!answers) return undefined;
  const turns = [...context, ...pending.map(({ turn }) => turn)];
  const messageIds = turns.map(({ messageId }) => messageId);
  // Which memories these are can be told when it is kept: of others, only whether any was deleted meanwhile.
  const quietSince = memoryIds ? undefined : loadedAt;
  const owner = { tenantId, projectId, streamId, subject, purpose, messageIds, memoryIds, quietSince };
  return ofOwner(answers, owner, signal);
}

export function ofOwner(
  answers: ModelAnswers,
  owner: AnswerOwner,
  signal: AbortSignal | undefined,
): KnownAnswers {
  return {
    find: (asked) => answers.find(owner, asked, signal),
    keep: (asked, answer) => answers.keep(owner, asked, answer, signal),
  };
}
