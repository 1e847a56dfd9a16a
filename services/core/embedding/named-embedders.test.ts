import { expect, test } from "vitest";
import { ConfigError } from "../settings.ts";
import { namedEmbedders } from "./named-embedders.ts";

const E5 = {
  MNEME_EMBEDDER_E5_URL: "http://localhost:8080/v1",
  MNEME_EMBEDDER_E5_MODEL: "multilingual-e5-large",
  MNEME_EMBEDDER_E5_DIMENSION: "1024",
};

test("are none unless named", () => {
  expect(namedEmbedders(E5)).toEqual([]);
});

test("are each what its own settings say", () => {
  const [e5] = namedEmbedders({ MNEME_EMBEDDERS: " e5 ", ...E5, MNEME_EMBEDDER_E5_API_KEY: "secret" });
  expect(e5).toEqual({
    name: "e5",
    url: "http://localhost:8080/v1",
    model: "multilingual-e5-large",
    dimension: 1024,
    apiKey: "secret",
  });
});

test.each([
  [{ MNEME_EMBEDDERS: "E5" }, /MNEME_EMBEDDERS/],
  [{ MNEME_EMBEDDERS: "e5,e5", ...E5 }, /MNEME_EMBEDDERS/],
  [
    { MNEME_EMBEDDERS: "e5" },
    /MNEME_EMBEDDER_E5_URL[\s\S]*MNEME_EMBEDDER_E5_MODEL[\s\S]*MNEME_EMBEDDER_E5_DIMENSION/,
  ],
  [{ MNEME_EMBEDDERS: "e5", ...E5, MNEME_EMBEDDER_E5_DIMENSION: "0" }, /MNEME_EMBEDDER_E5_DIMENSION/],
])("are refused where one of them is wrong, by name: %j", (env, fault) => {
  expect(() => namedEmbedders(env)).toThrow(ConfigError);
  expect(() => namedEmbedders(env)).toThrow(fault);
});
