import { WINDOW_STOP_WORDS } from "../search/stop-words.ts";

const words = (...lists: string[]) => [...new Set(lists.join(" ").split(/\s+/).filter(Boolean))];

/** Articles, conjunctions, prepositions, pronouns, auxiliaries and question words. */
const GERMAN = words(
  `aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei beim bin bis
   bist da damit dann das dass daß dein deine deinem deinen deiner deines dem den denen denn der deren des dessen dich die dies
   diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einige einigem einigen einiger
   einiges er es etwas euch euer eure eurem euren eurer eures für gegen gewesen hab habe haben habt hast hat hatte hatten hattest
   hattet hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in ins ist ja jede jedem jeden jeder jedes jene
   jenem jenen jener jenes jetzt kann kannst kein keine keinem keinen keiner keines können könnt könnte mal man manche manchem
   manchen mancher manches mein meine meinem meinen meiner meines mich mir mit muss muß musst müssen nach nicht nichts noch nun
   nur ob oder ohne schon sehr seid sein seine seinem seinen seiner seines seit selbst sich sie sind so soll sollen sollte sollten
   solche solchem solchen solcher solches sondern sonst über um und uns unser unsere unserem unseren unserer unter viel vom von vor
   während war waren warst wart weg weil weiter wenn werde werden werdet wieder will willst wir wird wirst wollen wollte wollten
   würde würden wurde wurden zu zum zur zwar zwischen`,
  "wer wen wem wessen was wo wohin woher wann warum wieso weshalb wozu wie welche welchem welchen welcher welches worüber womit",
);

const SPANISH = words(
  `a al algo algunas alguno algunos ante antes como con contra cual cuando de del desde donde durante e el ella ellas ellos en entre
   era eran eras eres es esa esas ese eso esos esta está estaba estaban están estar estas este esto estos estoy estuve estuvo fue
   fueron fui ha había habían han has hasta hay haya he hemos la las le les lo los más me mi mis mí mucho muchos muy nada ni no nos
   nosotras nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco por porque que quien quienes se sea
   ser será si sí sido sin sobre sois somos son soy su sus suya suyo también tanto te tengo tenía tiene tienen tienes ti todo todos
   tu tus tú un una uno unos unas vosotros vuestra vuestro y ya yo él éramos`,
  "qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas dónde adónde cómo",
);

/** Particles, auxiliaries, pronouns and question words as `Intl.Segmenter` cuts them. */
const JAPANESE = words(
  `の は が を に で と も へ や か ね よ な から まで より だ です でし た て ます まし ませ ん し い る れ さ せ ない なかっ ある あり あっ いる い
   する こと もの これ それ あれ この その あの ここ そこ あそこ 私 僕 俺 わたし あなた 君 彼 彼女 さん ちゃん くん 様 って という ください
   何 なに なん 誰 だれ どこ いつ なぜ どう どの どれ どんな どちら いくつ いくら`,
);

const CHINESE = words(
  `的 了 着 过 是 在 有 和 与 也 都 就 不 没 没有 很 这 那 这个 那个 这里 那里 一个 我 你 您 他 她 它 我们 你们 他们 她们 吗 呢 吧 啊 呀 把 被 给 跟 对
   从 到 会 要 能 可以 还 又 再 上 下 里 什么 什么时候 谁 哪 哪里 哪儿 哪个 哪些 何时 时候 怎么 怎样 为什么 多少 几 多 请问`,
);

/** By primary tag; a language that has none here is searched by all of its words, and their frequency alone weighs them. */
export const STOP_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: WINDOW_STOP_WORDS,
  de: GERMAN,
  es: SPANISH,
  ja: JAPANESE,
  zh: CHINESE,
};
