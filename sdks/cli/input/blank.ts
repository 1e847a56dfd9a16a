/** White space, control and format characters, combining marks, and letters without a shape. */
const SHOWN = /[^\p{Z}\p{Cc}\p{Cf}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;

/** Whether a text shows nothing, by the contract's own rule: a file is refused before the server takes half of it. */
export function isBlank(text: string): boolean {
  return !SHOWN.test(text);
}
