const list = (words: string) => words.split(/\s+/u);

/** Small words, and what people say of themselves first, of other languages: none of them is English, or a name. */
const WORDS = new Set([
  // Swedish, Norwegian, Danish
  ...list(`jag jeg är och og inte ikke ikkje hej mitt vår vårt våra bodde åker flyttade flyttet flyttede heter hedder
    arbetar arbeider arbejder til från någon noen nogen också også gillar tycker elsker`),
  // Dutch
  ...list(`ik mijn jij jouw onze een niet ook naar voor wonen woon woont waren heb hebben heeft zijn werk werkt werken
    houd graag vind gisteren vandaag`),
  // Italian
  ...list(`sono siamo mio miei mie nostro nostra figlio figli figlia figlie ragazzi ragazza gatto gatti vivono abito
    lavoro lavora lavorano della delle degli nella che chiamo hanno abbiamo piacciono anche ieri oggi`),
  // Portuguese
  ...list(`meu minha meus minhas nosso nossa moram tenho temos trabalho trabalha gosto gostamos não muito também ontem
    hoje somos chamo estou`),
  // French
  ...list(`je j'ai j'habite j'aime suis sommes mon notre habite habitons travaille m'appelle n'aime nous vous avec
    aussi hier aujourd'hui c'est d'accord chez`),
  // Spanish
  ...list(`somos nuestro nuestra vivimos viven tengo tenemos trabajamos llamo mudé gusta gustan también mañana pero
    porque`),
  // German
  ...list(`ich ist sind wir mein meine unser unsere wohne wohnt wohnen habe haben arbeite arbeitet heiße nicht auch
    gestern heute nach`),
  // Polish, Czech
  ...list(`się jestem mamy mieszkam mieszkamy mieszka nazywa nazywam kot nie mój moja moje nasz nasza pracuję lubię
    jsem bydlím bydlíme mám pracuji také wczoraj dzisiaj`),
  // Finnish, Estonian
  ...list(`minä olen asun asuvat asuu minulla meillä meidän työskentelen pidän mul koer elan`),
  // Turkish
  ...list(`benim bizim yaşıyorum oturuyorum çalışıyorum seviyorum yok için kardeşim`),
  // Indonesian
  ...list(`saya tinggal punya suka tidak kerja bekerja`),
]);

const NO_ENGLISH_LETTER = /[^\p{ASCII}]/u;
/** "I love crème brûlée": two such words alone are no sentence of another language. */
const OF_A_LETTER = 0.4;

/**
 * How much speaks against English in some words: 1 for each small word of another language, less for letters that English
 * has not.
 *
 * @param words in small letters.
 */
export function foreignness(words: readonly string[]): number {
  return words.reduce(
    (sum, word) => sum + (WORDS.has(word) ? 1 : NO_ENGLISH_LETTER.test(word) ? OF_A_LETTER : 0),
    0,
  );
}
