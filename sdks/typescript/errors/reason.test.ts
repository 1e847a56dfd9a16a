import type { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import { expectTypeOf, it } from "vitest";
import type { KnownReason } from "./reason.ts";

it("is every reason of the contract, and no other", () => {
  expectTypeOf<KnownReason>().toEqualTypeOf<Exclude<keyof typeof ErrorReason, "UNSPECIFIED">>();
});
