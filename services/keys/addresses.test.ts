import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AddressRefusedError,
  connectPublic,
  isPublicAddress,
  isPublicUrl,
  lookupPublic,
} from "./addresses.ts";
import { addressOf } from "./transit-client.ts";

describe("public addresses", () => {
  it.each(["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])("takes %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "127.0.0.1",
    "0.0.0.0",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "localhost",
    "",
  ])("refuses %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it("refuses every private IPv4 address, however it is written", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const privately = fc.oneof(
      fc.tuple(fc.constant(10), byte, byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(127), byte, byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
    );
    fc.assert(
      fc.property(privately, ([a, b, c, d]) => {
        expect(isPublicAddress(`${a}.${b}.${c}.${d}`)).toBe(false);
        expect(isPublicAddress(`::ffff:${a}.${b}.${c}.${d}`)).toBe(false);
        // As a URL has it: one number, in whatever base.
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        expect(isPublicUrl(new URL(`https://${number}/`))).toBe(false);
        expect(isPublicUrl(new URL(`https://0x${number.toString(16)}/`))).toBe(false);
      }),
    );
  });
});

describe("public URLs", () => {
  it.each(["https://vault.example.com", "https://vault.example.com:8200/base", "https://1.1.1.1"])(
    "takes %s",
    (url) => {
      expect(isPublicUrl(new URL(url))).toBe(true);
    },
  );

  it.each([
    "http://vault.example.com",
    "https://ada:secret@vault.example.com",
    "https://[::1]:8200",
    "ftp://a.b",
  ])("refuses %s", (url) => {
    expect(isPublicUrl(new URL(url))).toBe(false);
  });
});

it("looks up no name that leads to a private address", async () => {
  const looked = Promise.withResolvers<unknown>();
  lookupPublic("localhost", {}, (error) => looked.resolve(error));
  expect(await looked.promise).toBeInstanceOf(AddressRefusedError);
});

describe("the address of an operation", () => {
  it("has the host that was judged, whatever the path", () => {
    const paths = [
      "",
      "/",
      "//127.0.0.1:8200/x",
      "///10.0.0.1",
      "/\\\\10.0.0.1/",
      "/base/",
      "/..//10.0.0.1",
      "/?x#y",
    ];
    for (const path of paths) {
      const address = addressOf(`https://vault.example.com${path}`, "v1/transit/encrypt/k");
      expect(address.host).toBe("vault.example.com");
      expect(address.pathname.endsWith("/v1/transit/encrypt/k")).toBe(true);
      expect(address.search + address.hash).toBe("");
    }
  });

  it("is not connected to where it is an address of a network of ours", async () => {
    const connect = connectPublic({ timeout: 500 });
    for (const hostname of ["127.0.0.1", "[::1]", "169.254.169.254"]) {
      const target = { hostname, host: hostname, protocol: "https:", port: "443" };
      const error = await new Promise((resolve) => connect(target, (...[failure]) => resolve(failure)));
      expect(error).toBeInstanceOf(AddressRefusedError);
    }
  });
});
