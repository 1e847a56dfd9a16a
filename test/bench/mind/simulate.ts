import { comparedText } from "@mneme/core/claims/forgetting/request.ts";
import { asSaid, readClaims } from "@mneme/core/claims/reading.ts";
import { selvesOf, tellerOf } from "@mneme/core/claims/tellers.ts";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import type { Extractor, Statement, Turn } from "@mneme/core/extraction/extractor.ts";
import type { AddedDecision, Decision } from "@mneme/core/extraction/ingest-store.ts";
import type { KnownCandidate, Proposal } from "@mneme/core/extraction/proposal.ts";
import { reconcile } from "@mneme/core/extraction/reconcile.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { dot } from "@mneme/core/search/vector.ts";
import type { Participant } from "@mneme/core/tenancy/scope.ts";
import { judge } from "./judge.ts";
import type { CaseOutcome } from "./matrix.ts";
import type { Label, WrittenCase } from "./written-case.ts";

interface Kept {
  readonly id: string;
  statement: Statement;
  vector: Float32Array;
  readonly turn: Turn;
  isAlive: boolean;
}

/** Plays a case against a list instead of the record. */
export async function simulate(
  one: WrittenCase,
  extractor: Extractor,
  embedder: Embedder,
): Promise<CaseOutcome & { readonly log: readonly string[] }> {
  const play = new Play(one, extractor, embedder);
  for (const said of one.before) await play.add([said]);
  play.log.length = 0;
  const decisions = await play.add(one.now);
  const alive = play.kept.filter(({ isAlive }) => isAlive).map(({ statement }) => statement.text);
  return {
    ...judge(
      one,
      decisions.map(({ outcome }) => labelOf(outcome)),
      alive,
    ),
    log: play.log,
  };
}

function labelOf(outcome: Decision["outcome"]): Label {
  if (outcome === "merge") return "NOOP";
  if (outcome === "drop") return "NONE";
  return outcome === "forget" ? "DELETE" : (outcome.toUpperCase() as Label);
}

class Play {
  readonly kept: Kept[] = [];
  readonly log: string[] = [];
  readonly #case: WrittenCase;
  readonly #extractor: Extractor;
  readonly #embedder: Embedder;
  readonly #turns: Turn[] = [];
  readonly #participants: Participant[] = [];

  constructor(one: WrittenCase, extractor: Extractor, embedder: Embedder) {
    this.#case = one;
    this.#extractor = extractor;
    this.#embedder = embedder;
  }

  async add(said: WrittenCase["now"]): Promise<readonly Decision[]> {
    const turns = said.map(({ text, by, role, at }, i): Turn => {
      return {
        messageId: `${this.#turns.length + i}`,
        sessionId: undefined,
        role,
        name: by,
        text,
        sentAt: new Date(at),
      };
    });
    for (const { name, role } of turns) {
      if (name && !this.#participants.some((known) => known.name === name))
        this.#participants.push({ name, role });
    }
    const context = this.#turns.slice(-10);
    const { statements } = await this.#extractor.extract({ turns, context, summary: "", nearest: [] });
    this.#turns.push(...turns);
    const vectors = await this.#embedder.embed(statements.map(comparedText), { purpose: "document" });
    const proposals = statements.map((statement, i) =>
      this.#propose(statement, vectors[i] as Float32Array, turns),
    );
    const decisions = reconcile(proposals);
    this.#apply(decisions, turns);
    return decisions;
  }

  #propose(statement: Statement, vector: Float32Array, turns: readonly Turn[]): Proposal {
    const selves = selvesOf(this.#case.scope === "team" ? [] : this.#participants);
    const messageId = statement.sources[0]?.messageId ?? "";
    const turn = turns.find((one) => one.messageId === messageId) as Turn;
    const alive = this.kept.filter(({ isAlive }) => isAlive);
    const same = alive.find(
      (one) => normalizeStatement(one.statement.text) === normalizeStatement(statement.text),
    );
    const [source] = statement.sources;
    const said = turn.text.slice(source?.start, source?.end);
    const features = {
      window: "",
      speaker: turn.name,
      role: turn.role,
      isQuestion: false,
      hasTime: false,
      saidAt: turn.sentAt,
    };
    return {
      messageId,
      audience: "all",
      content: { statement, vector, metadata: {}, expiresAt: undefined, features, slots: [] },
      given: undefined,
      atLeast: undefined,
      exact: same && { type: "memory", memoryId: same.id, version: 1 },
      known: alive.map((one): KnownCandidate => {
        const { text, kind, entities, confidence, importance } = one.statement;
        const { name: speaker, role, sentAt: saidAt } = one.turn;
        const cosine = dot(one.vector, vector);
        const reading = readClaims(text, selves);
        return {
          memoryId: one.id,
          version: 1,
          isOver: false,
          text,
          kind,
          speaker,
          role,
          saidAt,
          validFrom: saidAt,
          validTo: undefined,
          expiresAt: undefined,
          metadata: {},
          entities,
          confidence,
          importance,
          vector: one.vector,
          embeddingModel: "lab",
          cosine,
          reading,
          teller: tellerOf(speaker, role, selves),
          isLast: one.turn === alive.at(-1)?.turn,
        };
      }),
      reading: asSaid(readClaims(statement.text, selves), said),
      teller: tellerOf(turn.name, turn.role, selves),
    };
  }

  #apply(decisions: readonly Decision[], turns: readonly Turn[]): void {
    const made = new Map<AddedDecision, Kept>();
    const end = (id: string) => {
      for (const one of this.kept) if (one.id === id) one.isAlive = false;
    };
    for (const decision of decisions) {
      const text = "content" in decision ? decision.content.statement.text : "";
      this.log.push(`${decision.outcome} ${"rule" in decision ? decision.rule : ""} ${text}`);
      if (decision.outcome === "add" || decision.outcome === "supersede") {
        const { statement, vector } = decision.content;
        const turn = turns.find(({ messageId }) => messageId === decision.messageId) as Turn;
        const one = { id: `${this.kept.length}`, statement, vector, turn, isAlive: true };
        made.set(decision, one);
        this.kept.push(one);
      }
      if (decision.outcome === "supersede") {
        for (const target of decision.ended)
          end("memoryId" in target ? target.memoryId : (made.get(target.added)?.id ?? ""));
      }
      if (decision.outcome === "delete") end(decision.memoryId);
      if (decision.outcome === "forget") end(made.get(decision.added)?.id ?? "");
      if (decision.outcome === "update") {
        const one = this.kept.find(({ id }) => id === decision.memoryId);
        if (one)
          Object.assign(one, { statement: decision.content.statement, vector: decision.content.vector });
      }
    }
  }
}
