import type { ExtractionState } from "@mneme/core/extraction/extraction.ts";
import type { FailureReason } from "@mneme/core/extraction/failure-reason.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import { expect, it } from "vitest";
import { fromFailure } from "./extraction-failure.ts";

const failureOf = (reason: FailureReason, state: ExtractionState) =>
  fromFailure({ failure: { reason, failedAt: new Date(0) }, state });

it.each<[FailureReason, ErrorReason, RegExp]>([
  [
    "MODEL_CREDENTIALS_REFUSED:extractor",
    ErrorReason.MODEL_CREDENTIALS_REFUSED,
    /^the extractor's .*credentials; .*MNEME_EXTRACTOR_API_KEY/,
  ],
  ["MODEL_NOT_FOUND:embedder", ErrorReason.MODEL_NOT_FOUND, /^the embedder's .*MNEME_EMBEDDER_MODEL/],
  ["MODEL_REQUEST_REFUSED:extractor", ErrorReason.MODEL_REQUEST_REFUSED, /worker's log.*MNEME_EXTRACTOR_URL/],
  ["MODEL_SERVER_FAILED:embedder", ErrorReason.MODEL_SERVER_FAILED, /^the embedder's model server failed/],
  ["MODEL_RATE_LIMITED:extractor", ErrorReason.MODEL_RATE_LIMITED, /limits the rate/],
  ["MODEL_TIMEOUT:embedder", ErrorReason.MODEL_TIMEOUT, /MNEME_EMBEDDER_TIMEOUT_MS/],
  ["MODEL_TIMEOUT", ErrorReason.MODEL_TIMEOUT, /^the embedded model did not answer/],
  ["MODEL_OUTPUT_INVALID:extractor", ErrorReason.MODEL_OUTPUT_INVALID, /MNEME_EXTRACTOR_URL/],
  [
    "EMBEDDING_DIMENSION_MISMATCH:embedder",
    ErrorReason.EMBEDDING_DIMENSION_MISMATCH,
    /^the embedder's .* than MNEME_EMBEDDER_DIMENSION says; put MNEME_EMBEDDER_DIMENSION right(?!.*index)/,
  ],
  ["EMBEDDING_DIMENSION_MISMATCH", ErrorReason.EMBEDDING_DIMENSION_MISMATCH, /^the index .*reindex/],
  ["DEPENDENCY_UNAVAILABLE", ErrorReason.DEPENDENCY_UNAVAILABLE, /^a part of the system failed/],
  ["INTERNAL", ErrorReason.INTERNAL, /^something broke on our side/],
])("%s says what failed, what to do, and how it is revived", (reason, wire, text) => {
  const failure = failureOf(reason, "failed");
  expect(failure?.reason).toBe(wire);
  expect(failure?.message).toMatch(text);
  expect(failure?.message).toMatch(/; .+, then RetryExtraction revives it$/);
});

it.each<[ExtractionState, string]>([
  ["queued", "the extractor's model server limits the rate, or its quota is used up; it is tried again"],
  ["running", "the extractor's model server limits the rate, or its quota is used up; it is tried again"],
  ["searchable", "the extractor's model server limits the rate, or its quota is used up"],
])("of an extraction that is %s it says: %s", (state, text) => {
  expect(failureOf("MODEL_RATE_LIMITED:extractor", state)?.message).toBe(text);
});

it.each(["REASON_OF_TOMORROW", "REASON_OF_TOMORROW:embedder"])(
  "%s of a newer worker is internal",
  (reason) => {
    expect(failureOf(reason as FailureReason, "failed")).toMatchObject({
      reason: ErrorReason.INTERNAL,
      message: expect.stringContaining("something broke on our side; see the cause in the worker's log"),
    });
  },
);

it("is unset where nothing failed", () => {
  expect(fromFailure({ failure: undefined, state: "queued" })).toBeUndefined();
});
