import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { expect, it } from "vitest";
import { parseLocomo } from "../recall/locomo.ts";
import { contextTokensLine, historyOf, historyTokens, joined } from "./context-tokens.ts";
import { goldConversation } from "./written-case.ts";

it("takes a gold conversation as one session, and asks what its people say last", () => {
  const at = "2026-03-01T10:00:00Z";
  const history = historyOf(
    goldConversation.parse({
      id: "bees",
      about: "bees",
      turns: [
        { text: "I keep bees.", by: "Ada", at },
        { text: "How many?", role: "assistant", at },
        { text: "Two hives.", by: "Ada", at },
        { text: "Noted.", role: "assistant", at },
      ],
      facts: [{ fact: "Ada keeps bees.", words: [["bees"]] }],
    }),
  );
  expect(history.sessions.map((turns) => turns.length)).toEqual([4]);
  expect(history.queries).toEqual(["I keep bees.", "Two hives."]);
  expect(historyTokens(history)).toBe(
    countTokens("Ada: I keep bees.\nassistant: How many?\nAda: Two hives.\nassistant: Noted."),
  );
});

it("takes one of LoCoMo session by session, and asks its questions", () => {
  const [conversation] = parseLocomo({
    sample_id: "c1",
    conversation: {
      speaker_a: "Ada",
      speaker_b: "Bo",
      session_1_date_time: "1:56 pm on 8 May, 2023",
      session_1: [{ speaker: "Ada", dia_id: "D1:1", text: "Hi Bo!" }],
      session_2_date_time: "1:56 pm on 9 May, 2023",
      session_2: [{ speaker: "Bo", dia_id: "D2:1", text: "Hi Ada!" }],
    },
    qa: [{ question: "Who greets?", answer: "Ada", category: 4, evidence: ["D1:1"] }],
  });
  const history = historyOf(conversation as NonNullable<typeof conversation>);
  expect(history.sessions.map((turns) => turns.map(({ name, text }) => [name, text]))).toEqual([
    [["Ada", "Hi Bo!"]],
    [["Bo", "Hi Ada!"]],
  ]);
  expect(history.queries).toEqual(["Who greets?"]);
});

it("joins histories to one, with all that is asked", () => {
  const one = { id: "a", sessions: [[{ text: "I keep bees." }]], queries: ["Bees?"] };
  const other = { id: "b", sessions: [[{ text: "I sing." }], [{ text: "I row." }]], queries: ["Songs?"] };
  expect(joined("both", [one, other])).toEqual({
    id: "both",
    sessions: [...one.sessions, ...other.sessions],
    queries: ["Bees?", "Songs?"],
  });
});

it("prints the share", () => {
  expect(contextTokensLine({ contexts: 3, context: 187.4, history: 14_520, share: 0.0129 })).toBe(
    "tokens per context 187 of 14520 of the whole history, 1.3 % (target: at most 10 %; n 3)",
  );
});
