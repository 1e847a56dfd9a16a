import { expect, it } from "vitest";
import { compare } from "./compare.ts";
import { overtaken } from "./near.ts";
import { readClaims } from "./reading.ts";

const SELVES = new Set(["ada"]);
const read = (text: string) => readClaims(text, SELVES);

function related(known: string, fresh: string, cosine: number) {
  const compared = { cosine, mayEnd: () => true, isOtherMoment: false, isAnotherTime: false, isTalk: false };
  return compare(read(fresh), read(known), compared);
}

/** What a statement does to a known one: by what it claims, or by a change that no rule reads. */
function done(known: string, fresh: string): string {
  const { type } = related(known, fresh, 0.6);
  if (type !== "none") return type;
  const near = { known: read(known), cosine: 0.6, mayEnd: () => true };
  return overtaken(read(fresh), [near], "self", new Set(["self"])) === undefined ? "none" : "ends";
}

/** Said with the same verbs, and about something else: what is known stays so. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  "Ada lives in Leeds.": [
    '"I live in Paris", said Amelie in the film.',
    '"I moved to Derby" is what Tom told Ada.',
    'Tom texted Ada: "I live in Derby now".',
  ],
  "Ada is training for the Berlin marathon in September 2026.": [
    "Ada runs on Sundays.",
    "Tom ran the Berlin marathon on 27 September 2025.",
  ],
  "Ada's son Theo is in year 3.": ["Ada's son Theo started football in September 2026."],
  "Ada lives in Spain.": ["Ada lives in Madrid."],
  "Ada lives in Madrid.": ["Ada lives in Spain."],
  "Ada's birthday is on 3 May.": ["Ada was born in 1985.", "Ada was born in Lyon."],
  "Ada has a dog.": ["Ada doesn't have a dog walker."],
  "Ada has a cat called Minka.": ["Ada doesn't have a cat called Tom."],
  "The budget is 5000 euros.": ["The budget is not 9000 euros."],
  "The meeting is at 3pm.": ["The meeting is not at 4pm."],
  "Ada drives a red Volvo.": ["Ada doesn't drive a blue Volvo."],
  "Ada takes 20 mg of citalopram.": ["Ada doesn't take 40 mg of citalopram."],
  "The launch is on 12 May 2027.": ["The launch is not on 3 June 2027."],
  "Ada has a server called web01.": ["Ada has a server called web02.", "Ada has a server called web11."],
  "Ada trains on Fridays.": ["Ada doesn't train on Mondays."],
  "Ada works at Stripe.": [
    "Ada works with Anna on the billing team.",
    "Ada works with kids on weekends.",
    "Ada works at night mostly.",
    "Ada works for hours without a break.",
    "Ada works at home on Mondays.",
    "Ada works at the library on Fridays.",
    "Ada is working on a novel with her sister.",
    "Ada joined the gym on Mill Road.",
    "Ada joined the Green Party.",
    "Ada joined Anna for lunch.",
    "Ada started yoga with Nina.",
    "Ada started with a new therapist.",
    "Ada starts work at 9.",
    "Ada got a job interview at Adyen.",
    "Ada got a no for a summer job Ada wanted.",
  ],
  "Ada lives in Berlin.": [
    "Ada's new flat is in Kreuzberg.",
    "Ada's apartment is in Neukoelln.",
    "Ada's home is in Mitte.",
    "Ada lives in fear of spiders.",
    "Ada lives in sweatpants these days.",
    "Ada moved the couch into the bedroom.",
    "Ada moved to the back row.",
    "Ada and others settled on blue tiles.",
    "Ada is back from Berlin.",
  ],
  "Ada is married to Tom.": [
    "Ada is single-minded about work.",
    "Ada had coffee with Ada's girlfriend Anna from uni.",
    "Ada has a new dance partner, Luis.",
    "Ada got engaged in a long argument with Ada's landlord.",
    "Ada separated the recycling.",
  ],
  "Ada's name is Katherine.": ["Ada goes by bike.", "Ada named her car Betsy."],
  "Ada is vegan.": ["Ada went to a vegetarian restaurant."],
  "Ada is 34.": ["Ada turned 30 in Rome."],
  "Ada has a dog called Rex.": [
    "Ada lost her dog's leash.",
    "Ada sold her old dog crate.",
    "Hot dogs are gone from the menu.",
  ],
  "Ada drives a Golf.": ["Ada sold her Golf clubs."],
  "Ada's flight is on Friday at 9.": ["Ada's return flight is on Sunday at 7."],
  "Ada plays guitar.": ["Ada bought a new guitar.", "Ada's guitar is out of tune now."],
  "Ada smokes.": ["The chimney stopped smoking."],
  "Ada's boss is Helen.": ["Ada's old boss was Karl."],
  "Ada's phone number is 555-1234.": ["Ada lost her phone."],
  "Ada's brother lives in Graz.": ["Ada lost her brother's keys."],
  "Ada's mother lives in Vienna.": ["Ada's mother-in-law moved to Linz."],
  "Ada studies law in Graz.": ["Ada's law exam got moved to June 2026."],
  "Ada wakes up at 6.": ["Ada woke up at 8 today."],
  "Ada has a son, Leo.": ["Leo lost a tooth.", "Leo left for school."],
  "Anna is Ada's best friend.": ["Anna moved to Leeds.", "Ben is Anna's best friend."],
  "Ada's daughter is called Mia.": ["Ada's daughter is called to the principal's office a lot."],
  "Ada's car is a Volvo.": ["Ada's car is dirty.", "Ada's car is in the garage.", "Ada's car won't start."],
  "Ada lives with her parents.": ["Ada lives with a chronic illness."],
  "Ada has a gym membership.": ["Ada's library membership expired."],
  "Ada's daughter Zoe is 7 and has epilepsy.": ["Zoe turned 8 on Sunday!"],
  "Ada's son Tim loves dinosaurs and is allergic to eggs.": [
    "Tim doesn't care about dinosaurs anymore, it's all football now.",
  ],
  "Ada has a cat named Miso.": ["Miso isn't eating anymore, Ada is worried."],
  "Ada's daughter is at university in Graz.": ["Ada's daughter isn't answering her phone anymore."],
  "Ada is friends with Kofi.": ["Kofi left early last night."],
  "Ada loves her Vespa.": ["The Vespa isn't starting anymore, Ada needs a mechanic."],
  "Ada takes the train to work.": ["The train was cancelled on 11 March 2026 so Ada drove."],
  "Ada works at Ikea part time.": ["Ada's friend said Ada should quit Ikea but no way."],
  "Ada uses VS Code.": ["Ada installed a new VS Code theme."],
  "The colors are so vivid.": ["The colors are so bright."],
};

it.each(
  Object.entries(BESIDE).flatMap(([known, all]) => all.map((fresh): [string, string] => [known, fresh])),
)("“%s” stays beside “%s”", (known, fresh) => expect(done(known, fresh)).toBe("none"));

it.each([
  ["Ada has a cleaner on Thursdays.", "Ada let her cleaner go in May."],
  ["Ada is 8 weeks pregnant.", "Ada had a baby girl on 8 March 2026, Nora."],
  [
    "Ada is training for the Berlin marathon in September 2026.",
    "Ada ran the Berlin marathon on 27 September 2026.",
  ],
  ["Ada is studying for the bar exam.", "Ada passed the bar exam."],
  ["Ada's son Theo is in year 3.", "Theo started year 4 in September 2026."],
  ["Ada is renting in Hackney.", "Ada just got the keys to Ada's house in Walthamstow."],
  ["Ada can't drive.", "Ada passed her driving test on 6 March 2026."],
  ["Ada has a cat called Minka.", "Ada doesn't have any pets."],
  ["Ada smokes ten cigarettes a day.", "Ada doesn't smoke."],
  ["Ada lives in Spain.", "Ada lives in Berlin now."],
  ["Ada works at Stripe.", "Ada accepted a position at Adyen."],
  ["Ada works at Stripe.", "Ada started at Adyen on Monday."],
  ["Ada works at Stripe.", "Ada joined Adyen in March."],
  ["Ada works at Stripe.", "Ada started working at a call centre."],
  ["Ada lives in Berlin.", "Ada moved with the kids to a village near Bonn."],
  ["Ada's best friend is Omar.", "Omar and Ada don't talk any more."],
  ["Ada's car is a Volvo.", "Ada's car is a Fiat now."],
  ["Ada's allotment is on Mill Lane.", "The council moved Ada's allotment to Green Street."],
  ["Ada is starting a new job in May 2026.", "Ada turned the new job down."],
  ["Ada's wife's name is Karen.", "Ada got divorced in 2025."],
  ["Ada is 34.", "Ada turned 35."],
  ["Ada banks with Chase.", "Ada closed her Chase account."],
  ["Ada plays chess on Wednesdays.", "Chess night moved to Thursdays."],
  ["The codename is Falcon.", "The codename is Sparrow."],
])("“%s” is ended by “%s”", (known, fresh) => expect(done(known, fresh)).toBe("ends"));

it.each([
  ["Ada lent Ben 20 euros.", "Ben lent Ada 20 euros."],
  ["Ben lent Tom 20 euros.", "Tom lent Ben 20 euros."],
  ["Ada is taller than Ben.", "Ben is taller than Ada."],
  ["Ada manages Ben.", "Ben manages Ada."],
  ["Ada flew from Rome to Oslo.", "Ada flew from Oslo to Rome."],
  ["Ada likes Bob more than Eve.", "Ada likes Eve more than Bob."],
  ["Ada met Ben on Monday.", "Ada met Ben on Tuesday."],
  ["Ada's son goes to Lincoln School.", "Ada's son goes to Kennedy School."],
])("“%s” is neither repeated nor told closer by “%s”, however near", (known, fresh) => {
  for (const cosine of [0.6, 0.8, 0.95]) {
    expect(related(known, fresh, cosine).type).toMatch(/^(?:none|ends)$/);
  }
});

it.each([
  ["Ada met Ben.", "Ben met Ada."],
  ["Ada is married to Ben.", "Ben is married to Ada."],
])("“%s” is what “%s” says", (known, fresh) => {
  expect(related(known, fresh, 0.9).type).toBe("same");
});
