import type { Token } from "./language.ts";
import { ADVERBIAL } from "./people/agreement.ts";
import { isModal, isPastForm, readsAsPast } from "./verbs.ts";

const SUBJECT_PRONOUNS = new Set(
  "i you he she it we they this there everyone everybody someone somebody nobody".split(" "),
);
const OWNERS = new Set("my our your his her their its".split(" "));

/**
 * True where the tokens open as a clause of their own, with a subject and its finite verb: "my sister Anna moved",
 * not "my song", "the song I wrote" or "to call Anna".
 * @param bare whether a base form stands for a finite verb: "my kids sing", but not in "hear my kids sing".
 */
export function isClause(tokens: readonly Token[], bare = true): boolean {
  const end = subjectEnd(tokens);
  if (end === 0) return false;
  let at = end;
  while (ADVERBIAL.has(tokens[at]?.lower ?? "") || tokens[at]?.pos === "ADV") at += 1;
  const verb = tokens[at];
  return verb !== undefined && isFiniteForm(verb, bare);
}

/** How many tokens the subject in front has; 0 where none is. */
function subjectEnd(tokens: readonly Token[]): number {
  if (SUBJECT_PRONOUNS.has(tokens[0]?.lower ?? "")) return 1;
  const owned = OWNERS.has(tokens[0]?.lower ?? "");
  let named = false;
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    if (token.pos === "NOUN" || token.pos === "PROPN" || isAct(token)) {
      // "The song Anna wrote", but "my sister Anna moved".
      if (token.pos === "PROPN" && before?.pos === "NOUN" && !owned) return 0;
      named = true;
    } else if (named && (/^(?:VERB|AUX|ADV)$/.test(token.pos) || isPastForm(token.lower))) return i;
    // "My wife and I".
    else if (before?.lower === "and" && /^(?:i|we)$/.test(token.lower)) return i + 1;
    else if (!belongsToNoun(token)) return 0;
  }
  return 0;
}

/** "Climbing helps." */
function isAct({ pos, lower }: Token): boolean {
  return pos === "VERB" && /\w{2}ing$/.test(lower);
}

function belongsToNoun(token: Token): boolean {
  if (OWNERS.has(token.lower) || /^(?:'s|'|and|of|from|who's)$/.test(token.lower)) return true;
  return /^(?:DET|ADJ|NUM|PROPN|NOUN)$/.test(token.pos);
}

function isFiniteForm({ lower, lemma, pos }: Token, bare: boolean): boolean {
  if (/^(?:be|been|being|to)$/.test(lower) || /\wing$/.test(lower)) return false;
  if (pos === "AUX" || isModal(lower) || isPastForm(lower) || lower.startsWith("'")) return true;
  if (readsAsPast(lower)) return true;
  return pos === "VERB" && (bare || lower !== lemma);
}
