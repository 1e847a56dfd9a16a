import { writeFileSync } from "node:fs";
import { makeAuthority, type TestAuthority } from "@mneme/core/testing/authority.ts";
import { startPostgresTlsProxy, startTlsProxy, type TlsProxy } from "@mneme/core/testing/tls-proxy.ts";
import type { TestRecord } from "@mneme/postgres/testing/record.ts";
import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";

/** Of each engine, what stands in front of it; each asks for a client's certificate. */
interface Fronts {
  readonly database: TlsProxy;
  readonly opensearch: TlsProxy;
  readonly temporal: TlsProxy;
}

describe("api and worker whose engines take nothing but TLS with a client's certificate", () => {
  let authority: TestAuthority;
  let fronts: Fronts;
  let stack: OwnStack;
  let mneme: Mneme;

  beforeAll(async () => {
    authority = makeAuthority();
    const options = {
      ...authority.issue(),
      ca: authority.pem,
      requestCert: true,
      minVersion: "TLSv1.3",
    } as const;
    const { MNEME_POSTGRES_URL = "", MNEME_OPENSEARCH_URL = "", MNEME_TEMPORAL_ADDRESS = "" } = process.env;
    fronts = {
      database: await startPostgresTlsProxy(new URL(MNEME_POSTGRES_URL).host, options),
      opensearch: await startTlsProxy(new URL(MNEME_OPENSEARCH_URL).host, options),
      temporal: await startTlsProxy(MNEME_TEMPORAL_ADDRESS, options),
    };
    stack = await startOwnStack("engines-by-tls", (record) => ({
      ...places(),
      ...trust(),
      ...databases(record),
    }));
    mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
  }, 240_000);
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
    for (const front of Object.values(fronts ?? {})) await front[Symbol.asyncDispose]();
    authority?.[Symbol.dispose]();
  }, 120_000);

  const places = () => ({
    MNEME_OPENSEARCH_URL: `https://127.0.0.1:${fronts.opensearch.port}`,
    MNEME_TEMPORAL_ADDRESS: `127.0.0.1:${fronts.temporal.port}`,
  });
  const trust = () => {
    const { certFile, keyFile } = authority.issue("DNS:mneme");
    const of = (engine: string) => ({
      [`MNEME_${engine}_TLS_CA`]: authority.file,
      [`MNEME_${engine}_TLS_CERT`]: certFile,
      [`MNEME_${engine}_TLS_KEY`]: keyFile,
    });
    return { ...of("DATABASE"), ...of("OPENSEARCH"), ...of("TEMPORAL") };
  };
  /** By files, so that no password stands in the environment. */
  const databases = ({ urls }: TestRecord) => {
    const names = { app: "DATABASE", relay: "RELAY_DATABASE", keys: "KEYS_DATABASE" } as const;
    const settings = Object.entries(names).map(([role, name]) => {
      const url = new URL(urls[role as keyof typeof names]);
      url.port = String(fronts.database.port);
      const file = `${authority.file}.${role}`;
      writeFileSync(file, url.href, { mode: 0o600 });
      return { [`MNEME_${name}_URL`]: "", [`MNEME_${name}_URL_FILE`]: file };
    });
    return Object.assign({}, ...settings) as Record<string, string>;
  };

  it("remember and find", async () => {
    const ada = mneme.user("ada");
    await ada.add("I moved to Lisbon last week.", { name: "Ada", waitFor: "searchable" });
    const { hits, degraded } = await ada.search("Where does Ada live?");
    expect(hits[0]?.memory.text).toContain("Lisbon");
    expect(degraded).toEqual([]);
    // Pools and listeners of both processes; the index's client of each; the worker's connection.
    expect(fronts.database.accepted()).toBeGreaterThan(4);
    expect(fronts.opensearch.accepted()).toBeGreaterThan(1);
    expect(fronts.temporal.accepted()).toBeGreaterThan(0);
  });
});
