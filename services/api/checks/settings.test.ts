import type { ReplaySettings } from "@mneme/core/replay/replay.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { describe, expect, it } from "vitest";
import { ALLOWED_MODELS } from "../testing/administration.ts";
import { requireModelToReadBy } from "./settings.ts";

const refused = (models: ReplaySettings["models"], project: Settings = {}, allowed: object = {}) => {
  try {
    requireModelToReadBy({ ...(models && { models }) }, project, { ...ALLOWED_MODELS, ...allowed });
    return undefined;
  } catch (error) {
    return (error as { readonly fields: readonly { readonly field: string }[] }).fields[0]?.field;
  }
};

describe("a replay by a model", () => {
  it("needs one", () => {
    expect(refused({ extractor: "model" }, {}, { hasModel: false })).toBe("settings.models.extractor");
    expect(refused({ extractor: "model" })).toBeUndefined();
    expect(refused(undefined)).toBeUndefined();
  });

  it("needs one that is asked: rules ask none, whichever is named", () => {
    expect(refused({ extractorModel: "small" })).toBe("settings.models.extractor_model");
    expect(refused({ extractorModel: "small", extractor: "model" })).toBeUndefined();
    expect(refused({ extractorModel: "small" }, { models: { extractor: "model" } })).toBeUndefined();
    expect(refused({ extractorModel: "small" }, {}, { standard: "model" })).toBeUndefined();
    expect(
      refused({ extractorModel: "small", extractor: "embedded" }, { models: { extractor: "model" } }),
    ).toBe("settings.models.extractor_model");
  });
});
