import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBootstrapKey } from "./bootstrap-key-file.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mneme-bootstrap-"));
  file = join(folder, "key");
  await writeFile(file, "the bootstrap key\n");
});
afterAll(() => rm(folder, { recursive: true }));

test.each([0o600, 0o400, 0o440])("a file of the mode %o is read, without its last newline", async (mode) => {
  await chmod(file, mode);
  expect(await readBootstrapKey(file)).toBe("the bootstrap key");
});

test("a file that everybody may read is refused, and not shown", async () => {
  await chmod(file, 0o644);
  await expect(readBootstrapKey(file)).rejects.toThrow(
    /^MNEME_BOOTSTRAP_KEY_FILE names a file that everybody/,
  );
});

test("no file is no credential, and one that is missing a fault", async () => {
  expect(await readBootstrapKey(undefined)).toBeUndefined();
  await expect(readBootstrapKey(join(folder, "none"))).rejects.toThrow("ENOENT");
});
