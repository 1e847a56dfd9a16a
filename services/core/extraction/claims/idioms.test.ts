import { expect, it } from "vitest";
import { restated } from "./restate.ts";

const SELVES = new Set(["ada"]);

it.each([
  [
    "Ada packed everything up and Leipzig is home now.",
    "Ada packed everything up, and Ada lives now in Leipzig.",
  ],
  ["Deloitte let Ada go in the last round.", "Ada no longer works at Deloitte in the last round."],
  ["Ada got bumped up to senior developer.", "Ada was promoted to senior developer."],
  ["Ada got promoted to head of sales.", "Ada was promoted to head of sales."],
  ["Ada has been seeing someone called Jo for a month.", "Ada is dating Jo for a month."],
  ["Ada took in a third cat.", "Ada has now three cats."],
  ["Ada's company relocated Ada to Vienna.", "Ada relocated to Vienna."],
  ["Ada has set up her own practice.", "Ada works now at her own practice."],
  ["Ada stepped down as CTO.", "Ada is no longer CTO."],
  ["Ada graduated from MIT in June.", "Ada is no longer a student at MIT in June."],
  ["Ada switched her major to chemistry.", "Ada studies now chemistry."],
  ["Luis is Ada's ex now.", "Ada broke up with Luis."],
  ["Ada got a MacBook to replace the ThinkPad.", "Ada replaced the ThinkPad with a MacBook."],
  ["Ada dyed her hair red.", "Ada's hair is now red."],
  ["Ada has brown hair.", "Ada's hair is brown."],
  ["Ada turned the new job down.", "the new job is cancelled."],
  ["Ada has gone full-time.", "Ada's hours are now full-time."],
  ["Ada works part-time.", "Ada's hours are part-time."],
  ["The council moved Ada's allotment to Green Street.", "Ada's allotment is now Green Street."],
  ["Ada needs size 43 shoes.", "Ada's shoe size is now 43."],
  ["Ada paid her brother back.", "Ada no longer owes her brother."],
  ["Ada learned to swim in May.", "Ada can now swim in May."],
  ["Ada is a mother of three.", "Ada has three children."],
  ["Ada is teetotal.", "Ada doesn't drink alcohol."],
  ["Ada's employer is the council.", "Ada works at the council."],
  ["Hiking is something Ada enjoys.", "Ada enjoys Hiking"],
  ["Nuts set off Ada's allergy.", "Ada is allergic to Nuts."],
  ["Ada finally has her own place.", "Ada lives now alone."],
  ["Ada didn't renew her gym membership.", "Ada no longer has her gym membership."],
  ["Ada let her gym membership lapse.", "Ada no longer has her gym membership."],
  [
    "Ada tore a ligament, so no marathon for Ada this year.",
    "Ada tore a ligament, so the marathon is cancelled this year.",
  ],
  ["Ada's birth year is 1985.", "Ada was born in 1985."],
])("says “%s” plainly", (said, plain) => {
  expect(restated(said, SELVES)).toBe(plain);
});

it.each([
  "Ada's sister finally has her own place.",
  "Ada let her brother borrow the car.",
  "Google sent Ada to Berlin for a conference.",
  "Deloitte let Ada go to Paris for training.",
  "Ada moved to Oslo, so no car for Ada.",
  "No sugar for Ada.",
  "Ada's brother turned the job down.",
  "Ada turned the music down.",
  "Ada has her own flat with a garden.",
  "Ada is seeing someone about her back on Friday.",
  "Ada bought a second car seat.",
  "Ada paid the loan back.",
  "Ada wears size 12 dress.",
  "Ada has been seeing someone else's therapist.",
  "Ada wishes that Leipzig is home now.",
  "Nestle laid off a hundred people.",
  "Ada set up her own tent.",
  "The bus took Ada to Vienna.",
  "Ada has brown hair clips.",
])("leaves “%s” as it is", (said) => {
  expect(restated(said, SELVES)).toBe(said);
});
