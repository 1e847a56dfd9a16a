import { invalidField } from "@mneme/core/errors.ts";
import { type Change, patched } from "@mneme/core/tenancy/patch.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";

/** Models of the deployment's server that settings may name. */
export interface AllowedModels {
  readonly extractor: readonly string[];
  readonly reconcile: readonly string[];
  readonly consolidate: readonly string[];
  /** Names of embedders. */
  readonly embedders: readonly string[];
}

/** @throws MnemeError FIELD_INVALID for a model that the deployment lets nobody name. */
export function requireAllowedModels({ models }: Settings, allowed: AllowedModels): void {
  requireAllowed("extractor_model", models?.extractorModel, allowed.extractor);
  requireAllowed("reconcile_model", models?.reconcileModel, allowed.reconcile);
  requireAllowed("consolidate_model", models?.consolidateModel, allowed.consolidate);
  requireAllowed("embedder", models?.embedder, allowed.embedders);
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
