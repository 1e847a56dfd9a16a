import type { Episode } from "./episode.ts";

let made = 0;

/** An episode of somebody's, with every member at something plain but those given. */
export function episodeOf(text: string, day: string, more: Partial<Episode> = {}): Episode {
  made += 1;
  const at = new Date(`${day}T09:00:00Z`);
  return {
    memoryId: `0197a0a0-0000-7000-8000-${String(made).padStart(12, "0")}`,
    version: 1,
    revision: "1",
    text,
    category: "hobbies",
    origin: "stated",
    confidence: 0.9,
    importance: 0.5,
    speaker: "ada",
    role: "user",
    entities: [],
    metadata: {},
    saidAt: at,
    validFrom: at,
    validTo: undefined,
    expiresAt: undefined,
    window: "",
    vector: new Float32Array([1, 0]),
    embeddingModel: "test",
    ...more,
  };
}
