import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly pem: string;
  remove(): void;
}

/** A certificate for 127.0.0.1 and localhost that signs itself, good for a day. */
export function makeCertificate(): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), "mneme-tls-"));
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost";
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const args = [...request.split(" "), ...names, "-keyout", keyFile, "-out", certFile];
  execFileSync("openssl", args, { stdio: "ignore" });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { certFile, keyFile, pem: readFileSync(certFile, "utf8"), remove };
}
