import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import type { WorkflowHandle } from "@temporalio/client";
import type { Payload } from "@temporalio/common";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { dataConverter } from "../bundle.ts";
import { type IngestInput, ingestWorkflowId, WAKE, workflowNames } from "../contract.ts";
import { ingestActivitiesOver } from "../testing/ingest-activities.ts";
import { MemoryPorts, outage } from "../testing/memory-ports.ts";
import { historyText, openTestTemporal, type TestTemporal, until } from "../testing/temporal.ts";

const SECRET = "Rosalind keeps otters";

let temporal: TestTemporal;
let worker: AsyncDisposable;
let ports: MemoryPorts;
let tenantId: string;

beforeAll(async () => {
  temporal = await openTestTemporal();
  worker = await temporal.startWorker(ingestActivitiesOver(() => ports));
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await temporal?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  ports = new MemoryPorts();
  tenantId = randomUUID();
});

function wake(input: Partial<IngestInput> = {}): Promise<WorkflowHandle> {
  return temporal.client.workflow.signalWithStart(workflowNames.ingest, {
    workflowId: ingestWorkflowId(tenantId, 3),
    taskQueue: temporal.taskQueue,
    args: [{ tenantId, bucket: 3, ...input }],
    signal: WAKE,
    workflowTaskTimeout: "5 seconds",
  });
}

it("works what is pending and ends", async () => {
  for (let i = 0; i < 40; i += 1) ports.add(`stream-${i % 3}`, `turn ${i}`);
  await (await wake()).result();
  expect(ports.settled).toBe(true);
});

it("indexes a flood in large batches, and what it has of one when it can't go on", async () => {
  const countDone = () => ports.messages.filter(({ state }) => state === "done").length;
  const indexedAt: number[] = [];
  ports.indexUse = () => indexedAt.push(countDone());
  let isAway = true;
  ports.read = (text) => {
    if (isAway && text === "turn 100") throw outage("model");
  };
  for (let i = 0; i < 130; i += 1) ports.add("stream", `turn ${i}`);
  const handle = await wake();
  await until(() => ports.messages.filter(({ indexed }) => indexed).length === 96);
  expect(indexedAt[0]).toBe(64);
  isAway = false;
  await handle.result();
  expect(ports.settled).toBe(true);
});

it("indexes the first of a flood while the rest takes long to read", async () => {
  const model = Promise.withResolvers<void>();
  ports.read = (text) => (text === "turn 16" ? model.promise : undefined);
  for (let i = 0; i < 40; i += 1) ports.add("stream", `turn ${i}`);
  const handle = await wake();
  try {
    await until(() => ports.messages.filter(({ indexed }) => indexed).length === 16);
  } finally {
    model.resolve();
  }
  await handle.result();
  expect(ports.settled).toBe(true);
});

it("loses no wake-up that comes while it ends", async () => {
  // The codec runs between a workflow task's work and its answer to the server: the last moment there is.
  const late = { left: 3, sent: 0 };
  const codec = {
    encode: async (payloads: Payload[]) => {
      // Only the workflow's own end has nothing to say.
      if (payloads.every(({ data }) => !data?.length) && late.left > 0) {
        late.left -= 1;
        ports.add("stream", `late ${late.left}`);
        await temporal.client.workflow.getHandle(ingestWorkflowId(tenantId, 3)).signal(WAKE);
        late.sent += 1;
      }
      return payloads;
    },
    decode: async (payloads: Payload[]) => payloads,
  };
  const own = await openTestTemporal();
  const racing = await own.startWorker(
    ingestActivitiesOver(() => ports),
    { ...dataConverter, payloadCodecs: [codec] },
  );
  ports.add("stream", "first");
  const handle = await own.client.workflow.signalWithStart(workflowNames.ingest, {
    workflowId: ingestWorkflowId(tenantId, 3),
    taskQueue: own.taskQueue,
    args: [{ tenantId, bucket: 3 }],
    signal: WAKE,
  });
  await handle.result();
  expect(late.sent).toBe(3);
  expect(ports.settled).toBe(true);
  const refusals = (await historyText(handle)).match(/UNHANDLED_COMMAND/g);
  expect(refusals).toHaveLength(3);
  await racing[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});

it("tries a failed stream alone while the others go on", async () => {
  let failures = 0;
  ports.read = (text) => {
    if (text !== "odd" || failures >= 2) return;
    failures += 1;
    throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", "nonsense");
  };
  const odd = ports.add("failing", "odd");
  const after = ports.add("failing", "after odd");
  for (let i = 0; i < 20; i += 1) ports.add("healthy", `turn ${i}`);
  const handle = await wake();
  await until(() =>
    ports.messages.every(({ streamId, state }) => streamId !== "healthy" || state === "done"),
  );
  expect(odd.state).toBe("pending");
  await handle.result();
  expect(odd.state).toBe("done");
  expect(after.state).toBe("done");
  expect(ports.tries.get(odd.extractionId)).toBe(2);
  expect(ports.loads.some(({ exclude }) => exclude.includes("failing"))).toBe(true);
});

it("gives up after three tries, and only on the message that fails", async () => {
  ports.read = (text) => {
    if (text === "poison") throw new MnemeError("unavailable", "MODEL_TIMEOUT", "too slow");
  };
  const before = ports.add("stream", "before");
  const poison = ports.add("stream", "poison");
  const after = ports.add("stream", "after");
  await (await wake()).result();
  expect([before.state, poison.state, after.state]).toEqual(["done", "failed", "done"]);
  expect(ports.settled).toBe(true);
});

it("does not repeat what would fail again for certain", async () => {
  ports.read = (text) => {
    if (text === "refused") throw new MnemeError("failed_precondition", "MODEL_REFUSED", "no");
  };
  const refused = ports.add("stream", "refused");
  await (await wake()).result();
  expect(refused.state).toBe("failed");
  expect(ports.tries.get(refused.extractionId)).toBe(2);
});

it("finds the culprit when a whole batch fails", async () => {
  const store = ports.deps.store;
  const apply = store.apply.bind(store);
  const deps = { ...ports.deps, store: Object.assign(store, { apply: failing }) };
  async function failing(...args: Parameters<typeof apply>) {
    const texts = args[1].flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.text));
    if (texts.includes("poison")) throw new Error(`cannot store ${SECRET}`);
    await apply(...args);
  }
  Object.defineProperty(ports, "deps", { get: () => deps });
  const poison = ports.add("bad", "poison");
  const good = ports.add("good", "fine");
  const handle = await wake();
  await handle.result();
  expect([poison.state, good.state]).toEqual(["failed", "done"]);
  expect((await historyText(handle)).includes(SECRET)).toBe(false);
});

it("waits an outage of the record out, however many tries that takes", async () => {
  let left = 3;
  ports.recordUse = () => {
    if (left-- > 0) throw outage("postgres");
  };
  const message = ports.add("stream", "turn");
  await (await wake()).result();
  expect(message.state).toBe("done");
  expect(ports.tries.size).toBe(0);
}, 60_000);

it("waits for a model server that is away, without a try being counted", async () => {
  let left = 3;
  ports.read = () => {
    if (left-- > 0) throw outage("model");
  };
  const messages = [ports.add("one", "turn"), ports.add("two", "turn")];
  const handle = await wake();
  await handle.result();
  expect(messages.map(({ state }) => state)).toEqual(["done", "done"]);
  expect(ports.tries.size).toBe(0);
  expect((await historyText(handle)).includes('"ingestStream"')).toBe(false);
});

it("reads on while the index is away, and catches up when it is back", async () => {
  let away = true;
  ports.indexUse = () => {
    if (away) throw outage("opensearch");
  };
  ports.add("stream", "first");
  const handle = await wake();
  await until(() => ports.messages.every(({ state }) => state === "done"));
  ports.add("stream", "second");
  await wake();
  await until(() => ports.messages.every(({ state }) => state === "done"));
  expect(ports.messages.some(({ indexed }) => indexed)).toBe(false);
  away = false;
  await handle.result();
  expect(ports.settled).toBe(true);
});

it("continues as new with the streams it is trying again", async () => {
  ports.read = (text) => {
    if (text === "poison") throw new MnemeError("unavailable", "MODEL_TIMEOUT", "too slow");
  };
  const poison = ports.add("failing", "poison");
  const handle = await wake({ maxHistoryEvents: 5 });
  await handle.result();
  expect(poison.state).toBe("failed");
  expect(ports.tries.get(poison.extractionId)).toBe(3);
  const first = await temporal.client.workflow
    .getHandle(handle.workflowId, (handle as { signaledRunId?: string }).signaledRunId)
    .describe();
  expect(first.status.name).toBe("CONTINUED_AS_NEW");
});

it("keeps what errors say out of the history", async () => {
  ports.read = (text) => {
    throw new Error(`cannot parse: ${text}`, { cause: new Error(SECRET) });
  };
  ports.add("stream", SECRET);
  let left = 1;
  ports.recordUse = () => {
    if (left-- > 0) throw new Error(`invalid input syntax: ${SECRET}`);
  };
  const handle = await wake();
  await handle.result();
  const history = await historyText(handle);
  expect(history.includes("INTERNAL")).toBe(true);
  expect(history.includes(SECRET)).toBe(false);
  expect(history.includes("otters")).toBe(false);
}, 60_000);

it("stops an activity soon after its workflow was cancelled", async () => {
  let aborted = false;
  ports.read = () => new Promise(() => undefined);
  const deps = ports.deps;
  const extract = deps.extractor.extract;
  Object.defineProperty(ports, "deps", {
    get: () => ({
      ...deps,
      extractor: {
        ...deps.extractor,
        extract: (input: Parameters<typeof extract>[0], signal?: AbortSignal) =>
          new Promise((_, reject) => {
            signal?.addEventListener("abort", () => {
              aborted = true;
              reject(signal.reason);
            });
            void extract(input, signal);
          }),
      },
    }),
  });
  ports.add("stream", "slow");
  const handle = await wake();
  await until(() => ports.loads.length > 0);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  await until(() => aborted);
});
