import type { Auditor } from "@mneme/core/audit/auditor.ts";
import type { AuditEvent } from "@mneme/core/audit/event.ts";
import type { Authenticator, Known } from "@mneme/core/tenancy/authenticator.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { PERMISSIONS_OF } from "@mneme/core/tenancy/roles.ts";
import { PERMISSIONS_OF_USERS } from "@mneme/core/tenancy/user-tokens.ts";
import type { CallLimits } from "../frame.ts";
import type { ReadKeySet } from "../http/key-set.ts";
import { createLogger, type Logger } from "../log.ts";
import { type Probe, watchReadiness } from "../readiness.ts";
import { type Server, type ServerConfig, startServer } from "../server.ts";
import { type Answers, answering } from "./services.ts";

export const KEY = "mk_all-permissions";
export const READER = "mk_reads-memories-only";
/** A token of the user ada. */
export const USER_TOKEN = "mk_user-token";
export const BEARER = { authorization: `Bearer ${KEY}` };

const ADA = "00000000-0000-7000-8000-00000000000c";
const CALLERS: Readonly<Record<string, Caller>> = {
  [KEY]: caller("00000000-0000-7000-8000-000000000001", PERMISSIONS_OF.admin),
  [READER]: caller("00000000-0000-7000-8000-000000000002", ["MEMORY_READ"]),
  [USER_TOKEN]: {
    ...caller("00000000-0000-7000-8000-000000000003", Object.values(PERMISSIONS_OF_USERS).flat()),
    reach: { principals: [ADA], subject: { id: ADA, epoch: 1 } },
    userId: "ada",
  },
};

function caller(apiKeyId: string, permissions: readonly string[]): Caller {
  return {
    tenantId: "00000000-0000-7000-8000-00000000000a",
    projectId: "00000000-0000-7000-8000-00000000000b",
    apiKeyId,
    isOfTenant: false,
    permissions: new Set(permissions),
    reach: { principals: [apiKeyId] },
    limits: { tenant: {}, project: {}, apiKey: {} },
  };
}

/** Knows the keys and the token above. */
export const authenticator: Authenticator = {
  authenticate: async ({ secret }): Promise<Known | undefined> => {
    const caller = CALLERS[secret];
    return caller && { caller };
  },
};

export const KEY_SET = { keys: [{ kty: "OKP", crv: "Ed25519", kid: "one", x: "..." }] };

/** Keeps events for a test to look at. */
export function createTestAuditor(): { readonly auditor: Auditor; readonly audited: AuditEvent[] } {
  const audited: AuditEvent[] = [];
  return { audited, auditor: { note: async (_, event) => void audited.push(event) } };
}

/** Keeps its lines for a test to look at. */
export function createTestLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, log: createLogger({ level: "info", destination: { write: (line) => lines.push(line) } }) };
}

export const LIMITS = {
  maxRequestBytes: 256 * 1024,
  unaryDeadlineMs: 10_000,
  streamDeadlineMs: 20_000,
  maxStreamsPerKey: 3,
  perTenant: {},
};

export interface TestServer extends Server {
  readonly port: number;
  readonly url: string;
  readonly metricsUrl: string;
  readonly lines: string[];
  /** What was kept of calls. */
  readonly audited: AuditEvent[];
}

/** A server on free ports of loopback. */
export async function startTestServer(
  answers: Answers,
  overrides: Partial<ServerConfig> & {
    readonly probes?: readonly Probe[];
    readonly reloadMs?: number;
    readonly keySet?: ReadKeySet;
    readonly authenticator?: Authenticator;
    readonly callLimits?: CallLimits;
    readonly auditor?: Auditor;
  } = {},
): Promise<TestServer> {
  const { log, lines } = createTestLog();
  const { probes = [], reloadMs, keySet = async () => KEY_SET, callLimits, ...others } = overrides;
  const { audited, auditor: kept } = createTestAuditor();
  const { authenticator: asked = authenticator, auditor = kept, ...config } = others;
  const server = await startServer({
    config: {
      host: "127.0.0.1",
      port: 0,
      tls: undefined,
      metricsHost: "127.0.0.1",
      metricsPort: 0,
      corsOrigins: [],
      reflection: true,
      limits: LIMITS,
      drainMs: 5000,
      ...config,
    },
    authenticator: asked,
    auditor,
    ...(callLimits && { callLimits }),
    keySet,
    services: answering(answers),
    readiness: await watchReadiness({ probes, everyMs: 20 }),
    log,
    ...(reloadMs !== undefined && { reloadMs }),
  });
  return {
    ...server,
    // Of a test that closes it, nobody asks.
    port: server.port ?? 0,
    url: `http://127.0.0.1:${server.port}`,
    metricsUrl: `http://127.0.0.1:${server.metricsPort}`,
    lines,
    audited,
  };
}
