import type { HandlerContext } from "@connectrpc/connect";
import {
  type RotateSigningKeyRequest,
  RotateSigningKeyRequestSchema,
} from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { callerOf } from "../../call.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function rotateSigningKey({ operator, signingKeys }: Pick<RouteDeps, "operator" | "signingKeys">) {
  return async (request: RotateSigningKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest("OperatorService/RotateSigningKey", RotateSigningKeyRequestSchema, request);
    const rotate = async () => {
      await signingKeys.rotate();
      return { keyId: (await signingKeys.current()).kid };
    };
    return operator.once(callerOf(context), write, rotate, context.signal);
  };
}
