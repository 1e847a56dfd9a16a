import type { ReconcileQuestion, Verdict } from "@mneme/core/extraction/reconciler.ts";
import type { ChatCompletionFunctionTool } from "openai/resources";
import { z } from "zod";

const statement = z.int().describe("number of the new statement");
const memory = z.int().describe("number of the known memory");
const memories = z.array(z.int()).describe("numbers of the known memories");

const TOOLS = {
  add: { description: "The statement is new.", parameters: z.object({ statement }) },
  update: {
    description: "The statement says more than a known memory, which it holds.",
    parameters: z.object({ statement, memory, text: z.string().describe("one sentence with what both say") }),
  },
  supersede: {
    description: "Known memories are no longer so because of the statement.",
    parameters: z.object({ statement, memories }),
  },
  correct: {
    description: "Known memories were a mistake and never so, as the statement says.",
    parameters: z.object({ statement, memories }),
  },
  confirm: { description: "A known memory says it already.", parameters: z.object({ statement, memory }) },
  forget: {
    description: "The statement asks for known memories to be forgotten.",
    parameters: z.object({ statement, memories }),
  },
  ignore: { description: "The statement tells nothing worth keeping.", parameters: z.object({ statement }) },
} as const;

/** What a model may call, as the protocol wants it. */
export const VERDICT_TOOLS: readonly ChatCompletionFunctionTool[] = Object.entries(TOOLS).map(
  ([name, { description, parameters }]) => {
    const { $schema: _, ...schema } = z.toJSONSchema(parameters);
    return { type: "function", function: { name, description, strict: true, parameters: schema } };
  },
);

/** A tool call as a server sends it: anything may be wrong in it. */
export interface ToolCall {
  readonly name: string;
  /** JSON, if the model kept to it. */
  readonly arguments: string;
}

const tolerant = z.object({
  statement: z.coerce.number().int(),
  memory: z.coerce.number().int().optional(),
  memories: z.array(z.coerce.number().int()).optional(),
  text: z.string().optional(),
});

/**
 * Reads verdicts out of tool calls, one a statement. What names a statement or memory that was not in the question, or says
 * two things about one, is left out: of two the first counts, and memories that several calls supersede, or correct, add up.
 */
export function readVerdicts(
  calls: readonly ToolCall[],
  question: ReconcileQuestion,
): (Verdict | undefined)[] {
  const verdicts: (Verdict | undefined)[] = question.statements.map(() => undefined);
  for (const call of calls) {
    const read = readCall(call, question);
    if (!read) continue;
    const before = verdicts[read.statement];
    if (before === undefined) verdicts[read.statement] = read.verdict;
    else if (isEnding(before) && isEnding(read.verdict) && before.outcome === read.verdict.outcome) {
      verdicts[read.statement] = { ...before, known: [...new Set([...before.known, ...read.verdict.known])] };
    }
  }
  return verdicts;
}

function isEnding(verdict: Verdict): verdict is Verdict & { readonly outcome: "supersede" | "correct" } {
  return verdict.outcome === "supersede" || verdict.outcome === "correct";
}

function readCall(
  { name, arguments: json }: ToolCall,
  { statements, known }: ReconcileQuestion,
): { readonly statement: number; readonly verdict: Verdict } | undefined {
  const parsed = tolerant.safeParse(parse(json));
  if (!parsed.success) return undefined;
  const { data } = parsed;
  // Masks count from 1.
  const statement = data.statement - 1;
  if (!(statement in statements)) return undefined;
  const one = (data.memory ?? 0) - 1;
  const all = [...new Set((data.memories ?? []).map((memory) => memory - 1))];
  const areKnown = all.every((memory) => memory in known);
  switch (name) {
    case "add":
    case "ignore":
      return { statement, verdict: { outcome: name } };
    case "update":
      return one in known
        ? {
            statement,
            verdict: { outcome: "update", known: one, text: (data.text ?? "").replace(/\s+/g, " ").trim() },
          }
        : undefined;
    case "confirm":
      return one in known ? { statement, verdict: { outcome: "confirm", known: one } } : undefined;
    case "supersede":
    case "correct":
      return areKnown && all.length > 0 ? { statement, verdict: { outcome: name, known: all } } : undefined;
    case "forget":
      return areKnown ? { statement, verdict: { outcome: "forget", known: all } } : undefined;
    default:
      return undefined;
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
