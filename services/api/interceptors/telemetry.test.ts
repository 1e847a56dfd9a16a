import { MnemeError } from "@mneme/core/errors.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { BEARER, startTestServer, type TestServer } from "../testing/server.ts";

const SEARCH = "mneme.search.v1.SearchService/Search";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ search: { search: () => ({ tokens: 7 }) } });
});
afterAll(() => server?.stop());

const post = (path: string, headers: Record<string, string>, { url } = server) =>
  fetch(`${url}/${path}`, {
    method: "POST",
    body: JSON.stringify({ scope: { userId: "ada" }, query: "tea" }),
    headers: { "content-type": "application/json", ...headers },
  });

test("a flood of bad keys and bad paths writes 100 lines a minute, is counted, and hides nobody else's calls", async () => {
  for (let i = 0; i < 60; i += 1) {
    expect((await post(SEARCH, { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await post("no.such.Service/Method", {})).status).toBe(404);
  }
  expect((await post(SEARCH, BEARER)).status).toBe(200);
  await vi.waitFor(() => expect(server.lines.join("")).toContain('"code":"ok"'));
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(metrics).toContain("mneme_api_unlogged_total 20");
    expect(metrics).toMatch(/mneme_api_failures_total\{[^}]*reason="CREDENTIALS_INVALID"\} 60/);
  });
  const written = server.lines.map((line) => JSON.parse(line));
  expect(written.filter(({ reason }) => reason !== undefined)).toHaveLength(100);
  expect(written.filter(({ code }) => code === "ok")).toHaveLength(1);
});

test("a flood over a rate writes 100 lines a minute, whoever's it is", async () => {
  const refusal = new MnemeError("resource_exhausted", "RATE_LIMITED", "too many calls", {
    metadata: { limit: "1", scope: "tenant" },
  });
  const rates = { admit: async () => ({ state: { burst: 1, remaining: 0, resetMs: 1_000 }, refusal }) };
  const streams = { open: async () => () => {} };
  const limited = await startTestServer({}, { callLimits: { rates, streams } });
  try {
    for (let i = 0; i < 120; i += 1) expect((await post(SEARCH, BEARER, limited)).status).toBe(429);
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${limited.metricsUrl}/metrics`)).text();
      expect(metrics).toContain("mneme_api_unlogged_total 20");
      expect(metrics).toContain('mneme_api_limited_total{limit="requests_per_second",level="tenant"} 120');
    });
    expect(limited.lines.filter((line) => line.includes("RATE_LIMITED"))).toHaveLength(100);
  } finally {
    await limited.stop();
  }
});
