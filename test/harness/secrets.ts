import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SharedStack } from "./shared-stack.ts";

/** What nobody but the stack may ever see, by what it is. */
export type Secrets = ReadonlyMap<string, string>;

/** The secrets of a stack that runs: passwords of every role, the master key, a key of the api. */
export async function secretsOf(stack: SharedStack): Promise<Secrets> {
  const passwordOf = (url: string) => decodeURIComponent(new URL(url).password);
  return new Map([
    ["the superuser's password", passwordOf(stack.adminUrl)],
    ["the password of the application's role", passwordOf(stack.appUrl)],
    ["the password of the relay's role", passwordOf(stack.relayUrl)],
    ["the password of the key store's role", passwordOf(stack.keysUrl)],
    ["the master key", (await readFile(stack.masterKeyFile, "utf8")).trim()],
    ["an API key", stack.tenant.apiKey],
  ]);
}

/** Which of them a text holds. */
export function leaked(text: string, secrets: Secrets): string[] {
  return [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name);
}

/** Which of them the files of a folder of logs hold, and where. */
export async function leakedInLogs(folder: string, secrets: Secrets): Promise<string[]> {
  const files = await readdir(folder);
  const found = files.map(async (file) => {
    const names = leaked(await readFile(join(folder, file), "utf8"), secrets);
    return names.map((name) => `${file} holds ${name}`);
  });
  return (await Promise.all(found)).flat();
}

/** Every command line that `ps` shows anybody, by process id. */
export async function commandLines(): Promise<ReadonlyMap<number, string>> {
  if (!existsSync("/proc/self/cmdline"))
    throw new Error("this machine has no /proc to read command lines from");
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    ids.map(async (id): Promise<[number, string]> => {
      // It may have ended by now.
      const line = await readFile(join("/proc", id, "cmdline"), "utf8").catch(() => "");
      return [Number(id), line.replaceAll("\0", " ").trim()];
    }),
  );
  return new Map(lines.filter(([, line]) => line !== ""));
}
