/**
 * The pattern of a text, whatever the case of its letters, for a regular expression that minds case elsewhere.
 *
 * The modifier for that, `(?i:...)`, is no help: in a process that has compiled many expressions, V8 of Node.js 24.9 has
 * `(?i:the user|ada|I)` match nothing at all.
 */
export function anyCase(text: string): string {
  return [...text].map((letter) => oneOf(letter)).join("");
}

function oneOf(letter: string): string {
  const cases = [...new Set([letter, letter.toLowerCase(), letter.toUpperCase()])];
  // "ß" is "SS" in capitals.
  const single = cases.filter((one) => [...one].length === 1);
  return single.length > 1 ? `[${single.join("")}]` : letter.replace(/[.*+?^${}()|[\]\\/]/, String.raw`\$&`);
}
