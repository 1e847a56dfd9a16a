import { renameSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "@mneme/local/cache.ts";
import { type Fetching, findTool, runTool, ToolError } from "@mneme/local/tool.ts";

const MODULE = "github.com/fullstorydev/grpcurl/cmd/grpcurl";
const VERSION = "v1.9.3";

/** The `grpcurl` program: the one on PATH, else built from its Go module into the cache. */
export async function obtainGrpcurl({ cache, onLine }: Fetching): Promise<string> {
  const onPath = findTool("grpcurl");
  if (onPath !== undefined) return onPath;
  const folder = await cached(
    cache,
    `grpcurl/${VERSION.slice(1)}-${process.platform}-${process.arch}`,
    async (fresh) => {
      const go = findTool("go");
      if (go === undefined)
        throw new ToolError("Go is missing, which builds grpcurl for the tests: install it.");
      const bin = await mkdtemp(`${fresh}-bin-`);
      try {
        onLine("compiling grpcurl");
        const env = { ...process.env, GOBIN: bin, CGO_ENABLED: "0" };
        await runTool(go, ["install", `${MODULE}@${VERSION}`], { timeoutMs: 600_000, cwd: bin, env });
        renameSync(join(bin, "grpcurl"), join(fresh, "grpcurl"));
      } finally {
        await rm(bin, { recursive: true, force: true });
      }
    },
  );
  return join(folder, "grpcurl");
}
