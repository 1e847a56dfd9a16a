import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { engineAccount, owned, readable, removeOwned } from "./account.ts";

// A folder of mkdtemp is closed to everybody but its owner, as root's home is.
let closed: string;
beforeEach(() => {
  closed = mkdtempSync(join(tmpdir(), "mneme-account-"));
});
afterEach(() => rmSync(closed, { recursive: true, force: true }));

it("is needed by root alone", () => {
  const account = engineAccount();
  if (process.getuid?.() === 0) expect(account?.uid).toBeGreaterThan(0);
  else expect(account).toBeUndefined();
});

it("names what to do where root's engines have no account", () => {
  const refused = () => engineAccount({ MNEME_ENGINE_USER: "root" });
  if (process.getuid?.() === 0) expect(refused).toThrow("MNEME_ENGINE_USER");
  else expect(refused()).toBeUndefined();
});

it("gives the engines' user programs and a folder that it can reach", () => {
  const account = engineAccount();
  const engine = join(closed, "engine");
  mkdirSync(join(engine, "bin"), { recursive: true });
  writeFileSync(join(engine, "bin/run"), "", { mode: 0o700 });
  const home = readable(engine, account);
  const place = owned(join(closed, "data"), account);
  try {
    expect(existsSync(join(home, "bin/run"))).toBe(true);
    expect(existsSync(join(closed, "data"))).toBe(true);
    expect(statSync(place).mode & 0o777).toBe(0o700);
    expect(statSync(place).uid).toBe(account?.uid ?? process.getuid?.());
    if (account === undefined) {
      expect([home, place]).toEqual([engine, join(closed, "data")]);
    } else {
      expect(statSync(join(home, "bin/run")).mode & 0o777).toBe(0o755);
      expect(owned(join(closed, "data"), account)).toBe(place);
      writeFileSync(join(place, "kept"), "");
      unlinkSync(join(closed, "data"));
      expect(existsSync(join(owned(join(closed, "data"), account), "kept"))).toBe(false);
    }
  } finally {
    removeOwned(join(closed, "data"));
    if (home !== engine) rmSync(home, { recursive: true });
  }
  expect(existsSync(place)).toBe(false);
});
