import { resolve } from "node:path";
import { Printer } from "@mneme/cli/output/printer.ts";
import { count } from "@mneme/cli/output/text.ts";
import type { Terminal } from "@mneme/cli/terminal.ts";
import type { Mneme } from "@mneme/sdk";
import { type Asked, ask } from "./ask.ts";
import { type Conversation, readConversations } from "./conversation.ts";
import type { DemoOptions } from "./options.ts";
import { type Played, play } from "./play.ts";
import { Report } from "./report.ts";
import type { Stack } from "./stack.ts";
import { type Summary, summarize } from "./summary.ts";

/** A conversation that was played and asked about. */
interface Run {
  readonly conversation: Conversation;
  readonly played: Played;
  readonly asked: readonly Asked[];
}

/** Plays the file's conversations to a server, asks their questions, and prints all of it. */
export async function demo(
  server: Pick<Stack, "mneme" | "url" | "startedHere">,
  options: DemoOptions,
  terminal: Terminal,
): Promise<Summary> {
  const print = new Printer(terminal, options.json);
  const report = new Report(print);
  const { conversations, inFile } = await readConversations(
    options.file && resolve(terminal.cwd, options.file),
    options,
  );
  const runs: Run[] = [];
  for (const conversation of conversations) {
    if (!options.json) terminal.stdout.write(`${report.opening(conversation, server.url)}\n\n`);
    runs.push(await perform(server.mneme, conversation, print, report, terminal));
  }
  const summary = summarize(runs);
  const last = runs.at(-1);
  print.result(asJson(server.url, runs, summary), () =>
    [
      report.summary(summary),
      ...(inFile > runs.length
        ? [`\nThe file holds ${inFile} conversations: --conversations ${inFile} plays all.`]
        : []),
      ...(last
        ? [`\n${report.closing(last.played.userId, last.asked[0]?.question.text, server.startedHere)}`]
        : []),
    ].join("\n"),
  );
  return summary;
}

async function perform(
  mneme: Mneme,
  conversation: Conversation,
  print: Printer,
  report: Report,
  terminal: Terminal,
): Promise<Run> {
  const { signal } = terminal;
  const played = await play(mneme, conversation, progressLine(print, conversation), signal);
  print.progress("");
  for (const { id, failure } of played.failed)
    print.note(`extraction ${id} failed: ${failure?.message ?? "unknown"}`);
  const asked: Asked[] = [];
  for (const [index, question] of conversation.questions.entries()) {
    const answer = await ask(played, question, signal);
    asked.push(answer);
    if (print.json) continue;
    terminal.stdout.write(`${report.question(answer, played, index + 1, conversation.questions.length)}\n\n`);
  }
  return { conversation, played, asked };
}

/** One line that moves on a terminal; a line a session and one for the wait where there is none. */
function progressLine(print: Printer, conversation: Conversation) {
  let said = "";
  return (phase: "adding" | "waiting", done: number, of: number, session: number) => {
    print.progress(phase === "adding" ? `adding ${done} of ${of} messages` : `extracted ${done} of ${of}`);
    const step = phase === "adding" ? `adding session ${session}` : "waiting for the extractions";
    if (step === said || print.movesLines) return;
    said = step;
    const sizeOf = conversation.turns.filter((turn) => turn.session === session).length;
    print.note(phase === "adding" ? `${step}: ${count(sizeOf, "message")}` : step);
  };
}

function asJson(url: string, runs: readonly Run[], summary: Summary) {
  return {
    url,
    conversations: runs.map(({ conversation, played, asked }) => ({
      id: conversation.id,
      userId: played.userId,
      messages: conversation.turns.length,
      memories: played.memories,
      failed: played.failed,
      questions: asked.map(({ question, ranks, ...rest }) => ({
        ...question,
        ranks: Object.fromEntries(ranks),
        ...rest,
      })),
    })),
    summary,
  };
}
