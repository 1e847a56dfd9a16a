/** In UTF-16 code units; keeps every pattern below fast. */
const LONGEST_LINE = 300;

const CALL = String.raw`[\w.\[\]]+\(.*\);?`;
const FORMS = [
  // Python's blocks, with a call behind the colon or nothing.
  String.raw`for \w+(?:, \w+)* in .+:(?: ${CALL})?`,
  String.raw`(?:while|if|elif) [^:]*(?:[=<>]|\w\().*:(?: ${CALL})?`,
  "(?:else|try|finally):",
  String.raw`(?:def|fn|func|function|class|struct|interface|enum) \w+ ?[(<:{].*`,
  String.raw`import (?:[\w.*{}, ]+ from ["'].*|[\w.]+ as \w+|[\w.]+;)`,
  String.raw`from [\w.]+ import .*`,
  String.raw`(?:const|let|var) \w+ ?(?::[^=]{1,40})?=.*`,
  "(?:SELECT .* FROM|INSERT INTO|UPDATE .* SET|DELETE FROM|CREATE TABLE) .*",
  String.raw`(?:>>>|#include) .*|\$ [a-z].*`,
  String.raw`[\w.\[\]]+ ?[-+*/]?= ?(?:["'\d\[{(]|[\w.]+\().*`,
  String.raw`<\/?[a-zA-Z][^>]*>.*`,
  String.raw`.*(?:\w\(|=).*;`,
  String.raw`.*\{`,
  String.raw`[)}\]]+[;,]?`,
  CALL,
  String.raw`(?:Uncaught )?(?:[A-Z]\w*)?(?:Error|Exception|Warning): .*`,
  "(?:Traceback|Segmentation fault|npm (?:ERR!|WARN)|fatal:) .*",
];
const CODE = new RegExp(`^(?:${FORMS.join("|")})$`);

/** True for a line that a program would hold and nobody would say. */
export function isCode(line: string): boolean {
  return line.length <= LONGEST_LINE && CODE.test(line.trim());
}
