import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createOpenAiEmbedder } from "../openai/embedder.ts";
import { createOpenAiExtractor } from "../openai/extractor.ts";

async function startProcess() {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./main.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, MNEME_SCRIPTED_OPENAI_PORT: "0" },
  });
  const [baseUrl] = (await once(createInterface(child.stdout), "line")) as [string];
  const control = async (path: string, body?: unknown) => {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const response = await fetch(new URL(`/control/${path}`, baseUrl), init);
    expect(response.status).toBe(200);
    return response.json();
  };
  return {
    baseUrl,
    control,
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

test("the server runs as a process, is steered from outside and stops when told", async () => {
  await using server = await startProcess();
  const { baseUrl, control } = server;
  const embedder = createOpenAiEmbedder({ baseUrl, model: "m", dimension: 384, cacheSize: 0 });
  const extractor = createOpenAiExtractor({ baseUrl, model: "m" });
  const sentAt = new Date("2024-05-08T10:00:00Z");
  const turns = ["I have a red bike.", "Thanks!"].map((text, i) => ({
    messageId: `m${i}`,
    sessionId: undefined,
    role: "user" as const,
    name: "Ada",
    text,
    sentAt,
  }));

  const { statements, dropped } = await extractor.extract({ turns, context: [], summary: "", nearest: [] });
  expect(statements.map(({ text }) => text)).toEqual(["Ada said: I have a red bike."]);
  expect(dropped).toEqual([{ messageId: "m1", reason: "small_talk" }]);

  await control("next", { endpoint: "embeddings", replies: ["wrong_dimension", "server_error"] });
  await expect(embedder.embed(["a"])).rejects.toMatchObject({ reason: "EMBEDDING_DIMENSION_MISMATCH" });
  await expect(embedder.embed(["a"])).rejects.toMatchObject({ reason: "MODEL_SERVER_FAILED" });
  const [once1, other, twice] = await embedder.embed(["a red bike", "blue cheese", "a red bike"]);
  expect(twice).toEqual(once1);
  expect(other).not.toEqual(once1);

  expect(await control("requests")).toEqual({ chat: 1, embeddings: 3, rerank: 0 });
  await control("reset", {});
  expect(await control("requests")).toEqual({ chat: 0, embeddings: 0, rerank: 0 });
});
