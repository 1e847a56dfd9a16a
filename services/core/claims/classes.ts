import { stem } from "./words.ts";

/** Small classes of things that stand for each other in what is told of a person: a Pixel and an iPhone are phones. */
const CLASSES: Readonly<Record<string, string>> = {
  phone:
    "phone iphone pixel galaxy fairphone nokia android smartphone mobile oneplus xiaomi samsung handset cellphone",
  computer:
    "computer laptop pc macbook thinkpad framework chromebook desktop imac mac dell xps surface lenovo notebook workstation",
  system: "windows windowsos linux macos ubuntu fedora debian arch mint os",
  editor: "editor vim neovim emacs vscode zed sublime intellij ide cursor notepad",
  browser: "browser chrome firefox safari edge brave opera vivaldi arc",
  vehicle:
    "car drive vehicle van suv truck toyota honda ford volvo skoda fiat bmw audi tesla mazda nissan golf volkswagen vw renault peugeot kia hyundai mercedes porsche subaru seat opel",
  bike: "bike bicycle ebike cycle cyclist",
  home: "home house flat apartment studio condo cottage rent dorm room liv live life move address",
  work: "work job employ employer company firm office position role career freelance freelanc retir retire unemploy self-employed",
  study:
    "study stud university college degree school semester course thesis phd master bachelor graduate graduat class",
  drink:
    "drink coffee tea espresso latte matcha cappuccino decaf water beer wine juice chai soda cola kombucha",
  diet: "vegan vegetarian pescatarian meat diet omnivore keto carnivore flexitarian fish",
  love: "marri marry married wife husband spouse partner girlfriend boyfriend dat date single divorc divorced fiance fiancee engag engaged wedding widow separat together relationship",
  pet: "pet dog cat puppy kitten hamster rabbit parrot horse pony guinea goldfish",
  seat: "seat aisle window",
  money: "salary earn earning earnings pay wage income raise make rent cost price fee budget",
  reach: "email e-mail mail signal whatsapp telegram sms text call phone slack reach contact inbox number",
  name: "name nam nickname call surname alias",
  music: "spotify tidal deezer applemusic music soundcloud pandora",
  vault: "password bitwarden lastpass 1password onepassword dashlane keepass nordpass",
  notes: "notion evernote obsidian onenote bear roam logseq",
  health: "med medicin medicine medication pill tablet mg dose",
  faith:
    "religion religious faith catholic muslim jewish christian protestant buddhist hindu atheist orthodox mormon sikh agnostic quaker jehovah unaffiliated",
  orientation: "sexuality orientation gay lesbian bisexual queer homosexual asexual",
  illness:
    "illness ill disease diagnosis condition disorder cancer diabetes asthma migraine depression anxiety epilepsy dementia arthritis bipolar adhd autism hiv",
  birth: "birth birthday born bear age year old",
  smoke: "smok smoke cigarette vape tobacco",
  sport:
    "run jog swim gym climb yoga tennis football cycling pilates crossfit workout exercis exercise train box hike",
  carrier: "verizon tmobile vodafone telekom at&t o2 ee sprint telefonica giffgaff comcast xfinity spectrum",
  bank: "bank account n26 revolut chase monzo barclays hsbc sparkasse wise paypal",
  when: "deadline due date appointment meeting flight trip release",
  time: "morning evening night afternoon noon",
  seeing: "glass contact-lens lense lens contacts",
};
const OF = new Map(
  Object.entries(CLASSES).flatMap(([name, words]) =>
    words.split(" ").flatMap((word): [string, string][] => [
      [word, name],
      [stem(word), name],
    ]),
  ),
);

/** The class of a content word; undefined for most. */
export function classOf(word: string): string | undefined {
  return OF.get(word);
}

/** Names a class of things and none of them: "car", not "Volvo". */
export function isKind(word: string): boolean {
  return KINDS.has(word);
}

const KINDS = new Set(
  "phone mobile smartphone computer laptop notebook system editor browser car vehicle bike bicycle home house hous flat live life liv move address work job employ employer company firm office position role career study stud school university drink diet marry marri married wife husband spouse partner girlfriend boyfriend date dat relationship together pet seat illness disease diagnosis condition disorder religion religious faith sexuality orientation money salary earn earning earnings income make pay wage rent cost price contact email mail phone number name nam nickname health med medicin medicine medication pill birth birthday bear age year smoke smok sport exercise exercis train bank account deadline appointment meet flight trip time glass"
    .split(" ")
    .flatMap((word) => [word, stem(word)]),
);

/** One word or two forms of one: "allergic" and "allergy", "engineer" and "engineering". */
export function isAkin(a: string, b: string): boolean {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4 || Math.abs(a.length - b.length) > 4 || /^\p{N}/u.test(a)) return false;
  let common = 0;
  while (common < shorter && a[common] === b[common]) common += 1;
  const isClose = common >= Math.max(4, Math.max(a.length, b.length) - 3) && common >= shorter - 2;
  // "web01" and "web02" are two.
  return isClose && !NUMBER.test(a) && !NUMBER.test(b);
}

const NUMBER = /\p{N}/u;
