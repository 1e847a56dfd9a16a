import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import { overtaken } from "./near.ts";
import { asSaid, readClaims } from "./reading.ts";

const SELVES = new Set(["the user", "user", "ada"]);
const read = (text: string) => readClaims(text, SELVES);

function relation(known: string, fresh: string, cosine = 0.7): string {
  const compared = { cosine, mayEnd: () => true, isOtherMoment: false, isAnotherTime: false, isTalk: false };
  return compare(read(fresh), read(known), compared).type;
}

/** Which of what is known a change ends that no rule reads. */
function ended(known: readonly string[], fresh: string, cosine = 0.6): string | undefined {
  const candidates = known.map((text) => ({ known: read(text), cosine, mayEnd: () => true }));
  const at = overtaken(read(fresh), candidates, "self", new Set(["self"]));
  return at === undefined ? undefined : known[at];
}

it.each([
  ["Ada works at Siemens.", "Anna quit Siemens."],
  ["Ada lives in Graz.", "Mr. Huber moved out of Graz."],
  ["Ada has a dog called Rex.", "Julia's dog died."],
  ["Ada drives a Skoda.", "Pavel sold his Skoda."],
  ["Ada drives a Skoda.", "One of Ada's coworkers sold his Skoda."],
  ["Ada goes to yoga on Tuesdays.", "Mrs. Lee stopped going to yoga."],
  ["Ada is flying to Rome on 12 June 2026.", "Nina's trip to Rome got cancelled."],
  ["Ada has a boyfriend called Leo.", "Nora and her boyfriend broke up."],
  ["Ada smokes.", "Ada's dad quit smoking."],
  ["Ada works at Bosch.", "A colleague of Ada's quit Bosch."],
  ["Ada works at Bosch.", "A guy at work quit Bosch."],
  ["Ada works at Bosch.", "Ada nearly quit Bosch."],
  ["Ada works at Bosch.", "Ada dreamt that Ada quit Bosch."],
  ["Ada works at Bosch.", "In the movie the guy quits Bosch and joins the circus."],
  ["Ada is married to Karl.", "Ada and others almost got divorced in 2019."],
  ["Ada has a cat called Minka.", "Minka nearly died in 2025."],
  ["Ada smokes.", "Ada was about to quit smoking but didn't."],
])("“%s” stays beside “%s”", (known, fresh) => {
  expect(relation(known, fresh)).toBe("none");
  expect(ended([known], fresh)).toBeUndefined();
});

it.each([
  ["Anna works at Siemens.", "Anna quit Siemens."],
  ["Julia has a dog.", "Julia's dog died."],
  ["Ada has a dog called Rex.", "Rex died."],
  ["Ada's dad smokes.", "Ada's dad quit smoking."],
  ["Ada works at Bosch.", "Bosch fired Ada."],
  ["Ada's deadline is Friday.", "The client pushed the deadline to Monday."],
])("“%s” ends by “%s”", (known, fresh) => {
  expect([relation(known, fresh), ended([known], fresh)]).toSatisfy(
    ([ends, one]) => ends === "ends" || one !== undefined,
  );
});

it("is not moved by what is said in jest", () => {
  const jest = asSaid(read("Ada lives on the moon now."), "Haha yeah sure, I live on the moon now.");
  const compared = {
    cosine: 0.7,
    mayEnd: () => true,
    isOtherMoment: false,
    isAnotherTime: false,
    isTalk: false,
  };
  expect(compare(jest, read("Ada lives in Dublin."), compared).type).toBe("none");
  expect(relation("Ada works at Bosch.", "Ada works for the mafia now, just kidding.")).toBe("none");
});

it("keeps who works there what they are promoted to there", () => {
  expect(ended(["Ada works at Stripe."], "Ada was promoted to staff engineer at Stripe.")).toBeUndefined();
});

describe("compare", () => {
  it.each([
    ["Ada lives in Berlin.", "Ada moved to Munich.", "ends"],
    [
      "Ada works at Nokia.",
      'Ada, asked "Is Ada still working at Nokia?", said no: Ada left in spring.',
      "ends",
    ],
    ["Ada lives in Turku.", 'Ada, asked "Does Ada still live in Turku?", said yes.', "same"],
    ["Ada works nights.", "Ada got moved to the day shift.", "ends"],
    ["Ada works part-time.", "Ada has gone full-time.", "ends"],
    ["Ada's time zone is CET.", "Ada is on Pacific time now.", "ends"],
    ["Ada likes trains.", "Ada is on time now.", "none"],
    ["Ada prefers tabs over spaces.", "Ada has come around to spaces.", "ends"],
    ["Ada has no children.", "Ada became a father in May 2026.", "ends"],
    ["Anna is Ada's friend.", "Anna isn't Ada's friend any more.", "ends"],
    ["Anna is Ada's friend.", "Anna isn't Ada's boss any more.", "none"],
    ["Ada plays in a band.", "Ada is no longer in a band.", "none"],
    ["Ada is in a band.", "Ada is no longer in the band.", "ends"],
    ["Ada works at Siemens.", "Ada is employed by Siemens.", "same"],
    ["Ada is flying to Lima on 12 May 2026.", "The Lima trip is off.", "ends"],
    ["Ada's boss is Helen.", "Helen retired, so Mark is Ada's boss now.", "ends"],
    ["Ada rents her house.", "The house Ada was renting is Ada's now, Ada bought it.", "none"],
    ["Ada takes sugar in her coffee.", "Ada takes her coffee without sugar now.", "ends"],
    ["Ada's sister lives in Ghent.", "Ada's other sister lives in Bruges.", "none"],
    ["Ada's wife is vegetarian.", "Ada's wife's mother is vegetarian.", "none"],
    ["Ada has a passport.", "Ada's passport expires in 2027.", "none"],
    ["Ada plays bass in a band called Rust.", "Rust broke up after the tour.", "ends"],
    ["Ada can't swim.", "Ada learned to swim.", "ends"],
    ["Ada has a cold.", "Ada's cold is gone.", "ends"],
    ["Ada's mum is in hospital.", "Mum came home from hospital.", "ends"],
    ["Ada's allotment is on Mill Lane.", "The council moved Ada's allotment to Green Street.", "ends"],
    ["Ada moved to Lisbon and adopted a beagle called Pixel from a shelter.", "Ada moved to Porto.", "none"],
    ["Ada lives in Lisbon, right by the river in Alfama.", "Ada moved to Porto.", "ends"],
    ["Ada's manager is Kristin.", "Ada's manager's Fredrik now.", "ends"],
    ["Ada's manager is Priya.", "Priya left, Ada reports to Daniel now.", "ends"],
    ["Ada's landlord is Mr. Braun.", "Ada's sister is Lea.", "none"],
    ["Ada works at Siemens.", "Ada started at Bosch on 30 March 2026.", "ends"],
    ["Ada takes the bus to work.", "Ada bikes to work now.", "ends"],
    ["Ada lives with her parents.", "Ada finally moved into her own place.", "ends"],
    ["Ada is single.", "So, big news: Marco proposed and Ada said yes.", "ends"],
    ["Ada is single.", "Ada was at Bea's wedding, she got married in Rome.", "none"],
    ["Ada is on the checkout team.", "Ada is on the search team now.", "ends"],
    ["Ada is in the office.", "Ada is tired now.", "none"],
    ["Ada lives in New York City.", "Ada is living in NYC.", "same"],
    ["Ada lives in LA.", "Ada lives in Los Angeles.", "same"],
    ["Ada lives in NYC.", "Ada moved to LA.", "ends"],
    ["Ada smokes.", "Ada hasn't smoked since January 2026.", "ends"],
    ["Ada smokes twenty a day.", "Ada doesn't smoke anymore.", "ends"],
    ["Ada likes tea.", "Ada doesn't like it anymore.", "none"],
    ["Ada likes Rome.", "Ada hasn't been to Rome since 2019.", "none"],
    ["Ada plans to learn Italian.", "Ada has decided not to learn Italian.", "ends"],
    ["Ada works as a paralegal.", "Ada is an attorney now.", "ends"],
    ["Ada works as a paralegal.", "Ada is a mother now.", "none"],
    ["Ada is a product manager at Stripe.", "Ada left Stripe.", "ends"],
    ["Ada is vegan.", "Ada eats cheese again.", "ends"],
    ["Ada is vegetarian.", "Ada eats cheese again.", "none"],
    ["Ada lives in Berlin.", "Ada moved to Apple Music.", "none"],
    ["Ada is left-handed.", "Ada is right-handed, sorry.", "ends"],
    ["Ada's boyfriend is Leo.", "Leo is Ada's husband now.", "ends"],
    ["Ada is pregnant.", "Ada had the baby on 8 March 2026.", "ends"],
    ["Ada has braces.", "Ada got her braces off.", "ends"],
    ["Ada speaks no French.", "Ada speaks fluent French.", "ends"],
    ["Ada weighs 80 kilos.", "Ada weighs 75 kilos.", "ends"],
    ["Ada commutes by train.", "Ada commutes by bike.", "ends"],
    ["Ada has two cars.", "Ada is down to one car.", "ends"],
    ["Ada and others are a family of four.", "Ada and others are a family of five now.", "ends"],
    ["Standup is at 9:30.", "Standup is at 10 from 16 March 2026.", "ends"],
    [
      "Ada's favourite colour is blue.",
      "Actually Ada thinks green is her favourite colour these days.",
      "ends",
    ],
    ["Ada has a parrot called Kiwi.", "Ada had to give Kiwi away to her aunt.", "ends"],
    ["Ada is a smoker.", "Ada is a non-smoker.", "ends"],
    ["Ada can swim.", "Ada can't swim.", "ends"],
    ["Ada's name is Emma Clarke.", "Ada is Emma Novak now.", "ends"],
    [
      "Ada's daughter Lena studies law.",
      'Ada, after saying "Ada\'s daughter Lena studies law", said: she switched to medicine.',
      "ends",
    ],
    ["Ada lives in Berlin.", "Ada moved to the marketing team.", "none"],
    ["Ada's brother is in jail.", "Ada's brother got out of jail.", "ends"],
    ["Ada is on vacation until 6 March 2026.", "Ada is back from vacation.", "ends"],
    ["Ada doesn't have any siblings.", "Ada has a sister.", "ends"],
    ["Ada doesn't own a phone.", "Ada got an iPhone.", "ends"],
    ["Ada has no car.", "Ada bought a VW Polo.", "ends"],
    ["Ada has no car.", "Ada bought a bicycle.", "none"],
    ["Ada lives with two roommates.", "Ada finally has her own place.", "ends"],
    ["Ada has never been to Japan.", "Ada went to Japan in February 2026.", "ends"],
    ["Ada has never been to Japan.", "Ada went to China in February 2026.", "none"],
    [
      "Ada's wife's name is Karen.",
      "Ada's ex-wife's name is Karen, Ada and others divorced in 2025.",
      "ends",
    ],
    ["Ada likes her steak medium rare.", "Ada likes her steak well done.", "none"],
    ["Ada's best friend is Kofi.", "Ada's best friend is Lea now.", "ends"],
    ["Ada's son is called Aiden.", "Actually, Ada's son is called Hayden.", "ends"],
    ["Ada's son is called Aiden.", "Ada's son is called Hayden.", "none"],
    [
      "Ada is having dinner with the Smiths on 13 March 2026.",
      "Dinner with the Smiths is on 14 March 2026, not 13 March 2026.",
      "ends",
    ],
    [
      "Ada is having dinner with the Smiths on 13 March 2026.",
      "Dinner with Kim is on 14 March 2026.",
      "none",
    ],
    ["Ada likes hiking.", "Ada enjoys going on hikes.", "same"],
    ["Ada is a nurse.", "Ada works as a nurse.", "same"],
    ["Ada lives in Turin.", "Turin is where Ada lives.", "same"],
    ["Ada's husband died.", "Ada lost their husband.", "same"],
    ["Ada has a brother.", "Ada's brother is a pilot.", "richer"],
    ["Ada's sister Ida lives in Rome.", "Ada's sister Eva lives in Oslo.", "none"],
    ["Ada's cousin Tim is 12.", "Ada's cousin Tina is 14.", "none"],
    ["Ada's friend Bob lives in Nice.", "Bob moved to Lyon.", "ends"],
    ["Ada loves her job.", 'Ada said: Peter said: "I hate my job so much."', "none"],
    ["Ada works at Shell.", 'Ada\'s mom tells people: "I work at Google."', "none"],
    ["Ada works at Shell.", "Ada also works at a bakery on Saturdays.", "none"],
    ["Ada went swimming with Carla.", "Ada went swimming again.", "none"],
    ["Soy alérgica a los cacahuetes.", "No soy alérgica a los cacahuetes.", "none"],
    ["Bo said: the launch is on 5 May.", "Bo said: the launch is on 3 May, not 5 May.", "ends"],
    ["Bo said: the launch is on 3 May.", "Bo said: the launch is on 3 May, not 5 May.", "richer"],
    ["Vivo en Madrid.", "Ya no vivo en Madrid.", "none"],
    ["東京に住んでいます。", "東京に住んでいません。", "none"],
    ["Ada's rent is 890 euros.", "Ada's rent's 945 euros.", "ends"],
    ["Ada's son Cian is five.", "Cian turned six.", "ends"],
    ["Ada has a cat called Minka.", "Minka died last night.", "ends"],
    ["Ada is a vegetarian.", "Since New Year Ada is vegan.", "ends"],
    ["Ada works as a train driver.", "Ada has been retired since May.", "ends"],
    ["Ada's wedding anniversary is on June 18th.", "The anniversary's June 16th.", "ends"],
    ["Ada's dog Momo is a shiba.", "Momo isn't a shiba at all.", "ends"],
    ["Ada has a spaniel called Pepper.", "Poor Mr. Hale, his old spaniel died.", "none"],
    ["Ada lives in Berlin.", "Ada's brother lives in Rotterdam.", "none"],
    ["Ada lives in Berlin.", "If Ada lived in Kyoto, Ada would be happy.", "none"],
    ["Ada lives in Berlin.", "Ada used to live in Rome.", "none"],
    ["Ada lives in Turin.", "Ada lives in Turin.", "same"],
    ["Ada has a three-year-old dachshund called Waldi.", "Ada has a dachshund.", "poorer"],
    ["Ada is a data analyst.", "Ada is a data analyst at the tax agency, in the fraud unit.", "richer"],
    ["Ada lives in Turin.", "Ada bought a kayak.", "none"],
    ["Ada keeps bees on the roof.", "Ada sells honey of Ada's bees on Saturdays.", "none"],
    ["Ada keeps bees on the roof.", "Ada sold the bees.", "ends"],
    ["Ada keeps bees on the roof of her house.", "Ada read a book about bees and roofs.", "none"],
    ["Ada is married to Anneli.", "Anneli is Ada's wife.", "same"],
    ["Ada's sister Bea lives in Swansea.", "Bea, Ada's sister, lives in Swansea.", "same"],
    ["Ada is allergic to gluten.", "Ada said: remember that Ada is allergic to gluten.", "same"],
    ["Ada sings in a choir.", "The choir Ada sings in is called Cantabile.", "richer"],
    ["Ada drives a Volvo.", "Ada's Volvo is a 2016 V60.", "richer"],
    ["Ada drives a Volvo.", "Ada's Volvo is at the garage today.", "none"],
    ["Ada prefers light mode in her editor.", "Ada prefers dark mode.", "ends"],
    ["Ada prefers light mode in her editor.", "Bo prefers dark mode.", "none"],
    ["Ada is allergic to almonds.", "It's peanuts Ada is allergic to, almonds are fine.", "ends"],
    ["Ada's target weight is 75 kilos.", "Please make Ada's target weight 80 kilos.", "ends"],
    ["Ada plans to open a bakery in September.", "The bakery's open.", "ends"],
    ["Ada plans to open a bakery in September.", "The museum's open.", "none"],
  ])("%s / %s", (known, fresh, type) => {
    expect(relation(known, fresh)).toBe(type);
  });

  it("takes little of what people say to each other for a change or a repetition", () => {
    const among = {
      cosine: 0.8,
      mayEnd: () => true,
      isOtherMoment: false,
      isAnotherTime: false,
      isTalk: true,
    };
    const talk = (known: string, fresh: string) => compare(read(fresh), read(known), among).type;
    expect(talk("Jon lives in Berlin.", "Jon lives in Munich now.")).toBe("ends");
    expect(talk("Jon plays the harp.", "Jon doesn't play the harp.")).toBe("none");
    expect(relation("Jon plays the harp.", "Jon doesn't play the harp.")).toBe("ends");
    expect(talk("Jon said: that is great.", "Jon said: it is great to see how Gina's store grows.")).toBe(
      "none",
    );
    expect(talk("The server is called bluebird.", "The server's called bluebird.")).toBe("same");
  });

  it("lets nobody end what they may not", () => {
    const compared = {
      cosine: 0.7,
      mayEnd: () => false,
      isOtherMoment: false,
      isAnotherTime: false,
      isTalk: false,
    };
    expect(compare(read("Ada moved to Munich."), read("Ada lives in Berlin."), compared).type).toBe("none");
  });

  it("ends no statement for what it says in passing", () => {
    const long =
      "Ada lives in Berlin. Ada plays the harp, teaches maths at a school and collects porcelain frogs from Kyoto.";
    expect(relation(long, "Ada moved to Munich.")).toBe("none");
  });
});

describe("overtaken", () => {
  it("finds what a change is about by words and nearness", () => {
    const known = ["Ada plays the harp.", "Ada's morning drink is a double espresso."];
    expect(ended(known, "Ada has switched to green tea, espresso gave Ada the jitters.")).toBe(known[1]);
  });

  it.each([
    ["Ada is allergic to shrimp.", "It turns out Ada is allergic to kiwi as well."],
    ["Ada works at Turkish Airlines.", "Ada's husband doesn't work at Turkish Airlines any more."],
    ["Ada plays the harp.", "Ada has switched to green tea."],
    ["Ada smokes ten cigarettes.", "Maybe Ada will quit smoking cigarettes."],
  ])("leaves alone: %s / %s", (known, fresh) => {
    expect(ended([known], fresh)).toBeUndefined();
  });
});
