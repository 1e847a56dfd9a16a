import type { BudgetGuard } from "../cost/budget-guard.ts";
import { type ExtractorChoice, isReadByModel } from "../extraction/choose-extractor.ts";
import type { AcceptInput, ConversationStore } from "../memory/conversation-store.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { LimitedCaller } from "./levels.ts";
import type { MessageQuota } from "./message-quota.ts";
import type { Addition, UsageGuard } from "./usage.ts";

/** What adds are held to. */
export interface AddLimits {
  readonly messages: Pick<MessageQuota, "take">;
  readonly usage: UsageGuard;
  readonly budgets: BudgetGuard;
  /** Whether finished statements need a model's server too, whatever a project sets: to embed them. */
  readonly embedsByServer: boolean;
  /** What may read what is said, and what projects choose of it. */
  readonly extractors: ExtractorChoice;
  readonly settings: SettingsOf;
}

/**
 * Conversations of one caller, who is held to what it may add. What a repeated request or one that failed was counted is
 * taken back.
 *
 * @throws MnemeError QUOTA_EXCEEDED, BUDGET_EXCEEDED beside what the store throws.
 */
export function meteredConversations(
  conversations: ConversationStore,
  { messages, usage, budgets, embedsByServer, extractors, settings }: AddLimits,
  caller: LimitedCaller,
): ConversationStore {
  const isRead = async () => isReadByModel(extractors, await settings.of(caller.tenantId, caller.projectId));
  const embedsAsNamed = async () => {
    const { models } = await settings.of(caller.tenantId, caller.projectId);
    return models?.embedder !== undefined;
  };

  function needOf(input: AcceptInput): Addition["needsModel"] {
    if (embedsByServer) return true;
    const readsByModel = hasTurns(input) && extractors.hasModel;
    return async () => (await embedsAsNamed()) || (readsByModel && (await isRead()));
  }

  return {
    async accept(tenancy, input, signal) {
      if (hasTurns(input) && extractors.hasModel && (await isRead())) {
        await budgets.admit(caller.tenantId, caller.projectId, "messages");
      }
      await usage.admit(caller, { drafts: draftsOf(input), needsModel: needOf(input) });
      const takeBack = await messages.take(caller, input.items.length, signal);
      try {
        const accepted = await conversations.accept(tenancy, input, signal);
        if (accepted.isRepeated) takeBack();
        return accepted;
      } catch (error) {
        takeBack();
        throw error;
      }
    },
  };
}

function draftsOf({ items }: AcceptInput): number {
  return items.filter(({ type }) => type === "draft").length;
}

function hasTurns({ items }: AcceptInput): boolean {
  return items.some(({ type }) => type === "turn");
}
