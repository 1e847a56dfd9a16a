import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { cached, onlyFile, verifySha256 } from "@mneme/local/cache.ts";
import { type Fetching, findTool, runTool, ToolError } from "@mneme/local/tool.ts";

/** A package from npm that carries Chromium for Linux with all libraries it needs but the C library. */
const PACKAGE = "@sparticuz/chromium";
const VERSION = "153.0.0";
const SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0";
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/**
 * A Chromium that runs without a display: the packaged one on Linux, else the one on PATH. Its libraries lie
 * beside it in `lib`.
 *
 * @throws ToolError where there is none.
 */
export async function obtainChromium(fetching: Fetching): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") return onPath();
  const folder = await cached(fetching.cache, `chromium/${VERSION}-linux-x64`, (fresh) =>
    unpack(fresh, fetching),
  );
  return join(folder, "chromium");
}

function onPath(): string {
  const program = NAMES.flatMap((name) => findTool(name) ?? [])[0];
  if (program === undefined) throw new ToolError("Chromium is missing, for the browser's tests: install it.");
  return program;
}

async function unpack(folder: string, { onLine, onDetail, signal }: Fetching): Promise<void> {
  const npm = findTool("npm");
  const tar = findTool("tar");
  if (!npm || !tar)
    throw new ToolError("npm or tar is missing, which fetch Chromium for the tests: install it.");
  const download = await mkdtemp(`${folder}-package-`);
  const options = { timeoutMs: 600_000, cwd: download, onDetail, signal };
  try {
    onLine("downloading Chromium");
    await runTool(npm, ["pack", `${PACKAGE}@${VERSION}`, "--loglevel=error"], options);
    const archive = await onlyFile(download, ".tgz");
    await verifySha256(archive, SHA256);
    await runTool(tar, ["-xzf", archive], options);
    const packed = join(download, "package", "bin");
    const libraries = join(download, "libraries.tar");
    await inflate(join(packed, "al2023.tar.br"), libraries, 0o644);
    await runTool(tar, ["-xf", libraries, "-C", folder, "--no-same-owner"], options);
    await inflate(join(packed, "chromium.br"), join(folder, "chromium"), 0o755);
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

async function inflate(from: string, to: string, mode: number): Promise<void> {
  await pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode }));
}
