import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createRouterTransport } from "@connectrpc/connect";
import { Flaw } from "@mneme/proto/mneme/audit/v1/audit_pb.js";
import { AuditService, type VerifyAuditRequest } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { expect, it } from "vitest";
import { InternalError, Mneme } from "./node.ts";
import { KEY } from "./test/memory-server.ts";

it("goes on over pages that are short or empty, until there is no other", async () => {
  const eventAt = (sequence: bigint) => ({ sequence, time: timestampFromDate(new Date()) });
  const pages: Record<string, { events: ReturnType<typeof eventAt>[]; nextPageToken: string }> = {
    "": { events: [], nextPageToken: "second" },
    second: { events: [eventAt(9n)], nextPageToken: "third" },
    third: { events: [], nextPageToken: "last" },
    last: { events: [eventAt(2n)], nextPageToken: "" },
  };
  const transport = createRouterTransport(({ rpc }) => {
    rpc(AuditService.method.listAuditEvents, ({ pageToken }) => pages[pageToken] ?? {});
  });
  const found = await new Mneme({ apiKey: KEY, transport }).audit.list({ code: "not_found" }).toArray(2);
  expect(found.map(({ sequence }) => sequence)).toEqual([9, 2]);
});

const hashOf = (sequence: bigint) => new Uint8Array(32).fill(Number(sequence));

/** A server whose trail ends at a place, and is broken in one. */
function serving(last: bigint, broken?: bigint) {
  const asked: VerifyAuditRequest[] = [];
  const transport = createRouterTransport(({ rpc }) => {
    rpc(AuditService.method.verifyAudit, (request) => {
      asked.push(request);
      const from = request.afterSequence;
      const most = BigInt(request.maxEvents || 10);
      const flaw = broken !== undefined && broken <= from + most;
      const to = flaw ? broken - 1n : from + most < last ? from + most : last;
      return {
        valid: !flaw,
        checked: to - from,
        lastSequence: to,
        lastHash: hashOf(to),
        endReached: !flaw && to - from < most,
        ...(flaw && { flaw: Flaw.CHANGED, flawSequence: broken }),
        signedHead: `head ${to}`,
      };
    });
  });
  return { asked, mneme: new Mneme({ apiKey: KEY, transport }) };
}

it("verifies a trail part by part, each from the hash that the one before ended with", async () => {
  const { asked, mneme } = serving(25n);
  const told: number[] = [];
  const found = await mneme.audit.verify({ onProgress: (last) => told.push(last) });
  expect(found).toEqual({
    valid: true,
    checked: 25,
    lastSequence: 25,
    lastHash: "19".repeat(32),
    flaw: undefined,
    flawSequence: undefined,
    signedHead: "head 25",
  });
  expect(told).toEqual([10, 20]);
  expect(asked.map(({ afterSequence }) => afterSequence)).toEqual([0n, 10n, 20n]);
  expect(asked.map(({ afterHash }) => afterHash)).toEqual([new Uint8Array(), hashOf(10n), hashOf(20n)]);
});

it.each([
  { does: "checks nothing", checked: 0n, lastSequence: 10n },
  { does: "stays where it is", checked: 5n, lastSequence: 0n },
])("gives a server up that $does and names no end", async ({ checked, lastSequence }) => {
  let calls = 0;
  const transport = createRouterTransport(({ rpc }) => {
    rpc(AuditService.method.verifyAudit, () => {
      calls += 1;
      // So that the test ends as well where it is asked on and on.
      return { valid: true, checked, lastSequence, endReached: calls > 10 };
    });
  });
  const verifying = new Mneme({ apiKey: KEY, transport }).audit.verify();
  await expect(verifying).rejects.toBeInstanceOf(InternalError);
  expect(calls).toBe(1);
});

it("goes on from a place whose hash was kept, and ends at the first flaw", async () => {
  const { asked, mneme } = serving(25n, 18n);
  const found = await mneme.audit.verify({ afterSequence: 9, afterHash: "09".repeat(32), pageSize: 5 });
  expect(found).toMatchObject({ valid: false, checked: 8, flaw: "changed", flawSequence: 18 });
  expect(asked.map(({ afterHash, maxEvents }) => [afterHash, maxEvents])).toEqual([
    [hashOf(9n), 5],
    [hashOf(14n), 5],
  ]);
});
