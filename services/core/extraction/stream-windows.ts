import type { Language } from "../language/languages.ts";
import {
  isShort,
  type TurnFeatures,
  turnFeatures,
  type WindowTurn,
  windowText,
} from "../search/turn-features.ts";
import type { Turn } from "./extractor.ts";
import type { StreamBatch } from "./ingest-store.ts";

interface SessionTurn extends WindowTurn {
  readonly messageId: string;
  readonly isNew: boolean;
}

/** Old and new turns of each session, oldest first: windows never reach over a session's edge. */
function sessionsOf(batch: StreamBatch): SessionTurn[][] {
  const sessions = new Map<string, SessionTurn[]>();
  const add = (turn: Turn, isNew: boolean) => {
    const key = turn.sessionId ?? "";
    const turns = sessions.get(key) ?? [];
    turns.push({ ...turn, isNew });
    sessions.set(key, turns);
  };
  for (const turn of batch.context) add(turn, false);
  // A finished statement is no part of a conversation.
  for (const { turn, draft } of batch.pending) if (!draft) add(turn, true);
  return [...sessions.values()];
}

/** Retrieval features of the messages of a batch, by their ids. */
export function batchFeatures(batch: StreamBatch, language: Language): Map<string, TurnFeatures> {
  const features = new Map<string, TurnFeatures>();
  for (const { turn, draft } of batch.pending) {
    if (draft) features.set(turn.messageId, turnFeatures([turn], 0, language));
  }
  for (const turns of sessionsOf(batch)) {
    turns.forEach((turn, i) => {
      if (turn.isNew) features.set(turn.messageId, turnFeatures(turns, i, language));
    });
  }
  return features;
}

/** Windows of turns worked before that now reach a new turn. */
export function reachingWindows(batch: StreamBatch, language: Language): Map<string, string> {
  const windows = new Map<string, string>();
  for (const turns of sessionsOf(batch)) {
    turns.forEach((turn, i) => {
      // A long turn's statements have windows of their own, which no neighbour joins.
      if (!turn.isNew && turns[i + 1]?.isNew && isShort(turn.text, language))
        windows.set(turn.messageId, windowText(turns, i, language));
    });
  }
  return windows;
}
