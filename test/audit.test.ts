import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { auditLicences, auditSignatures, auditVulnerabilities } from "./harness/audit.ts";

const ADVISORIES = "/-/npm/v1/security/advisories/bulk";

let folder: string;
let registry: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mneme-audit-"));
  await lock({ license: "MIT" });
  // It keeps advisories by their number.
  vi.stubEnv("npm_config_cache", join(folder, "cache"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  registry?.close();
  registry = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A project that depends on one package. */
async function lock(rest: object): Promise<void> {
  const root = { name: "project", version: "1.0.0", license: "Apache-2.0", dependencies: { leaky: "1.2.3" } };
  const packages = { "": root, "node_modules/leaky": { version: "1.2.3", ...rest } };
  const file = { name: "project", version: "1.0.0", lockfileVersion: 3, requires: true, packages };
  await writeFile(join(folder, "package.json"), JSON.stringify(root));
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(file));
}

/** A registry that npm itself asks. */
async function serve(advisories: object | undefined): Promise<string> {
  registry = createServer((request, response) => {
    const known = request.url === ADVISORIES && advisories !== undefined;
    response.writeHead(known ? 200 : 405, { "content-type": "application/json" });
    response.end(known ? JSON.stringify(advisories) : "{}");
  });
  await new Promise<void>((resolve) => registry?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
}

const hole = (severity: string) => ({
  leaky: [{ id: 1, url: "https://a.example/1", title: "leaks", severity, vulnerable_versions: "<2.0.0" }],
});

describe("known holes", () => {
  it("fail the check where they are high, by name", async () => {
    const asked = auditVulnerabilities({ folder, registry: await serve(hole("high")) });
    await expect(asked).rejects.toThrow("leaky: high");
  });

  it("pass where they are less", async () => {
    const registry = await serve(hole("moderate"));
    expect(await auditVulnerabilities({ folder, registry })).toBeUndefined();
  });

  it("are said not to have been looked for where the registry does not answer", async () => {
    const options = { folder, registry: await serve(undefined) };
    expect(await auditVulnerabilities(options)).toContain("cannot be asked (405");
    expect(await auditSignatures(options)).toContain("cannot be asked");
  });
});

describe("licences", () => {
  it("are those that were allowed", () => auditLicences());

  it.each([{ license: "AGPL-3.0-only" }, { license: "MIT OR SSPL-1.0" }, {}])(
    "are refused: %o",
    async (rest) => {
      await lock(rest);
      await expect(auditLicences({ folder })).rejects.toThrow(
        `node_modules/leaky: ${"license" in rest ? rest.license : "no licence"}`,
      );
    },
  );
});
