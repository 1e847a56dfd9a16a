import type { Interceptor } from "@connectrpc/connect";
import { asTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import { callOf } from "../call.ts";

/** Has the implementation work with its caller's credentials, and each step of a streamed answer as well. */
export const credentialTenantInterceptor: Interceptor = (next) => async (request) => {
  const { caller } = callOf(request.contextValues);
  if (!caller) return next(request);
  const { tenantId } = caller;
  const response = await asTenant(tenantId, () => next(request));
  return response.stream ? { ...response, message: stepsOf(response.message, tenantId) } : response;
};

async function* stepsOf<T>(items: AsyncIterable<T>, tenantId: string): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await asTenant(tenantId, () => iterator.next());
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await asTenant(tenantId, () => iterator.return?.());
  }
}
