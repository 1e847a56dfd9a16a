/** What in a sentence tells how it stands to what was said before. */
export interface Signs {
  /** 2: says that something is no more or otherwise than it was; 1: may say so ("now", "finally"); 0: nothing. */
  readonly change: 0 | 1 | 2;
  /** Says that something came to its end as it was meant to. */
  readonly isDone: boolean;
  /** Tells what goes on or is to come. */
  readonly isGoing: boolean;
  /** It comes on top: "also", "as well", "another". */
  readonly adds: boolean;
  /** Tells what something is, rather than what happens to it: "is called", "is a", "is from". */
  readonly describes: boolean;
  /** Tells where somebody comes from: that stays so. */
  readonly isOrigin: boolean;
  /** Whose place in it matters: "from Rome to Oslo", "more than". */
  readonly isDirected: boolean;
  /** Tells of what is wrong, missing or waited for. */
  readonly isTrouble: boolean;
  /** Tells that it is no more. */
  readonly resolves: boolean;
  /** Tells of the time when somebody was a child or a student. */
  readonly isOfYouth: boolean;
  /** Happened once more. */
  readonly isAgain: boolean;
  /** It is wished, guessed, asked or a condition. */
  readonly isUnreal: boolean;
}

const any = (...patterns: string[]) => new RegExp(String.raw`(?:${patterns.join("|")})`, "iu");

/** Says by itself that something is no more, or otherwise. */
const STRONG = any(
  String.raw`\b(?:no longer|from (?:now|here|today) on|any ?more|any longer|nowadays|no more)\b|\binstead\b(?! of \p{L}+ing)|\brather than\b`,
  String.raw`\b(?:switch|swapp|replac|renam|upgrad|downgrad|convert|transferr|migrat|postpon|reschedul|relocat|repaint|rebrand)(?:ed|ing)\b`,
  String.raw`\bchang(?:ed|ing) (?:to|from|my|our|his|her|their|its|jobs?|schools?|banks?|names?|plans?|(?:the |\p{Lu})\p{L}*(?:'s)? (?:mind|name|plan|number|job|date|time))\b|\b(?:has|have|'s|'ve) changed\b(?! (?:\p{L}+ |\d+ )?times\b)|\bchange of plans?\b`,
  String.raw`\b(?:got|been|was|getting|were) (?:promoted|demoted|fired|sacked|cancel+ed|moved|replaced|extended)\b`,
  String.raw`\bturn(?:s|ed) out (?!really|so |very|great|good|well|awesome|amazing|nice|tasty|perfect|to be (?:a |an |so |the )?(?:total|great|huge|real|big|best))|\bcorrection\b|\b(?:i|we|user|\p{Lu}\p{L}+) (?:really |actually )?meant\b(?! (?:so|a lot|the world|to|everything))|\btypos?\b|\b(?:my|a|by) mistake\b|\bmistaken\b|\bmis(?:spoke|typed|read|remembered|heard|counted)\b|\bmixed up\b|\b(?:was|been|got|had|typed|said|told) (?:\p{L}+ ){0,3}wrong\b|\bscratch that\b|\bautocorrect\b|\bsorry,? (?:it's|it is|that's)\b|(?:\bnot|n't) (?:an? )?\p{L}+ at all\b|\btak(?:e|es|ing) (?:that|it) back\b|\b(?:had|got) (?:that|it|this) (?:backwards|the wrong way round)\b|\bupdate\b|\bnew rule\b`,
  String.raw`\b(?:quit|quits|retired?|resigned|laid off|handed in|gave up|given up|got rid of|(?:gave|given) (?:away|(?:the|my|our|his|her|their|it)\b.{1,30} (?:to|away)\b)|called off|fell through|fallen through|sold|stolen|stole|divorced|separated|broke up|broken up|split up|passed away|died(?! (?:laughing|of))|outgrown|outgrew|grew out of|expired|decided against|backed out|dropped out|moved out|shut down|closed down|unsubscribed|uninstalled|cancel+ed)\b`,
  String.raw`\b(?:stopped|stops) \p{L}+ing\b|\bhas(?:n't| not) touched\b|\bwent to (?:\p{L}+'s|my|our) (?:brother|sister|mum|mom|mother|dad|father|son|daughter|friend|cousin|nephew|niece)\b|\b(?:have|has|had|'ve) (?:stopped|ended)\b|\bhad to (?:cancel|stop|quit|sell|drop|end|leave|postpone)\b|\bgave up\b|\b(?:moved|went|gone|crossed) (?:over|across|on) to\b|\b(?:traded|swapped|exchanged|handed) (?:[\p{L}']+ ){0,4}(?:in|for)\b|\b(?:bumped|raised|lowered|cut|reduced|increased|doubled|halved|adjusted|upped|dropped|lifted|pushed|brought) (?:[\p{L}']+ ){0,5}(?:to|from) (?=[\p{N}$€£]|(?:an?|one|two|three|four|five|six|seven|eight|nine|ten)\b)|\b(?:is|are|am|'s|'m|'re|got|now) (?:back )?(?:down|up) to (?:[\p{N}$€£]|(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|half)\b)|\b(?:can't|cannot|couldn't|won't) make (?:it|the)\b|(?:'s|\bis|\bare) off\b(?! to)|\bgave \p{L}+ (?:to|away)\b|(?:\bis|\bare|'s) (?:history|gone|over|out of the question)\b|\b(?:went|gone|goes|going) (?:up|down) (?:to|by|again)\b|\bpay rise\b|\b(?:a|got the) raise\b|\bextension\b|\bback together\b|\bon second thoughts?\b|\bas of (?:now|today|tomorrow|\d|next|last|this)\b|\bsince (?:may|june|july|august|september|october|november|december|january|february|march|april|monday|new year|last (?:week|month|year))\b|\bnot (?:\p{L}+ )?\p{L}+[.,;!]? (?:but|it's|that's)\b`,
);
/** Says the contrary: "won't quit", "told Jon not to give up". */
const DENIED =
  /(?:\bnot|n't|\bnever|\bwithout|\bno) (?:\p{L}+ ){0,2}?(?:quit|give up|giving up|stop|stopping|switch|change|changed|quitting|cancel\p{L}*|sell|sold|retire\p{L}*)\b/iu;
/** May say so. */
const WEAK = any(
  String.raw`\b(?:now|actually|currently|finally|recently|lately|already|new|moved|left|lost(?! (?:again|to|by|the (?:match|game|final|derby|race|election)|\p{N}))|finished|done|passed|completed|over|(?<!flight |train |trip |way |drive |bus |journey )back|gone|rather|ended|nope|switch|turned|became|become|first day|starting|only|these days)\b`,
);
const ADDS = any(
  String.raw`\b(?:also|as well|too(?=[.,;!?)]|$)|another|(?:an?|the|my|our|their) (?:second|third)|besides|in addition|additionally|on top of|both|plus|likewise|equally|just as|stays|one more|beside|along with)\b`,
);
/** "It turns out we're staying in Oslo." */
const STAYS_THERE =
  /^(?!.*(?:\bnot\b|n't\b|\bno longer\b)).*\b(?:stay(?:s|ing)?|remain(?:s|ing)?|keep(?:s|ing)?) (?:in|at|on|with|put)\b/iu;
/** Nothing has changed, unless the sentence says so outright. */
const STAYS = any(
  String.raw`\b(?:still|same|as (?:usual|always|ever|before)|continues?|keeps?|remains?|(?:not|n't) (?:quit|left|stopped|changed|moved))\b`,
);
const DONE = any(
  String.raw`\b(?:finished|done|passed|completed|complete|came out|survived|behind (?:me|us|them)|went (?:well|fine|smoothly|great)|back from|got back|returned|home from|live|launched|shipped|released|published|graduated|happened|over|made it|moved in|arrived|achieved|succeeded|ended|was (?:great|amazing|wonderful|lovely|a success)|first (?:day|week) back)\b`,
);
const GOING = any(
  String.raw`\b(?:has|have) (?:an?|my|the|their) (?:\p{L}+ ){0,2}(?:exam|interview|appointment|test|meeting|flight|surgery|operation|date|deadline|race|match|concert|audition|viewing|hearing)\b`,
  String.raw`\b(?:is|are|am|'m|'re|be|been) (?:\p{L}+ )?\p{L}+ing\b|\b(?:will|plans?|planned|scheduled|booked|wants? to|hopes? to|intends?|next|until|upcoming|soon)\b|'ll\b`,
);
const UNREAL = any(
  String.raw`\bshould(?:n't| not)? (?:\p{L}+ ){0,2}?(?:quit|leave|sell|stop|move|switch|change|cancel|drop|give|break|divorce|dump|retire|resign|get|try)\b`,
  String.raw`\b(?:if|unless|wish(?:es)?|would(?! (?:rather|prefer|like))|could|might|maybe|perhaps|suppose|imagine|pretend|hypothetical(?:ly)?|thinking (?:about|of)|thinks about|considering|considers|wondering|wonders|dream(?:s|t|ed)?|tempted|used to|back then|(?<!(?:is|are|am|'m|'re|was|got|moved|came|comes|went|be|been|now) )back in|as a (?:child|kid|boy|girl|teenager|student)|years ago|growing up|hopes?|joking|kidding|jk)\b`,
  String.raw`\b(?:nearly|almost|all but) (?:\p{Ll}+ed|got|quit|left|sold|lost|broke|bought|died|gave|went|became|took|split|cut|had|fell|threw|let)\b`,
  String.raw`\b(?:was|were) (?:just )?about to\b|\b(?:came|come) close to\b|\bon the verge of\b`,
  String.raw`\bin (?:the|a|this|that|my|his|her|their) (?:\p{Ll}+ )?(?:movie|film|book|novel|show|series|sitcom|play|game|story|song|dream|nightmare|episode|joke)\b`,
  String.raw`\b(?:told|reminded|asked) (?!the )\p{L}+ (?:not )?to\b|\b(?:looks|sounds) like\b|\bmust've\b|\bmust have\b`,
  // "They say Ada quit, but Ada didn't."
  String.raw`, but (?:\p{L}+ ){1,3}?(?:is not|isn't|are not|aren't|was not|wasn't|were not|weren't|didn't|did not|doesn't|does not|don't|do not|haven't|hasn't|won't)[.!]*\s*$`,
  String.raw`\?\s*$`,
);

const DESCRIBES = any(
  String.raw`\bhas (?:\p{N}|an?\b|two|three|four|five|six)|(?:\bis|\bare|'s|'re) (?:called|named|from|triggered by|caused by|made (?:of|by|in)|built|based in|moored in|an? \p{N}|\p{N}|an? (?!bit\b|mess\b|lot\b|disaster\b|little\b)\p{L})`,
  String.raw`\bcomes? from\b|(?:\bis|'s) in \p{Lu}`,
);
const ORIGIN = any(
  String.raw`(?:\b(?:is|are|am|comes?|hails?)|'s|'m) (?:originally )?from \p{L}|\b(?:born|raised|grew up) (?:and (?:born|raised|bred) )?in\b`,
);
const DIRECTED = any(
  String.raw`\bfrom \p{L}.{0,60}? (?:in)?to \p{L}|\bthan\b|\b(?:over|before|after|instead of|rather than) \p{L}`,
);
const TROUBLE = any(
  String.raw`\b(?:hurts?|hurting|aches?|aching|sore|injured|sprained|pulled|twisted|tore|torn|broken?|fractured|cracked|sick|ill|infected|pregnant|expecting|waiting|awaiting|an? (?:\p{L}+ )?(?:cold|flu|fever|cough|headache|migraine|infection|injury)|covid|looking for|searching for|missing|lost|misplaced|delayed|stuck|pending|blocked|leaking|leaks|jammed|faulty|not working|(?:bad|dodgy|stiff|swollen|messed[- ]up|dislocated) (?:\p{L}+ )?(?:knee|back|shoulder|ankle|hip|wrist|neck|elbow|foot|toe|tooth|ear|eye)|(?:in|at) the (?:shop|garage|repair shop)|wait ?list|waiting list|(?:wi-?fi|internet|server|site|website|network|connection|power|line|app|heating) (?:is|was) (?:still )?(?:down|out|off)|(?:does|do|is|are)n't work(?:ing)?)\b`,
);
const SEASON = String.raw`(?:the|this|last|early|late|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|winter)`;
/** "Was born in 1985", "in Lyon" tells who somebody is; "was born in June" may be what was waited for. */
const RESOLVED = any(
  String.raw`\b(?:healed|cured|recovered|fixed|repaired|mended|sorted|resolved|solved|arrived|found|turned up|is back|are back|granted|approved|got (?:in|into|accepted|the|a (?:spot|place|slot)) |came through|(?:was|were) born(?! (?:and (?:raised|bred)|in (?!${SEASON})))|gave birth|pain[- ]?free|over (?:my|the|a|their|his|her) (?:cold|flu|fever|cough|covid|injury|illness)|all (?:good|fine|clear)|works? (?:again|fine)|working again|(?:fine|ok|okay|better|gone) (?:now|again))\b`,
);
const YOUTH = any(
  String.raw`\bas an? (?:young |little |small )?(?:child|kid|boy|girl|teen|teenager|student|toddler|baby|undergrad)\b|\bwhen (?:i|he|she|they|\p{Lu}\p{L}+) (?:was|were) (?:an? (?:child|kid|boy|girl|teen|teenager|student|baby)|young|little|small|\p{N}+|growing up|in (?:school|college|university|high school))\b|\b(?:growing up|in (?:my|his|her|their) (?:youth|childhood|teens|twenties|student days))\b`,
);
/** What happens once. */
const MOMENT = any(
  String.raw`\b(?:today|tonight|yesterday|tomorrow|this (?:morning|afternoon|evening|week|weekend|month)|last \p{L}+|at the|right now|at the moment|again|currently|broken|late|ill|sick|back)\b`,
);

export function signsOf(sentence: string): Signs {
  const isStrong = STRONG.test(sentence) && !DENIED.test(sentence) && !STAYS_THERE.test(sentence);
  return {
    change: isStrong ? 2 : WEAK.test(sentence) && !STAYS.test(sentence) ? 1 : 0,
    isDone: DONE.test(sentence),
    isGoing: GOING.test(sentence),
    adds: ADDS.test(sentence),
    describes: DESCRIBES.test(sentence) && !MOMENT.test(sentence),
    isOrigin: ORIGIN.test(sentence),
    isDirected: DIRECTED.test(sentence),
    isTrouble: TROUBLE.test(sentence),
    resolves: RESOLVED.test(sentence) && !/(?:\bnot|n't|\bnever|\bno)\b/iu.test(sentence),
    isOfYouth: YOUTH.test(sentence),
    isAgain: /\b(?:again|once more|another time|a second time)\b/iu.test(sentence),
    isUnreal: UNREAL.test(sentence),
  };
}
