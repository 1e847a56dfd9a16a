import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { TlsConfig } from "../config.ts";

/** What a TLS server shows and trusts, as its files hold it now. @throws Error when they cannot be read. */
export function readCertificates(config: TlsConfig): tls.SecureContextOptions {
  const { certFile, keyFile, clientCaFile, minVersion } = config;
  return {
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
    ...(clientCaFile !== undefined && { ca: readFileSync(clientCaFile, "utf8") }),
    minVersion,
  };
}

export interface CertificateWatch {
  readonly everyMs: number;
  readonly use: (renewed: tls.SecureContextOptions) => void;
  readonly onUnusable: (error: Error) => void;
}

/**
 * Looks at the files now and then: whoever renews them may move links or write over a network, of which no notice
 * comes. Until certificate and key fit together again, what was in use stays so.
 */
export function watchCertificates(
  config: TlsConfig,
  inUse: tls.SecureContextOptions,
  { everyMs, use, onUnusable }: CertificateWatch,
): Disposable {
  let known = inUse;
  let isTold = false;
  const look = () => {
    try {
      const found = readCertificates(config);
      if (isDeepStrictEqual(found, known)) return;
      tls.createSecureContext(found);
      use(found);
      known = found;
      isTold = false;
    } catch (error) {
      if (!isTold) onUnusable(error as Error);
      isTold = true;
    }
  };
  const timer = setInterval(look, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
