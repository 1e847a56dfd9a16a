import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { AddMessagesRequestSchema, WaitFor } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { AppendSessionRequestSchema } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBody, toWriteRequest } from "./write-request.ts";

const key = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const shuffled = <T>(map: Record<string, T>) =>
  fc
    .shuffledSubarray(Object.entries(map), { minLength: Object.keys(map).length })
    .map((entries) => Object.fromEntries(entries) as Record<string, T>);

type Adding = MessageInitShape<typeof AddMessagesRequestSchema>;
const adding = (init: Adding) =>
  create(AddMessagesRequestSchema, {
    scope: { userId: "ada" },
    messages: [{ role: 1, text: "I moved to Lisbon." }],
    ...init,
  } as Adding);
const bodyOf = (init: Adding) => canonicalBody(AddMessagesRequestSchema, adding(init));

describe("canonicalBody", () => {
  test("does not depend on the order of a map", () => {
    const metadata = fc.dictionary(key, fc.string(), { minKeys: 2 });
    const pair = metadata.chain((map) => fc.tuple(shuffled(map), shuffled(map)));
    const values = (map: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(map).map(
          ([name, value]) => [name, { value: { case: "stringValue", value } }] as const,
        ),
      );
    fc.assert(
      fc.property(pair, ([one, other]) => {
        expect(bodyOf({ metadata: values(one) })).toEqual(bodyOf({ metadata: values(other) }));
      }),
    );
  });

  test("does not depend on the order of keys in free-form JSON, but on that of lists", () => {
    const body = (taskState: Record<string, never> | object) =>
      canonicalBody(
        AppendSessionRequestSchema,
        create(AppendSessionRequestSchema, { scope: { sessionId: "s" }, taskState: taskState as never }),
      );
    expect(body({ a: [{ x: 1, y: 2 }], b: null })).toEqual(body({ b: null, a: [{ y: 2, x: 1 }] }));
    expect(body({ a: [1, 2] })).not.toEqual(body({ a: [2, 1] }));
  });

  test("leaves out the request's id and what to wait for, and nothing else", () => {
    const plain = bodyOf({});
    expect(bodyOf({ requestId: "r1", waitFor: WaitFor.SEARCHABLE })).toEqual(plain);
    expect(bodyOf({ infer: false })).not.toEqual(plain);
    expect(bodyOf({ messages: [{ role: 1, text: "I moved to Porto." }] })).not.toEqual(plain);
    expect(bodyOf({ scope: { userId: "bob" } })).not.toEqual(plain);
  });

  test("says the same as the request", () => {
    const metadata = {
      b: { value: { case: "boolValue", value: true } },
      a: { value: { case: "numberValue", value: 2 } },
    };
    const request = adding({ metadata } as Adding);
    const read = fromBinary(AddMessagesRequestSchema, canonicalBody(AddMessagesRequestSchema, request));
    expect(read).toEqual(fromBinary(AddMessagesRequestSchema, toBinary(AddMessagesRequestSchema, request)));
  });
});

test("an id is made up where none is sent", () => {
  const made = () => toWriteRequest("AddMessages", AddMessagesRequestSchema, adding({})).requestId;
  expect(made()).not.toBe(made());
  expect(toWriteRequest("AddMessages", AddMessagesRequestSchema, adding({ requestId: "r1" })).requestId).toBe(
    "r1",
  );
});
