import { isPastForm } from "./verbs.ts";

const words = (list: string) => new Set(list.split(/\s+/));

const ENGLISH = words(
  `i i'm i've the and with that have has not from they you this been is are were because but your when would could it it's very
   like love of did can about my our we she he his him their them there what who how just got some all out up off over more back
   then only other its here need want go get make take see say know think new old good great big first best
   lunch dinner work house car dog friend friends family people school
   yesterday today tomorrow tonight ago next month months year years day days night nights morning evening
   monday tuesday wednesday thursday friday saturday sunday january february march june july october december`,
);
/** Of other languages as well. */
const SHARED = words("was had met will do to at for be her week last so");
/** Small words, times and verbs that English has not; "war", "am", "die", "met", "con", "den" and "per" it has. */
const FOREIGN = words(
  `ich du wir ihr und der das dem ein eine einen einem einer mein meine meinen meiner ist nicht habe hatte haben
   bin sind wird auf für bei mit nach seit um zu zum zur im vom oder aber kein keine auch noch schon wenn weil dass heute
   morgen gestern kostet wohne liebe fahre gehe
   je j'ai tu il elle nous vous et est une un le les ma mes qui que dans avec chez pas très au aux suis à
   c'est hier demain semaine dernier dernière aujourd'hui
   yo mi mis se su la el las los en al para por una muy pero como cuando desde hace soy estoy tengo fue voy ya
   ayer hoy mañana semana pasada gusta llamo vivo
   de di che io sono è ho mia mio della nel ieri oggi domani settimana não são mas eu meu minha meus uma hoje ontem
   jsem jsme jest nie że na och är det jag og ikke het een niet ik mijn heb voor maar ook goed`,
);
/** In "Rue de la Paix" parts of a name. */
const PARTICLE = /^(?:d[aeiu]|des|del|el|l[ae]s?|los|van)$/;
const WORD = /\p{L}+(?:['’]\p{L}+)?/gu;
const LETTERED = /^\p{Ll}*[^\p{ASCII}\P{Ll}]/u;

/** English that it took over: "met him en route", "steak à la carte". */
const BORROWED =
  /(?<!\p{L})(?:en (?:route|suite|masse|bloc|garde)|[àa] la (?:carte|mode)|au (?:pair|lait|jus))(?!\p{L})/giu;
/** In words. */
const ENOUGH = 3;
/** Of all words of a short text. */
const SHARE = 0.4;

/** "Me gusta el café": small words of another language, and next to none of English. */
export function isForeign(text: string): boolean {
  const spoken = text.replace(BORROWED, " ").match(WORD) ?? [];
  const foreign = new Set<string>();
  let lettered = 0;
  let english = 0;
  for (const [i, word] of spoken.entries()) {
    const lower = word.toLowerCase();
    if (FOREIGN.has(i === 0 ? lower : word) || isArticle(word, spoken[i + 1])) {
      if (!isOfName(spoken, i)) foreign.add(lower);
    } else if (SHARED.has(lower)) english += 0.5;
    else if (ENGLISH.has(lower) || isPastForm(lower)) english += 1;
    else if (LETTERED.test(word)) lettered = 1;
  }
  // "My fiancé": letters alone tell nothing.
  const evidence = foreign.size + lettered;
  if (foreign.size < 2 && evidence < 2) return false;
  return evidence > 2 * english && (evidence >= ENOUGH || evidence >= SHARE * spoken.length);
}

/** "Die Katze", not "plants die". */
function isArticle(word: string, next = ""): boolean {
  return /^(?:[dD]ie|[dD]en)$/.test(word) && /^\p{Lu}/u.test(next);
}

function isOfName(spoken: readonly string[], i: number): boolean {
  if (!PARTICLE.test(spoken[i] ?? "")) return false;
  const near = [spoken[i - 1], spoken[i + 1]].map((word = "") => (PARTICLE.test(word) ? "" : word));
  return near.some((word) => /^\p{Lu}/u.test(word));
}
