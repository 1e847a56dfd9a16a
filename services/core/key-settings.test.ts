import { describe, expect, it } from "vitest";
import { KEY_SETTINGS, keyConfig, keyNeeds } from "./key-settings.ts";
import { type Environment, parseSettings } from "./settings.ts";

const read = (env: Environment) => keyConfig(parseSettings(KEY_SETTINGS, env, keyNeeds(env)));

const LOCAL = { MNEME_MASTER_KEY_FILE: "/keys/master" };
const TRANSIT = {
  MNEME_TRANSIT_URL: "https://bao.example:8200",
  MNEME_TRANSIT_KEY: "mneme",
  MNEME_TRANSIT_TOKEN_FILE: "/run/token",
};

describe("settings of the key provider", () => {
  it("are the master key alone, and public addresses for tenants' own, unless told", () => {
    expect(read(LOCAL)).toEqual({
      masterKeyFile: "/keys/master",
      previousMasterKeyFile: undefined,
      standard: "local",
      transit: undefined,
      anyAddress: false,
    });
  });

  it("name a transit engine whole", () => {
    const transit = { url: TRANSIT.MNEME_TRANSIT_URL, key: "mneme", tokenFile: "/run/token" };
    expect(read({ ...LOCAL, ...TRANSIT, MNEME_KEY_PROVIDER: "transit" })).toMatchObject({
      standard: "transit",
      transit: { ...transit, mount: "transit", namespace: "", caFile: undefined },
    });
    // On the way there, or back: what it has wrapped is opened.
    expect(read({ ...LOCAL, ...TRANSIT })).toMatchObject({ standard: "local", transit });
  });

  it("name what a transit engine lacks", () => {
    const lacking = /MNEME_TRANSIT_KEY is required when .*\n.*MNEME_TRANSIT_TOKEN_FILE is required when /;
    expect(() => read({ ...LOCAL, MNEME_KEY_PROVIDER: "transit" })).toThrow(/MNEME_TRANSIT_URL is required/);
    for (const env of [{ MNEME_KEY_PROVIDER: "transit" }, { MNEME_TRANSIT_URL: TRANSIT.MNEME_TRANSIT_URL }]) {
      expect(() => read({ ...LOCAL, ...env })).toThrow(lacking);
    }
  });
});
