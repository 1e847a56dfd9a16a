import { type DescService, fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext, ServiceImpl } from "@connectrpc/connect";

/** A call as it arrived. */
export interface RecordedCall {
  readonly method: string;
  readonly request: JsonObject;
  readonly headers: Headers;
}

/** Serves services by what a test has laid ready, and keeps what it is asked. */
export class Recorder {
  readonly calls: RecordedCall[] = [];
  /** By the RPC's name; an empty message where there is none. */
  answers: Record<string, JsonValue> = {};
  readonly #services: readonly DescService[];

  constructor(services: readonly DescService[]) {
    this.#services = services;
  }

  /** The requests, without the ids that make repeated calls the same. */
  get requests(): JsonObject[] {
    return this.calls.map(({ request: { requestId: _, ...rest } }) => rest);
  }

  readonly routes = (router: ConnectRouter) => {
    for (const service of this.#services) router.service(service, this.#implementation(service));
  };

  #implementation(service: DescService): Partial<ServiceImpl<DescService>> {
    const methods = service.methods.map(({ localName, name, input, output }) => [
      localName,
      (request: never, context: HandlerContext) => {
        const json = toJson(input, request) as JsonObject;
        this.calls.push({ method: name, request: json, headers: context.requestHeader });
        return fromJson(output, this.answers[name] ?? {});
      },
    ]);
    return Object.fromEntries(methods);
  }
}
