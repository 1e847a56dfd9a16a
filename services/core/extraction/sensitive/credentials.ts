/** Whether a sentence holds a password, a key, a token or a code that lets somebody in. */
export function holdsCredentials(sentence: string): boolean {
  return KEYS.test(sentence) || RECOVERY_PHRASE.test(sentence) || namedValues(sentence).some(isSecret);
}

/** Forms that issuers give their keys, tokens that tell what they are, and addresses that hold a password. */
const KEYS = new RegExp(
  [
    /\bA(?:KIA|SIA)[0-9A-Z]{16}\b/,
    /\bgh[opsur]_[A-Za-z0-9]{30,}/,
    /\bgithub_pat_\w{22,}/,
    /\bglpat-[\w-]{20,}/,
    /\bxox[abeoprs]-[\w-]{10,}/,
    /\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}/,
    /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}/,
    /\bAIza[\w-]{30,}/,
    /\bnpm_[A-Za-z0-9]{30,}/,
    /\bSG\.[\w-]{16,}\.[\w-]{16,}/,
    /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,64}:[^\s/@]{1,128}@/,
    /\b[Bb]earer [A-Za-z0-9._~+/-]{20,}/,
  ]
    .map(({ source }) => source)
    .join("|"),
);

const RECOVERY_PHRASE =
  /\b(?:seed|recovery|mnemonic|backup) (?:phrase|words)\b[^.!?]{0,12}?(?:is|are|:|=)\s*["“']?(?:[a-z]{3,8}[ ,]+){7,}/i;

/** What a value that follows lets somebody into. */
const NAMES =
  "pass ?words?|pass ?phrases?|pass ?codes?|pwd|passwort|kennwort|contraseña|mot de passe|api[ _-]?keys?|secret(?:[ _-]?(?:key|access key|token|code|word))?|" +
  "(?:access|auth|bearer|session|refresh|personal access)[ _-]?(?:key|token|code)|tokens?|private key|encryption key|licen[cs]e key|" +
  "pin(?: ?code| number)?|otp|" +
  "(?:one[- ]time|verification|login|log-in|security|recovery|backup|unlock|door|gate|alarm|entry|safe|locker|building|garage|wi-?fi|voicemail|2fa|mfa) (?:codes?|keys?|pin|combination)|(?:tür|zugangs|sicherheits|haus)-?code|combination|login";
const NAMED = new RegExp(
  `\\b(${NAMES})\\b((?:[ ](?:for|of|to|at|on|in) (?:[^\\s.,;:!?]+ ){0,4}?[^\\s.,;:!?]+?)?(?:[ ](?:still|now|currently|again|just|always))?` +
    "(?:[ ](?:is|was|are|were|be|to|reads|ist|es|est)|\\s?[=:]|[ ](?:changed|set|reset|updated) to)(?:[ ](?:still|now|currently|just|always))?)?\\s+" +
    '["“\'‘`(]?([^\\s"”’`,;)]{3,128})',
  "giu",
);

interface NamedValue {
  readonly name: string;
  readonly value: string;
  /** Whether it is said that the one is the other, and nothing follows. */
  readonly isWhole: boolean;
}

function namedValues(sentence: string): NamedValue[] {
  const found: NamedValue[] = [];
  NAMED.lastIndex = 0;
  for (let match = NAMED.exec(sentence); match; match = NAMED.exec(sentence)) {
    const [whole, name = "", link, value = ""] = match;
    const isLast = /^["”’'`)]?[\s.!?]*$/.test(sentence.slice(match.index + whole.length));
    found.push({ name, value: value.replace(/[.!?]+$/, ""), isWhole: link !== undefined && isLast });
    // A value may name the next one.
    NAMED.lastIndex = match.index + name.length;
  }
  return found;
}

function isSecret({ name, value, isWhole }: NamedValue): boolean {
  const isPassword = /^(?:pass|pwd|kenn|contra|mot)/i.test(name);
  return looksSecret(name, value) || (isPassword && isWhole && !TOLD_OF_PASSWORDS.test(value));
}

/** What is said of a password that is not the password. */
const TOLD_OF_PASSWORDS =
  /^(?:the|a|an|my|his|her|their|our|not|too|very|wrong|right|correct|incorrect|expired|strong|weak|long|short|safe|secure|insecure|same|different|new|old|lost|gone|required|invalid|reset|changed|saved|stored|hashed|encrypted|managers?|protected|case-sensitive|missing|secret|easy|hard|difficult|simple|complicated|in|on|under|for|from|with|by|at|to|of|written|known|something|everything|what|where|one|here|there|fine|okay|ok|good|bad|unique|important|annoying|back|leaked|compromised|hacked|stolen|guessed|empty|blank|it|that|this|working)$/i;

const DATE_OR_TIME = /^(?:\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}|\d{1,2}\/\d{1,2}\/\d{2,4}|(?:19|20)\d{2})$/;

/** Digits or signs among letters, or a number where codes are numbers. */
function looksSecret(name: string, value: string): boolean {
  if (DATE_OR_TIME.test(value) && !/pin|code|combination/i.test(name)) return false;
  if (/pin|code|otp|combination/i.test(name))
    return /^[#*]?\d[\d-]{2,11}[#*]?$/.test(value) || isMixed(value);
  return isMixed(value) || (/pass|pwd|wort/i.test(name) && /^\d{4,}$/.test(value));
}

function isMixed(value: string): boolean {
  const hasDigit = /\d/.test(value);
  const hasLetter = /\p{L}/u.test(value);
  const hasSign = /[!#$%&*+=?@^_~|<>]/.test(value.slice(0, -1));
  const isOrdinal = /^\d+(?:st|nd|rd|th|s|am|pm|k|m|days?|x)$/i.test(value);
  return (
    value.length >= 4 &&
    !isOrdinal &&
    ((hasLetter && hasDigit) || (hasLetter && hasSign && !value.includes("://")))
  );
}
