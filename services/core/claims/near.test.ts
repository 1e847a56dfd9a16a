import { describe, expect, test } from "vitest";
import { SELF } from "./claim.ts";
import { overtaken } from "./near.ts";
import { readClaims } from "./reading.ts";

const SELVES = new Set(["maya"]);

/** Whether a change ends what is known, where both lie as near to each other as such statements do. */
function ends(known: string, fresh: string, cosine = 0.6): boolean {
  const near = { known: readClaims(known, SELVES), cosine, mayEnd: () => true };
  return overtaken(readClaims(fresh, SELVES), [near], SELF, new Set()) !== undefined;
}

describe("what a change that no rule reads is plainly about", () => {
  test.each([
    ["Maya's manager is Kristin.", "Kristin left for the Oslo office, so Maya's manager's Fredrik now."],
    ["Maya uses Vim for everything.", "Maya uses Zed for everything now, Vim's gone from Maya's dotfiles."],
    ["Maya is going to redo the kitchen over the summer.", "Maya said: Kitchen's done! Green cabinets."],
    ["Maya is allergic to peanuts.", "It turns out Maya is not allergic to peanuts after all."],
    ["Maya uses LastPass.", "Maya switched to Bitwarden."],
  ])("%s <- %s", (known, fresh) => expect(ends(known, fresh)).toBe(true));

  test.each([
    ["a neighbour's", "Maya has a cat.", "Maya said: the neighbour's cat died."],
    ["of drinks there are several", "Maya drinks coffee.", "Maya stopped drinking beer."],
    ["another game", "Maya plays tennis.", "Maya stopped playing golf."],
    ["home from where one lives", "Maya lives in Berlin.", "Maya is back from Berlin."],
    ["another's appointment", "Maya has a dentist appointment on Monday.", "The vet appointment was moved."],
    ["what an employer does", "Maya works at Nestle.", "Maya said: Nestle laid off a hundred people."],
    ["what kin of a partner do", "Maya is married to Jo.", "Maya said: Jo's sister got divorced."],
    [
      "two days have nothing else in common",
      "Maya will block Tuesday and Thursday mornings.",
      "Maya doesn't drink coffee any more. Maya switched to green tea around 9 June 2026.",
    ],
    [
      "somebody does many things",
      "Maya can't sleep. Chef yelled at Maya again.",
      "Maya didn't quit. Chef apologised, turns out his dad was dying.",
    ],
    [
      "a story's one change is not all of the story",
      "Maya said: Big news. Maya is moving. Maya found a bigger flat in Braga, near the river.",
      "Maya is no longer in Braga during the week. Northwind opened an office in Aveiro.",
    ],
  ])("%s", (_, known, fresh) => expect(ends(known, fresh)).toBe(false));
});
