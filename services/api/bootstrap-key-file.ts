import { readFile, stat } from "node:fs/promises";

const READ_BY_OTHERS = 0o004;

/**
 * Reads the bootstrap credential.
 *
 * @returns undefined where no file is named. @throws Error for one that anybody on the machine may read.
 */
export async function readBootstrapKey(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { mode } = await stat(file);
  if (mode & READ_BY_OTHERS) {
    throw new Error(
      "MNEME_BOOTSTRAP_KEY_FILE names a file that everybody may read: let its owner read it alone",
    );
  }
  return (await readFile(file, "utf8")).trim();
}
