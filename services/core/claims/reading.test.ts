import { describe, expect, it } from "vitest";
import { readClaims } from "./reading.ts";

const SELVES = new Set(["the user", "user", "ada"]);

/** Claims as "subject attribute=value mode". */
function claimed(text: string): string[] {
  return readClaims(text, SELVES).claims.map(
    ({ subject, attribute, value, times, mode }) =>
      `${subject} ${attribute}=${[...value, ...times].join(" ")} ${mode}`,
  );
}

describe("readClaims", () => {
  it.each([
    ["Ada lives in Berlin.", "self lives_in=berlin so"],
    ["Ada used to live in Rome.", "self lives_in=rome former"],
    ["Ada's sister's called Annika.", "self/sister name=annika so"],
    ["The user's rent's 945.", "self rent=945 so"],
    ["Since New Year Ada is vegan.", "self diet=vegan so"],
    ["After four years Ada is not treasurer at the club any longer.", "self be=treasurer club ended"],
    ["Ada's son Cian is five.", "self/son age=5 so"],
    ["Minka died last night.", "minka gone=minka ended"],
    ["Grandma moved into a care home in Porto.", "self/grandmother lives_in=porto so"],
    ["If Ada lived in Kyoto, Ada would be happy.", "self lives_in=kyoto unreal"],
    ["Ada has been retired since January.", "self works_at= ended"],
    ["Khruangbin is Ada's favourite band.", "self band=khruangbin so"],
    ["Bo said: Bo lives in Ghent.", "bo lives_in=ghent so"],
  ])("%s", (text, claim) => {
    expect(claimed(text)).toContain(claim);
  });

  it("takes a question for no claim", () => {
    expect(claimed("Does Ada live in Berlin?")).toEqual([]);
  });

  it("knows whom a name stands for", () => {
    expect(readClaims("Ada's son Cian is five.", SELVES).aliases.get("cian")).toBe("self/son");
    expect(readClaims("Ada has a boyfriend called Amir.", SELVES).aliases.get("amir")).toBe("self/boyfriend");
  });

  it.each([
    ["From now on Ada drinks tea.", 2],
    ["Ada won't quit.", 0],
    ["Ada lives in Ghent now.", 1],
    ["Ada lives in Ghent.", 0],
  ])("tells how much of a change %j speaks of", (text, change) => {
    expect(readClaims(text, SELVES).parts[0]?.signs.change).toBe(change);
  });
});
