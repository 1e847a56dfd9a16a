import { DEFAULT_LANGUAGE } from "../language/languages.ts";
import type { Settings } from "../tenancy/settings.ts";
import type { Extractor } from "./extractor.ts";

/** The extractors of a deployment. */
export interface Extractors {
  /** The rules for what is told in a language, by its primary tag. */
  readonly embedded: (language: string) => Extractor;
  /** The model as a project wants it asked; undefined where the deployment has none. */
  readonly model: ((settings: Settings) => Extractor) | undefined;
  /** Which one reads where nobody chooses. */
  readonly standard: "embedded" | "model";
}

/** What a project may choose from. */
export interface ExtractorChoice extends Pick<Extractors, "standard"> {
  readonly hasModel: boolean;
}

/** Whether a model reads a project's conversations: where it chooses that and the deployment has one. */
export function isReadByModel({ standard, hasModel }: ExtractorChoice, settings: Settings): boolean {
  return hasModel && (settings.models?.extractor ?? standard) === "model";
}

/** What reads a project's conversations. */
export function chooseExtractor({ embedded, model, standard }: Extractors, settings: Settings): Extractor {
  return model && isReadByModel({ standard, hasModel: true }, settings)
    ? model(settings)
    : embedded(settings.language ?? DEFAULT_LANGUAGE);
}
