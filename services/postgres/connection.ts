import { checkServerIdentity } from "node:tls";
import { type EngineTls, STRICT_TLS } from "@mneme/core/engine-tls.ts";
import type pg from "pg";

/**
 * How a database is reached: by TLS where `tls` is given or the URL has `sslmode=verify-full`. Else what a URL says of it
 * would win over `tls` in the driver, and PGSSLMODE of the environment would count where nothing is said.
 */
export function connectionOf(
  url: string,
  tls: EngineTls | undefined,
): Pick<pg.ClientConfig, "connectionString" | "ssl"> {
  const bare = new URL(url);
  const isAsked = bare.searchParams.get("sslmode") === "verify-full";
  for (const name of [...bare.searchParams.keys()]) {
    if (/ssl/i.test(name)) bare.searchParams.delete(name);
  }
  return { connectionString: bare.href, ssl: tls || isAsked ? secure(tls ?? {}) : false };
}

function secure({ ca, cert, key, serverName }: EngineTls): pg.ClientConfig["ssl"] {
  return {
    ...STRICT_TLS,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // The driver sets its own `servername`, the host's.
    ...(serverName !== undefined && {
      checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    }),
  };
}
