import type { LanguageRules } from "./rules.ts";
import { whole, words } from "./words.ts";

const MONTHS = [
  "Jan(?:uar|\\.)|Jänner",
  "Feb(?:ruar|\\.)",
  "März",
  "Apr(?:il|\\.)",
  "Mai",
  "Juni",
  "Juli",
  "Aug(?:ust|\\.)",
  "Sep(?:tember|t?\\.)",
  "Okt(?:ober|\\.)",
  "Nov(?:ember|\\.)",
  "Dez(?:ember|\\.)",
];
const MONTH = `(?<month>${MONTHS.join("|")})`;
const UNITS = {
  tag: "day",
  tagen: "day",
  tage: "day",
  woche: "week",
  wochen: "week",
  monat: "month",
  monaten: "month",
  monate: "month",
  jahr: "year",
  jahren: "year",
  jahre: "year",
} as const;
const UNIT = "(?<unit>Tag(?:en?)?|Wochen?|Monat(?:en?)?|Jahr(?:en?)?)";
const LAST = "(?:letzt|vorig|vergangen)e[nrs]?";
const NEXT = "(?:nächst|kommend)e[nrs]?";
const COUNT =
  "(?:\\d+|ein(?:e[mnrs]?)?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|einige[nr]?|paar|viele)";

/** "Lösche", "streich bitte", "du kannst vergessen" and "könntest du löschen" with its verb behind. */
const FORGET: NonNullable<LanguageRules["forget"]> = {
  asks: /^(?:(?:ach|oh|ok|okay|und|also|hey|bitte|sorry|moment)[,!]? )*(?:(?:vergiss|vergesst|vergessen sie|lösche?|löschen sie|streiche?|streichen sie|entferne?|entfernen sie|(?:merke? dir|speichere?|notiere?(?: dir)?) (?:bitte )?(?:nicht|nie)(?: mehr)?)(?!\p{L})|(?:kannst|könntest|würdest) du (?=.*(?:vergessen|löschen|streichen|entfernen)(?!\p{L}))|du (?:kannst|sollst|darfst) (?=.*(?:vergessen|löschen|streichen|entfernen)(?!\p{L}))|(?:kann|könnte) man (?=.*(?:löschen|streichen|entfernen)(?!\p{L}))|ich (?:möchte|will|hätte gern),? dass du (?=.*(?:vergisst|löschst|streichst|entfernst)(?!\p{L}))|tu (?:bitte )?so,? als (?:ob ich (?:das )?|hätte ich (?:das )?)(?:dir )?(?:nie|nicht)(?:mals)? (?:gesagt|erzählt)(?: hätte)?)(?<rest>.*)$/isu,
  denied:
    /^[, ]*(?:bitte )?(?:nicht|nie(?:mals)?|auf keinen fall)(?!\p{L})|^[^,]*(?<!\p{L})(?:nicht|nie(?:mals)?)(?!\p{L})/iu,
  isSure: /vergiss|vergess|merk|speicher|notier|als (?:ob|hätte)/iu,
  that: /(?<!\p{L})(?:dass|daß) (?<said>.+)$/iu,
  topic:
    /^(?:alles|das|was|jede|sämtliche)?.*?(?<!\p{L})(?:über|(?:das|die sache) mit) (?<about>.+?)(?:,? (?:(?:ich|du|wir) )?(?:dir |mir )?(?:(?:gesagt|erzählt|gespeichert|notiert|gemerkt) ?(?:habe|hast|haben)?|weißt))?$/iu,
  last: /^(?:das|dies|die letzte nachricht|(?:das|alles), was ich (?:gerade |eben |zuletzt )?(?:gesagt|geschrieben|erzählt) habe|was ich (?:gerade |eben |zuletzt )?(?:gesagt|geschrieben|erzählt) habe)$/iu,
  own: /^(?:mein|unser)(?:e[mnrs]?)? /iu,
  ofSelf: whole("ich|wir|mir|mich"),
};

export const GERMAN: LanguageRules = {
  asks: /^(?:(?:und|aber|also|oder|na),? )?(?:wer|wen|wem|wessen|was|wo|wohin|woher|wann|warum|wieso|weshalb|wie|welche[mnrs]?|seit wann|bis wann)(?![\p{L}])[^.!]*$/iu,
  asksForTime: whole(
    "wann|wie (?:lange|oft|alt|spät|bald)|wie viele (?:Tage|Wochen|Monate|Jahre|Stunden)|(?:welche[mnrs]?|was für ein(?:e[mnrs]?)?) (?:Tag|Datum|Jahr|Monat|Woche|Wochenende|Jahreszeit|Uhrzeit)",
  ),
  time: whole(
    [
      "heute|gestern|vorgestern|morgen|übermorgen|neulich|kürzlich|damals|früher",
      "(?:am )?(?:Mon|Diens|Donners|Frei|Sams|Sonn)tags?|Mittwochs?",
      `(?:vor|seit|in|nach|für) (?:einem |den letzten )?${COUNT} (?:Stunden?|Tag(?:en?)?|Wochen?|Monat(?:en?)?|Jahr(?:en?)?)`,
      `(?:${LAST}|${NEXT}|diese[mnrs]?) (?:Tag|Woche|Wochenende|Monat|Jahr|Frühling|Sommer|Herbst|Winter)`,
      "(?:seit|bis|im|in den) (?:Frühling|Sommer|Herbst|Winter|Weihnachten|Ostern)",
      "\\d{1,2}(?:[:.]\\d{2})? Uhr|(?:19|20)\\d{2}",
    ].join("|"),
  ),
  firstPerson: whole("ich|mich|mir|mein(?:e[mnrs]?)?|wir|uns|unser(?:e[mnrs]?)?"),
  ofOneself:
    /^(?!.*(?<!\p{L})(?:ihn|ihm|ihr|ihnen|sie|es|er|dort|dahin|da|davon|dabei|damit|dafür|daran|darauf|darin|darum|darüber|dazu|dagegen|deshalb|deswegen|trotzdem|beide[ns]?|dies\p{L}*|auch|aber|dann|sondern)(?!\p{L}))(?:(?:\p{L}+ ){0,2}(?:ich|wir)|(?:mein|unser)\p{L}*|mir|mich|uns)(?!\p{L})/isu,
  assistantSaid:
    /(?<!\p{L})(?:(?:hast|hattest) du (?:[\p{L}]+ ){0,6}(?:empfohlen|vorgeschlagen|gesagt|geraten|erklärt|erzählt|genannt|geschrieben|versprochen)|(?:dein|deine|deinen) (?:rat|vorschlag|vorschläge|empfehlung|empfehlungen|antwort|tipps?))(?!\p{L})/iu,
  nameEnding: "s|'s|'",
  smallTalk: words(
    `hallo hi hey moin servus grüß gott guten gute guter morgen tag abend nacht mittag willkommen tschüss tschüs ciao bis bald dann später
     wiedersehen danke dankeschön vielen lieben herzlichen dank bitte gern gerne gerngeschehen ja ja! nein nee doch ok okay klar alles genau
     stimmt richtig super toll klasse prima schön cool wow oh ach aha ah mhm hm na naja also sehr so das ist ist's wie geht geht's es dir ihnen
     und mir gut auch wirklich echt freut mich glückwunsch herzlichen viel glück spaß erfolg keine ursache kein problem entschuldigung sorry
     gratuliere haha lol wunderbar großartig fantastisch spannend interessant verstehe absolut natürlich hilft helfen weiter finde ich hört sich klingt an euch`,
  ),
  assistant: "Assistent",
  forget: FORGET,
  marks: words(
    `ich du wir ihr und der das dem ein eine einen einem einer mein meine meinen meiner ist nicht habe hatte haben bin sind wird auf für bei
     mit nach seit zum zur im vom oder aber kein keine auch noch schon wenn weil dass heute gestern war sie er es wie was wo die den`,
  ),
  dates: {
    months: MONTHS,
    dates: [
      `(?:(?<day>\\d{1,2})\\. ?)?${MONTH}(?: (?<year>(?:19|20)\\d{2}))?`,
      "(?<day>\\d{1,2})\\.(?<number>\\d{1,2})\\.(?<year>(?:19|20)\\d{2})",
    ],
    relative: [
      ["vorgestern", "day", -2],
      ["gestern", "day", -1],
      ["heute", "day", 0],
      ["übermorgen", "day", 2],
      // "Am Morgen", "heute Morgen" and "morgens" are no next day; "guten Morgen" neither.
      ["(?<!(?:am|jeden|gestern|heute|guten|dem|den|diesen) )morgen(?! früh um)", "day", 1],
      [`${LAST} Woche`, "week", -1],
      [`${NEXT} Woche`, "week", 1],
      [`${LAST} Monat`, "month", -1],
      [`${NEXT} Monat`, "month", 1],
      [`${LAST} Jahr`, "year", -1],
      [`${NEXT} Jahr`, "year", 1],
    ],
    ago: [`vor (?<count>\\d+|\\p{L}+) ${UNIT}`],
    units: UNITS,
    numbers: {
      einem: 1,
      einer: 1,
      zwei: 2,
      drei: 3,
      vier: 4,
      fünf: 5,
      sechs: 6,
      sieben: 7,
      acht: 8,
      neun: 9,
      zehn: 10,
      elf: 11,
      zwölf: 12,
    },
  },
};
