import { z } from "zod";
import { ConfigError, type Environment, httpUrl, type Need, parseSettings, text } from "../settings.ts";

/** An embedder that projects may choose by its name, beside the deployment's own. */
export interface NamedEmbedder {
  readonly name: string;
  readonly url: string;
  readonly model: string;
  readonly dimension: number;
  readonly apiKey: string | undefined;
}

const NAME = /^[a-z][a-z0-9]{0,31}$/;
const dimension = z.coerce.number().int().min(1).max(16_000);

/**
 * Those that `MNEME_EMBEDDERS` names, by comma; what each is stands in `MNEME_EMBEDDER_<NAME>_URL`, `_MODEL`,
 * `_DIMENSION` and, where there is one, `_API_KEY`.
 *
 * @throws ConfigError naming every fault of them at once.
 */
export function namedEmbedders(env: Environment): NamedEmbedder[] {
  const names = (env.MNEME_EMBEDDERS ?? "").split(",").flatMap((name) => name.trim() || []);
  if (names.some((name) => !NAME.test(name)) || new Set(names).size < names.length) {
    throw new ConfigError([
      "MNEME_EMBEDDERS must be different names, each of up to 32 lower-case letters and digits, by comma",
    ]);
  }
  const needs = names.map((name): Need => {
    const required = ["URL", "MODEL", "DIMENSION"].map((part) => variable(name, part));
    return { names: required, because: "MNEME_EMBEDDERS names it" };
  });
  const shape = Object.fromEntries(
    names.flatMap((name) => [
      [variable(name, "URL"), httpUrl.optional()],
      [variable(name, "MODEL"), text.optional()],
      [variable(name, "DIMENSION"), dimension.optional()],
      [variable(name, "API_KEY"), text.optional()],
    ]),
  );
  const value = parseSettings(shape, env, needs) as Readonly<Record<string, string | number | undefined>>;
  return names.map((name) => ({
    name,
    url: String(value[variable(name, "URL")]),
    model: String(value[variable(name, "MODEL")]),
    dimension: Number(value[variable(name, "DIMENSION")]),
    apiKey: value[variable(name, "API_KEY")] as string | undefined,
  }));
}

function variable(name: string, part: string): string {
  return `MNEME_EMBEDDER_${name.toUpperCase()}_${part}`;
}
