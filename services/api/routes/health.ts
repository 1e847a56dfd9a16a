import type { DescService } from "@bufbuild/protobuf";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@mneme/proto/grpc/health/v1/health_pb.js";
import { toConnectError } from "../convert/error.ts";
import type { Readiness } from "../readiness.ts";

/** gRPC health: the whole server as the empty name, and each of its services, which stand and fall together. */
export function createHealth(
  readiness: Readiness,
  services: readonly DescService[],
): ServiceImpl<typeof Health> {
  const names = new Set(["", ...services.map((service) => service.typeName)]);
  const status = () => (readiness.state.ready ? Status.SERVING : Status.NOT_SERVING);
  return {
    check({ service }) {
      if (!names.has(service)) throw noSuchService();
      return { status: status() };
    },
    async *watch({ service }, { signal }) {
      if (!names.has(service)) {
        yield { status: Status.SERVICE_UNKNOWN };
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      for (;;) {
        const { ready } = readiness.state;
        yield { status: ready ? Status.SERVING : Status.NOT_SERVING };
        await readiness.changed(ready, signal);
      }
    },
  };
}

/** The code is the health protocol's. */
function noSuchService() {
  return toConnectError({
    code: Code.NotFound,
    reason: "SERVICE_NOT_FOUND",
    message: "there is no such service",
    metadata: {},
    fields: [],
    retryAfterMs: undefined,
  });
}
