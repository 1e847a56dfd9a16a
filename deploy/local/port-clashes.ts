import { type ExternalEngines, PORTS, portsInUse } from "./config.ts";

/** A port that the stack would listen on. */
interface Wanted {
  readonly variable: string;
  readonly port: number;
  /** Said where nobody set it. */
  readonly usual: number | undefined;
}

/**
 * The variables that give one port to several listeners of a stack, a sentence for each such port. Works on settings
 * that may have other faults: an engine runs elsewhere as soon as its variable is set.
 */
export function portClashes(env: NodeJS.ProcessEnv): readonly string[] {
  const byPort = Map.groupBy(wantedPorts(env), ({ port }) => port);
  return [...byPort.values()].filter((same) => same.length > 1).map(sentence);
}

function wantedPorts(env: NodeJS.ProcessEnv): readonly Wanted[] {
  const stack = portsInUse(elsewhereBy(env)).map((name) => PORTS[name]);
  return (
    [...stack, { variable: "MNEME_API_TLS_PORT", usual: 0 }]
      .map(({ variable, usual }) => {
        const given = env[variable] || undefined;
        return { variable, port: Number(given ?? usual), usual: given === undefined ? usual : undefined };
      })
      // 0 picks a free one.
      .filter(({ port }) => port > 0)
  );
}

function elsewhereBy(env: NodeJS.ProcessEnv): ExternalEngines {
  return {
    ...(env.MNEME_POSTGRES_URL ? { postgresUrl: "" } : {}),
    ...(env.MNEME_OPENSEARCH_URL ? { opensearchUrl: "" } : {}),
    ...(env.MNEME_TEMPORAL_ADDRESS ? { temporalAddress: "" } : {}),
  };
}

function sentence(same: readonly Wanted[]): string {
  const names = same.map(({ variable, usual }) =>
    usual === undefined ? variable : `${variable} (${usual} unless set)`,
  );
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} must be different ports`;
}
