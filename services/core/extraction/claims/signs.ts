/** What in a sentence tells how it stands to what was said before. */
export interface Signs {
  /** 2: says that something is no more or otherwise than it was; 1: may say so ("now", "finally"); 0: nothing. */
  readonly change: 0 | 1 | 2;
  /** It comes on top: "also", "as well", "another". */
  readonly adds: boolean;
  /** It is wished, guessed, asked or a condition. */
  readonly isUnreal: boolean;
}

const any = (...patterns: string[]) => new RegExp(String.raw`(?:${patterns.join("|")})`, "iu");

/** Says by itself that something is no more, or otherwise. */
const STRONG = any(
  String.raw`\b(?:no longer|from (?:now|here|today) on|any ?more|any longer|nowadays|these days|instead|no more)\b`,
  String.raw`\b(?:switch|chang|swapp?|replac|renam|upgrad|downgrad|convert|transferr?|migrat|promot|demot|postpon|reschedul)(?:es?|ed|ing)\b`,
  String.raw`\b(?:turns|turned) out\b|\bcorrection\b|\b(?:i|we|user|\p{Lu}\p{L}+) (?:really )?meant\b|\btypos?\b|\bmistake[ns]?\b|\bmis(?:spoke|typed|read|remembered|heard|counted)\b|\bmixed up\b|\b(?:was|were|been|got|have|had|typed|said|told|is|are) (?:\p{L}+ ){0,3}wrong(?:ly)?\b|\bscratch that\b|\bautocorrect\b|\bsorry,? (?:it's|it is|that's|i)\b|\b(?:not|never) \p{L}+ at all\b|\bn't an? \p{L}+ at all\b|\bupdate\b|\bchange of plans?\b|\bnew rule\b`,
  String.raw`\b(?:quit|quits|quitting|retired?|resigned|laid off|fired|sacked|handed in|gave up|given up|giving up|got rid of|cancel+ed|called off|fell through|fallen through|sold|stolen|stole|divorced|separated|broke up|broken up|split up|passed away|died|outgrown|outgrew|grew out of|expired|extension|decided against|backed out|dropped out|moved out|shut down|closed down|unsubscribed|uninstalled)\b`,
  String.raw`\b(?:stopped|stops|stop) \p{L}+ing\b|\b(?:have|has|had|'ve) (?:stopped|left|lost|ended)\b|'s off\b|\b(?:is|are) (?:off|history|gone|over|out of the question)\b|\b(?:went|gone|goes|going) (?:up|down)\b|\bpay rise\b|\b(?:a|got the) raise\b|\bback together\b|\bon second thoughts?\b|\bsince (?:then|may|june|july|august|september|october|november|december|january|february|march|april|monday|tuesday|wednesday|thursday|friday|saturday|sunday|new year|last|this|yesterday|today|the)\b|\bas of\b|\brather than\b|\bnot \p{L}+[.,;!]? (?:but|it's|that's)\b`,
);
/** May say so. */
const WEAK = any(
  String.raw`\b(?:now|actually|currently|finally|recently|lately|already|new|moved|left|lost|finished|done|passed|completed|over|again|back|gone|today|yesterday|instead|rather|ended|no|not|won't|n't|nope|switch|turned|became|become|since|got|first day|starting|only|wait)\b`,
);
const ADDS = any(
  String.raw`\b(?:also|as well|too|another|second|third|besides|in addition|additionally|on top of|both|plus|likewise|equally|just as|stays|still|one more|beside|along with|as usual|same)\b`,
);
const UNREAL = any(
  String.raw`\b(?:if|unless|wish(?:es)?|would|could|might|maybe|perhaps|suppose|imagine|pretend|hypothetical(?:ly)?|thinking (?:about|of)|thinks about|considering|considers|wondering|wonders|dreams?|tempted|should|used to|back then|back in|as a (?:child|kid|boy|girl|teenager|student)|years ago|growing up|hopes?|joking|kidding)\b`,
  String.raw`\?\s*$`,
);

export function signsOf(sentence: string): Signs {
  const isStrong = STRONG.test(sentence);
  return {
    change: isStrong ? 2 : WEAK.test(sentence) ? 1 : 0,
    adds: ADDS.test(sentence),
    isUnreal: UNREAL.test(sentence),
  };
}
