import type { Printer } from "@mneme/cli/output/printer.ts";
import { partsText } from "@mneme/cli/output/search.ts";
import { facts } from "@mneme/cli/output/table.ts";
import { clean, count, formatDate, formatMs, wrap } from "@mneme/cli/output/text.ts";
import type { Hit, SearchTimings, Source } from "@mneme/sdk";
import { type Asked, TOP, turnsOf } from "./ask.ts";
import type { Conversation } from "./conversation.ts";
import type { Played } from "./play.ts";
import { CATEGORIES, type Recall, type Spread, type Summary } from "./summary.ts";

/** The demo for people: plain lines that read at 100 columns, with a little weight on a terminal. */
export class Report {
  readonly #print: Printer;
  readonly #width: number;

  constructor(print: Printer) {
    this.#print = print;
    this.#width = Math.min(print.width, 120);
  }

  opening(conversation: Conversation, url: string): string {
    const { participants, turns } = conversation;
    const dates = [turns[0], turns.at(-1)].map(
      (turn) => turn && formatDate(turn.message.sentAt).slice(0, 10),
    );
    const sessions = new Set(turns.map(({ session }) => session)).size;
    const who = participants.map(clean).join(" and ");
    const what = `${count(turns.length, "message")} in ${count(sessions, "session")}, ${dates.join(" to ")}`;
    return `${this.#print.style("bold", `${who}: ${what}`)}\n${url}`;
  }

  /** One question: what was found, why, from where, and how long it took. */
  question(asked: Asked, played: Played, number: number, of: number): string {
    const { question, result, clientMs } = asked;
    const category = CATEGORIES[question.category];
    const head = `Question ${number} of ${of}${category ? ` (${category})` : ""}: `;
    return [
      this.#print.style("bold", this.#hanging(head, clean(question.text))),
      this.#labelled("expected", clean(question.answer)),
      this.#labelled("evidence", evidenceText(asked)),
      ...result.hits.flatMap((hit, index) => this.#hit(hit, index + 1, asked, played)),
      ...(result.hits.length === 0 ? ["  nothing found"] : []),
      ...result.degraded.map(({ part, effect }) => this.#labelled("degraded", `without ${part}: ${effect}`)),
      this.#labelled("time", `${formatMs(clientMs)} here; on the server ${timingsText(result.timings)}`),
    ].join("\n");
  }

  #hit(hit: Hit, rank: number, asked: Asked, played: Played): string[] {
    const wanted = new Set(asked.question.evidence);
    const found = turnsOf(hit, played).some((id) => wanted.has(id));
    const lead = `${found ? "*" : " "} ${String(rank).padStart(2)}. ${hit.score.toFixed(3)}  `;
    const indent = " ".repeat(lead.length);
    return [
      this.#print.style(found ? "green" : "reset", this.#hanging(lead, clean(hit.memory.text))),
      this.#print.style("dim", this.#hanging(indent, partsText(hit.parts))),
      ...hit.memory.sources.map((source) =>
        this.#print.style("dim", this.#hanging(`${indent}<- `, this.#source(source, played))),
      ),
    ];
  }

  #source(source: Source, { turnOf }: Played): string {
    const id = turnOf.get(source.messageId) ?? source.messageId;
    const who = source.name ?? source.role ?? "";
    const text = source.text === "" ? "(the message is not kept)" : `"${clean(source.text)}"`;
    return `${id}, ${formatDate(source.sentAt)}, ${clean(who)}: ${text}`;
  }

  /** The figures of a run. */
  summary(summary: Summary): string {
    const { counts, recallAt10 } = summary;
    const outcome = Object.entries(counts)
      .filter(([, n]) => n > 0)
      .map(([name, n]) => `${n} ${name}`)
      .join(", ");
    const failed = summary.failedExtractions > 0 ? `${summary.failedExtractions} failed` : undefined;
    const categories = Object.entries(summary.recallByCategory);
    return [
      this.#print.style("bold", "Summary"),
      facts([
        ["messages", `${summary.messages} in ${count(summary.sessions, "session")}`],
        ["memories", outcome === "" ? `${summary.memories}` : `${summary.memories} (${outcome})`],
        ["extractions", failed],
        [
          "add answered",
          `${spreadText(summary.addMs)}, ${summary.addsPerSecond.toFixed(0)} a second one by one`,
        ],
        [
          "add to searchable",
          `${spreadText(summary.searchableMs)}; all of it ${formatMs(summary.lagMs)} after the last add`,
        ],
        ["search, from here", spreadText(summary.searchClientMs)],
        ["search, on the server", spreadText(summary.searchServerMs)],
        [`evidence recall@${TOP}`, recallText(recallAt10)],
        ...(categories.length > 1
          ? categories.map(([name, recall]) => [`  ${name}`, recallText(recall)] as const)
          : []),
      ]),
    ].join("\n");
  }

  /** What to try next. */
  closing(userId: string, question: string | undefined, stopping: boolean): string {
    const example = clean(question ?? "what is new?").replaceAll('"', "'");
    const lead = stopping ? "The stack stops now; 'npm start' brings it back with these memories.\n" : "";
    return `${lead}Ask more:\n  npm run -s mneme -- search --user ${userId} --explain \\\n    "${example}"`;
  }

  #labelled(label: string, text: string): string {
    return this.#hanging(`  ${label.padEnd(9)} `, text);
  }

  /** Wrapped at words, with the lines after the first under the first one's text. */
  #hanging(lead: string, text: string): string {
    const lines = wrap(text, this.#width - lead.length);
    return lead + lines.replaceAll("\n", `\n${" ".repeat(lead.length)}`);
  }
}

function evidenceText({ ranks, recall }: Asked): string {
  if (recall === undefined) return "none named";
  return [...ranks]
    .map(([id, rank]) => `${id} ${rank === undefined ? "NOT FOUND" : `found at ${rank}`}`)
    .join(", ");
}

function timingsText(timings: SearchTimings): string {
  const { totalMs, resolveMs, embedMs, indexMs, fuseMs, hydrateMs, packMs } = timings;
  const parts = {
    resolve: resolveMs,
    embed: embedMs,
    index: indexMs,
    fuse: fuseMs,
    hydrate: hydrateMs,
    pack: packMs,
  };
  const named = Object.entries(parts).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
  return `${formatMs(totalMs)} (${named.join(", ")})`;
}

function spreadText({ p50, p95 }: Spread): string {
  return `p50 ${formatMs(p50)}, p95 ${formatMs(p95)}`;
}

function recallText({ recall, complete, questions }: Recall): string {
  return `${recall.toFixed(1)} % of the evidence, all of it for ${complete.toFixed(1)} % of ${count(questions, "question")}`;
}
