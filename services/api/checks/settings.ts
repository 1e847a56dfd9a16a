import { invalidField } from "@mneme/core/errors.ts";
import { type Change, patched } from "@mneme/core/tenancy/patch.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";

/** @throws MnemeError FIELD_INVALID for a model that the deployment lets nobody name. */
export function requireAllowedModel({ models }: Settings, allowed: readonly string[]): void {
  const named = models?.extractorModel;
  if (named === undefined || allowed.includes(named)) return;
  const description =
    allowed.length > 0
      ? `the deployment does not allow this model; name one of: ${allowed.join(", ")}`
      : "the deployment allows no models by name; leave it out";
  throw invalidField("settings.models.extractor_model", description);
}

/** The same of what an update writes; what it leaves as it is may be of other days. */
export function requireAllowedModelIn(changes: readonly Change[], allowed: readonly string[]): void {
  requireAllowedModel(patched<Settings>({}, changes), allowed);
}
