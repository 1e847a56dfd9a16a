import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import { readClaims } from "./reading.ts";

const SELVES = new Set(["ada"]);
const read = (text: string) => readClaims(text, SELVES);
const relation = (known: string, fresh: string) => {
  const compared = {
    cosine: 0.6,
    mayEnd: () => true,
    isOtherMoment: false,
    isAnotherTime: false,
    isTalk: false,
  };
  return compare(read(fresh), read(known), compared).type;
};

describe("what was told side by side", () => {
  it.each([
    ["Ada speaks French and Spanish.", "Ada doesn't speak Spanish any more."],
    ["Ada has a dog and two cats.", "Ada gave the dog away."],
    ["Ada takes insulin and statins.", "Ada is off the statins now."],
    ["Ada subscribes to Netflix and Spotify.", "Ada cancelled Netflix."],
    ["Ada is into pottery, chess and hiking.", "Ada is no longer into chess."],
    ["Ada has two dogs, Rex and Bella.", "Bella passed away."],
    ["Ada doesn't eat meat or gluten.", "Ada eats meat again."],
  ])("%s stays where only some of it is over: %s", (known, fresh) => {
    expect(relation(known, fresh)).not.toBe("ends");
  });

  it.each([
    ["Ada speaks French and Spanish.", "Ada speaks neither French nor Spanish any more."],
    ["Ada owns a Tesla and a Vespa.", "Ada sold the Tesla and the Vespa."],
    ["Ada drives a red Volvo.", "Ada sold the Volvo."],
    ["Ada goes to yoga on Mondays and Thursdays.", "Ada no longer goes to yoga."],
  ])("%s ends with all of it: %s", (known, fresh) => {
    expect(relation(known, fresh)).toBe("ends");
  });
});
