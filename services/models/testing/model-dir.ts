import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { MINILM_EXPORT_VERSION } from "../minilm/export.ts";

/**
 * Where the tests and the bench find MiniLM: `MNEME_MODEL_DIR`, or the launcher's cache (`MNEME_CACHE_DIR`, `~/.cache/mneme`).
 *
 * @throws Error if neither has it; `npm test` and `npm start` install it.
 */
export function installedModelDir(): string {
  const configured = process.env.MNEME_MODEL_DIR;
  if (configured) return configured;
  const home = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  const cache = path.join(process.env.MNEME_CACHE_DIR || path.join(home, "mneme"), "minilm");
  const found = foldersOf(cache).find((name) => name.endsWith(`-onnx-${MINILM_EXPORT_VERSION}`));
  if (!found) throw new Error("MiniLM is not installed: set MNEME_MODEL_DIR, or run npm start once");
  return path.join(cache, found);
}

function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
