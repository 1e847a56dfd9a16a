import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeGrpcMessage } from "./grpc-message.ts";

test("printable ASCII stays readable, anything else survives", () => {
  expect(encodeGrpcMessage('messages[0].text: at most "1" (100 %)')).toBe(
    'messages[0].text: at most "1" (100 %25)',
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (message) => {
      const encoded = encodeGrpcMessage(message);
      expect(encoded).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeURIComponent(encoded)).toBe(message);
    }),
  );
});
