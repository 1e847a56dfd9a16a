import { describe, expect, it } from "vitest";
import { InvalidArgumentError, Mneme, type MnemeNodeOptions } from "../node.ts";
import { HttpServer } from "../test/http-server.ts";
import { KEY, MemoryServer } from "../test/memory-server.ts";

const BROKEN = "half \ud800 a pair";
type Call = (mneme: Mneme) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, field: string, call: Call])[] = [
  ["search", "query", (mneme) => mneme.user("ada").search(BROKEN)],
  ["watch", "extraction_id", (mneme) => mneme.extractions.watch(BROKEN).next()],
  ["waitFor", "extraction_id", (mneme) => mneme.waitFor(BROKEN)],
];
const IMPORTS: typeof CALLS = [
  ["import", "memories[0].text", (mneme) => mneme.user("ada").import([BROKEN])],
  ["import", "memories[2].text", (mneme) => mneme.user("ada").import(["tea", "milk", BROKEN])],
  ["import", "scope.user_id", (mneme) => mneme.user(BROKEN).import(["tea"])],
  ["import", "request_id", (mneme) => mneme.user("ada").import(["tea"], { requestId: BROKEN })],
];

describe.each<[string, "1.1" | "2", MnemeNodeOptions, typeof CALLS]>([
  ["HTTP/2", "2", {}, [...CALLS, ...IMPORTS]],
  ["HTTP/2, gRPC", "2", { protocol: "grpc" }, [...CALLS, ...IMPORTS]],
  ["HTTP/1.1", "1.1", { httpVersion: "1.1" }, [...CALLS, ...IMPORTS]],
  ["fetch", "1.1", { fetch: globalThis.fetch }, CALLS],
])("over %s", (_name, httpVersion, options, calls) => {
  it.each(calls)(
    "%s refuses what the wire cannot carry before it sends anything: %s",
    async (_, field, call) => {
      const server = new MemoryServer();
      await using http = new HttpServer(server.routes, httpVersion);
      let sent = 0;
      http.fates.push((_request, _response, handle) => {
        sent++;
        handle();
      });
      const mneme = new Mneme({ url: await http.listen(), apiKey: KEY, retries: 0, ...options });
      const thrown = await call(mneme).catch((error: unknown) => error);
      mneme.close();
      expect(thrown).toBeInstanceOf(InvalidArgumentError);
      expect(thrown).toMatchObject({ reason: "FIELD_INVALID", fields: [{ field }], metadata: { field } });
      expect(sent).toBe(0);
    },
  );
});
