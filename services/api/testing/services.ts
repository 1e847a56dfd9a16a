import type { DescService } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { type Served, serve } from "../frame.ts";

/** What a test answers itself. */
export interface Answers {
  readonly memory?: Partial<ServiceImpl<typeof MemoryService>>;
  readonly search?: Partial<ServiceImpl<typeof SearchService>>;
  readonly extraction?: Partial<ServiceImpl<typeof ExtractionService>>;
  readonly session?: Partial<ServiceImpl<typeof SessionService>>;
}

/** The product's services, of which a test implements what it calls. */
export function answering(answers: Answers): Served[] {
  return [
    fill(MemoryService, answers.memory),
    fill(SearchService, answers.search),
    fill(ExtractionService, answers.extraction),
    fill(SessionService, answers.session),
  ];
}

function fill<S extends DescService>(service: S, some: Partial<ServiceImpl<S>> = {}): Served {
  const rest = Object.fromEntries(
    service.methods.map((method) => [
      method.localName,
      () => {
        throw new Error(`${method.name} is not part of this test`);
      },
    ]),
  );
  return serve(service, { ...rest, ...some } as ServiceImpl<S>);
}
