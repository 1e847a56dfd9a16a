import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { makeAuthority, type TestAuthority } from "@mneme/core/testing/authority.ts";
import { connectionOf } from "@mneme/postgres/connection.ts";
import { listen } from "@mneme/postgres/listener.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { engineAccount } from "../account.ts";
import { cacheDir } from "../cache.ts";
import { freePort } from "../port.ts";
import { prepareRecord } from "../record.ts";
import { Supervisor } from "../supervise.ts";
import { obtainPostgres, postgresAnswers, preparePostgres } from "./postgres.ts";

/** A server of its own, whose certificates and rules of access these tests change. */
let folder: string;
let supervisor: Supervisor;
let authority: TestAuthority;
let stranger: TestAuthority;
/** Of the cluster's files. */
let place: string;
let url: string;
let admin: pg.Client;
const opened: pg.Pool[] = [];

const put = (name: string, text: string) => {
  const file = join(place, name);
  writeFileSync(file, text, { mode: 0o600 });
  const account = engineAccount();
  if (account) chownSync(file, account.uid, account.gid);
};
/** Lets in by password; over TLS, so that the superuser of this test keeps its way without. */
const allow = (more: string) => {
  put("pg_hba.conf", `hostnossl all all all scram-sha-256\nhostssl all all all scram-sha-256 ${more}\n`);
};
const shown = async (name: string) => (await admin.query(`show ${name}`)).rows[0][name] as string;
async function set(name: string, value: string): Promise<void> {
  await admin.query(`alter system set ${name} = '${value}'`);
  await admin.query("select pg_reload_conf()");
  await vi.waitFor(async () => expect(await shown(name)).toBe(value), { timeout: 10_000 });
}
/** How a connection with these settings is encrypted, in the server's own words. */
async function versionOf(tls: EngineTls | undefined, at = url): Promise<string | null> {
  const pool = createPool({ url: at, tls, applicationName: "tls", max: 1, schema: "public" });
  opened.push(pool);
  const text = "select version from pg_stat_ssl where pid = pg_backend_pid()";
  return (await pool.query<{ version: string | null }>(text)).rows[0]?.version ?? null;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mneme-postgres-tls-"));
  [authority, stranger] = [makeAuthority(), makeAuthority()];
  supervisor = await Supervisor.open(folder);
  const site = {
    folder: join(folder, "postgres"),
    logFile: join(folder, "logs/postgres.log"),
    port: await freePort(),
    account: engineAccount(),
  };
  const cluster = await preparePostgres(await obtainPostgres(cacheDir()), site);
  place = cluster.spec.args[1] ?? "";
  const { cert, key } = authority.issue();
  put("server.pem", cert);
  put("server.key", key);
  put("clients.pem", authority.pem);
  allow("");
  const files = "ssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\nssl_ca_file = 'clients.pem'";
  put("postgresql.auto.conf", `ssl = 'on'\n${files}\n`);
  await supervisor.child(cluster.spec).start();
  url = cluster.url;
  admin = new pg.Client(connectionOf(url, undefined));
  await admin.connect();
}, 120_000);
afterAll(async () => {
  await admin?.end();
  await Promise.all(opened.map((pool) => pool.end()));
  await supervisor?.[Symbol.asyncDispose]();
  for (const made of [authority, stranger]) made?.[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

it("speaks TLS 1.3 with a server of a trusted authority, pool and listener alike", async () => {
  expect(await versionOf({ ca: authority.pem })).toBe("TLSv1.3");
  expect(await versionOf(undefined)).toBe(null);
  const heard: string[] = [];
  const { promise: listening, resolve: onListening } = Promise.withResolvers<void>();
  await using _listener = listen({
    url,
    tls: { ca: authority.pem },
    channel: "news",
    applicationName: "tls listener",
    onNotice: (notice) => heard.push(notice),
    onListening,
  });
  await listening;
  const text =
    "select s.version from pg_stat_ssl s join pg_stat_activity a using (pid) where application_name = $1";
  expect((await admin.query(text, ["tls listener"])).rows).toEqual([{ version: "TLSv1.3" }]);
  await admin.query("notify news, 'hello'");
  await vi.waitFor(() => expect(heard).toEqual(["hello"]));
});

it("refuses a server of another authority, and one of another name", async () => {
  await expect(versionOf({ ca: stranger.pem })).rejects.toThrow(/verify|certificate|self.signed/);
  await expect(versionOf({})).rejects.toThrow(/verify|certificate|self.signed/);
  const named = { ca: authority.pem, serverName: "db.example" };
  await expect(versionOf(named)).rejects.toThrow("does not match certificate");
  expect(await versionOf({ ca: authority.pem, serverName: "localhost" })).toBe("TLSv1.3");
});

it("is not talked out of it by a URL, nor by the environment", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  vi.stubEnv("PGSSLMODE", "disable");
  for (const mode of ["disable", "no-verify", "require&uselibpqcompat=true"]) {
    const at = `${url}?sslmode=${mode}`;
    expect(await versionOf({ ca: authority.pem }, at)).toBe("TLSv1.3");
    await expect(versionOf({ ca: stranger.pem }, at)).rejects.toThrow(/verify|certificate|self.signed/);
  }
  vi.unstubAllEnvs();
});

it("does not go on without TLS where the server has none, nor with less than 1.3", async () => {
  await set("ssl_max_protocol_version", "TLSv1.2");
  await expect(versionOf({ ca: authority.pem })).rejects.toThrow(/protocol version|ECONNRESET|socket/);
  await set("ssl_max_protocol_version", "");
  await set("ssl", "off");
  await expect(versionOf({ ca: authority.pem })).rejects.toThrow("does not support SSL");
  await set("ssl", "on");
});

it("shows its own certificate to a server that asks for one", async () => {
  allow("clientcert=verify-ca");
  await admin.query("select pg_reload_conf()");
  const refused = () => versionOf({ ca: authority.pem });
  await vi.waitFor(() => expect(refused()).rejects.toThrow("requires a valid client certificate"), 10_000);
  const { cert, key } = authority.issue("DNS:worker");
  expect(await versionOf({ ca: authority.pem, cert, key })).toBe("TLSv1.3");
  const other = stranger.issue("DNS:worker");
  await expect(versionOf({ ca: authority.pem, cert: other.cert, key: other.key })).rejects.toThrow();
});

it("is used from the first migration on where a server takes nothing else", async () => {
  put("pg_hba.conf", "hostssl all all all scram-sha-256\n");
  await admin.query("select pg_reload_conf()");
  const without = () => postgresAnswers(url);
  await vi.waitFor(() => expect(without()).rejects.toThrow("no encryption"), 10_000);
  const tls = { ca: authority.pem };
  expect(await postgresAnswers(url, tls)).toBe(true);
  await expect(prepareRecord(url, folder)).rejects.toThrow("no encryption");
  const { urls } = await prepareRecord(url, folder, tls);
  for (const of of ["app", "relay", "keys"] as const) expect(await versionOf(tls, urls[of])).toBe("TLSv1.3");
});
