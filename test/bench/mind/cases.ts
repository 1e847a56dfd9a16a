import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { caseFile, type WrittenCase } from "./written-case.ts";

/** All written cases of a folder's files; those beside this file unless told. */
export async function readCases(folder = join(import.meta.dirname, "cases")): Promise<WrittenCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return files.flatMap((text) => caseFile.parse(JSON.parse(text)).cases);
}
