import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, in PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority for certificates, with a folder that goes when it is disposed. */
export interface TestAuthority extends Disposable {
  readonly pem: string;
  readonly file: string;
  /** @param names as openssl writes them; 127.0.0.1 and localhost by default. */
  issue(names?: string): Issued;
}

const KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1".split(" ");

/** Makes an authority whose certificates are good for a day. */
export function makeAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), "mneme-tls-"));
  const file = join(folder, "authority.pem");
  const keyFile = join(folder, "authority.key");
  let issued = 0;
  const request = (subject: string, extensions: string, ...more: string[]) => {
    const config = join(folder, "request.conf");
    writeFileSync(config, `[req]\ndistinguished_name=name\n[name]\n[extensions]\n${extensions}\n`);
    const args = ["req", "-x509", "-config", config, "-extensions", "extensions", "-subj", `/CN=${subject}`];
    execFileSync("openssl", [...args, ...KEY, ...more], { stdio: "ignore" });
  };
  request("authority", "basicConstraints=critical,CA:TRUE", "-keyout", keyFile, "-out", file);
  return {
    pem: readFileSync(file, "utf8"),
    file,
    issue(names = "DNS:localhost,IP:127.0.0.1") {
      issued += 1;
      const [certFile, ownKeyFile] = [join(folder, `${issued}.pem`), join(folder, `${issued}.key`)];
      const extensions = `basicConstraints=critical,CA:FALSE\nsubjectAltName=${names}`;
      const signing = ["-CA", file, "-CAkey", keyFile];
      request("issued", extensions, ...signing, "-keyout", ownKeyFile, "-out", certFile);
      const [cert, key] = [readFileSync(certFile, "utf8"), readFileSync(ownKeyFile, "utf8")];
      return { cert, key, certFile, keyFile: ownKeyFile };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
