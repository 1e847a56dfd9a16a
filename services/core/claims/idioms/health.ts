import { anyCased, exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** Who knows: what they say of the person is so. */
const EXPERT =
  "(?:doctor|gp|physician|allergist|dermatologist|cardiologist|neurologist|oncologist|specialist|dentist|optician|lawyer|accountant|(?:allergy |blood |genetic )?tests?(?: results?)?|results?)";

/** What is said of body and health in a turn of phrase, each as the plain sentence. */
export const HEALTH_IDIOMS: readonly Rewrite[] = [
  // "Ada sees Dr Okafor for therapy now."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:now )?(?:sees?|goes to|go to|is seeing|am seeing) (?<who>(?:Dr|Mrs?|Ms)\.? \p{Lu}[\p{L}-]+|\p{Lu}[\p{L}-]+) for (?:(?<therapy>therapy)|(?<counselling>counsell?ing)|(?<physio>physio(?:therapy)?))(?: now)?(?=[.,!]|$)`,
      (...match) => {
        const { self: whose, who, therapy, counselling } = match.at(-1) as Record<string, string | undefined>;
        return `${whose}'s ${therapy ? "therapist" : counselling ? "counsellor" : "physio"} is ${who} now`;
      },
    ),
  // "The doctor told Ada that Ada is not allergic to nuts."
  (text, self) =>
    text.replace(
      exact`^(?:The|the|${self}'s) (?:new )?${EXPERT} (?:told ${self}|said|says|say|confirmed|showed?|found)(?: that)? (?=${self} (?:is|are|am|does|do|has|have|can|no longer)\b)`,
      "",
    ),
  // "The doctor took Ada off Lexapro", "Ada came off Lexapro".
  (text, self) =>
    text.replace(
      exact`^(?:.{2,40}? (?:took|has taken|weaned) (?<self>${self})|(?<other>${self}) (?:is|am|'m|came|went|has come|have come|has gone|have gone)) off (?:the |their |her |his |my )?(?=[\p{L}]{4,})(?!(?:work|duty|season|limits|track|course|record)\b)`,
      (_, first, second) => `${first ?? second} no longer takes `,
    ),
  // "Ada cut her hair short."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:cut|chopped|had) (?:their|her|his|my) hair (?:cut )?(?:off|short)\b`,
      "$<self>'s hair is now short",
    ),
  // "Ada is a non-smoker."
  (text) =>
    text.replace(
      /\b(?:is|am|'m|'s) (?:(?<not>not a |a non-?)|an? )(?<now>ex-|former )?smoker\b/u,
      (...match) => {
        const { not, now } = match.at(-1) as Record<string, string | undefined>;
        return now ? "no longer smokes" : not ? "does not smoke" : "smokes";
      },
    ),
  // "Ada got her braces off."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:finally |just )?(?:got|had|has had) (?<what>(?:their|her|his|my|the) (?:\p{Ll}+ )?(?:braces|cast|stitches|tonsils|appendix|wisdom teeth|gallbladder|bandages?|splint|plaster)) (?:taken )?(?:off|out|removed)(?=[.,!]|$| )`,
      "$<self> no longer has $<what>",
    ),
  // "Ada weighs 75 kilos."
  (text, self) =>
    text.replace(exact`^(?<self>${self}) (?<now>now )?weighs? (?=\p{N})`, "$<self>'s weight is $<now>"),
  // "Ada had the baby."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:had (?:the|her|our|their|my|an?) (?:\p{Ll}+ )?baby(?: girl| boy)?|gave birth|given birth)(?=[.,!]|$| (?:on|in|to|last|yesterday|today)\b)/u,
      "is no longer pregnant",
    ),
  // "The baby is here!"
  (text, self) =>
    /\bbaby/i.test(text) &&
    anyCased`(?:^|[:,.!] )(?:the |our |my |${self}'s )?[Bb]aby(?: \p{Lu}\p{L}+)?(?:'s| is| has| was| has finally| is finally|'s finally)? (?:finally )?(?:here|arrived|born)(?=[.,!]|$| (?:on|in|at|last|today|yesterday|and)\b)`.test(
      text,
    )
      ? `${new RegExp(self, "u").exec(text)?.[0] ?? "I"} is no longer pregnant.`
      : text,
  // "Down to 85 kg now."
  (text, self) =>
    text.replace(
      anyCased`^(?:(?<self>${self}) (?:is|am|'m) )?(?:now )?(?:already )?(?:down|up|back) (?:to|at) (?=\p{N}[\p{N}.,]* ?(?:kg|kgs|kilos?|lbs?|pounds|stone)\b)`,
      (_, who) => `${who ?? "My"}${who ? "'s" : ""} weight is now `,
    ),
  (text) => text.replace(/\b(?<side>left|right)[ -]handed\b/u, "$<side>handed"),
  // "Ada dyed her hair red", "has brown hair".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) dyed (?:their|her|his|my) hair (?=\p{Ll})`,
      "$<self>'s hair is now ",
    ),
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has|have) (?<color>\p{Ll}+) hair(?=[.,!]|$)`,
      "$<self>'s hair is $<color>",
    ),
  (text) =>
    text.replace(
      /\b(?:is|am|'m|'s) (?<now>now )?(?:teetotal|an? teetotall?er)\b/u,
      "doesn't drink alcohol$<now>",
    ),
  // "Nuts set off Ada's allergy."
  (text, self) =>
    text.replace(
      anyCased`^(?<what>\p{L}+(?: \p{L}+)?) (?:sets? off|triggers?) (?<self>${self})'s allerg(?:y|ies)\b`,
      "$<self> is allergic to $<what>",
    ),
  // "The doctor put Ada on 20 mg of lisinopril", "Ada is on 10 mg".
  (text, self) =>
    text.replace(
      exact`^(?:(?:The|the|${self}'s|Their|My) (?:new )?${EXPERT}|They|They've) (?:has |have )?(?:put|moved|switched|started) (?<self>${self}) (?:up |down )?(?:on|to|onto) (?=\p{N}[\p{N}.,]* ?(?:mg|mcg|ml|iu)\b)`,
      "$<self> now takes ",
    ),
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:is|am|'m) (?<now>now )?(?:up to |down to |on )(?=\p{N}[\p{N}.,]* ?(?:mg|mcg|ml|iu)\b)`,
      "$<self> $<now>takes ",
    ),

  // "The orthodontist took the braces off", "the cast came off".
  (text, self) =>
    text.replace(
      exact`^(?:${self} said: )?(?:(?:The |the |${self}'s |My )?\p{L}+ (?:finally |just )?(?:took|has taken|removed) (?<a>the|my|their|${self}'s) (?<what>(?:\p{Ll}+ )?(?:braces|cast|stitches|plaster|splint|bandages?)) (?:off|out)|(?:The |the |${self}'s |My )?(?<came>[Cc]ast|[Bb]races|[Ss]titches|[Pp]laster|[Ss]plint) (?:finally )?(?:came|is|are) (?:off|out))\b(?! of\b)`,
      (...match) => {
        const { what, came } = match.at(-1) as Record<string, string | undefined>;
        return `${new RegExp(self, "u").exec(text)?.[0] ?? "I"} no longer has the ${what ?? came?.toLowerCase()}`;
      },
    ),
  // "Ada is over their cold."
  (text) =>
    text.replace(
      /\b(?:is|am|are|'m|got|has got|have got) (?:finally |now )?over (?:the|their|her|his|my|our|an?|that) (?<what>(?:\p{Ll}+ )?(?:cold|flu|covid|bug|virus|fever|cough|infection|jet ?lag|injury))\b/u,
      "no longer has a $<what>",
    ),
  // "Ada is cancer-free."
  (text) =>
    text.replace(
      /\b(?:is|am|'m|are) (?:now |finally )?(?<what>cancer|covid|symptom|asthma)[- ]free\b/iu,
      "no longer has $<what>",
    ),
  // "Ada's back hurts": no way back.
  (text) =>
    text.replace(
      /(?<='s )back(?= (?:pain|is|was|hurts|aches|has|feels|went|problems?|injury|surgery|got|still)\b)/u,
      "spine",
    ),
  // "The doctor put Ada on statins."
  (text, self) =>
    text.replace(
      exact`^.{2,40}? (?:has )?put (?<self>${self}) on (?=(?:a |an )?(?:statins?|antibiotics|antidepressants|insulin|beta blockers|steroids|blood thinners|metformin|\p{Ll}+(?:in|ol|il|ne|am|ide|one)\b))`,
      "$<self> takes ",
    ),
  // "Ada has gone sober."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:gone|went|got|gotten|is|am) (?:completely |totally |now )?(?:sober|teetotal|on the wagon)(?=[.,!]|$| (?:now|since|for)\b)/u,
      "quit drinking",
    ),
  // "Ada was diagnosed with a shellfish allergy", "has no allergies."
  (text) =>
    text.replace(
      /\b(?:(?:was|has been|got) diagnosed with|found out that (?:they|she|he|I) (?:has|have)|has developed|developed|has|have|got) an? (?:severe |mild |bad )?(?<what>\p{Ll}+) allergy\b/u,
      "is allergic to $<what>",
    ),
  (text) =>
    text.replace(
      /\b(?:has|have|doesn't have|don't have) (?:no|any) (?:known )?(?:food )?allergies\b/u,
      "is not allergic",
    ),
];
