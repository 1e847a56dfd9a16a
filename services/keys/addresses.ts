import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { buildConnector } from "undici";

/** An address that no tenant may have us call. */
export class AddressRefusedError extends Error {
  override readonly name = "AddressRefusedError";
  readonly code = "ADDRESS_REFUSED";
}

/** False for loopback, private, link-local, shared, reserved and multicast addresses, and for those written as IPv6. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  // What carries an IPv4 address inside may lead to any.
  return parsed.range() === "unicast";
}

/**
 * Whether a tenant's URL may be called: https, without credentials, and where the host is an address, a public one. A
 * name's addresses are judged when it is called.
 */
export function isPublicUrl(url: URL): boolean {
  if (url.protocol !== "https:" || url.username || url.password) return false;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 || isPublicAddress(host);
}

/** Connects to public addresses alone: an address in a URL is never looked up, so it is judged before. */
export function connectPublic(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: lookupPublic });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    if (isIP(host) !== 0 && !isPublicAddress(host)) {
      return callback(new AddressRefusedError("the address is not public"), null);
    }
    connect(target, callback);
  };
}

/**
 * Looks a name up and gives public addresses only, to the connection itself: what was judged is what is called,
 * whatever the name says the next time.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, "", 0);
    const [first] = found;
    if (!first || found.some(({ address }) => !isPublicAddress(address))) {
      return callback(new AddressRefusedError("the name leads to an address that is not public"), "", 0);
    }
    if (options.all) return callback(null, found);
    callback(null, first.address, first.family);
  });
};
