import { HEALTH } from "./health-terms.ts";

/**
 * Health in everyday words: sources of regular expressions for what people say without naming what ails them, in the
 * first and the third person. English alone.
 */
const POSSESSIVE = "(?:my|his|her|their|our|the user's|[\\p{L}-]{1,40}'s)";
const ORGAN =
  "(?:appendix|gall ?bladder|tonsils|adenoids|spleen|kidneys?|liver|lungs?|womb|uterus|ovar(?:y|ies)|prostate|thyroid|pancreas|bowels?|colon|breasts?|wisdom t(?:ooth|eeth)|bladder)";
const LIMB =
  "(?:back|knees?|hips?|shoulders?|neck|ankles?|wrists?|elbows?|head|stomach|chest|joints|feet|legs?|spine|teeth|tooth)";
const CAME_BACK =
  "(?:came|come|comes) back (?:\\p{L}+ )?(?:clear|clean|fine|normal|positive|negative|abnormal|bad|good|inconclusive)";
const BE = "(?:is|are|was|were|am|i'm|he's|she's|they're|we're|been|[\\p{L}-]{1,40}'s)";

const JOINT = "(?:back|knees?|hips?|shoulders?|neck|ankles?|wrists?|elbows?|legs?|spine)";
const SOMEBODY = `(?:me|him|her|them|us|the user|${POSSESSIVE} \\p{L}+|(?!it |this |that |these |those )\\p{L}+)`;
const HEALER =
  "(?:doctors?|gp|psychiatrist|shrink|specialist|cardiologist|neurologist|dermatologist|endocrinologist|rheumatologist|oncologist|gyn(?:a)?ecologist|hospital|clinic|physician|nurse)";
const PUT = "(?:put|puts|putting|started|kept|keeps|took|takes|taken|taking|weaned|switched|moved)";
const TWELVE_STEPS = "(?:aa|na|oa|al-?anon|alateen)";

const DOCTOR = "(?:doc|doctor|gp|dr\\.? \\p{L}+|nurse|hospital|pharmacist|specialist|physician)";

export const EVERYDAY: readonly string[] = [
  // What a doctor gives.
  `${DOCTOR} (?:has |have |just )?(?:gave|given|gives|got|handed) ${SOMEBODY} (?:[\\p{L}\\d'-]+ ){0,3}?(?:pills?|tablets|medicine|meds|medication|drops|cream|ointment|injections?|shots?|painkillers|antibiotics|prescription|inhaler|diagnosis)`,
  `${POSSESSIVE} (?:(?:new|old) )?(?:\\p{L}+ologist|p(?:a)?ediatrician|physio(?:therapist)?|chiropractor|midwife|obstetrician|podiatrist|orthop(?:a)?edist)(?<!(?:astr|cosmet|soci|anthrop|bi|ge|technolog|ide|archae|climat|meteor|zo|crimin|the|ec|ornith|path|mix)ologist)`,
  `(?:got|get|getting|had|has|have|having) ${POSSESSIVE} tubes tied|(?:vasectomy|hysterectomy|mastectomy)`,
  "(?:i'm|am|is|are|he's|she's|been) in (?:recovery|rehab|remission)(?! mode)",
  "(?:can't|cannot|can not|mustn't|not allowed to) (?:eat|have|digest|tolerate) (?:any )?(?:gluten|lactose|dairy|nuts|peanuts|shellfish|wheat|sugar)",
  // Weight, of who has one.
  "(?:i|he|she|we|they|user|you|who|mother|father|brother|sister|wife|husband|son|daughter|baby|^(?!it|this|that|everything)\\p{L}+) (?:now |only |still |already )?(?:weighs?|weighed) (?:\\p{L}+ ){0,2}?\\d+ ?(?:kilos?|kgs?|kilograms?|pounds?|lbs?|stone)",
  "(?:gain(?:ed|s|ing)?|lost|losing|loses?|put(?:ting)? on|dropped|shed(?:ding)?) (?:(?:about|almost|over|some|another) )?(?:\\d+|\\p{L}+) (?:kilos?|kgs?|pounds|lbs|stone)",
  `${POSSESSIVE} weight (?:is|was|went|has|dropped|rose)`,
  "(?:gain(?:ed|ing)?|losing|lost|lose|put on) (?:\\p{L}+ )?weight(?! from)",
  "(?:over|under)weight",
  // What was cut, taken out, given or is missing.
  `(?:had|have|has|having|get|getting|got) (?:${POSSESSIVE} |an? )(?:\\p{L}+ ){0,2}?(?:operated on|amputated)`,
  `(?:had|have|has|having|get|getting|got|took|take|taking|remov\\p{L}+) ${POSSESSIVE} ${ORGAN}`,
  `${POSSESSIVE} ${ORGAN} (?:(?:was|were|is|are|has been|have been|will be|had to be) )?(?:removed|taken out|fail(?:s|ed|ing)?|enlarged|inflamed|under ?active|over ?active|values|levels)`,
  `${POSSESSIVE} ${ORGAN} (?:\\p{L}+ )?(?:is|are) (?:\\p{L}+ )?(?:too |very )?(?:high|low|bad|failing|enlarged|inflamed|under ?active|over ?active)`,
  "(?:under|go under|going under|went under) the knife",
  `(?:only )?(?:one|a single|a new|a donated) (?:kidney|lung|eye|ovary|leg|arm)(?= (?:left|only|since)|[.!,]|$)`,
  "donat(?:ed|es|ing) (?:an? |one |her |his |my )?(?:kidney|part of|bone marrow|liver)",
  // Pregnancy, and its end.
  "(?:lost|losing|lose) (?:a|the|our|their|her|my|another) (?:unborn )?(?:baby|pregnancy)",
  "miscarr(?:y|ies|ied|ying)|stillb(?:orn|irth)",
  "(?:is|are|she's|we're|they're|was|were) expecting(?=[.!,;]| (?:in|again|soon|her|our|their|next|for|this)(?!\\p{L})|$)",
  `${BE} due (?:in|on|around) \\p{L}+ with (?:my|her|our|their|the user's|a|twins)`,
  "trying for (?:an?(?:other)?|our|their|her|his|the user's) (?:\\p{L}+ )?(?:baby|child|kid)",
  "(?:round|cycle|course)s? of (?:ivf|chemo|radiation|treatment)",
  "(?:high-risk|ectopic|difficult|complicated|twin|unplanned) pregnancy",
  `${POSSESSIVE} periods? (?:is|are|was|were|stopped|late)`,
  // What was found.
  "(?:lump|tumou?r|mole|growth|cyst|polyp|nodule|mass|spot) (?:[\\p{L}'-]+ ){0,4}?(?:is|was|turned out|came back|are|were) (?:to be )?(?:\\p{L}+ )?(?:benign|malignant|cancerous|suspicious|harmless)",
  "lumps? (?:in|on|under) (?:\\p{L}+ )?(?:breast|armpit|neck|throat|testicle|arm|leg|groin)",
  `${POSSESSIVE} (?:\\p{L}+ )?(?:scans?|mri|ecg|x-ray|ultrasound|smear|biops(?:y|ies)|bloods|blood (?:tests?|work)|screening|mammogram|tests|test results) ${CAME_BACK}`,
  `(?<!(?:unit|build|load|lab|software|integration) )test results ${CAME_BACK}`,
  "blood ?work|(?:biopsy|scan|blood test|blood|mri|smear) results",
  // What is taken, and who is seen.
  "(?:pills?|tablets|medicine|drops|injections?) (?:for|against) (?:my|his|her|their|the user's) \\p{L}+",
  "(?:upped|raised|lowered|doubled|halved|increased|reduced|adjusted) (?:my|his|her|their|the user's) (?:dose|dosage|meds|medication|pills)",
  "(?:sees?|seeing|saw|has|have|goes to|go to|talks? to) (?:an? |my |his |her |their )(?:shrink|counsellor|addiction \\p{L}+|grief \\p{L}+)",
  `${HEALER} (?:has |have |had |just )?${PUT} ${SOMEBODY} (?:back |straight )?(?:on|off|onto) (?!hold|air|edge|(?:the|an?|my|his|her|their) (?:phone|line|spot|speaker|team|list|case|project|board|payroll|committee)(?!\\p{L}))\\p{L}+`,
  `${PUT} ${SOMEBODY} (?:back |straight )?(?:on|off|onto|to) (?:[\\p{L}\\d'.-]+ ){0,4}?${HEALTH.medication}`,
  `prescrib(?:ed|es|ing) (?:me|him|her|them|us|the user|${POSSESSIVE} (?!team|client|company)\\p{L}+) \\p{L}+`,
  "(?:i|he|she|they|we|user|i've|i'm|he's|she's) (?:was |were |been |got |am |is |are |has been |have been )(?:just |recently )?prescribed (?!(?:by|in|as)(?!\\p{L}))\\p{L}+",
  `(?:go|goes|going|went|gone|been|get|gets|back|attend(?:s|ed|ing)?|my|his|her|their|weekly|first|last) (?:to )?(?:an |the |my |his |her |their )?${TWELVE_STEPS} (?:meetings?|sponsor|group|chip)`,
  `(?:go|goes|going|went|been|turned) to ${TWELVE_STEPS}(?=[.!,;]| (?:on|every|since|for|again|twice|once|and|with|in)(?!\\p{L})|$)`,
  `(?:(?:am|is|are|was|were|been|i'm|he's|she's|stay(?:s|ed)?) (?:\\p{L}+ )?in|joined|quit|left) ${TWELVE_STEPS}(?=[.!,;]| (?:since|for|again|last|in|and)(?!\\p{L})|$)`,
  `${TWELVE_STEPS} sponsor|(?:narcotics|overeaters|gamblers|cocaine|sexaholics) anonymous|(?:twelve|12)-step (?:program(?:me)?|meetings?|group)(?! (?:for|to)(?!\\p{L}))`,
  // Sleep and spirits.
  "(?:can't|cannot|can not|couldn't|could not|unable to|hardly|barely|scarcely|trouble|problems?|difficulty|struggl\\p{L}+ to) (?:fall(?:ing)? a|to )?sleep(?:s|ing)?(?! (?:in|on) (?:a |the )?(?:tents?|planes?|trains?|hotels?|buses))",
  "(?:can't|cannot|couldn't|could not) (?:fall|stay|get) (?:a|to )sleep",
  "(?:hasn't|haven't|hadn't|has not|have not|didn't|did not) (?:slept|sleep) (?:\\p{L}+ )?(?:in|for|properly|well|since)",
  "(?:lies?|lying|lay) awake|support groups? for|group for (?:addicts|alcoholics|survivors)",
  "(?:sees?|seeing|saw) (?:someone|somebody)(?= (?:about|for) (?:(?:my|his|her|their|the user's) )?(?:panic|anxiety|depression|grief|stress|trauma|drinking|nerves))",
  `${POSSESSIVE} (?:sugar|iron|pulse|heart rate|blood count) (?:is|was|are|were) (?:\\p{L}+ )?(?:high|low|irregular|up|down)`,
  "(?:sleepless|sleep trouble|trouble sleeping|sleep problems)",
  "nervous breakdowns?|mental breakdowns?|burn(?:ed|t) out(?! on)|suicidal|self-?harm",
  "feel(?:s|ing)? (?:\\p{L}+ )?(?:down|low|hopeless|empty|worthless|numb) (?:for|since|these|lately|all)",
  "(?:been|is|am|i'm|stayed|got|was|were) (?:clean|sober) (?:for|since)(?= (?:\\p{L}+|\\d+) (?:days?|weeks?|months?|years?)|$)(?<!(?:kitchen|room|code|house|flat|office|car) \\p{L}{2,4} (?:been )?clean for)",
  "relapsed",
  // What does not do what it did.
  "on the (?:autism )?spectrum",
  "(?:lost|losing|loses|lose) (?:my|his|her|their|the user's) (?:\\p{L}+ )?(?:hearing|sight|eyesight|vision|memory|hair|sense of smell|voice)",
  `${BE} going (?:blind|deaf|bald)`,
  "(?:can't|cannot|can not|unable to|couldn't|could not) (?:walk|see|hear|bend|climb|breathe|stand)(?: (?:properly|well|without|far|stairs|straight|upright)|[.!,]|$)",
  "(?:walks?|walking|relies|rely) (?:with|on) (?:an? )?(?:stick|cane|frame|walker|limp)",
  `${POSSESSIVE} (?:\\p{L}+ )?${LIMB} (?:is|are|has been|have been|keeps?|was|were|still )?(?: ?(?:hurts?|hurting|ach(?:es|ing)|kill(?:s|ing) (?:me|him|her|the user)|swollen|stiff|sore|numb|acting up|giving out))`,
  `${POSSESSIVE} (?:(?:left|right|bad|good|old|other|lower) )?${JOINT} (?:just |finally |suddenly |has |had |have |is |are ){0,2}(?:gave out|gave way|giv(?:es?|en|ing) (?:out|way)|buckled|locked up|popped out|seized up|play(?:s|ed|ing) up|blew out|shot(?=[.!,;]|$)|(?:went|gone)(?: out| again)?(?=[.!,;]|$| (?:again|last|while|when|yesterday|at|since|during|on (?:me|him|her|the (?:stairs|way))|in (?:\\d|spring|summer|autumn|winter|january|february|march|april|may|june|july|august|september|october|november|december))(?!\\p{L})))`,
  `(?:put|putting|threw|thrown|did|done) (?:my|his|her|their|the user's) ${JOINT} (?:out|in)(?=[.!,;]| (?:again|last|while|when|yesterday|at|on|lifting|moving|shovelling|in)(?!\\p{L})|$)`,
  "(?:can't|cannot|can not|unable to|couldn't|could not) (?:do|manage) (?:the )?stairs",
  "(?:bad|weak|broken|enlarged|dodgy|irregular) (?:heart(?:beat)?|back|knees?|hips?|lungs?|stomach)(?! (?:break|for music))",
  `${POSSESSIVE} (?:\\p{L}+ )?(?:${LIMB}|eyes?|${ORGAN}) (?:was|were|is being|had to be|will be) (?:\\p{L}+ )?operated on`,
  `${POSSESSIVE} (?:eyesight|hearing|vision|memory|sense of smell) (?:is|was|has|keeps) (?:\\p{L}+ )?(?:worse|bad|poor|failing|going|fading|deteriorat\\p{L}+)`,
  `${POSSESSIVE} (?:hands?|legs?|fingers) (?:trembles?|shakes?|tingles?|(?:is|are) (?:trembling|shaking|numb|tingling))`,
  "(?:needs?|uses?|using) an? (?:cane|walker|walking stick|walking frame|rollator|zimmer frame)(?: to walk)?",
  "(?:can't|cannot|could not|couldn't|unable to) (?:have (?:children|kids|a baby|babies)|conceive|get pregnant)",
  "(?:two|three|four|\\d+) stents|slipped (?:an? |the )?disc|pinched nerve",
  // Off work, and days that passed badly.
  "(?:signed|written) off (?:from )?(?:work|sick)|(?:off|on|out|calls? in|called in|home) sick|sick leave|sick note|doctor's (?:note|orders)|invalidity|disability (?:pension|benefits?|allowance|leave)",
  "(?:threw|throwing|throws|throw) up(?= (?:since|all|every|twice|after|in the|this|last|on the|blood|and)(?!\\p{L})|[.!,]|$)|vomit(?:s|ed|ing)?",
  "faint(?:s|ed|ing)(?! (?:praise|smell|line))|passed out|blacked out|collapsed at",
  "(?:i'm|is|are|am|father|mother) (?:\\p{L}+ly )?dying(?! (?:to|for|out|down|of (?:laughter|boredom)))(?<!(?:battery|phone|laptop|plants?|trees?|flowers?|language|industry|town|car|print|tv|lawn|bees) (?:is|are) dying)",
  "(?:doctors?|oncologists?) (?:gave|give|gives) (?:me|him|her|them|the user|my \\p{L}+|\\p{Lu}\\p{L}+) (?:\\p{L}+ )?(?:months?|weeks?|days|years?|\\p{L}+ (?:to live|months?|weeks?|years?))",
];
