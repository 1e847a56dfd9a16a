import { EVERYDAY } from "./everyday-health.ts";
import { HEALTH } from "./health-terms.ts";

/**
 * Whether a sentence tells of a person's health: that somebody has, takes or undergoes it, not that it is spoken or read
 * of, worked on or sold. English alone.
 */
export function holdsHealth(sentence: string): boolean {
  const told = sentence.replaceAll("’", "'");
  return PATTERNS.some((pattern) => isToldOf(told, pattern));
}

/**
 * Whether words of health stand in a sentence that is not of somebody's work, reading or business.
 *
 * @param words global.
 */
export function isToldOf(sentence: string, words: RegExp): boolean {
  // Most sentences hold none, and matchAll copies the pattern for each.
  if (sentence.search(words) < 0) return false;
  for (const match of sentence.matchAll(words)) if (!isOfSomethingElse(sentence, match)) return true;
  return false;
}

/** Words between what somebody does and what it is about. */
const GAP = "(?:[\\p{L}\\d'/-]+ ){0,5}?";
const OWN =
  "(?:my|his|her|their|our|your|\\p{Lu}[\\p{L}-]{0,40}'s?|(?:mother|father|mum|mom|dad|sister|brother|son|daughter|wife|husband|partner|grand\\p{L}+|user|boss|friend|aunt|uncle|cousin|child|baby)'s)";
const { condition, ill, medication, care, carer, measure, body } = HEALTH;

const of = (...parts: readonly string[]) =>
  new RegExp(`(?<![\\p{L}\\d])${parts.join("")}(?![\\p{L}\\d])`, "giu");

const NO_JOKE =
  "(?!(?:mondays?|meetings?|mornings?|drama|commitment|nonsense|bullshit|work|early|bureaucracy|fun|change)(?!\\p{L}))";

const PATTERNS: readonly RegExp[] = [
  // "has asthma", "was diagnosed in May with diabetes", "died of cancer"
  of(
    "(?:have|has|had|having|(?:i|you|we|they)'ve|gets?|got|gotten|with|suffer(?:s|ed|ing)?|diagnos(?:ed|is of)|develop(?:s|ed|ing)?|surviv(?:es|ed|ing|or of)|recover(?:s|ed|ing)? from|treated for|battl(?:es|ed|ing)|fights|fought|fighting|lives? with|living with|manages|managing|cop(?:es|ing) with|struggl(?:es|ed|ing) with|positive for|caught|contracted|(?:died|dying|dies) (?:of|from)|lost (?:\\S+ ){1,3}to|takes? (?:\\S+ ){1,3}for|hospitali[sz]ed (?:for|with)|because of|due to|symptoms of|history of|prone to|experienc(?:es|ed|ing)|beat|beating|comes? down with|came down with|down with|attacks? of|suspects|complains? of|complained of) ",
    GAP,
    condition,
  ),
  of(OWN, " ", "(?:[\\p{L}\\d'-]+ ){0,3}?", condition),
  of(
    condition,
    " (?:(?:is|are|was|has been|have been|had been|keeps?) )?(?:under control|(?:getting|got|gets) (?:worse|better)|c[ao]me back|came on|flar(?:es|ed|ing)|returned|relapsed|in remission|runs? in|spread|acting up)",
  ),
  // "is diabetic", "feels depressed"
  of(
    "(?:is|am|was|are|were|i'm|be|been|being|became|becoming|becomes|she's|he's|they're|we're|feels?|felt|got|get|gets|getting|turned|stay(?:s|ed|ing)?|\\p{Lu}\\p{L}+'s) ",
    "(?:[\\p{L}'-]+ ){0,3}?",
    ill,
  ),
  of(`allergic to ${NO_JOKE}\\p{L}+`),
  // What somebody is allergic to is no business of theirs: "cats".
  of(`allergic(?= to ${NO_JOKE}\\p{L})`),
  // "takes metformin", "is on antidepressants"
  of(
    "(?:take|takes|taking|took|taken|is on|are on|am on|i'm on|was on|were on|been on|be on|put on|went on|goes on|off|prescrib(?:ed|es)|prescription for|injects?|injected|injecting|need(?:s|ed)?|uses?|using|start(?:s|ed|ing)?|stop(?:s|ped|ping)?|switched to|forgot|carries|carry|increased|weaned? off|dose of|doses of|dosage of|refill(?:s|ed)?|course of|m?c?g of|without) ",
    "(?:[\\p{L}\\d'.-]+ ){0,4}?",
    medication,
  ),
  of(OWN, " ", "(?:[\\p{L}\\d'-]+ ){0,2}?", medication),
  of("(?:take|takes|taking|took|prescribed|on) (?:[\\p{L}'-]+ ){0,3}?\\d+ ?(?:mg|mcg|µg|ml|iu|units)"),
  // "needs surgery", "is seeing a therapist", "in hospital"
  of(
    "(?:had|has|have|having|undergo(?:es|ing)?|underwent|scheduled for|recover(?:s|ed|ing)? from|need(?:s|ed|ing)?|wait(?:s|ing)? for|waiting list for|booked for|in|through|after|before|since|start(?:s|ed|ing)?|does|doing|goes to|going to|went to|gets?|got|getting|uses?|using|wears?|wearing|on|went for|goes for|going for|for) (?:an? |the |some |weekly |regular |emergency |minor |major |knee |hip |back |heart |brain |eye |dental |bariatric |gender-affirming |sex reassignment |plastic |cosmetic |shoulder |open-heart |laser |his |her |my |their |new |first |second |last |more |\\d+ (?:weeks|months|years) of |years of |months of |weeks of ){0,4}",
    care,
  ),
  of(
    OWN,
    " (?:[\\p{L}'-]+ ){0,2}?",
    "(?:surgery|operation|chemo(?:therapy)?|dialysis|transplant|biopsy|therapy sessions?|physio(?:therapy)?|psychotherapy|therapist|psychiatrist|psychologist|cardiologist|oncologist|dermatologist|neurologist|gyn(?:a)?ecologist|pacemaker|hearing aids?|wheelchair|pregnancy|due date|medical (?:history|records?)|diagnosis|symptoms|sobriety|vaccinations?|blood tests?|test results|disability|illness)",
  ),
  of(
    "(?:sees|seeing|saw|visit(?:s|ed|ing)?|appointments? (?:with|at)|referred to|called|consult(?:s|ed|ing)?|check-?up (?:with|at)|talks? to|talking to|goes to|going to|went to|in|to|from|at) (?:an? |the |his |her |my |their |new |local |family |psychiatric ){0,3}",
    carer,
    "(?! (?:who|where) (?:works|is))",
  ),
  of("(?:doctor's|hospital|dentist(?:'s)?|medical|gp|physio|therapy) appointments?"),
  of(
    "(?:admitted to|discharged from|rushed to|in) (?:the |an? )?(?:hospital|er|emergency room|icu|intensive care|a&e|psychiatric ward|psych ward|hospice|maternity ward)",
  ),
  // "broke his leg"
  of(
    "(?:broke|broken|breaks|fractur(?:ed|es)|sprain(?:ed|s)|tore|torn|tears|dislocat(?:ed|es)|twisted|injur(?:ed|es)|hurts?|ruptured|bruised|strained|amputated|pulled) (?:my|his|her|their|your|an?|two|three|some|the|\\p{Lu}\\p{L}+'s) (?:[\\p{L}'-]+ ){0,2}?",
    body,
  ),
  of("(?:an? )?(?:broken|fractured|sprained|torn|dislocated|injured|bad|amputated|swollen) ", body),
  // "blood pressure is 150 over 90"
  of(OWN, " (?:[\\p{L}'-]+ ){0,2}?", measure),
  of(measure, "(?: level)?s? (?:is|was|are|were|of|at|has|dropped|rose|:)"),
  of(
    "(?:expecting (?:a (?:baby|child|boy|girl)|twins|triplets|her (?:first|second|third))|(?:weeks|months) pregnant|trying (?:to conceive|for a baby)|self-harm(?:s|ed|ing)?|(?:attempted|attempts|attempt|committed|considered|considering) suicide|suicide attempt|kill (?:him|her|my|them)sel(?:f|ves)|runs in (?:the|his|her|my|their) family(?= health)|had a relapse|addicted to (?:alcohol|opioids?|heroin|cocaine|painkillers|pills|drugs|gambling|nicotine|meth|benzos?)|(?:years?|months?|days?) (?:sober|clean)|alcoholics anonymous|tested positive)",
  ),
  of(
    "(?:medical condition|health condition|diagnosis|allergies|blood type|blood group|medications?|symptoms)\\s?: ?\\S",
  ),
  of(
    "(?:been|is|was|feels?|feeling|felt|fell|am|i'm) (?:very |really |quite |seriously |too |often |so |home |off ){0,2}(?:sick|ill|unwell)(?! of)",
  ),
  ...EVERYDAY.map((source) => of(`(?:${source})`)),
];

/** Whose work, reading or business it is before it is anybody's health. */
const TOPIC_BEFORE =
  /(?:^|[^\p{L}])(?:work(?:s|ed|ing)?(?: \p{L}+){0,2} (?:for|at|in|with|on)|works as|jobs? (?:at|in|as)|interns?(?:hip)?|volunteer\w*|stud(?:ies|ied|ying)|research(?:es|ed|ing|er|ers)?|teach(?:es|ing)?|taught|lectur\w+|speciali[sz]\w+|writ(?:es|ing|ten)|wrote|read(?:s|ing)?|watch(?:es|ed|ing)?|books?|films?|movies?|documentar\w+|podcasts?|articles?|talks? (?:about|on)|papers?|thesis|courses?|campaigns?|charit\w+|fund(?:s|ed|ing|rais\w+)|donat\w+(?! (?:an? |one |part of (?:\p{L}+ )?)(?:kidney|liver|bone marrow))|rais(?:e|es|ed|ing) (?:money|funds|awareness)|marathon for|invest\w*|start-?up|compan(?:y|ies)|apps?|products?|sells?|designs?|nurse|clinic (?:for|that)|patients?|treats|treating|cure for|jokes?|about|nearly|almost|dogs?|cats?|pupp(?:y|ies)|kittens?|horses?|hamsters?|rabbits?|parrots?|vets?|volunteering|shift|delivers?|delivered|drives? past|next to|opposite|near|behind|built|building|works? on|model(?:s|ling)?|simulat\w+|played|plays|characters?)(?=[^\p{L}]|$)/iu;
const TOPIC_AFTER =
  /^(?:'s)?[- ](?:\p{L}+[- ])?(?:charit\w+|research\w*|awareness|foundation|fundrais\w+|drug (?:company|maker|market)|start-?up|apps?|compan(?:y|ies)|cent(?:re|er)|nurses?|specialists?|books?|films?|movies?|documentar\w+|podcasts?|courses?|conferences?|lectures?|talks?|papers?|stud(?:y|ies)|patients?|society|association|department|day|month|policy|industry|food|store|shop|club|friendly|free|proof|project|prevention|statistics|series|show|drama|novel|album|song|weather|market|data ?set|room designer|gala|walk|run|ribbon|museum|building|car park|cafeteria|entrance|stop|station|season)(?=[^\p{L}]|$)/iu;
const CLAUSE =
  /[,;:—–(]|(?:^|\s)(?:and|but|because|since|so|although|though|while|whereas|who|which|after|when|therefore|as)(?=\s)/giu;

/** Words of health in another sense. */
const FIGURE = /(?:cabin|gold|saturday night|spring|jungle|world cup|election|football) fever$/iu;

function isOfSomethingElse(sentence: string, match: RegExpExecArray): boolean {
  if (FIGURE.test(match[0])) return true;
  const after = sentence.slice(match.index + match[0].length);
  if (TOPIC_AFTER.test(after)) return true;
  const until = sentence.slice(0, match.index + match[0].length);
  let from = 0;
  for (const border of until.matchAll(CLAUSE)) if (border.index < match.index) from = border.index;
  return TOPIC_BEFORE.test(until.slice(from));
}
