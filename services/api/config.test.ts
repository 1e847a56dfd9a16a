import { ConfigError } from "@mneme/core/settings.ts";
import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

const LEAST = {
  MNEME_DATABASE_URL: "postgres://app:hidden-word@db.example/mneme",
  MNEME_KEYS_DATABASE_URL: "postgres://keys:hidden-word@db.example/keys",
  MNEME_MASTER_KEY_FILE: "/etc/mneme/master.key",
  MNEME_OPENSEARCH_URL: "http://search.example:9200",
  MNEME_MODEL_DIR: "/var/lib/mneme/minilm",
};

function faultsOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("expected the settings to be refused");
}

describe("readConfig", () => {
  test("has a default for everything that is not an address or a key", () => {
    expect(readConfig(LEAST)).toMatchObject({
      host: "127.0.0.1",
      port: 7400,
      metricsHost: "127.0.0.1",
      metricsPort: 7401,
      tls: undefined,
      embedder: { type: "embedded", modelDir: LEAST.MNEME_MODEL_DIR },
      corsOrigins: [],
      reflection: true,
      limits: { maxRequestBytes: 8_388_608, unaryDeadlineMs: 30_000 },
      drainMs: 20_000,
    });
  });

  test("names every fault in one message, and no value", () => {
    const faults = faultsOf({
      MNEME_DATABASE_URL: "mysql://app:hidden-word@db.example/x",
      MNEME_API_PORT: "70000",
      MNEME_LOG_LEVEL: "hidden-word",
      MNEME_API_TLS_PORT: "7443",
      MNEME_EMBEDDER: "openai",
      MNEME_EMBEDDER_API_KEY: "hidden-word",
    });
    for (const name of ["MNEME_DATABASE_URL", "MNEME_KEYS_DATABASE_URL", "MNEME_MASTER_KEY_FILE"]) {
      expect(faults).toContain(name);
    }
    for (const name of ["MNEME_TLS_CERT", "MNEME_TLS_KEY", "MNEME_EMBEDDER_URL", "MNEME_EMBEDDER_MODEL"]) {
      expect(faults).toContain(`${name} is required when`);
    }
    expect(faults).toContain("MNEME_API_PORT");
    expect(faults).toContain("MNEME_LOG_LEVEL");
    expect(faults).not.toContain("hidden-word");
    expect(faults).not.toContain("70000");
  });

  test("tells a value that is no number from one that is missing", () => {
    const faults = faultsOf({ ...LEAST, MNEME_DRAIN_SECONDS: "hidden-word" });
    expect(faults).toContain("MNEME_DRAIN_SECONDS: Invalid input: expected number");
    expect(faults).not.toContain("is not set");
    expect(faults).not.toContain("hidden-word");
  });

  test("limits tenants by nothing, unless told", () => {
    expect(Object.values(readConfig(LEAST).limits.perTenant).filter((limit) => limit !== undefined)).toEqual(
      [],
    );
    const told = { MNEME_LIMIT_REQUESTS_PER_SECOND: "2.5", MNEME_LIMIT_MEMORIES: "0" };
    const { perTenant } = readConfig({ ...LEAST, ...told }).limits;
    expect(perTenant).toMatchObject({ requestsPerSecond: 2.5, burst: undefined, memories: 0 });
    expect(faultsOf({ ...LEAST, MNEME_LIMIT_REQUESTS_PER_SECOND: "0" })).toContain(
      "MNEME_LIMIT_REQUESTS_PER_SECOND",
    );
    for (const burst of ["1.5", "10000001"])
      expect(faultsOf({ ...LEAST, MNEME_LIMIT_BURST: burst })).toContain("MNEME_LIMIT_BURST");
  });

  test("switches reflection off, and takes no other word for it", () => {
    expect(readConfig({ ...LEAST, MNEME_REFLECTION: "off" }).reflection).toBe(false);
    expect(faultsOf({ ...LEAST, MNEME_REFLECTION: "false" })).toContain("MNEME_REFLECTION");
  });

  test("takes an empty variable for one that is not set", () => {
    expect(readConfig({ ...LEAST, MNEME_API_PORT: "", MNEME_CORS_ORIGINS: "" }).port).toBe(7400);
  });

  test("the port without TLS can be switched off, but not all ports", () => {
    const tls = { MNEME_API_TLS_PORT: "7443", MNEME_TLS_CERT: "/cert", MNEME_TLS_KEY: "/key" };
    expect(readConfig({ ...LEAST, ...tls, MNEME_API_PORT: "off" })).toMatchObject({
      port: undefined,
      tls: { port: 7443, minVersion: "TLSv1.3", clientCaFile: undefined },
    });
    for (const [name, value] of [
      ["MNEME_API_PORT", "off"],
      ["MNEME_TLS_CLIENT_CA", "/ca"],
    ] as const) {
      expect(faultsOf({ ...LEAST, [name]: value })).toContain("MNEME_API_TLS_PORT is required when");
    }
    expect(faultsOf({ ...LEAST, MNEME_API_PORT: "none" })).toContain("must be a port (0 to 65535) or off");
  });

  test("opens metrics to nobody where it opens the api to all", () => {
    expect(readConfig({ ...LEAST, MNEME_API_HOST: "0.0.0.0" })).toMatchObject({ metricsHost: "127.0.0.1" });
  });

  test("reads a list of origins", () => {
    const env = { ...LEAST, MNEME_CORS_ORIGINS: "https://a.example, https://b.example" };
    expect(readConfig(env).corsOrigins).toEqual(["https://a.example", "https://b.example"]);
  });
});
