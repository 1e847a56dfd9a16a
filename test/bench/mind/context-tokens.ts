import { countTokens } from "@mneme/core/tokens/count-tokens.ts";
import type { Message, Mneme } from "@mneme/sdk";
import { type LocomoConversation, speakerOf } from "../recall/locomo.ts";
import type { GoldConversation } from "./written-case.ts";

export interface ContextTokens {
  readonly contexts: number;
  /** Mean tokens of a context. */
  readonly context: number;
  /** Mean tokens of the history that a context stands for. */
  readonly history: number;
  /** Tokens of all contexts as a share of those of their histories, 0..1. */
  readonly share: number;
}

export interface ContextTokensOptions {
  /** Tokens of a context; 200 unless told. */
  readonly tokenBudget?: number;
  /** Contexts asked of a history at most; 20 unless told. */
  readonly most?: number;
  /** Whose the conversations are, e.g. where they were added before: `${prefix}${id}`. */
  readonly prefix?: string;
  /** False where they were added before. */
  readonly add?: boolean;
}

/** A conversation as an application holds it. */
export interface History {
  readonly id: string;
  /** By session, oldest first. */
  readonly sessions: readonly (readonly Message[])[];
  /** What contexts are asked for. */
  readonly queries: readonly string[];
}

/** A gold conversation asks what its last turns say, one of LoCoMo its questions. */
export function historyOf(conversation: GoldConversation | LocomoConversation): History {
  if ("facts" in conversation) {
    const turns = conversation.turns.map(({ text, by, role, at }): Message => {
      return { role, text, sentAt: new Date(at), ...(by !== undefined && { name: by }) };
    });
    const asked = turns.filter(({ role }) => role === "user").slice(-3);
    return { id: conversation.id, sessions: [turns], queries: asked.map(({ text }) => text) };
  }
  const bySession = Map.groupBy(conversation.turns, ({ session }) => session);
  return {
    id: conversation.id,
    sessions: [...bySession.values()].map((turns) =>
      turns.map(({ speaker, text, sentAt }): Message => {
        const { role, name } = speakerOf(speaker);
        return { role, text, sentAt, ...(name !== undefined && { name }) };
      }),
    ),
    queries: conversation.questions.map(({ question }) => question),
  };
}

/** Many short histories as one long one: what contexts are asked for is spread over all of them. */
export function joined(id: string, histories: readonly History[]): History {
  return {
    id,
    sessions: histories.flatMap(({ sessions }) => sessions),
    queries: histories.flatMap(({ queries }) => queries),
  };
}

/** Tokens of a whole history as a prompt would hold it: a line a turn, with who says it. */
export function historyTokens({ sessions }: History): number {
  const lines = sessions.flat().map(({ name, role = "user", text }) => `${name ?? role}: ${text}`);
  return countTokens(lines.join("\n"));
}

/** Adds histories, each as a person's own, and asks for contexts: what they take beside the whole history. */
export async function contextTokens(
  mneme: Mneme,
  histories: readonly History[],
  { tokenBudget = 200, most = 20, prefix = "context-tokens-", add = true }: ContextTokensOptions = {},
): Promise<ContextTokens> {
  let contexts = 0;
  let tokens = 0;
  let whole = 0;
  for (const history of histories) {
    const person = mneme.user(`${prefix}${history.id}`);
    const added = [];
    for (const [index, turns] of add ? history.sessions.entries() : []) {
      added.push(await person.session(`s${index + 1}`).add(turns));
    }
    await mneme.waitFor(added, { timeoutMs: 120_000 });
    const full = historyTokens(history);
    for (const query of history.queries.slice(0, most)) {
      tokens += (await person.context(query, { tokenBudget })).tokens;
      whole += full;
      contexts += 1;
    }
  }
  return { contexts, context: tokens / contexts, history: whole / contexts, share: tokens / whole };
}

/** `tokens per context 187 of 14520 of the whole history, 1.3 % (target: at most 10 %)`. */
export function contextTokensLine({ contexts, context, history, share }: ContextTokens): string {
  const of = `${context.toFixed(0)} of ${history.toFixed(0)} of the whole history`;
  return `tokens per context ${of}, ${(share * 100).toFixed(1)} % (target: at most 10 %; n ${contexts})`;
}
