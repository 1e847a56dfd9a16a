import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The account that engines which refuse to run as root are given. */
export interface EngineAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Where files go that the account must reach when root's own folders are closed to it. */
const OPEN_ROOT = "/var/lib/mneme-local";

/** How long the data of a checkout that cannot be found is kept: it may lie on a disk that is away for now. */
const ORPHAN_DAYS = 7;

/**
 * Undefined for an ordinary user: the engines then run as that user. For root, the system account `mneme` (or the one in
 * MNEME_ENGINE_USER), created without a password, home or shell if it does not exist.
 * @throws Error with what to do when there is no such account and none can be made.
 */
export function engineAccount(env: NodeJS.ProcessEnv = process.env): EngineAccount | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const name = env.MNEME_ENGINE_USER ?? "mneme";
  const found = lookUp(name) ?? createAccount(name);
  if (found === undefined || found.uid === 0) {
    throw new Error(
      `PostgreSQL and OpenSearch refuse to run as root and the account "${name}" cannot be used: create it (useradd --system ${name}), name another in MNEME_ENGINE_USER, or start as an ordinary user.`,
    );
  }
  return found;
}

/**
 * A folder of the same contents that the account can read: the folder itself where every folder above it is open, else a
 * copy, made once.
 *
 * @param name of the copy, for a folder whose contents the name fixes; otherwise the folder's path names it, so that
 * different folders never share one.
 */
export function readable(folder: string, account: EngineAccount | undefined, name = nameFor(folder)): string {
  if (account === undefined || canUse(folder, account, "-r")) return folder;
  const copy = join(OPEN_ROOT, "engines", name);
  if (existsSync(copy)) return copy;
  makeOpen(dirname(copy));
  const fresh = `${copy}.${process.pid}`;
  cpSync(folder, fresh, { recursive: true, verbatimSymlinks: true });
  openTree(fresh);
  try {
    renameSync(fresh, copy);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/**
 * A folder that the account owns: the given one where it can be reached, else one outside root's closed folders, with a
 * symbolic link to it at the given place.
 */
export function owned(folder: string, account: EngineAccount | undefined): string {
  if (account === undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
  const above = dirname(resolve(folder));
  mkdirSync(above, { recursive: true });
  const place = canUse(above, account, "-x") ? folder : relocate(folder);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  chownSync(place, account.uid, account.gid);
  return place;
}

/** Gives everything in a folder to the account; nothing to do for an ordinary user. */
export function give(folder: string, account: EngineAccount | undefined): void {
  if (account === undefined) return;
  lchownSync(folder, account.uid, account.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) give(path, account);
    else lchownSync(path, account.uid, account.gid);
  }
}

/** Removes an engine's data folder, wherever `owned` put it. */
export function removeOwned(folder: string): void {
  rmSync(relocated(folder), { recursive: true, force: true });
  rmSync(relocatedNote(folder), { force: true });
  rmSync(folder, { recursive: true, force: true });
}

function relocate(folder: string): string {
  sweep();
  const place = relocated(folder);
  makeOpen(dirname(place));
  writeFileSync(relocatedNote(folder), resolve(folder), { mode: 0o600 });
  if (!isLink(folder)) {
    // Whoever removed the data folder meant what was in it.
    rmSync(place, { recursive: true, force: true });
    symlinkSync(place, folder);
  }
  return place;
}

function relocated(folder: string): string {
  return join(OPEN_ROOT, "data", nameFor(folder));
}

function relocatedNote(folder: string): string {
  return `${relocated(folder)}.origin`;
}

/** Removes the data of checkouts that were deleted and were last started long ago. */
function sweep(): void {
  const data = join(OPEN_ROOT, "data");
  if (!existsSync(data)) return;
  for (const entry of readdirSync(data)) {
    if (!entry.endsWith(".origin")) continue;
    const origin = readFileSync(join(data, entry), "utf8");
    const started = lstatSync(join(data, entry)).mtimeMs;
    if (!isLink(origin) && Date.now() - started > ORPHAN_DAYS * 86_400_000) removeOwned(origin);
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function nameFor(folder: string): string {
  return createHash("sha256").update(resolve(folder)).digest("hex").slice(0, 20);
}

/** Asks the system, as the account, so that access lists and mounts count too. */
function canUse(folder: string, account: EngineAccount, how: "-r" | "-x"): boolean {
  const { uid, gid } = account;
  return spawnSync("test", [how, folder, "-a", "-x", folder], { uid, gid, cwd: "/" }).status === 0;
}

function makeOpen(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of [OPEN_ROOT, folder]) chmodSync(part, 0o755);
}

function openTree(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openTree(path);
    else if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

function lookUp(name: string): EngineAccount | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] }));
    return { name, uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

function createAccount(name: string): EngineAccount | undefined {
  spawnSync("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    name,
  ]);
  return lookUp(name);
}
