import { type Environment, httpUrl, milliseconds, type Need, text } from "@mneme/core/settings.ts";
import { z } from "zod";

/** What the api is told of a reranker. */
export const RERANKER_SETTINGS = {
  MNEME_RERANKER: z.enum(["off", "cohere", "tei"]).default("off"),
  MNEME_RERANKER_URL: httpUrl.optional(),
  MNEME_RERANKER_MODEL: text.optional(),
  MNEME_RERANKER_API_KEY: text.optional(),
  MNEME_RERANKER_TIMEOUT_MS: milliseconds.default(500),
  MNEME_RERANKER_CANDIDATES: z.coerce.number().int().min(2).max(200).default(50),
  MNEME_RERANKER_BATCH: z.coerce.number().int().min(1).max(1_000).optional(),
};

type Settings = z.output<z.ZodObject<typeof RERANKER_SETTINGS>>;

/** A reranking server, and how searches ask it. */
export interface RerankerConfig {
  /** The protocol: Cohere's, or that of text-embeddings-inference. */
  readonly kind: "cohere" | "tei";
  /** Without the path of the protocol. */
  readonly url: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  /** How long an answer waits for it. */
  readonly timeoutMs: number;
  /** Memories that it reads where a project does not say. */
  readonly candidates: number;
  /** Texts a request; what servers of its kind take if undefined. */
  readonly batch: number | undefined;
}

/** What the choice of a reranker needs; only one that serves several models is told which. */
export function rerankerNeeds({ MNEME_RERANKER: kind }: Environment): Need[] {
  if (kind !== "cohere" && kind !== "tei") return [];
  const names = ["MNEME_RERANKER_URL", ...(kind === "cohere" ? ["MNEME_RERANKER_MODEL"] : [])];
  return [{ names, because: `MNEME_RERANKER is ${kind}` }];
}

/** @returns undefined where there is none. */
export function rerankerOf(value: Settings): RerankerConfig | undefined {
  const { MNEME_RERANKER: kind, MNEME_RERANKER_URL: url } = value;
  if (kind === "off" || url === undefined) return undefined;
  return {
    kind,
    url,
    model: value.MNEME_RERANKER_MODEL ?? kind,
    apiKey: value.MNEME_RERANKER_API_KEY,
    timeoutMs: value.MNEME_RERANKER_TIMEOUT_MS,
    candidates: value.MNEME_RERANKER_CANDIDATES,
    batch: value.MNEME_RERANKER_BATCH,
  };
}
