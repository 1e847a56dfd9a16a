import { describe, expect, it } from "vitest";
import { PORTS, ROOT, readConfig } from "./config.ts";
import { portClashes } from "./port-clashes.ts";

describe("portClashes", () => {
  it("finds none in the usual ports, in free ones, nor with engines that run elsewhere", () => {
    const free = Object.fromEntries(Object.values(PORTS).map(({ variable }) => [variable, "0"]));
    expect(portClashes({})).toEqual([]);
    expect(portClashes(free)).toEqual([]);
    expect(portClashes({ MNEME_API_PORT: "7405", MNEME_TEMPORAL_ADDRESS: "temporal.example:7233" })).toEqual(
      [],
    );
  });

  it("says for each port whose it would be", () => {
    expect(
      portClashes({ MNEME_API_PORT: "7402", MNEME_POSTGRES_PORT: "9", MNEME_OPENSEARCH_PORT: "9" }),
    ).toEqual([
      "MNEME_API_PORT and MNEME_WORKER_METRICS_PORT (7402 unless set) must be different ports",
      "MNEME_POSTGRES_PORT and MNEME_OPENSEARCH_PORT must be different ports",
    ]);
  });
});

describe("readConfig", () => {
  it("has a setting for everything", () => {
    const config = readConfig({ HOME: "/home/someone" });
    expect(config.dataDir).toBe(`${ROOT}.mneme`);
    expect(config.ports.api).toBe(7400);
    expect(config.external).toEqual({});
    expect(config.temporalNamespace).toBe("mneme");
    const ports = Object.values(config.ports);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("takes each port from its variable", () => {
    for (const [name, { variable }] of Object.entries(PORTS)) {
      const { ports } = readConfig({ [variable]: "18123" });
      expect(ports[name as keyof typeof PORTS]).toBe(18_123);
    }
  });

  it("uses engines that run elsewhere", () => {
    const { external } = readConfig({
      MNEME_POSTGRES_URL: "postgresql://db.example/postgres",
      MNEME_OPENSEARCH_URL: "https://search.example",
      MNEME_TEMPORAL_ADDRESS: "temporal.example:7233",
    });
    expect(external).toEqual({
      postgresUrl: "postgresql://db.example/postgres",
      opensearchUrl: "https://search.example",
      // An https address asks for it.
      opensearchTls: {},
      temporalAddress: "temporal.example:7233",
    });
  });

  it("reaches them as api and worker will", () => {
    const { external } = readConfig({
      MNEME_POSTGRES_URL: "postgresql://db.example/postgres",
      MNEME_DATABASE_TLS: "on",
      MNEME_OPENSEARCH_URL: "https://search.example",
      MNEME_OPENSEARCH_USER: "mneme",
      MNEME_OPENSEARCH_PASSWORD: "secret",
      MNEME_TEMPORAL_ADDRESS: "temporal.example:7233",
      MNEME_TEMPORAL_TLS_SERVER_NAME: "temporal",
    });
    expect(external).toMatchObject({
      databaseTls: {},
      opensearchAuth: { username: "mneme", password: "secret" },
      temporalTls: { serverName: "temporal" },
    });
  });

  it.each(["x", "-1", "1.5", "70000"])("names the variable that is no port: %s", (value) => {
    expect(() => readConfig({ MNEME_OPENSEARCH_PORT: value })).toThrow("MNEME_OPENSEARCH_PORT");
  });
});
