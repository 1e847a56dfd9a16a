import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_SETTINGS, engineAccess, engineNeeds } from "./engine-settings.ts";
import { COMMON_SETTINGS, parseSettings } from "./settings.ts";
import { makeAuthority, type TestAuthority } from "./testing/authority.ts";

const { MNEME_DATABASE_URL, MNEME_OPENSEARCH_URL } = COMMON_SETTINGS;
const SHAPE = { MNEME_DATABASE_URL, MNEME_OPENSEARCH_URL, ...ENGINE_SETTINGS };
const ADDRESSES = {
  MNEME_DATABASE_URL: "postgres://app:hidden-word@db.example/mneme",
  MNEME_OPENSEARCH_URL: "http://search.example:9200",
};

let authority: TestAuthority;
beforeAll(() => {
  authority = makeAuthority();
});
afterAll(() => authority[Symbol.dispose]());

function read(env: Record<string, string>) {
  const given: Record<string, string> = { ...ADDRESSES, ...env };
  const value = parseSettings(SHAPE, given, engineNeeds(given));
  return engineAccess(value, [value.MNEME_DATABASE_URL], value.MNEME_OPENSEARCH_URL);
}

describe("TLS to the engines", () => {
  test("is off without a setting, and on where one is given or the address asks", () => {
    expect(read({})).toEqual({ databaseTls: undefined, opensearchTls: undefined, opensearchAuth: undefined });
    expect(read({ MNEME_DATABASE_TLS: "on" }).databaseTls).toEqual({});
    expect(read({ MNEME_DATABASE_TLS_CA: authority.file }).databaseTls).toEqual({ ca: authority.pem });
    const url = `${ADDRESSES.MNEME_DATABASE_URL}?sslmode=verify-full`;
    expect(read({ MNEME_DATABASE_URL: url }).databaseTls).toEqual({});
    expect(read({ MNEME_OPENSEARCH_URL: "https://search.example" }).opensearchTls).toEqual({});
  });

  test.each(["sslmode=require", "sslmode=no-verify", "ssl=0", "sslrootcert=/ca", "uselibpqcompat=true"])(
    "no URL weakens it by %s",
    (words) => {
      const url = `${ADDRESSES.MNEME_DATABASE_URL}?${words}`;
      expect(() => read({ MNEME_DATABASE_URL: url })).toThrow(
        "MNEME_DATABASE_URL must say nothing of TLS but",
      );
    },
  );

  test("settings and addresses that contradict each other are refused", () => {
    const disabled = `${ADDRESSES.MNEME_DATABASE_URL}?sslmode=disable`;
    expect(() => read({ MNEME_DATABASE_URL: disabled, MNEME_DATABASE_TLS_CA: authority.file })).toThrow(
      "MNEME_DATABASE_TLS is set, and the address asks for a connection without TLS",
    );
    expect(() => read({ MNEME_OPENSEARCH_TLS: "on" })).toThrow(
      "MNEME_OPENSEARCH_TLS is set, and the address",
    );
    expect(() => read({ MNEME_DATABASE_TLS: "off", MNEME_DATABASE_TLS_CA: authority.file })).toThrow(
      "MNEME_DATABASE_TLS is off, and",
    );
  });

  test("files are named by their setting where they cannot be used", () => {
    const { certFile, keyFile } = authority.issue();
    expect(() => read({ MNEME_DATABASE_TLS_CA: "/nowhere/ca.pem" })).toThrow(
      "MNEME_DATABASE_TLS_CA must name a file that can be read (ENOENT)",
    );
    expect(() => read({ MNEME_DATABASE_TLS_CERT: certFile })).toThrow(
      "MNEME_DATABASE_TLS_KEY is required when MNEME_DATABASE_TLS_CERT is set",
    );
    expect(() =>
      read({ MNEME_DATABASE_TLS_CERT: authority.issue().certFile, MNEME_DATABASE_TLS_KEY: keyFile }),
    ).toThrow("the files of MNEME_DATABASE_TLS_* do not fit together");
  });
});

describe("secrets in files", () => {
  const put = (text: string) => {
    const file = `${authority.file}.secret`;
    writeFileSync(file, text);
    return file;
  };

  test("stand for the setting itself", () => {
    const file = put("hidden-word\n");
    const access = read({ MNEME_OPENSEARCH_USER: "mneme", MNEME_OPENSEARCH_PASSWORD_FILE: file });
    expect(access.opensearchAuth).toEqual({ username: "mneme", password: "hidden-word" });
    const url = put(`${ADDRESSES.MNEME_DATABASE_URL}?sslmode=verify-full\n`);
    expect(read({ MNEME_DATABASE_URL: "", MNEME_DATABASE_URL_FILE: url }).databaseTls).toEqual({});
  });

  test("are named where they cannot be used, and nothing of what they hold", () => {
    expect(() => read({ MNEME_DATABASE_URL: "", MNEME_DATABASE_URL_FILE: "/nowhere" })).toThrow(
      /^the settings cannot be used:\n {2}MNEME_DATABASE_URL_FILE cannot be read \(ENOENT\)$/,
    );
    expect(() => read({ MNEME_DATABASE_URL_FILE: put("x") })).toThrow("MNEME_DATABASE_URL_FILE are both set");
    expect(() => read({ MNEME_DATABASE_URL: "", MNEME_DATABASE_URL_FILE: put(" \n") })).toThrow(
      "MNEME_DATABASE_URL_FILE names an empty file",
    );
    expect(() => read({ MNEME_DATABASE_URL: "", MNEME_DATABASE_URL_FILE: put("hidden-word") })).toThrow(
      /^(?!.*hidden-word)/s,
    );
    expect(() => read({ MNEME_OPENSEARCH_USER: "mneme" })).toThrow("MNEME_OPENSEARCH_PASSWORD is required");
  });
});
