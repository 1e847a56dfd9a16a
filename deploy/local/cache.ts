import { createHash } from "node:crypto";
import { chmodSync, createReadStream, createWriteStream, existsSync, mkdirSync, rmSync } from "node:fs";
import { mkdtemp, readdir, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { lock } from "proper-lockfile";
import yauzl from "yauzl";

/** Where engines are kept between starts: MNEME_CACHE_DIR, else the user's cache folder. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.MNEME_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mneme");
}

/**
 * The folder `<cache>/<name>`, made by `build` in a temporary folder beside it and renamed when complete, so that it is
 * there whole or not at all. Only one process builds it; others wait for it.
 */
export async function cached(
  cache: string,
  name: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const target = join(cache, name);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const unlock = await lock(target, {
    realpath: false,
    // A build takes minutes and keeps its lock fresh; one that died is taken over. Should a machine stall so long that
    // a living one is, too, both build, and the first to finish wins.
    stale: 30_000,
    onCompromised: () => {},
    retries: { retries: 1200, minTimeout: 1000, maxTimeout: 1000 },
  });
  try {
    if (existsSync(target)) return target;
    await removeUnfinished(target);
    const fresh = await mkdtemp(`${target}.new-`);
    try {
      chmodSync(fresh, 0o755);
      await build(fresh);
      await rename(fresh, target).catch((error: unknown) => {
        if (!existsSync(target)) throw error;
      });
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    return target;
  } finally {
    await unlock().catch(() => {});
  }
}

/**
 * Checks a download against its pinned SHA-256, one for each system where they differ.
 * @throws Error when it differs: the file is not what was tested and must not be run.
 */
export async function verifySha256(file: string, ...expected: readonly string[]): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (!expected.includes(actual)) {
    throw new Error(
      `${file}: SHA-256 is ${actual}, expected ${expected.join(" or ")}; the download is not what was tested`,
    );
  }
}

export interface UnzipOptions {
  /** Only entries below this folder of the archive, which is cut off their paths. */
  readonly below?: string;
  /** Entries whose remaining path this refuses are left out. */
  readonly take?: (path: string) => boolean;
}

/** Unpacks a zip archive. Files can be read by everybody, programs run by everybody, whatever the umask. */
export async function unzip(file: string, target: string, options: UnzipOptions = {}): Promise<void> {
  const zip = await yauzl.openPromise(file);
  try {
    for await (const entry of zip.eachEntry()) {
      const path = entryPath(entry.fileName, options);
      if (path === undefined) continue;
      const place = join(target, path);
      makeFolders(target, dirname(path));
      const mode = (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(place, { mode }));
      chmodSync(place, mode);
    }
  } finally {
    zip.close();
  }
}

/** The one file in a folder whose name ends so. */
export async function onlyFile(folder: string, ending: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new Error(`${folder}: expected one ${ending} file, found ${names.length}`);
  }
  return join(folder, name);
}

/** What builders that were killed left. Only the holder of the lock may. */
async function removeUnfinished(target: string): Promise<void> {
  for (const name of await readdir(dirname(target))) {
    if (name.startsWith(`${basename(target)}.new-`)) {
      rmSync(join(dirname(target), name), { recursive: true, force: true });
    }
  }
}

function entryPath(name: string, options: UnzipOptions): string | undefined {
  if (name.endsWith("/")) return undefined;
  const below = options.below ?? "";
  if (!name.startsWith(below)) return undefined;
  const path = name.slice(below.length);
  return (options.take?.(path) ?? true) ? path : undefined;
}

function makeFolders(root: string, path: string): void {
  const folder = join(root, path);
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  for (let at = folder; relative(root, at) !== ""; at = dirname(at)) chmodSync(at, 0o755);
}
