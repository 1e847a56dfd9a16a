import { invalidField } from "@mneme/core/errors.ts";
import { type ExtractorChoice, isReadByModel } from "@mneme/core/extraction/choose-extractor.ts";
import { EMBEDDED_CATEGORIES } from "@mneme/core/extraction/embedded/categories.ts";
import { folded } from "@mneme/core/extraction/sort-statements.ts";
import { type ReplaySettings, settingsFor } from "@mneme/core/replay/replay.ts";
import { type Change, patched } from "@mneme/core/tenancy/patch.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";

/** Models of the deployment's server that settings may name, and whether any project's conversations can be read by one. */
export interface AllowedModels extends ExtractorChoice {
  readonly extractor: readonly string[];
  readonly reconcile: readonly string[];
  readonly consolidate: readonly string[];
  /** Names of embedders. */
  readonly embedders: readonly string[];
}

/**
 * @throws MnemeError FIELD_INVALID for a model that the deployment lets nobody name, and for an included category into
 * which nothing would ever be sorted.
 */
export function requireAllowedModels(settings: Settings, allowed: AllowedModels): void {
  const { models } = settings;
  requireAllowed("extractor_model", models?.extractorModel, allowed.extractor);
  requireAllowed("reconcile_model", models?.reconcileModel, allowed.reconcile);
  requireAllowed("consolidate_model", models?.consolidateModel, allowed.consolidate);
  requireAllowed("embedder", models?.embedder, allowed.embedders);
  requireReachable(settings, allowed);
}

/**
 * A replay shows what another extractor would read: one that is not there, or is not asked, would show that nothing changes.
 *
 * @param project whose conversations are read.
 * @throws MnemeError FIELD_INVALID where a model is to read and the deployment has none, or one is named and rules read.
 */
export function requireModelToReadBy(asked: ReplaySettings, project: Settings, allowed: AllowedModels): void {
  const { models } = asked;
  if (models?.extractor === "model" && !allowed.hasModel) {
    throw invalidField(
      "settings.models.extractor",
      "this deployment has no model, so that the rules would read again; leave it out, or name a model's server in its settings",
    );
  }
  if (models?.extractorModel === undefined || isReadByModel(allowed, settingsFor(project, asked))) return;
  throw invalidField(
    "settings.models.extractor_model",
    "rules read this project's conversations, and would again; set models.extractor to model as well",
  );
}

/** Including only a category of which the embedded rules know nothing would drop whatever is said. */
function requireReachable({ extraction, models }: Settings, { hasModel }: AllowedModels): void {
  if (hasModel && models?.extractor !== "embedded") return;
  const unreachable = extraction?.includeCategories?.some((name) => !EMBEDDED_CATEGORIES.has(folded(name)));
  if (!unreachable) return;
  throw invalidField(
    "settings.extraction.include_categories",
    `the embedded extractor sorts nothing into some of these, so it would be dropped; name some of: ${[...EMBEDDED_CATEGORIES].sort().join(", ")}; or let a model read`,
  );
}

/** The same of what an update writes; what it leaves as it is may be of other days. */
export function requireAllowedModelsIn(changes: readonly Change[], allowed: AllowedModels): void {
  requireAllowedModels(patched<Settings>({}, changes), allowed);
}

function requireAllowed(setting: string, named: string | undefined, allowed: readonly string[]): void {
  if (named === undefined || allowed.includes(named)) return;
  const description =
    allowed.length > 0
      ? `the deployment does not allow this model; name one of: ${allowed.join(", ")}`
      : "the deployment allows no models by name; leave it out";
  throw invalidField(`settings.models.${setting}`, description);
}
