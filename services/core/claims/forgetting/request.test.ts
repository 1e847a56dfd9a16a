import { describe, expect, it } from "vitest";
import { readClaims } from "../reading.ts";
import { comparedText, forgetRequest, isAskedFor, isOfSame } from "./request.ts";

describe("forgetRequest", () => {
  it.each([
    ["Please forget my address.", "address"],
    ["I'd like you to erase the thing about my diabetes from your memory.", "diabetes"],
    ["Can you remove my phone number from whatever you've saved? Thanks", "phone number"],
    ["Hmm, on second thoughts don't keep anything about my religion.", "religion"],
    ["Ada would rather the assistant didn't keep her salary on file.", "her salary"],
    ["scrap what you noted on my meeting times, it's a mess anyway", "meeting times"],
    ["you can delete the info on my car", "car"],
    ["You must not remember anything about Heron, delete it.", "Heron"],
    ["The code for the door: unlearn it.", "code for the door"],
    ["can you un-remember my dress size lol", "dress size"],
    ["kindly lose the info on how much Ada weighs", "how much Ada weighs"],
    ["What I told you about my stepdad's drinking, please don't keep it.", "stepdad's drinking"],
    ["Ada's bank details shouldn't sit in the assistant's memory.", "bank details"],
    ["no need to store the speeding fine, take it out", "the speeding fine"],
    ["The drill business with Rafe can be wiped from your memory.", "drill business with Rafe"],
    ["Take my stage name out of your records, would you?", "stage name"],
    ["My boss will see this, so pretend I never mentioned the pole dancing and wipe it", "the pole dancing"],
    ["Ada told the assistant to forget everything about Marcel please. everything.", "Marcel"],
    ["Ada said: scrub that thing about Ada's salary.", "salary"],
    ["What Ada said about leaving their husband, forget Ada ever mentioned it.", "leaving their husband"],
    ["Ada's wife uses this tablet too, so remove all trace of the surprise party.", "the surprise party"],
    [
      "Ada said: it was a mistake to tell the assistant about Ada's religion, Ada wants that gone.",
      "religion",
    ],
    ["The sertraline, lose that from Ada's profile.", "sertraline"],
    ["Ada would like their date of birth off the assistant's records.", "date of birth"],
    [
      "Could the shoplifting story be expunged from whatever you've got saved about me?",
      "the shoplifting story",
    ],
    ["Ada withdraws their permission for the assistant to retain Ada's religion.", "religion"],
    ["Ada would like their asthma to be forgotten.", "asthma"],
    ["Ada would prefer that the assistant forgets about Ada's asthma.", "asthma"],
    ["Ada is asking the assistant to forget Ada's asthma.", "asthma"],
    ["Ada said: the assistant shouldn't know about Ada's asthma.", "asthma"],
    ["Ada takes back what Ada said about their asthma.", "asthma"],
  ])("%s", (text, about) => {
    expect(comparedText({ text, embeddingText: "" })).toBe(about);
  });

  it("knows what was said last, and what is not to be kept itself", () => {
    expect(forgetRequest("Forget that, I never told you that")).toEqual({ what: "last" });
    expect(forgetRequest("Don't remember this, but I'm seeing a therapist.")).toEqual({ what: "this" });
    expect(forgetRequest("Ah forget it, I found one.")).toEqual({ what: "this" });
  });

  it.each([
    "Scratch that last thing.",
    "Ada said: Scratch that last thing.",
    "Scratch the last bit.",
    "Strike the last message.",
    "Delete the last one.",
    "Please delete that last sentence I wrote.",
    "Never mind what I just said.",
    "Ada said: never mind what Ada just said.",
    "Oh, ignore my last message!",
  ])("takes back what was said last: %s", (text) => {
    expect(forgetRequest(text)).toEqual({ what: "last" });
  });

  it.each([
    "Never mind.",
    "Never mind the rain, we're going.",
    "I never mind what people say.",
    "The list has three drafts of the speech by Ben. Delete the last one.",
    "We ate the last bit of the cake.",
    "Scratch that last thing, the wedding's in Girona.",
  ])("takes back nothing: %s", (text) => {
    expect(forgetRequest(text)?.what).not.toBe("last");
  });

  it.each([
    "Don't forget that I'm allergic to penicillin.",
    "I'll never forget that day in the taxi!",
    "I mustn't forget to buy milk.",
    "Forgot my umbrella on the train again.",
    "how do I make git forget a file?",
    "It's a great way to destress and clear Ada's mind.",
    "My parents forgot my birthday.",
    "Ben always forgets my birthday.",
    "My ex wants me to forget Leo.",
    "I don't want my dog kept in a cage.",
  ])("is none: %s", (text) => {
    expect(forgetRequest(text)).toBeUndefined();
  });

  it("asks for what has its words", () => {
    const request = forgetRequest("Please forget my salary.");
    if (!request || !("about" in request)) throw new Error("no request");
    const read = (text: string) => readClaims(text, new Set(["ada"]));
    expect(isAskedFor(request, read("Ada earns 62,000 a year."))).toBe(true);
    expect(isAskedFor(request, read("Ada lives in Cardiff."))).toBe(false);
  });

  it.each(["Forget what I make.", "Wipe what Ada makes.", "Forget the 60k.", "Forget my salary."])(
    "asks by the words that were said as by those that are read: %s",
    (asked) => {
      const request = forgetRequest(asked);
      if (!request || !("about" in request)) throw new Error("no request");
      expect(isAskedFor(request, readClaims("Ada makes 60k a year.", new Set(["ada"])))).toBe(true);
    },
  );

  it("leaves what only has to do with it, where nobody spoke of memory", () => {
    const request = forgetRequest("Please drop the railway museum!");
    if (!request || !("about" in request)) throw new Error("no request");
    const read = (text: string) => readClaims(text, new Set(["ada"]));
    expect(isAskedFor(request, read("Ada's dad is nuts about trains and galleries."))).toBe(false);
    expect(isAskedFor(request, read("Ada wants to see the railway museum."))).toBe(true);
  });
});

describe("a request that names something else", () => {
  it.each([
    ["Ada lives in Berlin.", "Forget that I live in Munich.", true],
    ["Ada drives a Volvo.", "Forget that I drive a BMW.", true],
    ["Ada has a dog called Rex.", "Forget that I have a cat called Rex.", true],
    ["Ada's sister Ida lives in Rome.", "Forget that my sister Eva lives in Rome.", true],
    ["Ada's appointment is on 12 May.", "Forget that my appointment is on 5 May.", true],
    ["Ada lives in Berlin.", "Forget that I live in Berlin.", false],
    ["Ada lives in Berlin.", "Forget where I live.", false],
    ["Ada can be reached on 0555 018 224.", "Delete my phone number.", false],
  ])("%s / %s: %s", (known, said, isAnother) => {
    const request = forgetRequest(said);
    if (!request || !("about" in request)) throw new Error("no request");
    const reading = readClaims(known, new Set(["ada"]));
    expect(isOfSame(request, reading)).toBe(!isAnother);
    if (isAnother) expect(isAskedFor(request, reading)).toBe(false);
  });
});

describe("whose it is that is to be forgotten", () => {
  const asked = (request: string, known: string) => {
    const found = forgetRequest(request);
    if (!found || !("about" in found)) throw new Error("it asks nothing");
    return isAskedFor(found, readClaims(known, new Set(["ada"])));
  };

  it.each([
    ["Forget where Ada's mother lives.", "Ada's mother lives in Ghent.", "Ada lives in Ghent."],
    ["Forget where Ada's aunt lives.", "Ada's aunt Vera lives in Rome.", "Ada lives in Oslo."],
    ["Forget where Ada lives.", "Ada lives in Ghent.", "Ada's mother lives in Ghent."],
    ["Forget how old Ada's mum is.", "Ada's mum is 80.", "Ada is 50."],
  ])("%s: %s, not: %s", (request, meant, other) => {
    expect(asked(request, meant)).toBe(true);
    expect(asked(request, other)).toBe(false);
  });

  it("is about what was said of it, and not whatever was said last", () => {
    const request = "Please delete what Ada said about owing Ada's sister money.";
    expect(forgetRequest(request)).toMatchObject({ what: "topic", about: expect.stringContaining("owing") });
    expect(asked(request, "Ada's sister is called Bea.")).toBe(false);
  });
});
