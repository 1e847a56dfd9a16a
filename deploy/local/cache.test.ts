import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheDir, cached, onlyFile, unzip, verifySha256 } from "./cache.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mneme-cache-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("lies where the user's caches lie", () => {
  expect(cacheDir({ MNEME_CACHE_DIR: "/a" })).toBe("/a");
  expect(cacheDir({ XDG_CACHE_HOME: "/b" })).toBe("/b/mneme");
  expect(cacheDir({})).toMatch(/\.cache\/mneme$/);
});

describe("cached", () => {
  it("builds once for all who ask at the same time, and never again", async () => {
    let builds = 0;
    const build = async (fresh: string) => {
      builds += 1;
      await writeFile(join(fresh, "engine"), "built");
    };
    const places = await Promise.all([1, 2, 3].map(() => cached(folder, "kind/1.0", build)));
    expect(new Set([...places, await cached(folder, "kind/1.0", build)])).toEqual(
      new Set([join(folder, "kind/1.0")]),
    );
    expect(builds).toBe(1);
    expect(await readFile(join(folder, "kind/1.0/engine"), "utf8")).toBe("built");
  });

  it("leaves nothing of a build that failed, and clears up after one that was killed", async () => {
    const failing = cached(folder, "kind/2.0", async (fresh) => {
      await writeFile(join(fresh, "half"), "");
      throw new Error("no network");
    });
    await expect(failing).rejects.toThrow("no network");
    expect(await readdir(join(folder, "kind"))).toEqual([]);
    await mkdtemp(join(folder, "kind/2.0.new-"));
    await cached(folder, "kind/2.0", async () => {});
    expect(await readdir(join(folder, "kind"))).toEqual(["2.0"]);
  });
});

it("refuses a download that is not what was pinned", async () => {
  const file = join(folder, "engine.zip");
  await writeFile(file, "hello\n");
  await verifySha256(file, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
  await expect(verifySha256(file, "00")).rejects.toThrow("expected 00");
});

describe("unzip", () => {
  it("unpacks what lies below a folder, readable by everybody, programs runnable", async () => {
    const file = join(folder, "a.zip");
    const entries = { "top/bin/run": 0o755, "top/lib/data": 0o600, "top/skip": 0o644, elsewhere: 0o644 };
    await writeFile(file, zip(entries));
    const old = process.umask(0o077);
    try {
      await unzip(file, join(folder, "out"), { below: "top/", take: (path) => path !== "skip" });
    } finally {
      process.umask(old);
    }
    expect(await readFile(join(folder, "out/bin/run"), "utf8")).toBe("top/bin/run");
    expect((await stat(join(folder, "out/bin/run"))).mode & 0o777).toBe(0o755);
    expect((await stat(join(folder, "out/lib/data"))).mode & 0o777).toBe(0o644);
    expect((await stat(join(folder, "out/lib"))).mode & 0o777).toBe(0o755);
    expect(existsSync(join(folder, "out/skip"))).toBe(false);
  });

  it("never writes outside", async () => {
    const file = join(folder, "evil.zip");
    await writeFile(file, zip({ "../evil": 0o644 }));
    await expect(unzip(file, join(folder, "out"))).rejects.toThrow("invalid relative path");
  });
});

it("finds the one file and says when there is not one", async () => {
  await expect(onlyFile(folder, ".whl")).rejects.toThrow("found 0");
  await writeFile(join(folder, "a.whl"), "");
  expect(await onlyFile(folder, ".whl")).toBe(join(folder, "a.whl"));
});

/** A zip archive of stored files whose text is their name (APPNOTE 4.3). */
function zip(modes: Readonly<Record<string, number>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, mode] of Object.entries(modes)) {
    const bytes = Buffer.from(name);
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc32(bytes), 0);
    sizes.writeUInt32LE(bytes.length, 4);
    sizes.writeUInt32LE(bytes.length, 8);
    sizes.writeUInt16LE(bytes.length, 12);
    const versions = Buffer.from([20, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), versions, sizes, bytes, bytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), versions, sizes, tail, bytes]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}
