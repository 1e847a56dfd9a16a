import type { CallMeter } from "../cost/model-spending.ts";
import type { KnownAnswers } from "./model-answers.ts";

/** A statement, new or known, as a reconciler reads it. */
export interface ToldText {
  readonly text: string;
  /** A name, or the role where nobody is named. */
  readonly by: string | undefined;
  readonly saidAt: Date;
}

/** New statements of one person, oldest first, with what is known that they may repeat or end. */
export interface ReconcileQuestion {
  readonly statements: readonly ToldText[];
  readonly known: readonly ToldText[];
}

/** What a statement means for what is known; `known` are places in the question. */
export type Verdict =
  | { readonly outcome: "add" | "ignore" }
  /** `text` holds what both say. */
  | { readonly outcome: "update"; readonly known: number; readonly text: string }
  | { readonly outcome: "confirm"; readonly known: number }
  /** At least one; `correct`: they were never so. */
  | { readonly outcome: "supersede" | "correct"; readonly known: readonly number[] }
  /** None where nothing known is meant. */
  | { readonly outcome: "forget"; readonly known: readonly number[] };

/** How a question is asked. */
export interface ReconcileOptions {
  readonly meter?: CallMeter;
  /** As of `ExtractionInput`. */
  readonly answers?: KnownAnswers | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Decides what statements mean for what is known; where there is none, rules do. */
export interface Reconciler {
  /** The model's name. */
  readonly name: string;
  /** Changes whenever the same question could get another answer. */
  readonly version: string;
  /** People whose statements it may be asked about beside each other. */
  readonly concurrency: number;
  /**
   * @returns one verdict a statement, in order; undefined where it gave none that can be used.
   * @throws MnemeError with a `MODEL_*` reason, BUDGET_EXCEEDED.
   */
  reconcile(
    question: ReconcileQuestion,
    options: ReconcileOptions,
  ): Promise<readonly (Verdict | undefined)[]>;
}
