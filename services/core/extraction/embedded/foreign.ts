const words = (list: string) => new Set(list.split(/\s+/));

const ENGLISH = words(
  `i i'm i've the and with that have has had not from they you this been is are were because but your when would could it
   it's very like love of did can about my our we she he his him them there what who how just got`,
);
/** Of other languages as well. */
const SHARED = words("was will do to at for be her");
/** Small words that English has not; "war", "am", "me" it has. */
const FOREIGN = words(
  `ich du wir ihr und der die das den dem des ein eine einen einem einer mein meine meinen meiner ist nicht habe hatte haben
   bin sind wird auf für bei mit nach seit um zu zum zur im vom oder aber kein keine auch noch schon wenn weil dass heute
   morgen gestern
   je tu il elle nous vous et est une un le les mon ma mes qui que dans avec chez pas très au aux ai suis à
   yo mi mis se su la el los las en al con para por una muy pero como cuando desde hace soy estoy tengo fue voy ya y
   de di che sono è ho mia mio della nel não são com mas eu meu minha meus uma
   jsem jsme jest nie że z w v na och är det jag og ikke het een niet ik mijn voor van met maar ook`,
);
/** In "Rue de la Paix" parts of a name. */
const PARTICLE = /^(?:d[aeiu]|des|del|el|l[ae]s?|los|van)$/;
const WORD = /\p{L}+(?:['’]\p{L}+)?/gu;
const LETTERED = /^\p{Ll}*[^\p{ASCII}\P{Ll}]/u;

/** "Me gusta el café": small words of another language or its letters, and next to none of English. */
export function isForeign(text: string): boolean {
  const spoken = text.match(WORD) ?? [];
  let english = 0;
  let foreign = spoken.some((word) => LETTERED.test(word)) ? 1 : 0;
  for (const [i, word] of spoken.entries()) {
    const lower = word.toLowerCase();
    if (FOREIGN.has(i === 0 ? lower : word)) foreign += isOfName(spoken, i) ? 0 : 1;
    else if (ENGLISH.has(lower)) english += 1;
    else if (SHARED.has(lower)) english += 0.5;
  }
  return foreign > 1 && foreign > 2 * english;
}

function isOfName(spoken: readonly string[], i: number): boolean {
  if (!PARTICLE.test(spoken[i] ?? "")) return false;
  const near = [spoken[i - 1], spoken[i + 1]].map((word = "") => (PARTICLE.test(word) ? "" : word));
  return near.some((word) => /^\p{Lu}/u.test(word));
}
