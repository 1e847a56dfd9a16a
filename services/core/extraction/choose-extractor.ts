import type { Settings } from "../tenancy/settings.ts";
import type { Extractor } from "./extractor.ts";

/** The extractors of a deployment. */
export interface Extractors {
  readonly embedded: Extractor;
  /** The model as a project wants it asked; undefined where the deployment has none. */
  readonly model: ((settings: Settings) => Extractor) | undefined;
  /** Which one reads where nobody chooses. */
  readonly standard: "embedded" | "model";
}

/** What reads a project's conversations: what it chooses where the deployment has it. */
export function chooseExtractor({ embedded, model, standard }: Extractors, settings: Settings): Extractor {
  const wanted = settings.models?.extractor ?? standard;
  return wanted === "model" && model ? model(settings) : embedded;
}
