import { connect } from "node:http2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KEY_SET, startTestServer, type TestServer } from "../testing/server.ts";

const PATH = "/.well-known/jwks.json";
let server: TestServer;
let isOut = false;
beforeAll(async () => {
  const keySet = () => (isOut ? Promise.reject(new Error("the store is out")) : Promise.resolve(KEY_SET));
  server = await startTestServer({}, { keySet });
});
afterAll(() => server?.stop());

it("publishes the keys to anybody, for caches to keep a while", async () => {
  const answer = await fetch(`${server.url}${PATH}`, { headers: { origin: "https://any.example" } });
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/jwk-set+json",
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
  });
  expect(await answer.json()).toEqual(KEY_SET);
  expect((await fetch(`${server.url}${PATH}?x=1`, { method: "HEAD" })).status).toBe(200);
});

it("answers over HTTP/2", async () => {
  const session = connect(server.url);
  const chunks: Buffer[] = [];
  for await (const chunk of session.request({ ":path": PATH })) chunks.push(chunk);
  session.close();
  expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(KEY_SET);
});

it("takes nothing but reads", async () => {
  const answer = await fetch(`${server.url}${PATH}`, { method: "POST", body: "{}" });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
});

it("says that it can't while the keys can't be read, and why in the log alone", async () => {
  isOut = true;
  const answer = await fetch(`${server.url}${PATH}`);
  isOut = false;
  expect([answer.status, await answer.text()]).toEqual([503, ""]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(server.lines.at(-1)).toContain("the published keys cannot be read");
});
