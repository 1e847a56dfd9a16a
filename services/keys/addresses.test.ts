import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressRefusedError, isPublicAddress, isPublicUrl, lookupPublic } from "./addresses.ts";

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
