import { expect, it } from "vitest";
import { MnemeError } from "../errors.ts";
import { failureParts, failureReason } from "./failure-reason.ts";

const timedOut = (metadata: Record<string, string>) =>
  new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "too late", { metadata });

it.each([
  [timedOut({ server: "extractor" }), "MODEL_TIMEOUT:extractor", "MODEL_TIMEOUT", "extractor"],
  [timedOut({ server: "embedder" }), "MODEL_TIMEOUT:embedder", "MODEL_TIMEOUT", "embedder"],
  [timedOut({ server: "somebody's words" }), "MODEL_TIMEOUT", "MODEL_TIMEOUT", undefined],
  [new Error("a bug"), "INTERNAL", "INTERNAL", undefined],
])("%s is kept as %s", (error, kept, reason, server) => {
  const failure = failureReason(error);
  expect(failure).toBe(kept);
  expect(failureParts(failure)).toEqual({ reason, server });
});
