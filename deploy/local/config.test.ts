import { describe, expect, it } from "vitest";
import { PORTS, ROOT, readConfig } from "./config.ts";

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
      temporalAddress: "temporal.example:7233",
    });
  });

  it.each(["x", "-1", "1.5", "70000"])("names the variable that is no port: %s", (value) => {
    expect(() => readConfig({ MNEME_OPENSEARCH_PORT: value })).toThrow("MNEME_OPENSEARCH_PORT");
  });
});
