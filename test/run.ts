import { join } from "node:path";
import { cacheDir } from "@mneme/local/cache.ts";
import { ROOT } from "@mneme/local/config.ts";
import { obtainMiniLm } from "@mneme/local/engines/minilm.ts";
import { startEngines } from "@mneme/local/engines.ts";
import { BRIEF } from "./harness/brief-engines.ts";
import { CHECKS, runChecks } from "./harness/checks.ts";
import { obtainChromium } from "./harness/chromium.ts";
import { obtainGrpcurl } from "./harness/grpcurl.ts";
import { obtainOpenBao } from "./harness/openbao.ts";
import { leakedInLogs, secretsOf } from "./harness/secrets.ts";
import { shareStack, sharingOf } from "./harness/shared-stack.ts";
import { runSuites, type Tally } from "./harness/suites.ts";
import { startTestStack } from "./harness/test-stack.ts";

const DATA = join(ROOT, ".mneme-test");
/** They kill engines, so each brings its own. */
const FAULTS = "test/faults/";
/** The same for many minutes, and by itself; only in the full run, or by name. */
const LONG = "test/full/";

/**
 * The whole check: static checks, then suites on real engines, then the suites that kill engines.
 * `npm test -- FILTER` runs only suites whose path holds FILTER, `npm run test:full` the long ones too.
 */
async function main(): Promise<number> {
  const full = process.argv.includes("--full");
  const filters = process.argv.slice(2).filter((argument) => argument !== "--full");
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const add = (tally: Tally) => {
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += tally[key];
  };
  if (filters.length === 0) add(await runChecks(CHECKS));
  const isFaults = (filter: string) => [FAULTS, LONG].some((folder) => `${filter}/`.includes(folder));
  const onlyFaults = filters.length > 0 && filters.every(isFaults);
  if (!onlyFaults) add(await runOnEngines(filters));
  if (onlyFaults) add(await runFaults(filters));
  if (filters.length === 0) add(await runFaults([FAULTS]));
  if (filters.length === 0 && full) add(await runFaults([LONG]));
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

async function settings(): Promise<{ modelDir: string; env: Record<string, string> }> {
  const fetching = { cache: cacheDir(), onLine: (line: string) => console.log(line) };
  const modelDir = await obtainMiniLm(fetching);
  const grpcurl = await obtainGrpcurl(fetching);
  const chromium = await obtainChromium(fetching);
  await obtainOpenBao(fetching);
  const env = { MNEME_MODEL_DIR: modelDir, MNEME_GRPCURL: grpcurl, MNEME_CHROMIUM: chromium };
  return { modelDir, env };
}

async function runOnEngines(filters: readonly string[]): Promise<Tally> {
  const { modelDir, env } = await settings();
  const dataDir = join(DATA, "shared");
  await using engines = await startEngines({ dataDir, ports: {}, external: {}, log: console.log, ...BRIEF });
  const place = {
    postgresUrl: engines.postgres.url,
    opensearchUrl: engines.opensearch.url,
    temporalAddress: engines.temporal.address,
    temporalNamespace: engines.temporal.namespace,
  };
  await using stack = await startTestStack({ supervisor: engines.supervisor, dataDir, modelDir, ...place });
  const shared = sharingOf(stack, place.postgresUrl, join(dataDir, "logs"));
  const tally = await runSuites(
    [...filters, "--project=parts", "--project=whole"],
    {
      ...env,
      ...shareStack(shared),
      MNEME_POSTGRES_URL: place.postgresUrl,
      MNEME_OPENSEARCH_URL: place.opensearchUrl,
      MNEME_TEMPORAL_ADDRESS: place.temporalAddress,
      MNEME_TEMPORAL_NAMESPACE: place.temporalNamespace,
    },
    join(DATA, "shared-report.json"),
  );
  const found = await leakedInLogs(shared.logFolder, await secretsOf(shared));
  if (found.length === 0) return tally;
  console.log(`FAIL  no secrets in the logs of the run\n${found.join("\n")}`);
  return { ...tally, failed: tally.failed + 1 };
}

async function runFaults(filters: readonly string[]): Promise<Tally> {
  const { env } = await settings();
  return await runSuites(filters, env, join(DATA, "faults-report.json"));
}

process.exit(await main());
