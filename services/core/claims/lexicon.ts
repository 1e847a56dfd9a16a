const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter(Boolean));

/** Words that tell nothing by themselves, as lemmas and forms. */
export const EMPTY = set(`
  a an the this that these those my your his her its our their some any each every all both such own same other another
  i me you he him she it we us they them myself yourself himself herself themselves who whom whose which what
  be is are was were been being am do does did done doing have has had having will would shall should can could may might must
  and or but so because since as than then if though although while when where how why that whether
  of to in on at by for with from into onto over under about after before during between through against per via out up down off
  anything finally officially definitely eventually not no n't never none nor yes yeah ok okay oh well please just really very quite pretty still also too even only ever again already
  now today currently actually basically honestly sadly luckily thankfully unfortunately fortunately apparently anyway anymore any more longer these days there here one thing stuff lot bit kind sort
  get got go 's 're 've 'd 'll m s t re ve d ll say said tell told ask asked think thought know mean meant`);

export const MONTHS =
  set(`january february march april may june july august september october november december
  jan feb mar apr jun jul aug sep sept oct nov dec`);
export const DAYS = set(`monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
  today tomorrow yesterday tonight morning afternoon evening noon midnight weekend`);
/** Verbs that say one thing, by the name of what they say. */
const SAME: Readonly<Record<string, string>> = {
  like: "like love enjoy adore fancy appreciate dig prefer_like",
  hate: "hate dislike detest loathe despise",
  eat: "eat consume have_meal",
  drink: "drink sip",
  own: "own have possess get buy purchase adopt acquire drive keep receive",
  use: "use utilize run_on rely",
  go: "go travel fly visit trip vacation holiday journey tour",
  study: "study learn",
  play: "play practice practise",
  run: "run jog",
  meet: "meet meeting appointment",
  marry: "marry wedding wed",
  move: "move relocate",
  start: "start begin",
  finish: "finish complete",
  wake: "wake awake",
  take: "take attend",
  smoke: "smoke smok cigarette",
  child: "child kid",
  exercise: "exercise train workout",
};
const NAMED = new Map(
  Object.entries(SAME).flatMap(([name, words]) =>
    words.split(" ").map((word): [string, string] => [word, name]),
  ),
);

/** One name for verbs and nouns that say the same. */
export function sameAs(lemma: string): string {
  return namedBy(lemma) ?? lemma;
}

/** As `sameAs`; undefined for what has no other name. */
export function namedBy(lemma: string): string | undefined {
  return NAMED.get(lemma);
}

/** Who is somebody's: several sisters there may be, of the others one at a time. */
export const KIN =
  set(`sister brother mother father mom mum dad parent son daughter kid child wife husband girlfriend boyfriend
  fiance fiancee partner spouse ex friend cousin uncle aunt niece nephew grandmother grandfather grandma grandpa granddad gran granny nan mam stepmother stepfather stepson stepdaughter godmother godfather godson twin baby
  roommate flatmate neighbor neighbour colleague coworker boss manager mentor teacher doctor dentist therapist coach landlord
  bestie sisterinlaw brotherinlaw motherinlaw fatherinlaw team company client`);
const SAME_KIN: Readonly<Record<string, string>> = {
  mom: "mother",
  mum: "mother",
  mam: "mother",
  dad: "father",
  grandma: "grandmother",
  gran: "grandmother",
  nan: "grandmother",
  granny: "grandmother",
  grandpa: "grandfather",
  granddad: "grandfather",
  kid: "child",
  neighbor: "neighbour",
  coworker: "colleague",
  flatmate: "roommate",
  fiance: "fiancee",
  boss: "manager",
};

/** One name for who is the same to somebody: "mum" is the mother. */
export function kinOf(lemma: string): string {
  return SAME_KIN[lemma] ?? lemma;
}
export const PARTNERS = set("wife husband girlfriend boyfriend fiance fiancee partner spouse");
/** Of these somebody may have any number, so that one more ends nothing. */
export const SEVERAL =
  set(`sister brother son daughter kid child friend cousin uncle aunt niece nephew colleague coworker hobby pet dog cat
  roommate flatmate neighbor neighbour interest goal dream plan project skill language allergy problem issue reason idea thing question
  book song movie film game food meal dish team client part day time`);

/** What one is by trade, as its last word ends. */
export const TRADE =
  /^(?:nurs|nurse|engineer|designer|developer|programmer|doctor|surgeon|dentist|vet|pharmacist|lawyer|attorney|paralegal|solicitor|barrister|judg|judge|clerk|secretary|accountant|architect|carpenter|plumber|electrician|mechanic|chef|cook|baker|barista|bartender|waiter|waitress|journalist|editor|writer|pilot|driver|farmer|gardener|consultant|researcher|scientist|physicist|chemist|biologist|analyst|teacher|tutor|professor|lecturer|librarian|translator|photographer|painter|manager|director|salesman|cashier|receptionist|therapist|psychologist|paramedic|midwif|midwife|policeman|policewoman|firefighter|soldier|freelancer|intern|trainee|apprentic|apprentice|student|founder|cto|ceo|cfo|coach|trainer|builder|welder|tailor|hairdresser|realtor|broker|banker|economist)$/;

export const DIETS = set(
  "vegan vegetarian pescatarian pescetarian flexitarian omnivore carnivore keto paleo halal kosher",
);
export const STATUS = set("single married divorced engaged widowed separated dating");
export const COLORS = set(
  `red blue green yellow black white grey gray purple pink orange brown silver gold teal navy beige maroon turquoise violet`,
);

/** What brings something to its end, with what is no more as its object. */
export const ENDS =
  set(`stop quit cancel sell lose leave divorce drop abandon end uninstall unsubscribe return scrap dump ditch resign
  retire delete lapse discontinue disconnect demolish abolish revoke terminate`);
/** The same, of what it happens to: "the dog died", "the plan fell through". */
export const PERISH = set("die perish vanish expire break_down disband dissolve fold");
/** What changes a value to another: "went up to", "switched to". */
export const CHANGES =
  set(`switch change increase decrease rise drop raise lower upgrade downgrade convert transition swap replace rename
  reschedule postpone delay push shift slip migrate transfer`);

/** What one lives in that is no place on a map. */
export const DWELLINGS = set(
  "flat apartment house hous home studio dorm room condo cottage cottag cabin villa place plac bungalow farm shar",
);
/** Words that only say how an attribute is told: they add nothing where its value is known. */
export const FRAMES: Readonly<Record<string, ReadonlySet<string>>> = {
  lives_in: set(
    "live liv life resid reside bas base hom home settl settle stay move relocat city town place new",
  ),
  works_at: set("work employ join job start company firm new hire hir begin land accept position"),
  works_as: set("work job promot promote position role new start hire hir"),
  name: set("nam name call go by"),
  partner: set(
    "wif wife husband spous girlfriend boyfriend fianc fiance fiancee marri marry married get dat date engag engage be together relationship partner",
  ),
  diet: set("go turn become diet eat follow be"),
  age: set("turn year old ag age"),
  like: set("lik like love enjoy fan into fond adore hat hate dislike stand big huge reall"),
  prefer: set("prefer rather"),
};

/** Words that every talk is full of: that two statements share them does not make them about one thing. */
export const LIGHT =
  set(`call nam name own user other person say tell mak make tak take giv give help look se see feel keep start try want
  need let com come go find bring put turn show happen seem lov love like enjoy hop hope thank wish excit interest
  good great cool awesom awesome amaz amazing nic nice big small little real true hard tough easy super special important fun happy glad proud sad
  lucky sure sorri sorry excited inspir inspire motivat motivate incredibl incredible wonderful beautiful crazy bad perfect fantastic thrilled
  thing stuff way time day people world life dream passion support chang change differenc difference group shar share photo pictur picture
  pic idea pos pose encourag journey goal friend experienc experience part moment memory memori place lot bit year month week today yesterday
  new old first last next best better more most many much different definit absolut total awhil while back together always never everyth everything
  something anyth anything someth noth nothing everyone someone one two us positiv positive power impact commun community yes no agre agree
  believ believe rememb remember ask asked reply replying suggest suggested wait talk chat mean work_on use chanc chance well forward check hear learn reward easi hook famili fam family blast anyon anyone peac step strong stay close glad yum truli truly moment keep ok okay`);
/** What something is held or told as: who cancels a Netflix subscription is without Netflix. */
export const FORMS = set(
  `subscription membership account plan contract leas lease trip flight appointment job habit class lesson course idea
  licens license ticket reservation book booking order polici policy night evening session practice practic train
  rehearsal match game meeting meet date time number`,
);
