import { z } from "zod";

const KINDS = ["semantic", "episodic", "procedural"] as const;
const ORIGINS = ["stated", "inferred", "tool"] as const;
const SKIPS = ["small_talk", "not_about_anyone", "filtered"] as const;
const ENTITY_TYPES = [
  "person",
  "organization",
  "place",
  "product",
  "event",
  "work",
  "animal",
  "date",
  "other",
] as const;

/** What the model is asked for; every field required and nothing else allowed, as strict mode wants it. */
export const answerFormat = z.object({
  statements: z.array(
    z.object({
      text: z.string(),
      evidence: z.array(z.object({ message: z.int(), quote: z.string() })),
      kind: z.enum(KINDS),
      category: z.string(),
      confidence: z.number(),
      importance: z.number(),
      origin: z.enum(ORIGINS),
      entities: z.array(z.object({ name: z.string(), type: z.enum(ENTITY_TYPES) })),
      relations: z.array(z.object({ source: z.string(), type: z.string(), target: z.string() })),
      valid_from: z.nullable(z.string()),
      valid_to: z.nullable(z.string()),
    }),
  ),
  skipped: z.array(z.object({ message: z.int(), reason: z.enum(SKIPS) })),
  summary: z.string(),
});

const line = (max: number) => z.string().transform((text) => text.replace(/\s+/g, " ").trim().slice(0, max));
const filledLine = (max: number) => line(max).pipe(z.string().min(1));
const share = (fallback: number) =>
  z.coerce
    .number()
    .catch(fallback)
    .transform((value) => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : fallback));
/** Items that do not fit are left out, and anything that is no list is an empty one. */
const tolerantList = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((one): z.infer<T>[] => {
        const parsed = item.safeParse(one);
        return parsed.success ? [parsed.data] : [];
      }),
    );

const statement = z.object({
  text: filledLine(1_000),
  evidence: tolerantList(z.object({ message: z.coerce.number().int(), quote: z.string().max(20_000) })),
  kind: z.enum(KINDS).catch("semantic"),
  category: z
    .string()
    .catch("other")
    .transform((category) => category.trim().toLowerCase()),
  confidence: share(0.7),
  importance: share(0.5),
  origin: z.enum(ORIGINS).catch("inferred"),
  entities: tolerantList(z.object({ name: filledLine(200), type: z.enum(ENTITY_TYPES).catch("other") })),
  relations: tolerantList(
    z.object({ source: filledLine(200), type: filledLine(64), target: filledLine(200) }),
  ),
  valid_from: z.string().nullable().catch(null),
  valid_to: z.string().nullable().catch(null),
});

/**
 * What is read of an answer. Servers without strict mode return nearly the right thing: a field about a statement
 * falls back, a statement without text is left out, but there must be a list of statements.
 */
const answer = z.object({
  statements: z.array(z.unknown()).pipe(tolerantList(statement)),
  skipped: tolerantList(
    z.object({ message: z.coerce.number().int(), reason: z.enum(SKIPS).catch("not_about_anyone") }),
  ),
  summary: line(4_000).catch(""),
});

export type Answer = z.infer<typeof answer>;
export type AnsweredStatement = Answer["statements"][number];

export type ReadAnswer =
  | { readonly answer: Answer }
  /** What is wrong, for the model to repair; it may quote the answer and goes nowhere else. */
  | { readonly problem: string };

/** Reads the JSON object in a model's text, also inside a code fence or after its thoughts. */
export function readAnswer(content: string): ReadAnswer {
  const text = content.replace(/^\s*<think>[\s\S]*?<\/think>/, "");
  const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  if (json === "") return { problem: "the answer holds no JSON object" };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { problem: `the answer is not valid JSON: ${(error as Error).message}` };
  }
  const parsed = answer.safeParse(value);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const given = (value as { statements: unknown[] }).statements.length;
  if (given > 0 && parsed.data.statements.length === 0)
    return { problem: "no statement has the asked-for fields" };
  return { answer: parsed.data };
}
