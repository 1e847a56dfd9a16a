import type { LanguageRules } from "./rules.ts";
import { whole, words } from "./words.ts";

const MONTHS = [
  "enero",
  "febrero",
  "marzo",
  "abril",
  "mayo",
  "junio",
  "julio",
  "agosto",
  "se(?:p)?tiembre",
  "octubre",
  "noviembre",
  "diciembre",
];
const MONTH = `(?<month>${MONTHS.join("|")})`;
const UNITS = {
  día: "day",
  días: "day",
  semana: "week",
  semanas: "week",
  mes: "month",
  meses: "month",
  año: "year",
  años: "year",
} as const;
const UNIT = "(?<unit>días?|semanas?|mes(?:es)?|años?)";
const COUNT =
  "(?:\\d+|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|unos|unas|varios|varias|muchos|muchas)";

/** "Olvida", "borra por favor", "puedes olvidar", "no recuerdes". */
const FORGET: NonNullable<LanguageRules["forget"]> = {
  asks: /^[¿¡]*(?:(?:ah|oh|ok|oye|y|bueno|perdón|por favor|ya|mejor|puedes|podrías|quiero que|debes|tienes que)[,!]? )*(?:olv[ií]da(?:r|te|lo|la)?|olvid(?:es|e|en|éis|ad)|b[oó]rra(?:r|lo|la)?|borr(?:es|e)|elimina(?:r|lo|la)?|elimine|suprim[ae]|no (?:recuerdes|recuerde|guardes|guarde|anotes|memorices)|haz (?:de cuenta|como si) (?:que )?(?:nunca|no) (?:te )?(?:lo )?(?:hubiera|hubiese|haya|he) (?:dicho|contado))(?!\p{L})(?<rest>.*)$/isu,
  denied: /^[, ]*(?:nunca|jamás)(?!\p{L})/iu,
  isSure: /olv[ií]d|recuerd|guard|anot|memori|haz /iu,
  that: /^(?:de )?(?:(?:por favor|ya|lo de)[, ]+)*(?:el hecho de )?que (?<said>.+)$/iu,
  topic:
    /^(?:de )?(?:todo|lo|cualquier cosa|la información)?.*?(?<!\p{L})(?:sobre|acerca de|lo de|(?:dije|conté|dicho|contado) de) (?<about>.+)$/iu,
  last: /^(?:de )?(?:eso|esto|lo que (?:acabo de decir|he dicho|dije|te (?:he dicho|dije))|lo último|el último mensaje)$/iu,
  own: /^(?:mis?|nuestr[oa]s?) /iu,
  ofSelf: /^(?:¡?(?:yo|me|soy|estoy|voy|doy|he|nos)(?!\p{L})|\p{L}+(?:o|amos|emos|imos)(?!\p{L}))/iu,
};

export const SPANISH: LanguageRules = {
  asks: /^¿|^(?:(?:y|pero|entonces),? )?(?:qué|quién|quiénes|cuál|cuáles|cuándo|cuánt[oa]s?|dónde|adónde|cómo|por qué)(?!\p{L})[^.!]*$/iu,
  asksForTime: whole(
    "cuándo|cuánto tiempo|cuántos (?:días|meses|años)|cuántas (?:semanas|horas)|(?:qué|cuál) (?:día|fecha|año|mes|semana|hora|época)|desde cuándo|hasta cuándo",
  ),
  time: whole(
    [
      "hoy|ayer|anteayer|anoche|mañana|últimamente|recientemente|hace poco",
      "(?:el |los )?(?:lunes|martes|miércoles|jueves|viernes|sábados?|domingos?)",
      `(?:hace|desde hace|durante|dentro de|en|por) ${COUNT} (?:horas?|días?|semanas?|mes(?:es)?|años?)`,
      "(?:la semana|el mes|el año|el verano|el invierno|el otoño|la primavera|el fin de semana) (?:pasad[oa]|que viene|próxim[oa])",
      "(?:el|la) (?:próxim[oa]|últim[oa]) (?:semana|mes|año|verano|invierno)",
      "a las \\d{1,2}(?::\\d{2})?|(?:19|20)\\d{2}",
    ].join("|"),
  ),
  firstPerson: whole("yo|me|mi|mis|mí|mío|mía|míos|mías|conmigo|nosotr[oa]s|nos|nuestr[oa]s?"),
  ofOneself:
    /^(?!.*(?<!\p{L})(?:lo|le|les|él|ellas?|ellos|allí|allá|ahí|eso|esto|es[ea]s?|est[ea]s?|ambos|también|además|pero|entonces|luego)(?!\p{L}))(?:(?:no|ya|casi|siempre|nunca|hoy|ayer|ahora) )?(?:(?:yo|mis?|me|nos|nuestr[oa]s?|soy|estoy|voy|doy|sé|he|tuve|fui|hice|estuve)(?!\p{L})|(?!(?:todo|mucho|poco|bueno|claro|cierto|solo|sólo|otro|algo|uno|primero|segundo|cuando|como|cuánto|pronto|justo|tanto|medio|cada|quizás|no)(?!\p{L}))\p{L}{3,}o(?!\p{L})|(?!(?:así|aquí|qué|sí|porqué|café|bebé|sofá|papá|mamá)(?!\p{L}))\p{L}{2,}[éí](?!\p{L}))/isu,
  assistantSaid:
    /(?<!\p{L})(?:me (?:recomendaste|sugeriste|dijiste|aconsejaste|explicaste|contaste|escribiste|propusiste|prometiste)|me has (?:recomendado|sugerido|dicho|aconsejado|explicado|contado|escrito|propuesto)|tus? (?:consejos?|recomendaci(?:ón|ones)|sugerencias?|respuestas?))(?!\p{L})/iu,
  nameEnding: "",
  smallTalk: words(
    `hola buenas buenos buen día días tarde tardes noche noches qué tal adiós chao hasta luego pronto mañana gracias muchas mil de nada por favor
     sí no vale ok okay claro bueno bien genial estupendo perfecto exacto cierto vaya guau wow ah oh eh ay jaja jajaja qué bonito bonita guay
     lindo linda bien me alegro alegra mucho encanta encantado encantada igualmente cómo estás está va todo y tú usted felicidades enhorabuena
     suerte perdón perdona lo siento siento entiendo entendido interesante increíble maravilloso fantástico saludos cuídate bienvenido bienvenida muy`,
  ),
  assistant: "Asistente",
  forget: FORGET,
  marks: words(
    `yo mi mis se su la el las los en al para por una muy pero como cuando desde hace soy estoy tengo fue voy ya ayer hoy mañana semana
     pasada gusta llamo vivo que de un con y es no me lo del está qué dónde cuándo nos son hay más también`,
  ),
  dates: {
    months: MONTHS,
    dates: [
      `(?:(?<day>\\d{1,2}) de )?${MONTH}(?: (?:de |del )?(?<year>(?:19|20)\\d{2}))?`,
      "(?<day>\\d{1,2})/(?<number>\\d{1,2})/(?<year>(?:19|20)\\d{2})",
    ],
    relative: [
      ["anteayer|antes de ayer", "day", -2],
      ["ayer|anoche", "day", -1],
      ["hoy", "day", 0],
      ["pasado mañana", "day", 2],
      // "Por la mañana" and "cada mañana" are no next day; "hasta mañana" is a farewell.
      ["(?<!(?:la|una|de|cada|toda|esta|hasta|media) )mañana", "day", 1],
      ["la semana pasada", "week", -1],
      ["la (?:próxima semana|semana que viene|semana próxima)", "week", 1],
      ["el mes pasado", "month", -1],
      ["el (?:próximo mes|mes que viene|mes próximo)", "month", 1],
      ["el año pasado", "year", -1],
      ["el (?:próximo año|año que viene|año próximo)", "year", 1],
    ],
    // "Vivo aquí desde hace tres años" begins then, and goes on.
    ago: [`hace (?<count>\\d+|\\p{L}+) ${UNIT}`],
    units: UNITS,
    numbers: {
      un: 1,
      una: 1,
      dos: 2,
      tres: 3,
      cuatro: 4,
      cinco: 5,
      seis: 6,
      siete: 7,
      ocho: 8,
      nueve: 9,
      diez: 10,
      once: 11,
      doce: 12,
    },
  },
};
