import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { caseFile, type GoldConversation, goldConversation, type WrittenCase } from "./written-case.ts";

/** All written cases of a folder's files; those beside this file unless told. */
export async function readCases(folder = join(import.meta.dirname, "cases")): Promise<WrittenCase[]> {
  return (await readFolder(folder)).flatMap((value) => caseFile.parse(value).cases);
}

/** All gold conversations of a folder, one a file; those beside this file unless told. */
export async function readConversations(
  folder = join(import.meta.dirname, "conversations"),
): Promise<GoldConversation[]> {
  return (await readFolder(folder)).map((value) => goldConversation.parse(value));
}

async function readFolder(folder: string): Promise<unknown[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return files.map((text) => JSON.parse(text));
}
