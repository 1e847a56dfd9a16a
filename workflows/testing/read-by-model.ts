import { createOpenAiExtractor } from "@mneme/models/openai/extractor.ts";
import { type Handler, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import type { TestBucket } from "./test-bucket.ts";

/** A model behind a server, which reads two messages a request and so eight a try. */
export async function readByModel(bucket: TestBucket, chat: Handler) {
  const server = await startScriptedOpenAi({ chat });
  bucket.extractor = createOpenAiExtractor({ baseUrl: server.baseUrl, model: "scripted", maxMessages: 2 });
  return server;
}

/** The new messages of a request. */
export function messagesOf({ body }: Parameters<Handler>[0]): string[] {
  const lines: string[] = body.messages[1].content.split("\n");
  return lines.filter((line) => line.startsWith('{"n":')).map((line) => JSON.parse(line).text);
}
