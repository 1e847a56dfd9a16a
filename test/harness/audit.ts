import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { execa } from "execa";

/** Why something could not be looked at; undefined where it was, and is well. */
export type NotRun = string | undefined;

export interface AuditOptions {
  /** The folder of a package-lock.json; the repository's by default. */
  readonly folder?: string;
  /** npm's own by default. */
  readonly registry?: string;
}

interface Report {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly isDirect: boolean }>
  >;
  readonly invalid?: readonly { readonly name: string; readonly version: string }[];
  readonly missing?: Report["invalid"];
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
}

/** Asks the registry for known holes in what is installed. @throws Error naming each that is high or critical. */
export async function auditVulnerabilities(options: AuditOptions = {}): Promise<NotRun> {
  const report = await npm(options, "audit", "--audit-level=high");
  if (report.vulnerabilities === undefined) return reasonOf(report);
  const found = Object.entries(report.vulnerabilities).filter(([, { severity }]) =>
    ["high", "critical"].includes(severity),
  );
  if (found.length === 0) return undefined;
  const lines = found.map(([name, { severity }]) => `${name}: ${severity}`);
  throw new Error(`${lines.join("\n")}\nnpm audit tells more of each.`);
}

/** Verifies the registry's signatures of what is installed. @throws Error naming each that lacks a good one. */
export async function auditSignatures(options: AuditOptions = {}): Promise<NotRun> {
  const { invalid, missing, ...report } = await npm(options, "audit", "signatures");
  if (invalid === undefined || missing === undefined) return reasonOf(report);
  const lines = [
    ...invalid.map(({ name, version }) => `${name}@${version}: the signature is wrong`),
    ...missing.map(({ name, version }) => `${name}@${version}: there is no signature`),
  ];
  if (lines.length > 0) throw new Error(lines.join("\n"));
  return undefined;
}

/** What a registry that cannot be asked is told apart by: npm reports of nothing but the failure. */
function reasonOf({ message, error }: Report): string {
  return `the registry cannot be asked (${message || error?.summary || error?.code || "npm gave no reason"})`;
}

async function npm({ folder = ROOT, registry }: AuditOptions, ...args: string[]): Promise<Report> {
  const to = registry === undefined ? [] : [`--registry=${registry}`];
  const options = ["--json", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", ...to];
  const { stdout } = await execa("npm", [...args, ...options], { cwd: folder, reject: false });
  return JSON.parse(stdout || "{}") as Report;
}

/**
 * Licences that ask for no more than their text and names, or, MPL-2.0 and CC-BY-4.0, concern only files that we leave as
 * they are. An expression stands as it does in the lock file.
 */
const ALLOWED = new Set([
  "(Apache-2.0 AND BSD-3-Clause)",
  "(MIT OR CC0-1.0)",
  "0BSD",
  "Apache-2.0",
  "Apache-2.0 AND MIT",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-4.0",
  "ISC",
  "MIT",
  "MIT OR Apache-2.0",
  "MPL-2.0",
  "Unlicense",
]);

/** The lock file lacks it for packages of the old form, whose licence is an object. */
const KNOWN: Readonly<Record<string, string>> = { "node_modules/unionfs": "Unlicense" };

/** @throws Error naming each package of the lock file whose licence nobody has allowed. */
export async function auditLicences({ folder = ROOT }: AuditOptions = {}): Promise<NotRun> {
  const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly license?: string; readonly link?: boolean }>>;
  };
  const faults = Object.entries(lock.packages).flatMap(([path, { license, link }]) => {
    const licence = license ?? KNOWN[path] ?? "no licence";
    return link || ALLOWED.has(licence) ? [] : [`${path}: ${licence}`];
  });
  if (faults.length > 0) throw new Error(`nobody has allowed these licences:\n${faults.join("\n")}`);
  return undefined;
}
